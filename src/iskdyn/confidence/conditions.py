"""Extremes: variables stay in their ranges, and what must happen at an extreme does happen.

The second are a modeller's own statements, in `conditions.toml` beside the model, written before they are run::

    draws = true                               # all statements below, unless they say otherwise

    [[condition]]
    says = "Nobody left, nobody comes, nothing happens."
    because = "assumption"
    people = 0.0                               # every stock of people at the start, times this
    until = "2033-06"                          # last month of the run; the history
    expect = { recruitment = "zero", "every stock" = "positive", bombs = { below = 1.0, from = "2022-01" } }

What can be changed: `hold` keeps variables at a value, their causes cut; `set` gives constants, and stocks at the
start, a value; `with` gives constants a value in the run that is compared with as well; `people` multiplies all
stocks of people at the start, and two factors are two runs. What can be expected of a variable (of "every stock"
and "every variable" too) is one of

- none, lower, higher, same: of its mean, against the model as it stands;
- zero: exactly 0 at every step; finite: a number at every step; positive: a number, and not below 0;
- shrinks: less at the end than at the start; converges: the runs from the two factors end at most half as far
  apart, as a factor, as they began;
- { below = x } or { above = x }: at every step; with relative = true as a share of the model as it stands.

The long form { is = "lower", from = "2022-01", until = "2022-12", share = 0.95 } takes only part of the run, or
asks for a share of the draws. With draws, a statement is made of every draw of the stored posterior, or, where none
is current or draws = "prior", of draws of the prior; without, of the model's own numbers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.check import Check, counted
from iskdyn.confidence.people import people_flows
from iskdyn.confidence.trials import ANYWHERE, draws_anywhere
from iskdyn.errors import IskdynError, Problem, StudyError
from iskdyn.model import Program
from iskdyn.model.names import suggest
from iskdyn.study import Study
from iskdyn.study.form_check import CONDITIONS as FILE
from iskdyn.study.form_check import read_form
from iskdyn.study.months import EXPECTED, month_number
from iskdyn.study.settings import toml_place

Array = NDArray[np.float64]
Kind = Literal[
    "none", "lower", "higher", "same", "zero", "finite", "positive", "shrinks", "converges", "below", "above"
]
Draws = Literal["posterior", "prior", ""]

EVERY_STOCK, EVERY_VARIABLE = "every stock", "every variable"
OUTSIDE = 1e-9
"""How far a variable may leave its range, relative to the range or its size: rounding, and nothing that was
modelled."""


@dataclass(frozen=True)
class Expected:
    """What must be true of one variable.

    Attributes
    ----------
    value : of below and above
    start, end : model times between which it is looked at
    share : of the draws in which it must hold
    relative : below and above: a share of the model as it stands
    """

    kind: Kind
    value: float = math.nan
    start: float = -math.inf
    end: float = math.inf
    share: float = 1.0
    relative: bool = False

    @property
    def words(self) -> str:
        """As in a message: 'lower', 'below 3'."""
        of = " of what it was" if self.relative else ""
        return self.kind if math.isnan(self.value) else f"{self.kind} {self.value:g}{of}"


@dataclass(frozen=True)
class Condition:
    """One statement of what must happen.

    Attributes
    ----------
    says, because : in words, and the evidence
    hold : variables kept at a value, their causes cut
    values : constants, and stocks at the start
    both : constants set in the run that it is compared with as well
    expect : by variable
    people : factors on every stock of people at the start, a run each
    draws : whose draws it is said of; '' for the model's own numbers
    until : last month of the run; '' for the history's
    """

    says: str
    because: str
    hold: Mapping[str, float]
    values: Mapping[str, float]
    both: Mapping[str, float]
    expect: Mapping[str, Expected]
    people: tuple[float, ...] = ()
    draws: Draws = ""
    until: str = field(default="")

    @property
    def given(self) -> str:
        """What is changed, in words."""
        changes = [f"{name} = {value:g}" for name, value in {**self.values, **self.hold}.items()]
        return ", ".join([*changes, *(f"people x {one:g}" for one in self.people)])


def read_conditions(study: Study) -> tuple[Condition, ...]:
    """The statements beside the study's model; none where there is no file.

    Raises
    ------
    StudyError : everything that is wrong with the file
    """
    path = study.path_of("model").parent / FILE
    problems: list[Problem] = []
    if not path.is_file():
        return ()
    found, text = read_form(path, "conditions", FILE)
    conditions = []
    for one in found.get("condition", []):
        place = toml_place(text, FILE, str(one.get("says", "condition")))
        bad = [Problem(place, words) for words in _wrong(one, study.program)]
        problems += bad
        if not bad:
            conditions.append(_condition(study, {"draws": found.get("draws", False), **one}))
    if problems:
        raise StudyError(problems)
    return tuple(conditions)


_DRAWS: Mapping[object, Draws] = {True: "posterior", False: "", "prior": "prior"}


def _condition(study: Study, one: Mapping[str, Any]) -> Condition:
    """An entry that was found right."""
    hold, values, both = (
        {study.program[name].name: float(value) for name, value in one.get(key, {}).items()}
        for key in ("hold", "set", "with")
    )
    people = one.get("people", [])
    expect = {name: _expected(study, given) for name, given in one["expect"].items()}
    factors = tuple(float(factor) for factor in (people if isinstance(people, list) else [people]))
    draws = _DRAWS[one["draws"]]
    return Condition(
        one["says"], one["because"], hold, values, both, expect, factors, draws, str(one.get("until", ""))
    )


def _expected(study: Study, given: Any) -> Expected:
    if isinstance(given, str):
        return Expected(given)  # type: ignore[arg-type]
    kind: Any = given.get("is", "below" if "below" in given else "above")
    start = study.time(given["from"]) if "from" in given else -math.inf
    end = study.time(given["until"]) + 1 if "until" in given else math.inf
    value, share = float(given.get(kind, math.nan)), float(given.get("share", 1.0))
    return Expected(kind, value, start, end, share, bool(given.get("relative", False)))


def _wrong(one: Mapping[str, Any], program: Program) -> Iterator[str]:
    """What is wrong with one entry, whose form is right (`iskdyn.study.forms`)."""
    if not one["expect"]:
        yield "expects nothing"
    people = one.get("people", [])
    people = people if isinstance(people, list) else [people]
    if not one.get("hold") and not one.get("set") and not people:
        yield "holds and sets nothing"
    if not all(map(_is_number, people)) or any(factor < 0 for factor in people):
        yield f"'people' is {one['people']!r}, expected one or two factors from 0"
    if "until" in one and month_number(str(one["until"])) is None:
        yield f"until: '{one['until']}' is not {EXPECTED}"
    yield from _wrong_values(one, program)
    for name, given in one.get("expect", {}).items():
        if name not in program and name not in (EVERY_STOCK, EVERY_VARIABLE):
            yield f"no variable {name!r}{suggest(name, [variable.name for variable in program])}"
        yield from _wrong_expected(name, given, len(people))


def _wrong_values(one: Mapping[str, Any], program: Program) -> Iterator[str]:
    known = [variable.name for variable in program]
    kinds = {"hold": (), "set": ("constant", "stock"), "with": ("constant",)}
    for key, allowed in kinds.items():
        for name, value in one.get(key, {}).items():
            if name not in program:
                yield f"no variable {name!r}{suggest(name, known)}"
            elif not _is_number(value):
                yield f"'{name}' is {value!r}, expected a number"
            elif allowed and program[name].kind not in allowed:
                yield f"'{name}' is no {' or '.join(allowed)}; use hold"


def _wrong_expected(name: str, given: Any, n_people: int) -> Iterator[str]:
    if isinstance(given, dict):
        yield from (
            f"'{name}': {key}: '{given[key]}' is not {EXPECTED}"
            for key in ("from", "until")
            if key in given and month_number(str(given[key])) is None
        )
        share = given.get("share", 1.0)
        if not _is_number(share) or not 0 < share <= 1:
            yield f"'{name}': share is {share!r}, expected a share of the draws, above 0"
        kinds = [key for key in ("is", "below", "above") if key in given]
        if len(kinds) != 1:
            yield f"'{name}': give one of is, below, above"
            return
        if kinds != ["is"] and not _is_number(given[kinds[0]]):
            yield f"'{name}': {kinds[0]} is {given[kinds[0]]!r}, expected a number"
        given = given.get("is", "")
    if given == "converges" and n_people != 2:
        yield f"'{name}' is expected to converge: give people two factors"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def check_conditions(study: Study) -> Check:
    """What must happen at extremes does happen."""
    from iskdyn.confidence.condition_runs import broken

    problems: list[Problem] = []
    conditions: tuple[Condition, ...] = ()
    try:
        conditions = read_conditions(study)
        problems += broken(study, conditions)
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
