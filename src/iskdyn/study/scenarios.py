"""Scenarios: named sets of changes to a model, as TOML files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from iskdyn.errors import Problem
from iskdyn.model.names import suggest
from iskdyn.study.inputs import Inputs, read_time
from iskdyn.study.months import EXPECTED, Calendar
from iskdyn.study.settings import read_toml, toml_place
from iskdyn.study.tables import read_text

_KEYS = ("title", "says", "set", "series")


@dataclass(frozen=True)
class Scenario:
    """What is changed, and why.

    Attributes
    ----------
    name : of the file, without its ending
    title, says : for a reader
    inputs : values of constants, and series over model time: linear between points, held at both ends
    """

    name: str
    title: str = ""
    says: str = ""
    inputs: Inputs = field(default_factory=Inputs)


def read_scenario(
    path: Path, shown: str, calendar: Calendar | None, problems: list[Problem]
) -> Scenario | None:
    """The scenario in a file, or None with its problems added; names are checked against a model later.

    A series point is keyed by its month (with a calendar: the month's middle) or by model time.
    """
    text = read_text(path, shown, problems)
    found = read_toml(text, shown, problems) if text is not None else None
    if text is None or found is None:
        return None
    bad = [
        Problem(toml_place(text, shown, key), f"the key '{key}' is not known{suggest(key, _KEYS)}")
        for key in found
        if key not in _KEYS
    ]
    values = _numbers(found.get("set", {}), "set", text, shown, bad)
    series = {}
    for name, points in _table(found.get("series", {}), "series", text, shown, bad).items():
        series[name] = _series(name, points, calendar, text, shown, bad)
    problems.extend(bad)
    if bad:
        return None
    return Scenario(
        path.stem, str(found.get("title", path.stem)), str(found.get("says", "")), Inputs(values, series)
    )


def _table(found: Any, key: str, text: str, shown: str, bad: list[Problem]) -> Mapping[str, Any]:
    if isinstance(found, dict):
        return found
    bad.append(Problem(toml_place(text, shown, key), f"expected a table of values, got {found!r}"))
    return {}


def _numbers(found: Any, key: str, text: str, shown: str, bad: list[Problem]) -> dict[str, float]:
    values = {}
    for name, value in _table(found, key, text, shown, bad).items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            values[name] = float(value)
        else:
            bad.append(Problem(toml_place(text, shown, name), f"expected a number, got {value!r}"))
    return values


def _series(
    name: str, points: Any, calendar: Calendar | None, text: str, shown: str, bad: list[Problem]
) -> pd.Series:
    values = _numbers(points, name, text, shown, bad)
    times = {}
    for key, value in values.items():
        time = read_time(key, calendar)
        if time is None:
            expected = EXPECTED if calendar else "a number"
            bad.append(Problem(toml_place(text, shown, key), f"'{key}' is not {expected}"))
        else:
            times[time] = value
    if not times:
        bad.append(Problem(toml_place(text, shown, name), "the series is empty"))
    return pd.Series(times, dtype=float).sort_index()
