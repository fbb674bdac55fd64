"""Points of tables as they are written, and numbers."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from iskdyn.model.reading.lexer import blank_comments
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Points

_NUMBER = r"[-+]?\s*(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_POINT = re.compile(rf"\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)")
_LIST = re.compile(rf"\s*({_NUMBER})\s*(?:,|$)")
_BOX = re.compile(r"\[.*?\]\s*,?", re.DOTALL)


def points(text: str, start: int, kind: str = "") -> Points:
    """The points of a table: '[(0,0)-(9,9)],(x,y),(x,y)' or 'x,x,y,y'.

    Parameters
    ----------
    text : of the points
    start : place of the text in the model, for errors
    kind : of an XMILE graph, "" for a Vensim table

    Raises
    ------
    ReadError : what is no point, or x that do not rise

    >>> points("[(0,0)-(9,9)],(1,2),(3,4)", 0) == points("1,3,2,4", 0)
    True
    """
    plain = blank_comments(text)
    inner = plain.strip()
    if inner.startswith("["):
        inner = _BOX.sub("", inner, count=1)
    pairs = _POINT.findall(inner)
    if pairs:
        if rest := _POINT.sub("", inner).replace(",", "").strip():
            at = max(plain.find(rest[0]), 0)
            raise ReadError(start + at, f"unexpected {rest[:20]!r} among the points of a table")
        x, y = (tuple(number(pair[i], start) for pair in pairs) for i in (0, 1))
    else:
        numbers = [number(word, start) for word in _LIST.findall(inner)]
        if _LIST.sub("", inner).strip() or len(numbers) % 2 or not numbers:
            raise ReadError(start, "a table needs points, as in ((0,1),(2,3))")
        x, y = tuple(numbers[: len(numbers) // 2]), tuple(numbers[len(numbers) // 2 :])
    if x[0] > x[-1]:
        x, y = x[::-1], y[::-1]  # as Vensim does: SDXorg/test-models, tests/subscripted_lookups
    return ordered_points(x, y, start, kind)


def ordered_points(x: tuple[float, ...], y: tuple[float, ...], at: int, kind: str = "") -> Points:
    """Points that make a table: as many x as y, x rising.

    Parameters
    ----------
    x, y : of the points
    at : place in the model's text, for errors
    kind : of an XMILE graph, "" for a Vensim table

    Raises
    ------
    ReadError : lengths that differ, no point, a number too large, or x that do not rise
    """
    if len(x) != len(y) or not x:
        raise ReadError(at, f"a table needs as many x as y, at least one; it has {len(x)} and {len(y)}")
    if not all(math.isfinite(value) for value in (*x, *y)):
        raise ReadError(at, "a number is too large")
    for before, after in pairwise(x):
        if not after > before:
            raise ReadError(at, f"the x of a table must rise and differ; {after:g} follows {before:g}")
    return Points(x, y, at, kind)


def number(text: str, at: int) -> float:
    """The number of a text; one that is beyond a double is a fault."""
    value = float(text.replace(" ", ""))
    if math.isinf(value):
        raise ReadError(at, "a number is too large")
    return value
