"""Vensim's GET XLS, GET DIRECT ... and data variables as numbers and tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from iskdyn.model.expression import NOT_AVAILABLE, Expression, Lookup, Number, Reference, Table
from iskdyn.model.names import name_key
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Words
from iskdyn.model.write_out import beside
from iskdyn.model.write_out.functions import STEP_OF_TIME, call
from iskdyn.model.write_out.scope import Here

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

CALLS = {
    f"get_{source}_{what}": what for source in ("xls", "direct") for what in ("constants", "data", "lookups")
}
"""Key of a function -> what it gets."""
_PARTS = {"constants": "file, sheet and cell", "data": "file, sheet, line of times and first cell",
          "lookups": "file, sheet, line of x and first cell"}  # fmt: skip


def get(writer: Writer, key: str, node: Apply, here: Here) -> Expression:
    """The number, series or table that a call gets for one cell."""
    what = CALLS[key]
    if what == "constants":
        words = _words(writer, what, node)
        try:
            cell = writer.files.cell(words[0], words[2])
            return _constant(writer, writer.files.sheet(words[0], words[1]), cell, here)
        except ValueError as error:
            raise ReadError(node.at, f"{node.name.upper()}: {error}") from None
    table = points_of(writer, node, here)
    return table if what == "lookups" else read_over_time(table, here.cell.definition.mode)


def points_of(writer: Writer, node: Apply, here: Here) -> Table:
    """The points that a call for data or a table gets for one cell."""
    words = _words(writer, CALLS[name_key(node.name)], node)
    try:
        rows = writer.files.sheet(words[0], words[1])
        line, cell = writer.files.line(words[0], words[2]), writer.files.cell(words[0], words[3])
        return Table(*beside.series_at(rows, line, cell, _shift(writer, here)))
    except ValueError as error:
        raise ReadError(node.at, f"{node.name.upper()}: {error}") from None


def _words(writer: Writer, what: str, node: Apply) -> list[str]:
    words = [_text(writer, argument) for argument in node.arguments]
    if len(words) != (3 if what == "constants" else 4):
        raise ReadError(node.at, f"{node.name.upper()} takes {_PARTS[what]}")
    return words


def points_given(writer: Writer, key: str) -> Table | None:
    """The points of a data variable from the file that the caller gave, None where it has none."""
    points = writer.data.series.get(key) if writer.data is not None else None
    if points is None:
        return None
    writer.taken.add(key)
    return Table(*points)


def given(writer: Writer, here: Here, key: str) -> Expression | None:
    """A data variable's series, from the file that the caller gave."""
    table = points_given(writer, key)
    return None if table is None else read_over_time(table, here.cell.definition.mode)


def read_over_time(table: Table, mode: str) -> Expression:
    """A table read at the present time, in a data variable's mode."""
    time = Reference("time")
    if mode == "raw":
        return _at_points_only(table)
    if mode == "hold_backward":
        return Lookup(Table(table.x, table.y, "hold", "step"), time)
    if mode == "look_forward":
        mirrored = Table(tuple(-x for x in reversed(table.x)), tuple(reversed(table.y)), "hold", "step")
        return Lookup(mirrored, call("negative", time))
    return Lookup(table, time)


def _at_points_only(table: Table) -> Expression:
    """:RAW: the value at a point, and :NA: between points (vensim.com/documentation/dataequations.html)."""
    # a time and a point within this part of a step are the same: see `EQUAL` of simulate/clock.py
    near = call("*", STEP_OF_TIME, Number(1e-6))
    soon = call("+", Reference("time"), near)
    last = Lookup(Table(table.x, table.x, "hold", "step"), soon)
    there = call("<=", call("abs", call("-", last, Reference("time"))), call("*", near, Number(2.0)))
    return call(
        "if_then_else", there, Lookup(Table(table.x, table.y, "hold", "step"), soon), Number(NOT_AVAILABLE)
    )


def _text(writer: Writer, node: object) -> str:
    """The words of an argument: a text, or the name of a text constant."""
    if isinstance(node, Words):
        return node.text
    if isinstance(node, Name):
        for definition in writer.reading.definitions:
            if definition.name.lower() == node.text.lower() and isinstance(definition.right, Words):
                return definition.right.text
    return ""


def _indices(writer: Writer, here: Here) -> list[int]:
    return [writer.dimensions.elements[key].index(element) for key, element in here.cell.left]


def _constant(writer: Writer, rows: list[list[beside.Cell]], cell: str, here: Here) -> Number:
    """The last range runs to the right and the one before it down; '*' turns that."""
    row, column, turned = beside.place_of(cell)
    indices = _indices(writer, here)
    across, down = (indices[-1] if indices else 0), (indices[-2] if len(indices) > 1 else 0)
    if len(indices) > 2:
        raise ValueError("more than two ranges on the left cannot be read from one cell on")
    if turned:
        across, down = down, across
    value = beside.value_at(rows, row + down, column + across)
    if math.isnan(value):
        raise ValueError(f"no number {down} below and {across} right of {cell}")
    return Number(value)


def _shift(writer: Writer, here: Here) -> int:
    """How many lines further the series of this cell stands."""
    shift = 0
    for (key, _), index in zip(here.cell.left, _indices(writer, here), strict=True):
        shift = shift * len(writer.dimensions.elements[key]) + index
    return shift
