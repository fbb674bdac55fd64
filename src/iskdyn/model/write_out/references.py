"""Names on the right: a variable's cell, the clock, a constant of the language, an element's number."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from iskdyn.model.expression import NOT_AVAILABLE, Call, Expression, Number, Reference
from iskdyn.model.names import name_key, suggest
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Tree
from iskdyn.model.write_out.cells import Shape
from iskdyn.model.write_out.functions import call, chain
from iskdyn.model.write_out.kinds import CONTROLS
from iskdyn.model.write_out.scope import Here, cell_key
from iskdyn.model.write_out.subscripts import elements_of, position

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

_XMILE_WORDS: dict[str, Expression] = {
    "dt": Reference("time_step"), "starttime": Reference("initial_time"), "stoptime": Reference("final_time"),
    "pi": Call("pi", ()), "inf": Number(sys.float_info.max), "nan": Number(math.nan),
}  # fmt: skip
"""Words of XMILE that are values; INF is the largest double, since what is not finite is an error here."""


def refer(writer: Writer, node: Name, here: Here) -> Expression:
    """The value that a name stands for."""
    found = here.find(node.text)
    if here.tables(node.text) is not None or (found is not None and found[2].table):
        raise ReadError(node.at, f"the table {node.text!r} needs an argument in brackets")
    if found is None:
        return _word(writer, node, here)
    scope, key, shape = found
    computed = _computed(writer, node, shape, here)
    if computed is not None:
        return computed
    elements = elements_of(writer.dimensions, node, shape, here)
    if shape.cells and elements not in shape.cells:
        raise ReadError(node.at, f"names {node.text}[{','.join(elements)}], which has no equation")
    return Reference(cell_key(scope.prefix, key, elements))


def _computed(writer: Writer, node: Name, shape: Shape, here: Here) -> Expression | None:
    """XMILE: an array whose subscript is the number, from 1, of an element; None where none is computed."""
    if writer.reading.dialect != "xmile" or len(node.subscripts) != len(shape.ranges):
        return None
    for i, (sub, declared) in enumerate(zip(node.subscripts, shape.ranges, strict=True)):
        if not _is_computed(writer, sub, here):
            continue
        index = writer.hidden(call("-", writer.expression(sub, here), Number(1.0)), here)
        before, after = node.subscripts[:i], node.subscripts[i + 1 :]
        each = [
            Name(node.text, node.at, (*before, Name(element, sub.at), *after))
            for element in writer.dimensions.elements[declared]
        ]
        return chain(index, [refer(writer, one, here) for one in each], Number(math.nan))
    return None


def _is_computed(writer: Writer, sub: Tree, here: Here) -> bool:
    """Whether a subscript is a number to be computed: an expression, or a variable that is no range or element."""
    if isinstance(sub, Name):
        key, dimensions = name_key(sub.text), writer.dimensions
        return (
            key not in dimensions.elements
            and not dimensions.is_element(key)
            and here.find(sub.text) is not None
        )
    return isinstance(sub, Apply)


def nameless(node: Name, here: Here) -> ReadError:
    """A name that has no equation, with the nearest that has."""
    near = suggest(node.text, [shape.name for shape in here.scope.shapes.values()])
    return ReadError(node.at, f"names {node.text!r}, which has no equation{near}")


def _word(writer: Writer, node: Name, here: Here) -> Expression:
    """A name that is no variable: the clock, a constant of the language, the number of an element."""
    key = name_key(node.text)
    if key in ("time", "time$"):
        return Reference("time")
    if here.scope.prefix and key.removesuffix("$") in CONTROLS:
        return Reference(key.removesuffix("$"))
    if key == ":na:":
        return Number(NOT_AVAILABLE)
    if writer.reading.dialect == "xmile" and key in _XMILE_WORDS:
        return _XMILE_WORDS[key]
    if key == "pi":
        return Call("pi", ())
    if not node.subscripts and (element := writer.dimensions.qualified(key)):
        return Number(float(writer.dimensions.position(element, key.partition(".")[0])))
    if not node.subscripts and (number := position(writer.dimensions, node, here)) is not None:
        return Number(float(number))
    raise nameless(node, here)
