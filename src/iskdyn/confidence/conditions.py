"""Extremes: variables stay in their ranges, and what must happen at an extreme does happen.

The second are a modeller's own statements, in `conditions.toml` beside the model, written before they are run::

    draws = true                               # all statements below, unless they say otherwise

    [[condition]]
    says = "Nobody left, nobody comes, nothing happens."
    because = "assumption"
    people = 0.0                               # every stock of people at the start, times this
    until = "2033-06"                          # last month of the run; the history
    expect = [{ of = "recruitment", is = "zero" }, { of = "bombs", below = 1.0, window = ["2022-01", "2033-06"] }]

What can be changed: see `iskdyn.study.changes`; `with` has changes of the run that is compared with as well; `people`
multiplies all stocks of people at the start, and two factors are two runs. What can be expected of a variable (of
"every stock" and "every variable" too), see `iskdyn.study.expectations`, is

- none, lower, higher, same, not lower, not higher: of its mean, against the model as it stands;
- zero: exactly 0 at every step; finite: a number at every step; positive: a number, and not below 0;
- shrinks: less at the end than at the start; never rises: at no step; converges: the runs from the two factors end at
  most half as far apart, as a factor, as they began;
- bounds: at every step; with relative = true as a share of the model as it stands.

`window` takes only part of the run, `share` asks for a share of the draws. With draws, a statement is made of every
draw of the stored posterior, or, where none is current or draws = "prior", of draws of the prior; without, of the
model's own numbers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.check import Check, counted
from iskdyn.confidence.people import people_flows
from iskdyn.confidence.trials import ANYWHERE, draws_anywhere
from iskdyn.errors import InputError, IskdynError, Problem, StudyError
from iskdyn.model import Program
from iskdyn.study import Change, Expectation, Study, inputs_of, read_changes, read_expectations
from iskdyn.study.form_check import CONDITIONS as FILE
from iskdyn.study.form_check import read_form
from iskdyn.study.places import Page, Path

Array = NDArray[np.float64]
Draws = Literal["posterior", "prior", ""]

EVERY_STOCK, EVERY_VARIABLE = "every stock", "every variable"
OUTSIDE = 1e-9
"""How far a variable may leave its range, relative to the range or its size: rounding, and nothing that was
modelled."""


@dataclass(frozen=True)
class Condition:
    """One statement of what must happen.

    Attributes
    ----------
    says, because : in words, and the evidence
    changes : what is changed
    both : what is changed in the run that it is compared with as well
    people : factors on every stock of people at the start, a run each
    draws : whose draws it is said of; '' for the model's own numbers
    until : last month of the run; '' for the history's
    """

    says: str
    because: str
    changes: tuple[Change, ...]
    expect: tuple[Expectation, ...]
    both: tuple[Change, ...] = ()
    people: tuple[float, ...] = ()
    draws: Draws = ""
    until: str = ""

    @property
    def given(self) -> str:
        """What is changed, in words."""
        return ", ".join(
            [*(one.words for one in self.changes), *(f"people x {one:g}" for one in self.people)]
        )


def read_conditions(study: Study) -> tuple[Condition, ...]:
    """The statements beside the study's model; none where there is no file.

    Raises
    ------
    StudyError : everything that is wrong with the file
    """
    path = study.path_of("model").parent / FILE
    if not path.is_file():
        return ()
    found, text = read_form(path, "conditions", FILE)
    page = Page(text, FILE)
    draws = found.get("draws", False)
    conditions = tuple(
        _condition(study, {"draws": draws, **row}, page, ("condition", i))
        for i, row in enumerate(found.get("condition", []))
    )
    if page.problems:
        raise StudyError(page.problems)
    return conditions


_DRAWS: Mapping[object, Draws] = {True: "posterior", False: "", "prior": "prior"}


def _condition(study: Study, row: Mapping[str, Any], page: Page, at: Path) -> Condition:
    given = row.get("people", [])
    people = tuple(map(float, given if isinstance(given, list) else [given]))
    if not all(math.isfinite(factor) and factor >= 0 for factor in people):
        page.say((*at, "people"), f"'people' is {given!r}, expected one or two factors from 0")
    until, end = str(row.get("until", "")), math.inf
    try:
        end = study.end_time(until or None)
    except InputError as error:
        page.say((*at, "until"), f"until: {error.problems[0].message}")
    changes = read_arm(study, row, page, at)
    both = read_arm(study, row.get("with", {}), page, (*at, "with"))
    if not changes and not people:
        page.say(at, "changes nothing")
    where = (*at, "expect")
    expect = read_expectations(study.setting, row["expect"], page, where, (EVERY_STOCK, EVERY_VARIABLE))
    for one in expect:
        if not 0 < one.share <= 1:
            page.say(where, f"'{one.output}': share is {one.share}, expected a share of the draws, above 0")
        if one.window[0] >= end:
            page.say(where, f"'{one.output}': the window begins when the run is over; give until")
        if one.kind == "converges" and len(people) != 2:
            page.say(where, f"'{one.output}' is expected to converge: give people two factors")
    draws = _DRAWS[row["draws"]]
    return Condition(row["says"], row.get("because", ""), changes, expect, both, people, draws, until)


def read_arm(study: Study, row: Mapping[str, Any], page: Page, at: Path) -> tuple[Change, ...]:
    """The changes of a run of its own, in which nothing can follow the path of another one.

    Parameters
    ----------
    row : the table that has them
    page, at : where it stands
    """
    changes = read_changes(study.setting, row, page, at)
    for one in changes:
        kind = study.program[one.name].kind
        if one.kind == "own path":
            page.say((*at, "freeze"), f"'{one.name}' has no path of its own here: give it a level")
        elif one.kind == "set" and kind not in ("constant", "stock"):
            page.say((*at, "set", one.name), f"'{one.name}' is no constant or stock; use level")
        else:
            inputs_of(
                study.setting, [one], lambda one, message: page.say((*at, one.table, one.name), message)
            )
    return changes


def check_conditions(study: Study) -> Check:
    """What must happen at extremes does happen."""
    from iskdyn.confidence.condition_runs import broken

    problems: list[Problem] = []
    conditions: tuple[Condition, ...] = ()
    try:
        conditions = read_conditions(study)
        problems += [problem for _, problem in broken(study, conditions)]
    except IskdynError as error:
        problems += error.problems
    words = f"statements in {FILE}, each over the history against the model as it stands"
    n_expected = sum(len(one.expect) for one in conditions)
    return counted("what must happen at extremes happens", words, n_expected, problems)


def check_ranges(study: Study) -> Check:
    """Every variable stays in the range that is written for it, and no flow of people runs backwards.

    With any of the tactics and switches off or on, and anywhere in the ranges of the parameters.
    """
    from iskdyn.simulate import prepare

    program = study.program
    forward = {flow.name for flow in people_flows(program)}
    moving = [one for one in program if one.kind in ("stock", "auxiliary")]
    ranges = {one.name: one.limits for one in moving if one.limits != (None, None)}
    ranges |= {one.name: (0.0, one.limits[1]) for one in moving if one.name in forward}
    turned = [*study.settings.tactics.values(), *study.settings.switches]
    sides = [(0.0, program[name].value or 1.0) for name in turned]
    values = np.array(list(itertools.product(*sides)))
    end = study.end_time(study.horizon[1])
    least, most = np.full(len(ranges), np.inf), np.full(len(ranges), -np.inf)
    for inputs, runs in ((turned, values), draws_anywhere(study)) if ranges else ():
        series = prepare(program, inputs, list(ranges), final_time=end, save_every=1.0)(runs)
        least = np.minimum(least, series.min(axis=(0, 2)))
        most = np.maximum(most, series.max(axis=(0, 2)))
    problems = [
        problem
        for name, low, high in zip(ranges, least, most, strict=True)
        for problem in _outside(program, name, ranges[name], float(low), float(high))
    ]
    words = f"{len(values)} combinations of tactics and switches off or on, and {ANYWHERE}"
    return counted("every variable stays in its range", words, len(ranges), problems)


def _outside(
    program: Program, name: str, limits: tuple[float | None, float | None], least: float, most: float
) -> Iterator[Problem]:
    low, high = limits
    slack = OUTSIDE * max(abs(least), abs(most))
    below = low is not None and not least >= low - slack
    above = high is not None and not most <= high + slack
    if below or above:
        reached = f"{least:.4g}" if below else f"{most:.4g}"
        shown = f"{low if low is not None else '?'} to {high if high is not None else '?'}"
        yield Problem(program.place(name), f"'{name}' reaches {reached}; its range is {shown}")
