"""The views of a Vensim file: what its sketch section places where."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from iskdyn.errors import InputError, Problem

SymbolKind = Literal["variable", "valve", "cloud", "comment"]
Polarity = Literal["", "+", "-"]
Turn = Literal["", "clockwise", "counterclockwise"]

_SKETCH_START = "\\\\\\---///"
_SKETCH_END = "///---\\\\\\"
_POINT = re.compile(r"\((-?\d+),(-?\d+)\)")
_POLARITIES: dict[int, Polarity] = {43: "+", 45: "-", 83: "+", 115: "+", 79: "-", 111: "-"}
_ARROW, _VARIABLE, _VALVE, _COMMENT = "1", "10", "11", "12"
_CLOUD = "48"
_PIPE_THICKNESS = 22
_TAIL = 100
_TEXT_FOLLOWS = 4
_SHAPE_BITS = 31
_BOX = 3
"""As sketches of public models have them, *unverified* by a manual: a flow's pipe, its tail, a comment whose text
is in the next line, and the shape of a stock in its lowest five bits."""
_TURNS: dict[int, Turn] = {4: "clockwise", 5: "counterclockwise"}


@dataclass(frozen=True)
class Symbol:
    """One object of a view; positions and half sizes in the sketch's pixels, y downwards."""

    number: int
    kind: SymbolKind
    name: str
    x: int
    y: int
    half_width: int
    half_height: int
    shape: int = 0
    ghost: bool = False

    @property
    def boxed(self) -> bool:
        """True for a stock in its home view."""
        return self.kind == "variable" and self.shape == _BOX

    @property
    def turn(self) -> Turn:
        """The turning sense of a loop sign; empty for all else."""
        return _TURNS.get(self.shape, "") if self.kind == "comment" else ""


@dataclass(frozen=True)
class Arrow:
    """A causal link, or one half of a flow's pipe: from the valve to a stock or cloud, headless upstream."""

    start: int
    end: int
    points: tuple[tuple[int, int], ...]
    pipe: bool = False
    head: bool = True
    polarity: Polarity = ""


@dataclass(frozen=True)
class View:
    """One page of the sketch."""

    name: str
    symbols: tuple[Symbol, ...]
    arrows: tuple[Arrow, ...]

    def symbol(self, number: int) -> Symbol | None:
        """The symbol with that number, None where the sketch has lost it."""
        return next((symbol for symbol in self.symbols if symbol.number == number), None)


def read_views(path: Path | str) -> tuple[View, ...]:
    """The views of a Vensim text file, in their order; none where the file has no sketch.

    Unknown or damaged objects are left out: a sketch is a picture, no equation rests on it.

    Raises
    ------
    InputError : the file cannot be read
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        problem = Problem(str(path), f"cannot be read ({error.strerror}); give a Vensim text file (.mdl)")
        raise InputError(problem) from error
    return parse_views(text)


def parse_views(text: str) -> tuple[View, ...]:
    """The views in the text of a Vensim model.

    >>> parse_views("x = 1 ~ Dmnl ~ |")
    ()
    """
    sketch = text.replace("\r\n", "\n").partition(_SKETCH_START)[2].partition(_SKETCH_END)[0]
    return tuple(_parse_view(page.splitlines()) for page in re.split(r"^\*", sketch, flags=re.MULTILINE)[1:])


def _parse_view(lines: list[str]) -> View:
    name = lines[0].strip() if lines else ""
    symbols: dict[int, Symbol] = {}
    arrows: list[Arrow] = []
    rest = iter(lines[1:])
    for line in rest:
        try:
            found = _parse_object(line, rest)
        except (ValueError, IndexError):
            continue
        if isinstance(found, Symbol):
            symbols[found.number] = found
        elif found is not None:
            arrows.append(found)
    known = (arrow for arrow in arrows if arrow.start in symbols and arrow.end in symbols)
    return View(name, tuple(symbols.values()), tuple(known))


def _parse_object(line: str, following: Iterator[str]) -> Symbol | Arrow | None:
    kind = line.partition(",")[0]
    if kind == _ARROW:
        return _parse_arrow(line)
    if kind not in (_VARIABLE, _VALVE, _COMMENT):
        return None
    fields = next(csv.reader([line], escapechar="\\"))
    text = fields[2]
    number, (x, y, half_width, half_height, shape, bits) = int(fields[1]), map(int, fields[3:9])
    if kind == _COMMENT and text != _CLOUD and bits & _TEXT_FOLLOWS:
        text = next(following, "")
    place = (x, y, half_width, half_height, shape & _SHAPE_BITS)
    if kind == _VARIABLE:
        return Symbol(number, "variable", text.strip(), *place, ghost=not bits & 1)
    if kind == _VALVE:
        return Symbol(number, "valve", "", *place)
    if text == _CLOUD:
        return Symbol(number, "cloud", "", *place)
    return Symbol(number, "comment", text.strip(), *place)


def _parse_arrow(line: str) -> Arrow:
    fields = line.split(",")
    start, end, shape, polarity, thickness = (int(fields[place]) for place in (2, 3, 4, 6, 7))
    points = tuple((int(x), int(y)) for x, y in _POINT.findall(line))
    return Arrow(
        start, end, points, thickness == _PIPE_THICKNESS, shape != _TAIL, _POLARITIES.get(polarity, "")
    )
