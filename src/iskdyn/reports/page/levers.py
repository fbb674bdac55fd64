"""What the page lets a reader move: the study's levers, its switches, and what its scenarios change besides."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NotRequired, TypedDict

from iskdyn.levers import Lever, read_levers
from iskdyn.reports.page.explained import ID, place
from iskdyn.study.changes import history_of
from iskdyn.study.inputs import Inputs

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study


class PageLever(TypedDict):
    """A lever as the page has it; see `page_levers`.

    `title` to `harms` are words, `evidence` facts (`says`, `who`, `place`), `path` a variable, `low`, `high`, `default`
    and `off` in the lever's unit.
    """

    name: str
    title: str
    group: str
    tactic: str
    unit: str
    low: float
    high: float
    default: float | None
    off: float
    says: str
    off_means: str
    needs: str
    costs: str
    harms: str
    path: str
    evidence: list[dict[str, str]]
    points: NotRequired[list[list[float]]]


class ReadyScenario(TypedDict):
    """A scenario that the page can run: by name of a lever a number, or points [[time, value], …]."""

    name: str
    title: str
    says: str
    changes: dict[str, float | list[list[float]]]


STILL = "others hold still"
"""The lever that stands for the frozen reading; 1: every decision but the moved tactics' own keeps its own path."""


def page_levers(study: Study) -> list[PageLever]:
    """Each lever with its words, range and default; tactics first, each followed by its parts.

    A lever whose default is None is a number of the posterior: left alone, each draw keeps its own. One
    of the group "history" is a series over time, with its `points` [[time, value], …]; one of the group
    "decision" follows its rule unless a ready scenario gives it a series. What no search may ask more of
    goes no higher than it was, by whatever way a reader sets it. The group "reading" is no variable: `STILL`,
    where the study says which decisions are whose.
    """
    found: list[PageLever] = [
        {
            "name": one.name, "title": one.title, "group": one.group, "tactic": one.tactic, "unit": one.unit,
            "low": one.low, "high": one.default if _never_more(study, one) else one.high,
            "default": None if _drawn(study, one.name) else one.default,
            "off": one.off, "says": one.says, "off_means": one.off_means, "needs": one.needs,
            "costs": one.costs, "harms": one.harms, "path": one.path, "evidence": _evidence(study, one.name),
        }
        for one in read_levers(study)
    ]  # fmt: skip
    for name in (*study.settings.switches, *_moved(study)):
        bare = _bare(study, name)
        if bare is not None and bare["name"] not in {one["name"] for one in found}:
            found.append(bare)
    if decisions(study) and STILL not in study.program:
        found.append(
            _blank(STILL) | {"title": STILL, "group": "reading", "low": 0.0, "high": 1.0, "default": 0.0}
        )
    return found


def decisions(study: Study) -> list[str]:
    """The decisions that the page can hold at their own paths; none where study.toml does not say whose they are."""
    settings, used = study.settings, needed(study)
    if set(settings.tactics) - set(settings.tactic_decisions):
        return []
    named = [study.program[name] for name in settings.decisions]
    return [one.name for one in named if one.key in used]


def needed(study: Study) -> set[str]:
    """The keys of all variables on which the shown outputs depend."""
    program = study.program
    pending, seen = [program[name].key for name in study.settings.headline], set()
    while pending:
        key = pending.pop()
        if key not in seen:
            seen.add(key)
            pending += [cause.key for cause in program.causes(program.by_key[key].name)]
    return seen


def _blank(name: str) -> PageLever:
    """A lever without words."""
    return {
        "name": name, "off": 0.0, "evidence": [], "tactic": "", "unit": "", "path": "", "says": "", "off_means": "",
        "needs": "", "costs": "", "harms": "", "title": "", "group": "", "low": 0.0, "high": 0.0, "default": None,
    }  # fmt: skip


def paths(levers: list[PageLever]) -> list[str]:
    """The variables that show what was done of each lever, each once."""
    return list(dict.fromkeys(one["path"] for one in levers if one["path"]))


def _never_more(study: Study, lever: Lever) -> bool:
    """Whether more of a lever than there was is more of what no search may ask more of."""
    return lever.tactic in study.settings.never_more and lever.default != lever.off


