"""The kinds of change in a scenario: what each is in the file, and the series that it stands for.

Each changes one variable, a constant or a series over time, from its value in history; a computed variable can
take a level, a series or its own path, and its causes are then cut::

    [level]   "x" = { value = 0.6, from = "2022-01" }                 0.6 from then on; without from, always
    [ramp]    "x" = { value = 0.6, from = "2022-01", to = "2022-06" }  from history to 0.6, then held
    [pulse]   "x" = { value = 0.2, from = "2021-09", to = "2021-12" }  0.2 in these months only
    [scale]   "x" = { by = 0.2, from = "2021-09", to = "2021-12" }     history times 0.2; months may be left out
    [freeze]  "x" = { at = "2022-09" }                                 held at that month's value from its middle
    [freeze]  "x" = "own path"                                         computed, but as in history, draw by draw
    [series]  "x" = { "2021-07" = 1.0, "2022-06" = 0.5 }               linear between mid-months, held at the ends
    [series]  "x" = "y"                                                the series of another variable

`freeze = "all"` in the place of the table lets every decision of the study follow its own path, but for those
that the file changes otherwise. A change begins where its first month begins and ends where its last month
ends; numbers are model time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from iskdyn.model import Lookup, Program, Table
from iskdyn.model.names import suggest
from iskdyn.model.program import Variable
from iskdyn.study.months import Calendar

KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "level": (("value",), ("from",)),
    "ramp": (("value", "from", "to"), ()),
    "pulse": (("value", "from", "to"), ()),
    "scale": (("by",), ("from", "to")),
    "freeze": (("at",), ()),
}
"""Per kind the keys that it needs and those that it may have."""
OWN_PATH, ALL = "own path", "all"
_MONTHS = ("from", "to", "at")


@dataclass(frozen=True)
class Setting:
    """Where changes are made: the model, its calendar, the constants that differ from draw to draw, and the
    variables that an actor decides.
    """

    program: Program
    calendar: Calendar | None = None
    sampled: frozenset[str] = frozenset()
    decisions: tuple[str, ...] = ()


def change(
    setting: Setting, kind: str, name: str, given: Any, fail: Callable[[str], None]
) -> float | pd.Series:
    """What a change of this kind makes of a variable: a value for the whole run, or a series.

    Parameters
    ----------
    name : as the file has it
    given : what stands there, such as `{"value": 0.6, "from": "2022-01"}`
    fail : called with each thing that is wrong; the result then means nothing
    """
    numbers = _read(setting, kind, given, fail)
    if numbers is None or name not in setting.program:
        if name not in setting.program:
            known = [one.name for one in setting.program if one.kind != "control"]
            fail(f"the model has no variable '{name}'{suggest(name, known)}")
        return math.nan
    variable = setting.program[name]
    if kind == "level" and "from" not in numbers:
        value = numbers["value"]
        return value if variable.kind == "constant" else pd.Series([value], index=[_start(setting)])
    base = history_of(setting.program, variable)
    if base is None or variable.name in setting.sampled:
        what = (
            "is a fitted number"
            if variable.kind == "constant"
            else "is neither a constant nor a series over time"
        )
        fail(f"'{variable.name}' {what}; give it a level without 'from', or a series")
        return math.nan
    return _KINDS[kind](setting, base, numbers)


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


def _read(setting: Setting, kind: str, given: Any, fail: Callable[[str], None]) -> dict[str, float] | None:
    """The numbers of a change: values as they are, months as model time."""
    required, optional = KINDS[kind]
    known = (*required, *optional)
    if not isinstance(given, dict):
        fail(f"{kind}: expected {{ {', '.join(f'{key} = ...' for key in known)} }}, got {given!r}")
        return None
    wrong = [f"{kind}: the key '{key}' is missing" for key in required if key not in given]
    wrong += [
        f"{kind}: the key '{key}' is not known{suggest(key, known)}" for key in given if key not in known
    ]
    numbers = {}
    for key in known:
        if key not in given:
            continue
        number = _moment(setting, key, given[key]) if key in _MONTHS else _number(given[key])
        if number is None:
            expected = _moments(setting) if key in _MONTHS else "a finite number"
            wrong.append(f"{kind}: {key}: expected {expected}, got {given[key]!r}")
        else:
            numbers[key] = number
    if not wrong and numbers.get("from", -math.inf) >= numbers.get("to", math.inf):
        wrong.append(f"{kind}: from {given['from']} is not before to {given['to']}")
    for one in wrong:
        fail(one)
    return None if wrong else numbers


def _number(given: Any) -> float | None:
    good = isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    return float(given) if good else None


def _moment(setting: Setting, key: str, given: Any) -> float | None:
    """Model time: where a first month begins, a last one ends, or a month has its middle; or a number."""
    if isinstance(given, str) and setting.calendar is not None and setting.calendar.number(given) is not None:
        return setting.calendar.middle(given) + {"from": -0.5, "to": 0.5, "at": 0.0}[key]
    return _number(given)


def _moments(setting: Setting) -> str:
    calendar = setting.calendar
    return f"{calendar.expected}, or a model time" if calendar is not None else "a model time"


def _start(setting: Setting) -> float:
    return float(setting.program["INITIAL TIME"].value)


def _at(base: pd.Series, times: Any) -> Any:
    return np.interp(times, base.index.to_numpy(dtype=float), base.to_numpy(dtype=float))


def _window(
    setting: Setting, base: pd.Series, inside: Callable[[Any], Any], first: float, last: float
) -> pd.Series:
    """The history outside of [first, last), and inside what `inside` makes of times; steps take one time step."""
    start, step = _start(setting), setting.program["TIME STEP"].value
    own = base.index.to_numpy(dtype=float)
    edges = [first - step, first, *([last - step, last] if math.isfinite(last) else [])]
    times = np.unique([start, *own, *(edge for edge in edges if edge >= start)])
    # an edge and a point of the history that differ by rounding are the same time
    changed = (times >= first - 1e-9) & (times < last - 1e-9)
    return pd.Series(np.where(changed, inside(times), _at(base, times)), index=times)


def _level(setting: Setting, base: pd.Series, numbers: Mapping[str, float]) -> pd.Series:
    value = numbers["value"]
    return _window(setting, base, lambda times: np.full(len(times), value), numbers["from"], math.inf)


def _pulse(setting: Setting, base: pd.Series, numbers: Mapping[str, float]) -> pd.Series:
    value = numbers["value"]
    return _window(setting, base, lambda times: np.full(len(times), value), numbers["from"], numbers["to"])


def _scale(setting: Setting, base: pd.Series, numbers: Mapping[str, float]) -> pd.Series:
    first, last = numbers.get("from", _start(setting)), numbers.get("to", math.inf)
    return _window(setting, base, lambda times: numbers["by"] * _at(base, times), first, last)


def _ramp(setting: Setting, base: pd.Series, numbers: Mapping[str, float]) -> pd.Series:
    first, last = numbers["from"], numbers["to"]
    before = base[base.index < first]
    points = {float(time): float(value) for time, value in before.items()}  # type: ignore[arg-type]
    points |= {first: float(_at(base, first)), last: numbers["value"]}
    return pd.Series(points).sort_index()


def _freeze(setting: Setting, base: pd.Series, numbers: Mapping[str, float]) -> pd.Series:
    held = numbers["at"]
    kept = base[base.index < held]
    points = {float(time): float(value) for time, value in kept.items()}  # type: ignore[arg-type]
    return pd.Series({**points, held: float(_at(base, held))})


_KINDS: Mapping[str, Callable[[Setting, pd.Series, Mapping[str, float]], pd.Series]] = {
    "level": _level,
    "pulse": _pulse,
    "scale": _scale,
    "ramp": _ramp,
    "freeze": _freeze,
}
