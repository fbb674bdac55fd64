"""What a caller may change in a run: values and series, checked before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from iskdyn.errors import Problem
from iskdyn.model import Program, Table, Variable, name_key
from iskdyn.model.names import suggest
from iskdyn.study.months import Calendar
from iskdyn.study.tables import Column, read_number, read_table


@dataclass(frozen=True)
class Inputs:
    """Changes to a model.

    Attributes
    ----------
    values : of constants, or of stocks at the start
    series : over model time; each replaces a variable, its causes are cut
    own : computed variables that follow, draw by draw, the path that they have without any change
    """

    values: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, pd.Series] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    def spelled(self, program: Program) -> Inputs:
        """The same with names as the model spells them; a name that it does not know stays."""

        def spell(name: str) -> str:
            return program[name].name if name in program else name

        values = {spell(name): value for name, value in self.values.items()}
        series = {spell(name): one for name, one in self.series.items()}
        return Inputs(values, series, frozenset(map(spell, self.own)))

    def over(self, base: Inputs) -> Inputs:
        """These changes, and those of the base that they leave alone."""
        series = {**base.series, **self.series}
        own = self.own | (base.own - set(self.series))
        values = {**base.values, **self.values}
        return Inputs(values, {name: one for name, one in series.items() if name not in own}, own)

    def along(self, paths: Mapping[str, Any]) -> Inputs:
        """The same with series, (times, values), in the place of what follows its own path."""
        return Inputs(self.values, {**self.series, **{name: paths[name] for name in sorted(self.own)}})


def read_time(text: str, calendar: Calendar | None) -> float | None:
    """Model time of a dated period (its middle; only with a calendar) or of a number; None if it is neither."""
    if calendar is not None and calendar.start and calendar.number(text) is not None:
        return calendar.middle(text)
    return read_number(text)


def expected_time(calendar: Calendar | None) -> str:
    """What `read_time` reads, for an error."""
    return f"a number or {calendar.expected}" if calendar is not None and calendar.start else "a number"


def read_series(path: Path, calendar: Calendar | None, problems: list[Problem]) -> pd.Series:
    """A series over model time from a CSV file with the columns time,value; dates need a calendar.

    Parameters
    ----------
    path : of the CSV file; times must rise
    calendar : of the study, None where only model times are read
    problems : to which each bad cell is added, with file, line and column
    """
    shown = path.name
    table = read_table(path, shown, (Column("time"), Column("value", "number")), problems, key=("time",))
    times: list[float] = []
    for text, line in zip(table["time"], table["line"], strict=True):
        time = read_time(str(text), calendar)
        if time is None:
            expected = expected_time(calendar)
            problems.append(Problem(f"{shown}:{line}:time", f"'{text}' is not {expected}"))
        elif times and time <= times[-1]:
            problems.append(
                Problem(f"{shown}:{line}:time", f"'{text}' does not come after the row before it")
            )
        times.append(math.nan if time is None else time)
    return pd.Series(table["value"].to_numpy(dtype=float), index=times, dtype=float)


def check_inputs(
    program: Program, inputs: Inputs, place: str = "", last_time: float | None = None
) -> list[Problem]:
    """Every problem of the changes: unknown names, numbers that are none, values out of range, bad times.

    Parameters
    ----------
    last_time : end of the run (in model time); a series must not reach past it
    """
    problems: list[Problem] = []
    for name, value in inputs.values.items():
        variable = _find(program, name, ("constant", "stock"), place, problems)
        if variable is not None:
            problems.extend(_check_numbers(variable, np.atleast_1d(value), f"{place} {name}".strip()))
    for name, series in inputs.series.items():
        variable = _find(program, name, ("constant", "auxiliary", "table", "stock"), place, problems)
        where = f"{place} {name}".strip()
        if variable is not None:
            problems.extend(_check_numbers(variable, series.to_numpy(dtype=float), where))
        problems.extend(_check_times(program, series.index.to_numpy(dtype=float), where, last_time))
    for name in sorted(inputs.own):
        _find(program, name, ("auxiliary", "stock"), place, problems)
    return problems


def check_outputs(program: Program, outputs: Iterable[str], place: str = "") -> list[Problem]:
    """A problem for each name that is no variable of the model.

    Parameters
    ----------
    outputs : names, in any spelling that the model's language takes for the same
    place : where they were given, for the problems
    """
    known = [variable.name for variable in program]
    return [
        Problem(place, f"'{name}' is not a variable of {program.name}{suggest(name, known)}")
        for name in outputs
        if name not in program
    ]


def _find(
    program: Program, name: str, kinds: tuple[str, ...], place: str, problems: list[Problem]
) -> Variable | None:
    variable = program.by_key.get(name_key(name))
    levers = [one.name for one in program if one.kind in kinds]
    if variable is None:
        problems.append(Problem(place, f"'{name}' is not a lever of {program.name}{suggest(name, levers)}"))
    elif variable.kind not in kinds:
        expected = " or ".join(kinds)
        problems.append(
            Problem(place, f"'{variable.name}' is of the kind {variable.kind}; expected {expected}")
        )
        return None
    return variable


def _check_numbers(variable: Variable, values: np.ndarray, place: str) -> Iterable[Problem]:
    if not np.isfinite(values).all():
        yield Problem(place, "has a value that is not a finite number")
        return
    if isinstance(variable.expression, Table) or not values.size:
        return
    low, high = variable.limits
    for value in (values.min(), values.max()):
        if (low is not None and value < low) or (high is not None and value > high):
            expected = f"{'any' if low is None else f'{low:g}'} to {'any' if high is None else f'{high:g}'}"
            yield Problem(place, f"{value:g} {variable.units} is outside of its range, {expected}")
            return


def _check_times(
    program: Program, times: np.ndarray, place: str, last_time: float | None
) -> Iterable[Problem]:
    if not times.size:
        yield Problem(place, "the series is empty")
    elif not np.isfinite(times).all():
        yield Problem(place, "the series has a time that is not a finite number")
    elif (np.diff(times) <= 0).any():
        yield Problem(place, "the times of the series must rise, each above the one before")
    else:
        first = program["INITIAL TIME"].value
        last = math.inf if last_time is None else last_time
        outside = times[(times < first) | (times > last)]
        if outside.size:
            yield Problem(place, f"time {outside[0]:g} is outside of the horizon, {first:g} to {last:g}")
