"""What makes words hard to read, as patterns: on every surface the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from surfaces import Words, sentences

LONGEST = 45
"""Words of a sentence that a reader can still follow when it lists things; the style asks for 25."""
USUAL = 25
COMMONEST = 0.05
"""Share of the sentences that may begin with the same three words."""
COUNTED = (
    "people|members|recruits|versions|draws|attacks|facts|numbers|points|months|structures|runs|"
    "scenarios|things|effects|claims|choices|differences|tactics"
)
FAULTS = {
    "one of many": rf"(?<![\w.,–−-])1 (?!in\b|of\b|per\b)(?:\w+ )?(?:{COUNTED})\b",
    "people are fewer, not lower": r"\b(?:lower|higher) (?:people|members|recruits|attacks)\b",
    "a month as it is said": r"(?<![\w-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?![\w-])",
    "a space before per cent": r"\d%|\d {2,}%",
    "no doubled word": r"\b(\w{2,}) \1\b(?! \1)",
    "no dialect": r"\b(?:draws of ten|of the draws|tellings?|draws disagree|middle draw)\b",
    "no fold of the fit by its name": r"\bkept_out|held_out|at_end\b",
    "no code without words": r"(?<![\w-])(?:T\d\d[a-z]?|H\d\d[a-z]?|S\d\d|W\d\d|CL\d\d[a-z]?)(?![\w-])",
    "nothing lost on the way": r"\b(?:nan|None|inf|Undefined)\b|\{\{|\}\}|\$\{",
}
WITH_WORDS = {"small", "dt", "text"}
"""Where a code may stand: under the words it is of, before them in a list, on a mark whose list stands below."""


def faults(blocks: Sequence[Words], name: str) -> list[str]:
    """The blocks in which a fault stands."""
    pattern = re.compile(FAULTS[name])
    allowed = WITH_WORDS if name == "no code without words" else {"code"}
    return [one.text for one in blocks if not allowed & set(one.tags) and pattern.search(one.text)]


def too_long(blocks: Sequence[Words]) -> list[str]:
    """Sentences that are no list and longer than `LONGEST`; all that are over the usual, where these are many."""
    told = sentences(blocks)
    over = [one for one in told if len(one.split()) > USUAL]
    listed = [one for one in over if len(one.split()) > LONGEST and ";" not in one and ":" not in one]
    return over if len(over) > 0.3 * len(told) else listed


def moulds(blocks: Sequence[Words]) -> dict[str, int]:
    """Openings of three words that too many sentences share."""
    told = sentences(blocks)
    openings = Counter(" ".join(one.split()[:3]) for one in told)
    return {opening: n for opening, n in openings.items() if n > max(2, COMMONEST * len(told))}
