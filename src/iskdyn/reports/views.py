"""A view of the sketch as a self-contained SVG picture."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from html import escape

from iskdyn.model import Variable, name_key
from iskdyn.reports.views_sketch import Arrow, Symbol, View, parse_views, read_views

__all__ = ["Arrow", "Symbol", "View", "draw_view", "parse_views", "read_views"]

Point = tuple[float, float]

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_SIZE, _SMALL, _LEADING, _LETTER, _BOLD = 11, 9.5, 12.5, 5.4, 6.6
"""Pixels of letters, of constants, of a line, and about the mean width of a letter, plain and bold: SVG breaks no
lines."""
_MARGIN = 16
"""Pixels around the outermost symbols, so that names that stand out are not cut."""
_PAPER, _INK, _GREY, _LINK, _PIPE = "#fdfdfb", "#000", "#666", "#4a6785", "#444"
_CURVE_STEPS = 80
"""Points that are tried along an arrow for where it leaves one symbol and meets the next: a pixel or a few
apart."""
_TURN_RADIUS = 13
"""Pixels, so that a loop's name of two or three letters stands inside."""


def draw_view(view: View, variables: Iterable[Variable] = ()) -> str:
    """The view as SVG text: stocks boxed, flows as double pipes, ghosts in grey angle brackets.

    Parameters
    ----------
    variables : the model's, where known; they give units, equation and words to the titles that a
        browser shows under the pointer, and tell constants from the rest
    """
    known = {variable.key: variable for variable in variables}
    places = {symbol.number: symbol for symbol in view.symbols}
    plain = not any(symbol.kind == "variable" and not symbol.ghost for symbol in view.symbols)
    piped = {number for arrow in view.arrows if arrow.pipe for number in (arrow.start, arrow.end)}
    pipes = [_pipe(arrow, places[arrow.start], places[arrow.end]) for arrow in view.arrows if arrow.pipe]
    links = [_link(arrow, places[arrow.start], places[arrow.end]) for arrow in view.arrows if not arrow.pipe]
    signs = [
        _symbol(symbol, known.get(name_key(symbol.name)), plain, symbol.number in piped)
        for symbol in view.symbols
    ]
    left, top, width, height = _frame(view)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}" width="{width}" '
        f'height="{height}" style="max-width:100%;height:auto" role="img" aria-label="{_label(view)}" '
        f'font-family="{_FONT}" font-size="{_SIZE}" text-anchor="middle">'
    )
    title = f"<title>{escape(view.name)}</title>"
    paper = f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="{_PAPER}"/>'
    return "\n".join([opening, title, paper, *pipes, *links, *signs, "</svg>"])


def _label(view: View) -> str:
    stocks = [symbol.name for symbol in view.symbols if symbol.boxed]
    content = f": stocks {', '.join(stocks)}" if stocks else ""
    return escape(f"Structure view {view.name}{content}", quote=True)


def _frame(view: View) -> tuple[int, int, int, int]:
    points = [point for arrow in view.arrows for point in arrow.points if point != (0, 0)]
    xs = [x for x, _ in points] or [0]
    ys = [y for _, y in points] or [0]
    for symbol in view.symbols:
        xs += [symbol.x - symbol.half_width, symbol.x + symbol.half_width]
        ys += [symbol.y - symbol.half_height, symbol.y + symbol.half_height]
    left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
    return left, top, max(xs) + _MARGIN - left, max(ys) + _MARGIN - top


def _symbol(symbol: Symbol, variable: Variable | None, plain: bool, piped: bool) -> str:
    if symbol.kind == "valve":
        x, y = symbol.x, symbol.y
        return (
            f'<path d="M{x - 6},{y - 8}h12l-12,16h12z" fill="{_PAPER}" stroke="{_PIPE}" '
            'stroke-linejoin="round"/>'
        )
    if symbol.kind == "cloud":
        return _cloud(symbol)
    if symbol.kind == "comment":
        return _turn(symbol) if symbol.turn else _text(symbol, symbol.name, _INK, style="italic")
    stock = symbol.boxed and (plain or not symbol.ghost)
    constant = variable is not None and variable.kind == "constant"
    if stock:
        shape = _box(symbol, _INK, "#fff") + _text(symbol, symbol.name, _INK, weight="600")
    elif symbol.ghost and not plain:
        box = _box(symbol, "#999", _PAPER, dashed=True) if piped else ""
        shape = box + _text(symbol, f"‹{symbol.name}›", _GREY)
    else:
        shape = _text(symbol, symbol.name, _INK, size=_SMALL if constant else _SIZE)
    return f"<g><title>{escape(_words(symbol, variable))}</title>{shape}</g>"


