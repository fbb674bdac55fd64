"""What the page lets a reader move: the study's levers, its switches, and what its scenarios change besides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from iskdyn.levers import read_levers
from iskdyn.study.changes import history_of
from iskdyn.study.inputs import Inputs

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study


def page_levers(study: Study) -> list[dict[str, Any]]:
    """Each lever with its words, range and default; tactics first, each followed by its parts.

    A lever whose default is None is a number of the posterior: left alone, each draw keeps its own. One
    of the group "history" is a series over time, with its `points` [[time, value], …].
    """
    found = [
        {
            "name": one.name, "title": one.title, "group": one.group, "tactic": one.tactic, "unit": one.unit,
            "low": one.low, "high": one.high, "default": None if _drawn(study, one.name) else one.default,
            "off": one.off, "says": one.says, "off_means": one.off_means, "needs": one.needs,
            "costs": one.costs, "harms": one.harms,
        }
        for one in read_levers(study)
    ]  # fmt: skip
    for name in (*study.settings.switches, *_moved(study)):
        bare = _bare(study, name)
        if bare is not None and bare["name"] not in {one["name"] for one in found}:
            found.append(bare)
    return found


def timed(levers: list[dict[str, Any]]) -> dict[str, tuple[list[float], list[float]]]:
    """The history of each lever that may change over time, as times and values."""
    found = {}
    for one in levers:
        points = one.get("points") or ([] if one["default"] is None else [[0.0, one["default"]]])
        if points:
            found[one["name"]] = ([time for time, _ in points], [value for _, value in points])
    return found


def _drawn(study: Study, name: str) -> bool:
    return name in set(study.parameters["name"])


def _bare(study: Study, name: str) -> dict[str, Any] | None:
    """A constant as an assumption, or a series over time, in the model's own words; None for anything else."""
    variable = study.program[name]
    constant, drawn = variable.kind == "constant", _drawn(study, variable.name)
    history = history_of(study.program, variable)
    if history is None:
        return None
    low, high = variable.limits
    lever: dict[str, Any] = {
        "name": variable.name, "title": variable.name[:1].upper() + variable.name[1:],
        "group": "assumption" if constant else "history", "tactic": "", "unit": variable.units,
        "low": 0.0 if low is None else low, "high": max(1.0, 2 * float(history.max())) if high is None else high,
        "default": variable.value if constant and not drawn else None, "off": variable.value if constant else 0.0,
        "says": variable.documentation, "off_means": "", "needs": "", "costs": "", "harms": "",
    }  # fmt: skip
    return lever if constant else {**lever, "points": _points(history)}


def _moved(study: Study) -> Iterable[str]:
    """What the ready scenarios change."""
    for one in study.scenarios.values():
        changes = one.inputs.spelled(study.program)
        yield from (*changes.values, *changes.series)


def _points(series: pd.Series[float]) -> list[list[float]]:
    found: list[list[float]] = series.to_frame().reset_index().astype(float).to_numpy().tolist()
    return found


def ready_scenarios(study: Study, levers: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """The study's scenarios as the page can run them, and the titles of those that it cannot.

    A change is a number, or points [[time, value], …]. What replaces anything but a lever stays with the
    command line, and so does a series over a number that each draw has its own of.
    """
    known, over_time = {one["name"] for one in levers}, timed(levers)
    found, left = [], []
    for name, scenario in study.scenarios.items():
        changes: Inputs = scenario.inputs.spelled(study.program)
        if not changes.own and set(changes.values) <= known and set(changes.series) <= set(over_time):
            points = {key: _points(one) for key, one in changes.series.items()}
            told = {"name": name, "title": scenario.title, "says": scenario.says}
            found.append({**told, "changes": {**changes.values, **points}})
        else:
            left.append(scenario.title)
    return found, left
