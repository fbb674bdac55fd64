"""The words and numbers of an effect, the same on every surface."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from iskdyn.output import number

if TYPE_CHECKING:
    from iskdyn.levers import Effect

SPEAKS = {
    "structure": "our equations",
    "evidence": "the facts",
    "judgement": "our judgement",
    "open": "open",
}
"""Who speaks, for a reader who has never seen the marks."""
GLYPHS = {SPEAKS["structure"]: "▨", SPEAKS["judgement"]: "◧", SPEAKS["evidence"]: "■"}
"""The same where there is no room for words: hatched, half and full."""


def per_cent(value: float) -> str:
    """A share with its sign, whole from ten per cent on.

    >>> per_cent(0.578), per_cent(-0.0132), per_cent(0.0)
    ('+58', '−1.3', '+0.0')
    """
    text = f"{100 * value:+.0f}" if abs(value) >= 0.1 else f"{100 * value:+.1f}"
    return text.replace("-", "−")


def shares_text(lower: float, higher: float) -> str:
    """Shares of the draws in three: lower, the same, higher.

    >>> shares_text(0.0, 0.0), shares_text(0.982, 0.018)
    ('0 · 100 · 0 %', '98 · 0 · 2 %')
    """
    parts = (lower, max(0.0, 1 - lower - higher), higher)
    return " · ".join(f"{100 * part:.0f}" for part in parts) + " %"


def change(effect: Effect) -> tuple[str, str]:
    """The middle and the range, as shares of history's own value; in its unit where that is zero.

    A change that is the same in all draws has no range.
    """
    if effect.about_nil:
        return "about nil", ""
    if not all(map(math.isfinite, effect.relative)):
        return f"{number(effect.median)} {effect.unit}", f"{number(effect.low)} to {number(effect.high)}"
    low, median, high = map(per_cent, effect.relative)
    return f"{median} %", "" if low == high else f"{low} to {high}"
