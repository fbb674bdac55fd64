"""Names on the right: a variable's cell, the clock, a constant of the language, an element's number."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from iskdyn.model.expression import NOT_AVAILABLE, Call, Expression, Number, Reference
from iskdyn.model.names import name_key, suggest
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Name
from iskdyn.model.write_out.kinds import CONTROLS
from iskdyn.model.write_out.scope import Here, cell_key
from iskdyn.model.write_out.subscripts import elements_of, position

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

_XMILE_WORDS: dict[str, Expression] = {
    "dt": Reference("time_step"), "starttime": Reference("initial_time"), "stoptime": Reference("final_time"),
    "pi": Call("pi", ()), "inf": Number(sys.float_info.max),
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
    elements = elements_of(writer.dimensions, node, shape, here)
    if shape.cells and elements not in shape.cells:
        raise ReadError(node.at, f"names {node.text}[{','.join(elements)}], which has no equation")
    return Reference(cell_key(scope.prefix, key, elements))


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
    if not node.subscripts and (number := position(writer.dimensions, node, here)) is not None:
        return Number(float(number))
    raise nameless(node, here)
