"""A change of the model, as every file of a study writes it, and the inputs that some changes stand for.

Each changes one variable, a constant or a series over time, from its value in history; a computed variable can
take a level, a series or its own path, and its causes are then cut::

    set       "x" = 0.6                                                a constant, or a stock at the start
    level     "x" = 0.6                                                that value always
    level     "x" = { value = 0.6, from = "2022-01" }                  0.6 from then on
    ramp      "x" = { value = 0.6, from = "2022-01", to = "2022-06" }  from history to 0.6, then held
    pulse     "x" = { value = 0.2, from = "2021-09", to = "2021-12" }  0.2 in these months only
    scale     "x" = { by = 0.2, from = "2021-09", to = "2021-12" }     history times 0.2; months may be left out
    freeze    "x" = { at = "2022-09" }                                 held at that month's value from its middle
    freeze    "x" = "own path"                                         computed, but as in history, draw by draw
    series    "x" = { "2021-07" = 1.0, "2022-06" = 0.5 }               linear between mid-months, held at the ends
    series    "x" = "y"                                                the series of another variable

The first word is a table of the arm: a scenario file, an arm of a claim, a condition, a trial or a cut.
`freeze = "all"` lets every decision of the study follow its own path, but for those that the arm changes
otherwise. A change begins where its first month begins and ends where its last month ends; numbers are model time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from iskdyn.model import Lookup, Program, Table
from iskdyn.model.names import suggest
from iskdyn.model.program import Variable
from iskdyn.study.inputs import Inputs, expected_time, read_time
from iskdyn.study.months import Calendar
from iskdyn.study.places import Page, Path
from iskdyn.study.readings import Window

Kind = Literal["set", "level", "ramp", "pulse", "scale", "freeze", "own path", "series"]
KINDS: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "level": (("value",), ("from",)),
    "ramp": (("value", "from", "to"), ()),
    "pulse": (("value", "from", "to"), ()),
    "scale": (("by",), ("from", "to")),
    "freeze": (("at",), ()),
}
"""Per kind the keys that it needs and those that it may have, where it is a table of such keys."""
OWN_PATH: Literal["own path"] = "own path"
ALL = "all"
ALWAYS: Window = (-math.inf, math.inf)


@dataclass(frozen=True)
class Setting:
    """Where changes are made: the model, its calendar, the constants that differ from draw to draw, the variables
    that an actor decides, and the first and last period that may be named.
    """

    program: Program
    calendar: Calendar | None = None
    sampled: frozenset[str] = frozenset()
    decisions: tuple[str, ...] = ()
    horizon: tuple[str, str] | None = None

    def lacks(self, name: str) -> str:
        """That the model has no such variable, as a message."""
        known = [one.name for one in self.program if one.kind != "control"]
        return f"the model has no variable '{name}'{suggest(name, known)}"


@dataclass(frozen=True)
class Change:
    """What is done to one variable.

    Attributes
    ----------
    value : that it takes, or the factor on its history
    window : model time in which it does; that of a freeze begins where the value is taken
    points : of a series: model times and values
    like : of a series: the variable whose course it is
    """

    kind: Kind
    name: str
    value: float = math.nan
    window: Window = ALWAYS
    points: tuple[tuple[float, float], ...] = ()
    like: str = ""

    @property
    def table(self) -> str:
        """The table of the arm in which it stands."""
        return "freeze" if self.kind == OWN_PATH else self.kind

    @property
    def words(self) -> str:
        """In short: 'arrest = 3'."""
        return self.name if math.isnan(self.value) else f"{self.name} = {self.value:g}"


@dataclass(frozen=True)
class Arm:
    """Changes under a name."""

    name: str
    says: str = ""
    changes: tuple[Change, ...] = ()


def read_changes(setting: Setting, given: Mapping[str, Any], page: Page, at: Path = ()) -> tuple[Change, ...]:
    """The changes in a table of an arm, whose form is right; a variable is changed once.

    Parameters
    ----------
    given : the table, with other keys too
    page, at : where the table stands; every problem is added to the page, and the result then means nothing
    """
    found: list[Change] = []
    for key in ("set", "series", *KINDS):
        table = given.get(key, {})
        for name, one in table.items() if table != ALL else ():
            if name not in setting.program:
                page.say((*at, key, name), setting.lacks(name))
                continue
            change = _change(setting, key, setting.program[name].name, one, page, (*at, key, name))
            if change.name in {one.name for one in found}:
                page.say((*at, key, name), f"'{name}' is changed twice; one change a variable")
            found.append(change)
    if given.get("freeze") == ALL:
        if not setting.decisions:
            page.say((*at, "freeze"), f"freeze = '{ALL}': study.toml names no decisions")
        moved = {one.name for one in found if one.kind != "set"}
        found += [Change(OWN_PATH, name) for name in setting.decisions if name not in moved]
    return tuple(found)


def _change(setting: Setting, kind: Any, name: str, given: Any, page: Page, at: Path) -> Change:
    if kind == "series":
        return _series(setting, name, given, page, at)
    if given == OWN_PATH:
        return Change(OWN_PATH, name)
    if not isinstance(given, dict):
        return Change(kind, name, _finite(given, page, at))
    ends = {key: _moment(setting, key, given, page, at) for key in ("from", "at", "to") if key in given}
    window = (ends.get("from", ends.get("at", -math.inf)), ends.get("to", math.inf))
    if not window[0] < window[1]:
        page.say(at, f"{kind}: from {given['from']} is not before to {given['to']}")
    value = next((_finite(given[key], page, (*at, key)) for key in ("value", "by") if key in given), math.nan)
    return Change(kind, name, value, window)


def _series(setting: Setting, name: str, given: Any, page: Page, at: Path) -> Change:
    if isinstance(given, str):
        return Change("series", name, like=given)
    points = {read_time(key, setting.calendar): value for key, value in given.items()}
    if None in points:
        bad = next(key for key in given if read_time(key, setting.calendar) is None)
        page.say((*at, bad), f"'{bad}' is not {expected_time(setting.calendar)}")
    if not points:
        page.say(at, "the series is empty")
    times = sorted(time for time in points if time is not None)
    return Change("series", name, points=tuple((time, float(points[time])) for time in times))


def _finite(given: float, page: Page, at: Path) -> float:
    if not math.isfinite(given):
        page.say(at, f"expected a finite number, got {given!r}")
    return float(given)


def _moment(setting: Setting, key: str, given: Mapping[str, Any], page: Page, at: Path) -> float:
    """Model time: where a first month begins, a last one ends, or a month has its middle; or a number."""
    text, calendar = given[key], setting.calendar
    if isinstance(text, str) and calendar is not None and calendar.number(text) is not None:
        return calendar.middle(text) + {"from": -0.5, "to": 0.5, "at": 0.0}[key]
    if isinstance(text, str):
        expected = f"{calendar.expected}, or a model time" if calendar is not None else "a model time"
        page.say((*at, key), f"{key}: expected {expected}, got {text!r}")
        return {"from": -math.inf, "to": math.inf, "at": 0.0}[key]
    return float(text)


def inputs_of(
    setting: Setting,
    changes: Iterable[Change],
    fail: Callable[[Change, str], None] = lambda change, message: None,
) -> Inputs:
    """The values, series and own paths that some changes stand for; of the same variable the last counts.

    Parameters
    ----------
    fail : called with each change that cannot be made, and why; by default that was told when they were read
    """
    values: dict[str, float] = {}
    series: dict[str, pd.Series] = {}
    own = set()
    for one in changes:
        constant = setting.program[one.name].kind == "constant"
        if one.kind == OWN_PATH:
            own.add(one.name)
        elif one.kind == "set" or (one.kind == "level" and one.window == ALWAYS and constant):
            values[one.name] = one.value
        else:
            made = _over_time(setting, one)
            if isinstance(made, str):
                fail(one, made)
            else:
                series[one.name] = made
    return Inputs(values, series, frozenset(own))


def _over_time(setting: Setting, one: Change) -> pd.Series | str:
    """The series of one change, or why there is none."""
    program = setting.program
    if one.points:
        return pd.Series(dict(one.points), dtype=float)
    if one.kind == "series":
        base = history_of(program, program[one.like]) if one.like in program else None
        known = [other.name for other in program if history_of(program, other) is not None]
        missing = f"'{one.like}' is neither a constant nor a series over time{suggest(one.like, known)}"
        return missing if base is None else base
    if one.kind == "level" and one.window == ALWAYS:
        return pd.Series([one.value], index=[_start(setting)])
    base = history_of(program, program[one.name])
    if base is None or one.name in setting.sampled:
        constant = program[one.name].kind == "constant"
        what = "is a fitted number" if constant else "is neither a constant nor a series over time"
        return f"'{one.name}' {what}; give it a level without 'from', or a series"
    return _KINDS[one.kind](setting, base, one)


def history_of(program: Program, variable: Variable) -> pd.Series | None:
    """A variable over model time in history: a constant, a table, or a table read at Time; else None."""
    expression = variable.expression
    if variable.kind == "constant":
        return pd.Series([variable.value], index=[program["INITIAL TIME"].value])
    if isinstance(expression, Lookup) and _is_time(program, expression.argument):
        expression = (
            program[expression.table].expression if isinstance(expression.table, str) else expression.table
        )
    if not isinstance(expression, Table) or expression.between != "linear" or expression.beyond != "hold":
        return None
    first = program["INITIAL TIME"].value
    inside = [x for x in expression.x if x >= first]
    times = sorted({first, *inside})
    return pd.Series(np.interp(times, expression.x, expression.y), index=times, dtype=float)


def _is_time(program: Program, argument: Any) -> bool:
    """Whether an expression is Time, or Time over a constant that is 1."""
    if getattr(argument, "function", "") == "/":
        top, bottom = argument.arguments
        unit = str(getattr(bottom, "name", ""))
        return _is_time(program, top) and unit in program and program[unit].value == 1.0
    return getattr(argument, "name", "") == "time"


def _start(setting: Setting) -> float:
    return float(setting.program["INITIAL TIME"].value)


def _at(base: pd.Series, times: Any) -> Any:
    return np.interp(times, base.index.to_numpy(dtype=float), base.to_numpy(dtype=float))


def _inside(setting: Setting, base: pd.Series, one: Change, value: Callable[[Any], Any]) -> pd.Series:
    """The history outside of the window, and inside `value` of the times; steps take one time step."""
    start, step = _start(setting), setting.program["TIME STEP"].value
    first, last = max(one.window[0], start), one.window[1]
    own = base.index.to_numpy(dtype=float)
    edges = [first - step, first, *([last - step, last] if math.isfinite(last) else [])]
    times = np.unique([start, *own, *(edge for edge in edges if edge >= start)])
    # an edge and a point of the history that differ by rounding are the same time
    changed = (times >= first - 1e-9) & (times < last - 1e-9)
    return pd.Series(np.where(changed, value(times), _at(base, times)), index=times)


def _level(setting: Setting, base: pd.Series, one: Change) -> pd.Series:
    return _inside(setting, base, one, lambda times: np.full(len(times), one.value))


def _scale(setting: Setting, base: pd.Series, one: Change) -> pd.Series:
    return _inside(setting, base, one, lambda times: one.value * _at(base, times))


def _ramp(_: Setting, base: pd.Series, one: Change) -> pd.Series:
    first, last = one.window
    return _then(base, first, {first: float(_at(base, first)), last: one.value})


def _freeze(_: Setting, base: pd.Series, one: Change) -> pd.Series:
    held = one.window[0]
    return _then(base, held, {held: float(_at(base, held))})


def _then(base: pd.Series, first: float, points: Mapping[float, float]) -> pd.Series:
    """The history before a time, and these points from then on."""
    before = base[base.index < first]
    kept = {float(time): float(value) for time, value in before.items()}  # type: ignore[arg-type]
    return pd.Series({**kept, **points}).sort_index()


_KINDS: Mapping[Kind, Callable[[Setting, pd.Series, Change], pd.Series]] = {
    "level": _level,
    "pulse": _level,
    "scale": _scale,
    "ramp": _ramp,
    "freeze": _freeze,
}
