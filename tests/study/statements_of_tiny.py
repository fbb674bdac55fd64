"""The tiny study with a statement of what must happen, or with one more variable."""

from __future__ import annotations

from iskdyn import open_study
from iskdyn.confidence.conditions import FILE

STATEMENT = """
[[condition]]
says = "s"
because = "assumption"
{given}
expect = [{expect}]
"""
OFF = 'set = { "selective repression switch" = 0.0 }'


def write(tiny, expect, given='set = { "quiet exit hazard" = 0.2 }'):
    """The tiny study with one statement."""
    (tiny / "models" / FILE).write_text(STATEMENT.format(given=given, expect=expect))
    return open_study(tiny)


def add(tiny, equation, unit="Person"):
    """The tiny study with one more variable."""
    path = tiny / "models" / "tiny.mdl"
    text = path.read_text().replace("FINAL TIME", f"{equation} ~ {unit} ~ Assumption. |\n\nFINAL TIME", 1)
    path.write_text(text)
    return open_study(tiny)
