"""Scenarios: named sets of changes to a model, as TOML files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast, get_args

import pandas as pd

from iskdyn.errors import Problem
from iskdyn.model.names import suggest
from iskdyn.study.changes import ALL, KINDS, OWN_PATH, Setting, change, history_of
from iskdyn.study.inputs import Inputs, expected_time, read_time
from iskdyn.study.months import Calendar
from iskdyn.study.settings import read_toml, toml_place
from iskdyn.study.tables import read_text

Direction = Literal["lower", "higher", "not lower", "not higher", "same"]
_TEXTS = ("title", "says", "expects", "run", "against")
_KEYS = (*_TEXTS, "source", "expect", "choice", "set", "series", *KINDS)


@dataclass(frozen=True)
class Expectation:
    """What the source expects of one output, in a form that can fail.

    Attributes
    ----------
    output : a variable of the model
    direction : of the scenario against what it is compared with
    until : last month; empty: the end of the history
    since : with it, the scenario is compared with itself at the end of that month instead
    by : least size, as a share; with "same", the largest
    """

    output: str
    direction: Direction
    until: str = ""
    since: str = ""
    by: float = 0.0


@dataclass(frozen=True)
class Scenario:
    """What is changed, and why.

    Attributes
    ----------
    name : of the file, without its ending
    title, says : for a reader
    expects, expect : what the source expects of it, in words and in a form that can fail
    run, source : its number in the list of counterfactual runs, and ids of the evidence
    against : name of the scenario it is to be compared with; empty: history
    choice : something that those who fight the group could have chosen, and that adds no repression
    inputs : values of constants, and series over model time: linear between points, held at both ends
    """

    name: str
    title: str = ""
    says: str = ""
    inputs: Inputs = field(default_factory=Inputs)
    expects: str = ""
    expect: tuple[Expectation, ...] = ()
    run: str = ""
    source: tuple[str, ...] = ()
    against: str = ""
    choice: bool = False


@dataclass(frozen=True)
class _Page:
    """A scenario's file while it is read."""

    text: str
    shown: str
    setting: Setting
    bad: list[Problem]

    def fail(self, key: str, message: str) -> None:
        """One more problem, at the line of a key."""
        self.bad.append(Problem(toml_place(self.text, self.shown, key), message))


def scenario_files(folder: Path) -> list[Path]:
    """The files of scenarios in a folder; hidden ones are what editors and systems leave behind."""
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))


def read_scenario(path: Path, shown: str, setting: Setting, problems: list[Problem]) -> Scenario | None:
    """The scenario in a file, or None with its problems added; ranges are checked by `check_inputs`.

    The kinds of change are told in `iskdyn.study.changes`. A series point is keyed by its month (with a
    calendar: the month's middle) or by model time.

    Parameters
    ----------
    path : of the TOML file; its name without the ending is the scenario's
    shown : its name in problems
    setting : the model, calendar and parameters that its changes may speak of
    problems : to which every problem of the file is added
    """
    text = read_text(path, shown, problems)
    found = read_toml(text, shown, problems) if text is not None else None
    if text is None or found is None:
        return None
    page = _Page(text, shown, setting, [])
    for key, value in found.items():
        if key not in _KEYS:
            page.fail(key, f"the key '{key}' is not known{suggest(key, _KEYS)}")
        elif key in _TEXTS and not isinstance(value, str):
            page.fail(key, f"expected a text, got {value!r}")
        elif key == "choice" and not isinstance(value, bool):
            page.fail(key, f"expected true or false, got {value!r}")
    told = {"title": path.stem, **{key: found[key] for key in _TEXTS if key in found}}
    inputs = _inputs(page, found)
    expect = _expectations(page, found.get("expect", []))
    source = _source(page, found.get("source", []))
    problems.extend(page.bad)
    if page.bad:
        return None
    choice = bool(found.get("choice", False))
    return Scenario(path.stem, inputs=inputs, expect=expect, source=source, choice=choice, **told)


