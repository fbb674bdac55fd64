"""Graphs of an XMILE text: <gf> as points, read at an equation or a table by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from iskdyn.model.reading.points import number, ordered_points
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Points, Tree
from iskdyn.model.reading.xmile_elements import NUMBER
from iskdyn.model.reading.xml import Element

_MODES = {"continuous": "", "extrapolate": "extend", "discrete": "step"}


def with_graph(graph: Element | None, right: Tree | None) -> Tree | None:
    """A graph read at the equation; a graph alone is a table."""
    if graph is None:
        return right
    points = _points(graph)
    return points if right is None else Apply("with_lookup", (right, points), 0)


def _points(graph: Element) -> Points:
    y = tuple(_numbers(graph, "ypts"))
    x = tuple(_numbers(graph, "xpts"))
    if not x:
        scale = graph.find("xscale")
        if scale is None:
            raise ReadError(graph.at, "a graph needs <xpts> or <xscale>")
        low, high = (_end(scale, end) for end in ("min", "max"))
        x = tuple(low + (high - low) * i / max(len(y) - 1, 1) for i in range(len(y)))
    kind = graph.attributes.get("type", "continuous").lower()
    if graph.attributes.get("discrete", "false").lower() == "true":
        kind = "discrete"
    if kind not in _MODES:
        raise ReadError(graph.at, f"the type {kind!r} of a graph is not known; expected {', '.join(_MODES)}")
    return ordered_points(x, y, graph.at, _MODES[kind])


def _end(scale: Element, name: str) -> float:
    written = scale.attributes.get(name, "").strip()
    if not NUMBER.fullmatch(written):
        raise ReadError(scale.at, f"the {name} of <xscale> is {written[:20]!r}; expected a number")
    return number(written, scale.at)


def _numbers(graph: Element, tag: str) -> Iterator[float]:
    element = graph.find(tag)
    if element is None:
        return
    separator = element.attributes.get("sep", ",")
    for word in element.text.split(separator):
        if not word.strip():
            continue
        if not NUMBER.fullmatch(word.strip()):
            raise ReadError(element.at, f"{word.strip()[:20]!r} among the points of a graph is no number")
        yield number(word, element.at)