def _words(symbol: Symbol, variable: Variable | None) -> str:
    if variable is None:
        return symbol.name
    return f"{variable.name} [{variable.units}]\n{variable.documentation}\n= {variable.equation}"


def _text(
    symbol: Symbol, text: str, colour: str, *, size: float = _SIZE, weight: str = "", style: str = ""
) -> str:
    letter, room = (_BOLD, 2 * symbol.half_width - 8) if weight else (_LETTER, 2 * symbol.half_width)
    lines = textwrap.wrap(text, max(4, int(room / letter)), break_long_words=False) or [""]
    top = symbol.y - (len(lines) - 1) * _LEADING / 2 + size * 0.35
    wanted = {"font-weight": weight, "font-style": style, "font-size": "" if size == _SIZE else str(size)}
    look = "".join(f' {name}="{value}"' for name, value in wanted.items() if value)
    spans = "".join(
        f'<tspan x="{symbol.x}" y="{top + row * _LEADING:.1f}">{escape(line)}</tspan>'
        for row, line in enumerate(lines)
    )
    paper = (
        "" if weight else _paper(symbol.x, top - size * 0.85, max(map(len, lines)) * letter + 2, len(lines))
    )
    return f'{paper}<text fill="{colour}"{look}>{spans}</text>'


def _paper(x: int, top: float, width: float, n_lines: int) -> str:
    """A patch behind a label, so that no line runs through its letters."""
    height = (n_lines - 1) * _LEADING + _SIZE * 1.1
    place = f'x="{x - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="{_PAPER}"/>'


