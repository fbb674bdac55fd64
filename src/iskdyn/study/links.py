"""What must hold between a study's tables and its model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from iskdyn.errors import Problem
from iskdyn.model import Lookup, Program, Table, Variable
from iskdyn.model.names import suggest
from iskdyn.study.months import Calendar
from iskdyn.study.records import Record
from iskdyn.study.settings import FILE, Settings, toml_place

TOLERANCE = 1e-9
"""Relative: two texts of one number, of which a model keeps fewer digits than a table at times."""


def check_names(program: Program, settings: Settings, text: str) -> Iterator[Problem]:
    """Problems of the names in study.toml.

    Parameters
    ----------
    settings : as read from study.toml
    text : of study.toml, for the line of each name
    """
    named = {
        "headline": settings.headline,
        "human_cost": settings.human_cost,
        "tactics": tuple(settings.tactics.values()),
        "people_boundary": settings.people_boundary,
        "switches": settings.switches,
        "decisions": settings.decisions,
        "exogenous": settings.exogenous,
        "outcomes": tuple(one.variable for one in settings.outcomes.values()),
        "groups": tuple(name for names in settings.groups.values() for name in names),
    }
    for key, names in named.items():
        for name in names:
            place = toml_place(text, FILE, name)
            if name not in program:
                hint = suggest(name, [variable.name for variable in program])
                yield Problem(place, f"{key}: the model has no variable '{name}'{hint}")
            elif key == "tactics" and program[name].kind != "constant":
                yield Problem(
                    place, f"tactics: '{name}' is of the kind {program[name].kind}; expected constant"
                )
            elif key == "decisions" and program[name].kind not in ("stock", "auxiliary"):
                message = (
                    f"decisions: '{name}' is of the kind {program[name].kind}; expected auxiliary or stock"
                )
                yield Problem(place, message)
    human_cost = settings.human_cost
    if settings.headline[: len(human_cost)] != human_cost:
        yield Problem(toml_place(text, FILE, "headline"), "headline must begin with the names of human_cost")
    yield from _check_tactic_decisions(settings, text)
    for tactic in settings.never_more:
        if tactic not in settings.tactics:
            hint = suggest(tactic, settings.tactics)
            message = f"never_more: the study has no tactic '{tactic}'{hint}"
            yield Problem(toml_place(text, FILE, tactic), message)
    known: dict[str, str] = {}
    for group, names in settings.groups.items():
        for name in names:
            if name in program and (other := known.setdefault(program[name].key, group)) != group:
                message = f"groups: '{name}' stands in '{other}' and in '{group}'"
                yield Problem(toml_place(text, FILE, name), message)


def _check_tactic_decisions(settings: Settings, text: str) -> Iterator[Problem]:
    """Problems of the decisions that are said to be a tactic's own."""
    for tactic, own in settings.tactic_decisions.items():
        place = toml_place(text, FILE, tactic)
        if tactic not in settings.tactics:
            hint = suggest(tactic, settings.tactics)
            yield Problem(place, f"tactic_decisions: the study has no tactic '{tactic}'{hint}")
        for name in own:
            if name not in settings.decisions:
                hint = suggest(name, settings.decisions)
                yield Problem(place, f"tactic_decisions: '{name}' is not among the decisions{hint}")


