"""Functions of the order of an array's elements, written out: VECTOR SORT ORDER, RANK, REORDER, RANK of XMILE."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from iskdyn.model.expression import Expression, Number, Reference
from iskdyn.model.names import name_key
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Tree
from iskdyn.model.write_out import reducers
from iskdyn.model.write_out.functions import ZERO, balanced, call, chain
from iskdyn.model.write_out.scope import Here

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

MOST = 40
"""Elements that are put in order; each is compared with each, for each place of the result."""


def sort_order(writer: Writer, node: Apply, here: Here) -> Expression:
    """VECTOR SORT ORDER(vector, direction): at place i the number, from 0, of the element that comes i-th."""
    values, own = over_last(writer, node, _only_vector(node), here, MOST)
    return _at_rank(_ranks(writer, values, node.arguments[1], here), Number(float(own)), first=0)


def vector_rank(writer: Writer, node: Apply, here: Here) -> Expression:
    """VECTOR RANK(vector, direction): the rank, from 1, of the present element."""
    values, own = over_last(writer, node, _only_vector(node), here, MOST)
    return call("+", _ranks(writer, values, node.arguments[1], here)[own], Number(1.0))


def reorder(writer: Writer, node: Apply, here: Here) -> Expression:
    """VECTOR REORDER(vector, order): the element of that number, from 0, as VECTOR SORT ORDER gives it."""
    values, _ = over_last(writer, node, _only_vector(node), here, MOST)
    return chain(named(writer, writer.expression(node.arguments[1], here), here), values, Number(math.nan))


def rank(writer: Writer, node: Apply, here: Here) -> Expression:
    """RANK(array, n) of XMILE: the number, from 1, of the element that is the n-th smallest."""
    if len(node.arguments) != 2:
        raise ReadError(node.at, f"RANK is run with 2 arguments, {len(node.arguments)} given")
    places = reducers.terms(writer, node.arguments[0], here)
    check_size(node, len(places), MOST)
    values = [named(writer, writer.expression(node.arguments[0], place), here) for place in places]
    wanted = call("-", writer.expression(node.arguments[1], here), Number(1.0))
    return _at_rank(_compared(values, up=True), named(writer, wanted, here), first=1)


def _only_vector(node: Apply) -> Tree:
    if len(node.arguments) != 2:
        raise ReadError(node.at, f"{node.name.upper()} takes 2 arguments, {len(node.arguments)} given")
    return node.arguments[0]


def over_last(
    writer: Writer, node: Apply, vector: Tree, here: Here, most: int
) -> tuple[list[Expression], int]:
    """The values over the last subscript of a vector, and the place of the present element among them.

    Parameters
    ----------
    node : the call, for errors
    vector : a name with subscripts
    here : of the cell that is written out
    most : elements at most

    Raises
    ------
    ReadError : the last subscript is no range that is on the left too, or has too many elements
    """
    name = node.name.upper()
    if not isinstance(vector, Name) or not vector.subscripts:
        raise ReadError(vector.at, f"{name} takes a variable with subscripts here")
    last = vector.subscripts[-1]
    key = name_key(last.text) if isinstance(last, Name) else ""
    elements = writer.dimensions.elements.get(key, ())
    occurrence = sum(isinstance(sub, Name) and name_key(sub.text) == key for sub in vector.subscripts[:-1])
    present = writer.dimensions.bound(key, here.cell.left, occurrence) if elements else None
    if present is None:
        raise ReadError(vector.at, f"{name}: the last subscript must be a range that is on the left too")
    check_size(node, len(elements), most)
    each = [
        Name(vector.text, vector.at, (*vector.subscripts[:-1], Name(element, last.at)))
        for element in elements
    ]
    return [writer.expression(one, here) for one in each], elements.index(present)


def check_size(node: Apply, count: int, most: int) -> None:
    """Refuse a function over more elements than can be written out.

    Parameters
    ----------
    node : the call, for the error
    count, most : elements that there are, and that may be

    Raises
    ------
    ReadError : there are too many
    """
    if count > most:
        raise ReadError(
            node.at, f"{node.name.upper()} of {count} elements; at most {most} can be written out"
        )


def named(writer: Writer, value: Expression, here: Here) -> Expression:
    """A value that stands at many places: a number or a name.

    Parameters
    ----------
    value : a number or a reference is given back as it is
    here : of the cell that is written out; anything else becomes a hidden variable there
    """
    return value if isinstance(value, Number | Reference) else writer.hidden(value, here)


def _ranks(writer: Writer, values: list[Expression], direction: Tree, here: Here) -> list[Expression]:
    """The rank, from 0, of each value; upward where the direction is above 0."""
    way = writer.expression(direction, here)
    if isinstance(way, Number):
        return _compared(values, up=way.value > 0)
    upward = call(">", named(writer, way, here), ZERO)
    both = zip(_compared(values, up=True), _compared(values, up=False), strict=True)
    return [call("if_then_else", upward, up, down) for up, down in both]


def _compared(values: list[Expression], *, up: bool) -> list[Expression]:
    """How many come before each; of two that are the same, the one that is written first."""
    one, none = Number(1.0), ZERO
    ranks = []
    for i, own in enumerate(values):
        before = [
            call("if_then_else", call(("<" if up else ">") + ("=" if j < i else ""), other, own), one, none)
            for j, other in enumerate(values)
            if j != i
        ]
        ranks.append(balanced("+", before) if before else none)
    return ranks


def _at_rank(ranks: list[Expression], wanted: Expression, *, first: int) -> Expression:
    """The number, counted from `first`, of the element of that rank; 0 where none has it."""
    marks = [
        call("if_then_else", call("=", one, wanted), Number(float(i + first)), ZERO)
        for i, one in enumerate(ranks)
    ]
    return balanced("+", marks)