def _inputs(page: _Page, found: Mapping[str, Any]) -> Inputs:
    """All changes of a file together; a variable is changed once."""
    values = _numbers(page, found.get("set", {}), "set")
    series: dict[str, pd.Series] = {}
    own, whole = _own_paths(page, found.get("freeze", {}))
    named = [*values, *own]
    for name, points in _table(page, found.get("series", {}), "series").items():
        named.append(name)
        series[name] = _like(page, name, points) if isinstance(points, str) else _series(page, name, points)
    for kind in KINDS:
        table = {} if kind == "freeze" and whole else _table(page, found.get(kind, {}), kind)
        for name, given in table.items():
            if kind == "freeze" and name in own:
                continue
            named.append(name)
            made = change(page.setting, kind, name, given, partial(page.fail, name))
            if isinstance(made, pd.Series):
                series[name] = made
            else:
                values[name] = made
    for name in sorted({name for name in named if named.count(name) > 1}):
        page.fail(name, f"'{name}' is changed twice; one change a variable")
    program = page.setting.program
    given = {program[name].name for name in series if name in program}
    rest = set(page.setting.decisions) - given if whole else set()
    return Inputs(values, series, frozenset(own | rest))


def _own_paths(page: _Page, found: Any) -> tuple[set[str], bool]:
    """The variables that are said to follow their own paths, and whether all decisions are."""
    if found == ALL:
        if not page.setting.decisions:
            page.fail("freeze", f"freeze = '{ALL}': study.toml names no decisions")
        return set(), True
    if not isinstance(found, dict):
        page.fail("freeze", f"expected '{ALL}' or a table of values, got {found!r}")
        return set(), True
    return {name for name, given in found.items() if given == OWN_PATH}, False


def _table(page: _Page, found: Any, key: str) -> Mapping[str, Any]:
    if isinstance(found, dict):
        return found
    page.fail(key, f"expected a table of values, got {found!r}")
    return {}


def _numbers(page: _Page, found: Any, key: str) -> dict[str, float]:
    values = {}
    for name, value in _table(page, found, key).items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            values[name] = float(value)
        else:
            page.fail(name, f"expected a number, got {value!r}")
    return values


def _series(page: _Page, name: str, points: Any) -> pd.Series:
    calendar = page.setting.calendar
    values = _numbers(page, points, name)
    times = {}
    for key, value in values.items():
        time = read_time(key, calendar)
        if time is None:
            page.fail(key, f"'{key}' is not {expected_time(calendar)}")
        else:
            times[time] = value
    if not times:
        page.fail(name, "the series is empty")
    return pd.Series(times, dtype=float).sort_index()


def _like(page: _Page, name: str, other: str) -> pd.Series:
    """The series of another variable over time."""
    program = page.setting.program
    base = history_of(program, program[other]) if other in program else None
    if base is None:
        known = [one.name for one in program if history_of(program, one) is not None]
        page.fail(name, f"'{other}' is neither a constant nor a series over time{suggest(other, known)}")
        return pd.Series([0.0], index=[0.0])
    return base


def _source(page: _Page, found: Any) -> tuple[str, ...]:
    if isinstance(found, list) and all(isinstance(one, str) for one in found):
        return tuple(found)
    page.fail("source", f"expected a list of ids of the evidence, got {found!r}")
    return ()


def _expectations(page: _Page, found: Any) -> tuple[Expectation, ...]:
    if not isinstance(found, list):
        page.fail("expect", f"expected a list, got {found!r}")
        return ()
    return tuple(one for one in (_expectation(page, given) for given in found) if one is not None)


def _expectation(page: _Page, given: Any) -> Expectation | None:
    keys = ("output", "is", "until", "since", "by")
    if not isinstance(given, dict) or "output" not in given or given.get("is") not in get_args(Direction):
        choices = ", ".join(f"'{one}'" for one in get_args(Direction))
        page.fail("expect", f"expected {{ output = ..., is = one of {choices} }}, got {given!r}")
        return None
    bad = [f"the key '{key}' is not known{suggest(key, keys)}" for key in given if key not in keys]
    name, calendar = str(given["output"]), page.setting.calendar or Calendar()
    if name not in page.setting.program:
        known = [one.name for one in page.setting.program]
        bad.append(f"the model has no variable '{name}'{suggest(name, known)}")
    for key in ("until", "since"):
        if key in given and calendar.number(str(given[key])) is None:
            bad.append(f"{key}: '{given[key]}' is not {calendar.expected}")
    by = given.get("by", 0.0)
    if isinstance(by, bool) or not isinstance(by, int | float) or not 0 <= by < 10:
        bad.append(f"by: expected a share from 0, got {by!r}")
    for message in bad:
        page.fail("expect", message)
    if bad:
        return None
    direction = cast("Direction", given["is"])
    return Expectation(name, direction, str(given.get("until", "")), str(given.get("since", "")), float(by))