def _evidence(study: Study, name: str) -> list[dict[str, str]]:
    """The facts that a variable rests on: what is said, by whom, and where."""
    facts = {str(row["id"]): row for row in study.evidence.to_dict("records")}
    named = dict.fromkeys(ID.findall(study.program[name].documentation))
    return [
        {"says": str(facts[one]["says"]), "who": str(facts[one]["who"]), "place": place(facts[one])}
        for one in named if one in facts
    ]  # fmt: skip


def timed(levers: list[PageLever]) -> dict[str, tuple[list[float], list[float]]]:
    """The history of each lever that may change over time, as times and values; nan: its rule decides."""
    found = {}
    for one in levers:
        if one["group"] == "reading":
            continue
        known = one["default"] if one["group"] != "decision" else math.nan
        points = one.get("points") or ([] if known is None else [[0.0, known]])
        if points:
            found[one["name"]] = ([time for time, _ in points], [value for _, value in points])
    return found


def _drawn(study: Study, name: str) -> bool:
    return name in set(study.parameters["name"])


def _bare(study: Study, name: str) -> PageLever | None:
    """A constant as an assumption, a series over time or a decision, in the model's own words; else None."""
    variable = study.program[name]
    constant, drawn = variable.kind == "constant", _drawn(study, variable.name)
    history = history_of(study.program, variable)
    if history is None and not _may_be_given(study, variable.name):
        return None
    most = 1.0 if history is None else float(history.max())
    low, high = variable.limits
    lever: PageLever = _blank(variable.name) | {
        "title": variable.name[:1].upper() + variable.name[1:],
        "group": "assumption" if constant else "history" if history is not None else "decision",
        "unit": variable.units, "evidence": _evidence(study, variable.name),
        "low": 0.0 if low is None else low,
        "high": max(1.0, 2 * most, _given_most(study, variable.name)) if high is None else high,
        "default": variable.value if constant and not drawn else None, "off": variable.value if constant else 0.0,
        "says": variable.documentation,
    }  # fmt: skip
    return lever if history is None or constant else {**lever, "points": _points(history)}


def _may_be_given(study: Study, name: str) -> bool:
    """Whether a scenario may give a computed variable a series: not what orders more of what is never asked more of."""
    kept = {
        one for tactic in study.settings.never_more for one in study.settings.tactic_decisions.get(tactic, ())
    }
    return study.program[name].kind == "auxiliary" and name not in kept


def _given_most(study: Study, name: str) -> float:
    """The highest value that a ready scenario gives a variable."""
    given = [one.inputs.spelled(study.program).series.get(name) for one in study.scenarios.values()]
    return max((float(one.max()) for one in given if one is not None), default=0.0)


def _moved(study: Study) -> Iterable[str]:
    """What the ready scenarios change."""
    for one in study.scenarios.values():
        changes = one.inputs.spelled(study.program)
        yield from (*changes.values, *changes.series)


def _points(series: pd.Series[float]) -> list[list[float]]:
    found: list[list[float]] = series.to_frame().reset_index().astype(float).to_numpy().tolist()
    return found


def ready_scenarios(study: Study, levers: list[PageLever]) -> tuple[list[ReadyScenario], list[str]]:
    """The study's scenarios as the page can run them, and the titles of those that it cannot.

    A change is a number, or points [[time, value], …]. What replaces anything but a lever stays with the
    command line, and so does a series over a number that each draw has its own of.
    """
    known, over_time = {one["name"] for one in levers}, timed(levers)
    found: list[ReadyScenario] = []
    left = []
    for name, scenario in study.scenarios.items():
        changes: Inputs = scenario.inputs.spelled(study.program)
        if not changes.own and set(changes.values) <= known and set(changes.series) <= set(over_time):
            points = {key: _points(one) for key, one in changes.series.items()}
            moved: dict[str, float | list[list[float]]] = {**changes.values, **points}
            found.append({"name": name, "title": scenario.title, "says": scenario.says, "changes": moved})
        else:
            left.append(scenario.title)
    return found, left