def _box(symbol: Symbol, line: str, fill: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="3 3"' if dashed else ""
    return (
        f'<rect x="{symbol.x - symbol.half_width}" y="{symbol.y - symbol.half_height}" '
        f'width="{2 * symbol.half_width}" height="{2 * symbol.half_height}" fill="{fill}" '
        f'stroke="{line}"{dashes}/>'
    )


def _cloud(symbol: Symbol) -> str:
    x, y = symbol.x, symbol.y
    return (
        f'<path d="M{x - 8},{y + 6}a5,5 0 0 1 -1,-9a6,6 0 0 1 9,-4a6,6 0 0 1 9,4a5,5 0 0 1 -1,9z" '
        f'fill="{_PAPER}" stroke="{_GREY}"/>'
    )


def _turn(symbol: Symbol) -> str:
    """A loop sign: its name within an open circle whose head shows the turning sense."""
    side, sweep = (1, 1) if symbol.turn == "clockwise" else (-1, 0)
    reach, rise = side * _TURN_RADIUS * 0.5, _TURN_RADIUS * 0.87
    end = (symbol.x + reach, symbol.y + rise)
    arc = (
        f'<path d="M{symbol.x - reach:.1f},{end[1]:.1f}A{_TURN_RADIUS},{_TURN_RADIUS} 0 1 {sweep} '
        f'{end[0]:.1f},{end[1]:.1f}" fill="none" stroke="{_GREY}" stroke-width="1.2"/>'
    )
    head = _head((end[0] + side * 5, end[1] - 4), (end[0] - side * 2, end[1] + 1))
    return arc + head + _text(symbol, symbol.name, _INK, weight="600")


def _head(before: Point, tip: Point, colour: str = _GREY, length: float = 7) -> str:
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    wings = [
        (tip[0] - length * math.cos(angle + turn), tip[1] - length * math.sin(angle + turn))
        for turn in (0.38, -0.38)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (tip, *wings))
    return f'<polygon points="{points}" fill="{colour}"/>'


def _link(arrow: Arrow, start: Symbol, end: Symbol) -> str:
    """A curved arrow through its handle, from edge to edge."""
    first, last = (start.x, start.y), (end.x, end.y)
    middle = ((first[0] + last[0]) / 2, (first[1] + last[1]) / 2)
    handle = arrow.points[0] if arrow.points and arrow.points[0] != (0, 0) else middle
    control = (2 * handle[0] - middle[0], 2 * handle[1] - middle[1])
    steps = [step / _CURVE_STEPS for step in range(_CURVE_STEPS + 1)]
    outside = [
        step
        for step in steps
        if not _inside(_curve(first, control, last, step), start, 2)
        and not _inside(_curve(first, control, last, step), end, 3)
    ]
    if not outside:
        return ""
    begin, finish = outside[0], outside[-1]
    tail, tip = _curve(first, control, last, begin), _curve(first, control, last, finish)
    bend = _between(first, control, last, begin, finish)
    path = (
        f'<path d="M{tail[0]:.1f},{tail[1]:.1f}Q{bend[0]:.1f},{bend[1]:.1f} {tip[0]:.1f},{tip[1]:.1f}" '
        f'fill="none" stroke="{_LINK}" stroke-width="0.9"/>'
    )
    return path + _head(bend, tip, _LINK) + _polarity(arrow, bend, tip)


def _polarity(arrow: Arrow, bend: Point, tip: Point) -> str:
    if not arrow.polarity:
        return ""
    angle = math.atan2(tip[1] - bend[1], tip[0] - bend[0])
    x = tip[0] - 11 * math.cos(angle) + 7 * math.sin(angle)
    y = tip[1] - 11 * math.sin(angle) - 7 * math.cos(angle) + 4
    return f'<text x="{x:.1f}" y="{y:.1f}" font-weight="700">{"+" if arrow.polarity == "+" else "−"}</text>'


def _curve(first: Point, control: Point, last: Point, step: float) -> Point:
    """The point of the quadratic curve at `step` between 0 and 1."""
    return _between(first, control, last, step, step)


def _between(first: Point, control: Point, last: Point, begin: float, finish: float) -> Point:
    """The control point of the part of the curve between two steps."""
    weights = ((1 - begin) * (1 - finish), begin * (1 - finish) + finish * (1 - begin), begin * finish)
    x, y = (
        sum(weight * point[axis] for weight, point in zip(weights, (first, control, last), strict=True))
        for axis in (0, 1)
    )
    return x, y


def _inside(point: Point, symbol: Symbol, gap: float) -> bool:
    across, down = abs(point[0] - symbol.x), abs(point[1] - symbol.y)
    return across <= symbol.half_width + gap and down <= symbol.half_height + gap


def _pipe(arrow: Arrow, valve: Symbol, end: Symbol) -> str:
    """A double line along the handles to the edge of a stock or cloud; a head where the flow runs into it."""
    corners: list[Point] = [(valve.x, valve.y), *(point for point in arrow.points if point != (0, 0))]
    corners.append(_edge(corners[-1], end))
    line = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    pipe = (
        f'<path d="{line}" fill="none" stroke="{_PIPE}" stroke-width="5"/>'
        f'<path d="{line}" fill="none" stroke="{_PAPER}" stroke-width="3"/>'
    )
    return pipe + (_head(corners[-2], corners[-1], _PIPE, 11) if arrow.head else "")


def _edge(point: Point, symbol: Symbol) -> Point:
    """Where a straight line from the point meets the symbol, upright or level where it can."""
    x, y = point
    if abs(y - symbol.y) <= symbol.half_height:
        return symbol.x + math.copysign(symbol.half_width, x - symbol.x), y
    if abs(x - symbol.x) <= symbol.half_width:
        return x, symbol.y + math.copysign(symbol.half_height, y - symbol.y)
    return symbol.x, symbol.y + math.copysign(symbol.half_height, y - symbol.y)
