"""The words and numbers of an effect, the same on every surface."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from iskdyn.output import number
from iskdyn.telling import lexicon, mark_glyph, mark_words

if TYPE_CHECKING:
    from iskdyn.levers import Effect

SPEAKS: dict[str, str] = {mark: mark_words(mark) for mark in lexicon()["marks"]}
"""Who speaks, for a reader who has never seen the marks."""
NIL: str = lexicon()["verdicts"]["hardly any"]["cell"]
"""What stands for a difference that is hardly any, of whatever sign."""
GLYPHS = {words: glyph for mark, words in SPEAKS.items() if (glyph := mark_glyph(mark))}
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
    """The middle and the range of an effect, or that it is about nil."""
    if effect.about_nil:
        return NIL, ""
    return size_words(effect.relative, (effect.low, effect.median, effect.high), effect.unit)


def size_words(relative: Sequence[float], values: Sequence[float], unit: str) -> tuple[str, str]:
    """The middle and the range, as shares of history's own value; in its unit where that is zero.

    Both are given as low, middle, high. What is the same in all draws has no range.

    Parameters
    ----------
    relative : low, middle and high as shares of history's value; infinite where that is zero
    values : the same three in the unit
    unit : its words

    >>> size_words((0.046, 0.142, 0.361), (5, 14, 36), "people"), size_words((-1, -1, -1), (-9, -8, -7), "people")
    (('+14 %', '+4.6 to +36'), ('−100 %', ''))
    >>> size_words((math.inf, math.inf, math.inf), (5, 14, 36), "people")
    ('14 people', '5 to 36')
    """
    if not all(map(math.isfinite, relative)):
        low, middle, high = map(number, values)
        return f"{middle} {unit}", f"{low} to {high}"
    low, middle, high = map(per_cent, relative)
    return f"{middle} %", "" if low == high else f"{low} to {high}"
