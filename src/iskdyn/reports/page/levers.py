"""What the page lets a reader move: the study's levers, its switches, and what its scenarios change besides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from iskdyn.levers import read_levers
from iskdyn.study.inputs import Inputs

if TYPE_CHECKING:
    from iskdyn.study import Study


def page_levers(study: Study) -> list[dict[str, Any]]:
    """Each lever with its words, range and default; tactics first, each followed by its parts.

    A lever whose default is None is a number of the posterior: left alone, each draw keeps its own.
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
    known = {one["name"] for one in found}
    switches = [name for name in study.settings.switches if study.program[name].name not in known]
    found += [_bare(study, name) for name in switches]
    known |= {one["name"] for one in found}
    return found + [_bare(study, name) for name in _moved(study) if name not in known]


def _drawn(study: Study, name: str) -> bool:
    return name in set(study.parameters["name"])


def _bare(study: Study, name: str) -> dict[str, Any]:
    """A constant as an assumption, in the model's own words."""
    variable = study.program[name]
    low, high = variable.limits
    value = variable.value
    return {
        "name": variable.name, "title": variable.name[:1].upper() + variable.name[1:], "group": "assumption",
        "tactic": "", "unit": variable.units, "low": 0.0 if low is None else low,
        "high": max(1.0, 2 * value) if high is None else high,
        "default": None if _drawn(study, variable.name) else value,
        "off": value, "says": variable.documentation, "off_means": "", "needs": "", "costs": "", "harms": "",
    }  # fmt: skip


def _moved(study: Study) -> Iterable[str]:
    """Constants that a ready scenario sets."""
    program = study.program
    names = [name for one in study.scenarios.values() for name in one.inputs.spelled(program).values]
    return dict.fromkeys(name for name in names if program[name].kind == "constant")


def ready_scenarios(study: Study, levers: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """The study's scenarios as the page can run them, and the titles of those that it cannot.

    A change is a number, or points [[time, value], …]. What replaces anything but a lever stays with the
    command line, and so does a series over a number that each draw has its own of.
    """
    timed = {one["name"] for one in levers if one["default"] is not None}
    known = {one["name"] for one in levers}
    found, left = [], []
    for name, scenario in study.scenarios.items():
        changes: Inputs = scenario.inputs.spelled(study.program)
        if set(changes.values) <= known and set(changes.series) <= timed:
            points = {
                key: one.to_frame().reset_index().astype(float).to_numpy().tolist()
                for key, one in changes.series.items()
            }
            told = {"name": name, "title": scenario.title, "says": scenario.says}
            found.append({**told, "changes": {**changes.values, **points}})
        else:
            left.append(scenario.title)
    return found, left
