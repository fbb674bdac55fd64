"""Vensim's functions of a data variable's points: GET DATA BETWEEN TIMES, FIRST TIME, LAST TIME, MIN, MAX, MEAN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iskdyn.model.expression import NOT_AVAILABLE, Expression, Lookup, Number, Reference, Table
from iskdyn.model.names import name_key
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name
from iskdyn.model.write_out import from_files
from iskdyn.model.write_out.functions import STEP_OF_TIME, ZERO, balanced, call
from iskdyn.model.write_out.scope import Here, cell_key
from iskdyn.model.write_out.sorting import named
from iskdyn.model.write_out.subscripts import elements_of

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

CALLS = {"get_data_between_times": 3, "get_data_first_time": 1, "get_data_last_time": 1,
         "get_data_min": 3, "get_data_max": 3, "get_data_mean": 3}  # fmt: skip
"""Key of a function -> number of its arguments."""
MOST = 1000
"""Points of a series whose least, largest or mean value is asked for: each is written out."""
NONE = Number(NOT_AVAILABLE)


def get(writer: Writer, key: str, node: Apply, here: Here) -> Expression:
    """The expression of a call."""
    spelled = key.upper().replace("_", " ")
    if len(node.arguments) != CALLS[key]:
        raise ReadError(node.at, f"{spelled} takes {CALLS[key]} arguments, {len(node.arguments)} given")
    variable = node.arguments[0]
    series = _series(writer, variable, here) if isinstance(variable, Name) else None
    if series is None:
        raise ReadError(variable.at, f"{spelled} takes the name of a data variable")
    others = [named(writer, writer.expression(argument, here), here) for argument in node.arguments[1:]]
    if key in ("get_data_first_time", "get_data_last_time"):
        return Number(series.x[0 if key == "get_data_first_time" else -1])
    if key == "get_data_between_times":
        time, mode = others
        return _between(series, time, named(writer, _step_before(time), here), mode)
    if len(series.x) > MOST:
        raise ReadError(
            node.at, f"{spelled} of {len(series.x):,} points; at most {MOST:,} can be written out"
        )
    return _over(key, series, *others)


def _series(writer: Writer, name: Name, here: Here) -> Table | None:
    """The points of a data variable, whatever its mode."""
    found = here.find(name.text)
    if found is None:
        return None
    scope, key, shape = found
    elements = elements_of(writer.dimensions, name, shape, here)
    cell = shape.cells.get(elements)
    if cell is None:
        return None
    right = cell.definition.right
    if right is None:
        return from_files.points_given(writer, cell_key(scope.prefix, key, elements))
    if isinstance(right, Apply) and from_files.CALLS.get(name_key(right.name)) == "data":
        return from_files.points_of(writer, right, replace(here, cell=cell))
    return None


def _step_before(time: Expression) -> Expression:
    """The last time step that is not after a time."""
    start, step = Reference("initial_time"), STEP_OF_TIME
    # a time that rounding left just before a step is that step's: see `EQUAL` of simulate/clock.py
    number = call("floor", call("+", call("/", call("-", time, start), step), Number(1e-6)))
    return call("+", start, call("*", number, step))


def _between(series: Table, time: Expression, step: Expression, mode: Expression) -> Expression:
    """The value at a time by a mode: 0 between the points, 1 the later point's, -1 the earlier one's.

    As published output has it (SDEverywhere, models/getdata), the later and the earlier point are those of the last
    time step not after the time, and at a point itself the earlier one is the one before.
    """
    x, y = series.x, series.y
    mirrored, back = tuple(-one for one in reversed(x)), call("negative", step)
    later = Lookup(Table(mirrored, tuple(reversed(y)), "hold", "step"), back)
    earlier = Lookup(Table(mirrored, tuple(reversed((y[0], *y[:-1]))), "hold", "step"), back)
    behind = call("if_then_else", call("<=", mode, Number(-1.0)), earlier, Lookup(Table(x, y), time))
    chosen = call("if_then_else", call(">=", mode, Number(1.0)), later, behind)
    inside = call("and", call(">=", time, Number(x[0])), call("<=", time, Number(x[-1])))
    return call("if_then_else", inside, chosen, NONE)


def _over(key: str, series: Table, start: Expression, end: Expression) -> Expression:
    """The least, largest or mean value of the points in a span of time; :NA: where there is none."""
    marks = [call("and", call(">=", Number(x), start), call("<=", Number(x), end)) for x in series.x]
    count = balanced("+", [call("if_then_else", mark, Number(1.0), ZERO) for mark in marks])
    # a neutral number is beyond every value and still a number, since nan and infinity would spread
    function, neutral = {"min": ("min", Number(1e300)), "max": ("max", Number(-1e300)), "mean": ("+", ZERO)}[
        key.removeprefix("get_data_")
    ]
    values = [call("if_then_else", mark, Number(y), neutral) for mark, y in zip(marks, series.y, strict=True)]
    found: Expression = balanced(function, values)
    if function == "+":
        found = call("/", found, call("max", count, Number(1.0)))
    return call("if_then_else", call(">", count, ZERO), found, NONE)
