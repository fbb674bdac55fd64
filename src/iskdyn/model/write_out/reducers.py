"""Functions over the elements of ranges, written out term by term: SUM, PROD, VMIN, VMAX, MEAN, VECTOR SELECT ..."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from iskdyn.model.expression import Call, Expression, Number, Reference
from iskdyn.model.names import name_key
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Tree, Wild, walk_tree
from iskdyn.model.write_out.functions import ZERO, balanced, call, chain, mean
from iskdyn.model.write_out.scope import Here

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

MOST_TERMS = 50_000
"""Terms of one reducer in one cell: each is written out, as many as a model may have scalars."""
VENSIM = {"sum": "+", "prod": "*", "vmin": "min", "vmax": "max"}
XMILE = {
    "sum": "+",
    "prod": "*",
    "min": "min",
    "max": "max",
    "mean": "mean",
    "stddev": "stddev",
    "size": "size",
}
_SELECT = {0: "+", 1: "*", 2: "min", 3: "max", 4: "mean"}
POWERS, LAST_ACTION = 5, 10
"""Actions of VECTOR SELECT: 0 to 4 of selection times value, 6 to 10 the same of value, and between them one product.

Action 5 is the product of value to the power of selection: published output of SDXorg/test-models, tests/vector_select.
"""


def terms(writer: Writer, tree: Tree, here: Here) -> list[Here]:
    """One place for each combination of the elements over which a tree runs."""
    if writer.reading.dialect == "vensim":
        names = dict.fromkeys(
            name_key(n.text)
            for n in walk_tree(tree)
            if isinstance(n, Name) and n.bang and name_key(n.text) not in here.bangs
        )
        for name in names:
            if name not in writer.dimensions.elements:
                raise ReadError(tree.at, f"'{name}!' is no range")
        combinations = _product(tree, [writer.dimensions.elements[name] for name in names])
        return [here.within(dict(zip(names, elements, strict=True)), {}) for elements in combinations]
    runs = dict.fromkeys(_runs(writer, tree, here))
    combinations = _product(tree, [writer.dimensions.elements[key] for key, _ in runs])
    return [here.within({}, dict(zip(runs, elements, strict=True))) for elements in combinations]


def _product(tree: Tree, ranges: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    size = 1
    for elements in ranges:
        size *= len(elements)
    if size > MOST_TERMS:
        raise ReadError(tree.at, f"a sum of {size:,} terms; at most {MOST_TERMS:,} can be written out")
    return product(*ranges)


def _runs(writer: Writer, tree: Tree, here: Here) -> Iterator[tuple[str, int]]:
    """(range, occurrence) of each place over which an XMILE reducer runs.

    These are '*', the places of an array without subscripts, and ranges that do not stand on the left.
    """
    left = {key for key, _ in here.cell.left}
    for node in walk_tree(tree):
        found = here.find(node.text) if isinstance(node, Name) else None
        if found is None or not isinstance(node, Name) or not found[2].n_places:
            continue
        ranges = found[2].ranges
        if not node.subscripts:
            yield from ((key, ranges[:i].count(key)) for i, key in enumerate(ranges))
        seen: list[str] = []
        for key, sub in zip(ranges, node.subscripts, strict=False):
            if isinstance(sub, Wild):
                own = _own_range(writer, sub, key)
                yield own, seen.count(own)
                seen.append(own)
            elif isinstance(sub, Name) and _is_free(writer, name_key(sub.text), key, left):
                yield name_key(sub.text), 0


def _own_range(writer: Writer, star: Wild, declared: str) -> str:
    """The range over which a '*' runs: that of its place, or the part of it that is named behind it."""
    if not star.within:
        return declared
    own, elements = name_key(star.within), writer.dimensions.elements
    if not set(elements.get(own, ("",))) <= set(elements[declared]):
        raise ReadError(
            star.at, f"{star.within!r} is no part of the range {writer.dimensions.spelling[declared]!r}"
        )
    return own


def _is_free(writer: Writer, own: str, declared: str, left: set[str]) -> bool:
    """Whether a subscript is a range that the left side does not bind."""
    elements = writer.dimensions.elements
    return own in elements and own not in left and own not in elements.get(declared, ())


def reduce(writer: Writer, name: str, node: Apply, here: Here) -> Expression:
    """One of the plain reducers."""
    function = (VENSIM if writer.reading.dialect == "vensim" else XMILE)[name]
    if len(node.arguments) != 1:
        raise ReadError(node.at, f"{name.upper()} takes 1 argument, {len(node.arguments)} given")
    only = node.arguments[0]
    if function == "size" and isinstance(only, Name) and name_key(only.text) in writer.dimensions.elements:
        return Number(float(len(writer.dimensions.elements[name_key(only.text)])))
    places = terms(writer, only, here)
    if function == "size":
        return Number(float(len(places)))
    values = [writer.expression(node.arguments[0], place) for place in places]
    if function == "mean":
        return mean(*values)
    if function == "stddev":
        middle = writer.once(mean(*values), here)
        squares = [call("^", call("-", value, middle), Number(2.0)) for value in values]
        return call("sqrt", call("/", balanced("+", squares), Number(float(len(values)))))
    return balanced(function, values)


def vector_select(writer: Writer, node: Apply, here: Here) -> Expression:
    """VECTOR SELECT(selection, value, missing, action, error): the actions are told at `POWERS`."""
    if len(node.arguments) != 5:
        raise ReadError(node.at, f"VECTOR SELECT takes 5 arguments, {len(node.arguments)} given")
    selection, value, missing, action_tree, _ = node.arguments
    action = writer.expression(action_tree, here)
    if isinstance(action, Number):
        return _selected(writer, (selection, value, missing), action.value, action_tree.at, here)
    ways = [
        _selected(writer, (selection, value, missing), float(number), action_tree.at, here)
        for number in range(LAST_ACTION + 1)
    ]
    index = action if isinstance(action, Reference) else writer.hidden(action, here)
    return chain(index, ways, Number(math.nan))


def _selected(
    writer: Writer, arguments: tuple[Tree, Tree, Tree], action: float, at: int, here: Here
) -> Expression:
    selection, value, missing = arguments
    weighted = action in _SELECT
    function = "*" if action == POWERS else _SELECT.get(int(action) if weighted else int(action) - 6)
    if function is None:
        raise ReadError(at, "VECTOR SELECT: the action must be a number from 0 to 10")
    places = terms(writer, Apply("+", (selection, value), at, operator=True), here)
    chosen = [writer.once(writer.expression(selection, place), here) for place in places]
    values = [writer.expression(value, place) for place in places]
    if weighted:
        values = [call("*", mark, one) for mark, one in zip(chosen, values, strict=True)]
    elif action == POWERS:
        values = [call("^", one, mark) for mark, one in zip(chosen, values, strict=True)]
    marks = [call("if_then_else", _nonzero(mark), Number(1.0), ZERO) for mark in chosen]
    count = balanced("+", marks)
    # a neutral number is beyond every value and still a number, since nan and infinity would spread
    neutral = {"+": ZERO, "*": Number(1.0), "min": Number(1e300), "max": Number(-1e300), "mean": ZERO}[
        function
    ]
    picked = [call("if_then_else", _nonzero(m), v, neutral) for m, v in zip(chosen, values, strict=True)]
    total = balanced("+" if function == "mean" else function, picked)
    if function == "mean":
        total = call("zidz", total, count)
    none = call("=", count, ZERO)
    return call("if_then_else", none, writer.expression(missing, here), total)


def _nonzero(expression: Expression) -> Call:
    return call("<>", expression, ZERO)