def check_driver_tables(program: Program, rows: Iterable[Record], calendar: Calendar) -> Iterator[Problem]:
    """Problems where a driver's values differ from its table in the model; the drivers are the source.

    Parameters
    ----------
    rows : of the drivers' table
    calendar : of the study; a value stands in the model's table at the middle of its period
    """
    given: dict[str, set[float]] = {}
    last: dict[str, Record] = {}
    for row in rows:
        name = row["variable"]
        if name not in program:
            if name not in last:
                hint = suggest(name, [one.name for one in program])
                yield row.problem("variable", f"the model has no variable '{name}'{hint}")
            last[name] = row
            continue
        table = table_of(program, program[name])
        if table is None:
            if name not in last:
                yield row.problem("variable", f"'{name}' is not a table in the model")
        elif calendar.number(row["month"]) is not None and math.isfinite(row["value"]):
            time = calendar.middle(row["month"])
            given.setdefault(name, set()).add(time)
            yield from _check_point(program, name, table, time, row, calendar.form.per_year or 0)
        last[name] = row
    for name, times in given.items():
        table = table_of(program, program[name])
        inner = [x for x in table.x if min(times) < x < max(times) and x not in times] if table else []
        for x in inner:
            message = f"'{name}' has a point at {x:g} that stands in no row of the drivers"
            yield Problem(program.place(name), message)


def _check_point(
    program: Program, name: str, table: Table, time: float, row: Record, per_year: int
) -> Iterator[Problem]:
    """The point at this time, or (a table of one year) at the same time of an earlier year."""
    points = dict(zip(table.x, table.y, strict=True))
    earlier = (time - years * per_year for years in range(int(time // per_year) + 1 if per_year else 1))
    point = next((points[one] for one in earlier if one in points), None)
    if point is None:
        yield row.problem("month", f"'{name}' ({program.place(name)}) has no point at time {time:g}")
    elif not math.isclose(point, row["value"], rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        message = f"{row['value']:g} here, but {point:g} in '{name}' ({program.place(name)}) at time {time:g}"
        yield row.problem("value", message)


def table_of(program: Program, variable: Variable) -> Table | None:
    """The points of a table variable, or of a variable that is one table read at something."""
    expression = variable.expression
    if isinstance(expression, Lookup):
        expression = (
            program[expression.table].expression if isinstance(expression.table, str) else expression.table
        )
    return expression if isinstance(expression, Table) else None


def check_parameter_ranges(program: Program, rows: Iterable[Record]) -> Iterator[Problem]:
    """Problems where a parameter is no constant of the model, or its unit or range is another there.

    A bias may stand in the observation model alone.
    """
    constants = [variable.name for variable in program.constants]
    for row in rows:
        name = row["name"]
        if row["kind"] == "bias" and name not in program:
            continue
        if name not in constants:
            yield row.problem("name", f"the model has no constant '{name}'{suggest(name, constants)}")
            continue
        variable = program[name]
        if variable.units.replace(" ", "") != row["unit"].replace(" ", ""):
            place = program.place(name)
            yield row.problem("unit", f"'{row['unit']}' here, but '{variable.units}' in the model ({place})")
        for column, limit in zip(("lower", "upper"), variable.limits, strict=True):
            yield from _check_limit(row, column, limit, program.place(name))
        if not row["lower"] <= variable.value <= row["upper"]:
            message = (
                f"the model's value {variable.value:g} ({program.place(name)}) is outside of lower to upper"
            )
            yield row.problem("lower", message)


def _check_limit(row: Record, column: str, limit: float | None, place: str) -> Iterator[Problem]:
    value = row[column]
    if limit is not None and not math.isclose(value, limit, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        yield row.problem(column, f"{value:g} here, but {limit:g} in the model ({place})")


def check_observed(
    program: Program, rows: Iterable[Record], parameters: Iterable[Record]
) -> Iterator[Problem]:
    """Problems of the outputs and biases that the observations name.

    Parameters
    ----------
    rows : of the observations' table
    parameters : rows of the parameters' table, for the biases
    """
    variables = [variable.name for variable in program]
    biases = [row["name"] for row in parameters if row["kind"] == "bias"]
    biases += [variable.name for variable in program.constants]
    for row in rows:
        if row["output"] not in program:
            hint = suggest(row["output"], variables)
            yield row.problem("output", f"the model has no variable '{row['output']}'{hint}")
        if row["bias"] and row["bias"] not in biases:
            hint = suggest(row["bias"], biases)
            yield row.problem("bias", f"no parameter of the kind bias is named '{row['bias']}'{hint}")
