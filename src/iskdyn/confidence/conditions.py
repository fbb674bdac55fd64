"""Extremes: variables stay in their ranges, and what must happen at an extreme does happen.

The second are a modeller's own statements, in `conditions.toml` beside the model, written before they are run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.check import Check, counted
from iskdyn.confidence.people import people_flows
from iskdyn.confidence.trials import ANYWHERE, draws_anywhere
from iskdyn.errors import IskdynError, Problem, StudyError
from iskdyn.model import Program
from iskdyn.model.names import suggest
from iskdyn.study import Study

if TYPE_CHECKING:
    from xarray import Dataset

Array = NDArray[np.float64]

FILE = "conditions.toml"
DIRECTIONS = ("none", "lower", "higher", "same")
MOVED = 1e-9
"""A mean that moves by less of its size has not moved, and a value that is smaller is zero."""
OUTSIDE = 1e-9
"""How far a variable may leave its range, relative to the range or its size."""

_KEYS = ("says", "because", "hold", "set", "with", "expect")


@dataclass(frozen=True)
class Condition:
    """One statement of what must happen.

    Attributes
    ----------
    says, because : in words, and the evidence
    hold : variables kept at a value, their causes cut
    constants : constants set
    both : constants set in the run that it is compared with as well
    expect : variable -> 'none', 'lower', 'higher' or 'same', of its mean over the history
    """

    says: str
    because: str
    hold: Mapping[str, float]
    constants: Mapping[str, float]
    both: Mapping[str, float]
    expect: Mapping[str, str]


def read_conditions(study: Study) -> tuple[Condition, ...]:
    """The statements beside the study's model; none where there is no file.

    Raises
    ------
    StudyError : everything that is wrong with the file
    """
    from iskdyn.study.settings import read_toml, toml_place
    from iskdyn.study.tables import read_text

    path = study.path_of("model").parent / FILE
    problems: list[Problem] = []
    if not path.is_file():
        return ()
    text = read_text(path, FILE, problems)
    found = read_toml(text, FILE, problems) if text is not None else None
    conditions = []
    entries = (found or {}).get("condition", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        problems.append(Problem(FILE, "expected entries that begin with [[condition]]"))
        entries = []
    for one in entries:
        place = toml_place(text or "", FILE, str(one.get("says", "condition")))
        bad = [Problem(place, words) for words in _wrong(one, study.program)]
        problems += bad
        if not bad:
            given = (dict(one.get(key, {})) for key in ("hold", "set", "with", "expect"))
            conditions.append(Condition(one["says"], one["because"], *given))
    if problems:
        raise StudyError(problems)
    return tuple(conditions)


def _wrong(one: Mapping[str, Any], program: Program) -> Iterator[str]:
    """What is wrong with one entry."""
    tables = [key for key in ("hold", "set", "with", "expect") if not isinstance(one.get(key, {}), dict)]
    texts = [key for key in ("says", "because") if not isinstance(one.get(key, ""), str)]
    if tables or texts:
        yield from (f"'{key}' is {one[key]!r}, expected {{ name = value }}" for key in tables)
        yield from (f"'{key}' is {one[key]!r}, expected a text" for key in texts)
        return
    known = [variable.name for variable in program]
    yield from (f"the key '{key}' is not known{suggest(key, _KEYS)}" for key in one if key not in _KEYS)
    yield from (f"the key '{key}' is missing" for key in ("says", "because", "expect") if not one.get(key))
    if not one.get("hold") and not one.get("set"):
        yield "holds and sets nothing"
    for key in ("hold", "set", "with"):
        for name, value in one.get(key, {}).items():
            if name not in program:
                yield f"no variable {name!r}{suggest(name, known)}"
            elif not isinstance(value, (int, float)) or not np.isfinite(value):
                yield f"'{name}' is {value!r}, expected a number"
            elif key != "hold" and program[name].kind != "constant":
                yield f"'{name}' is no constant; use hold"
    for name, direction in one.get("expect", {}).items():
        if name not in program:
            yield f"no variable {name!r}{suggest(name, known)}"
        if direction not in DIRECTIONS:
            yield f"'{name}' is expected {direction!r}; expected {', '.join(DIRECTIONS)}"


def check_conditions(study: Study) -> Check:
    """What must happen at extremes does happen."""
    problems: list[Problem] = []
    conditions: tuple[Condition, ...] = ()
    try:
        conditions = read_conditions(study)
        problems += _broken(study, conditions)
    except IskdynError as error:
        problems += error.problems
    words = f"statements in {FILE}, each over the history against the model as it stands"
    n_expected = sum(len(one.expect) for one in conditions)
    return counted("what must happen at extremes happens", words, n_expected, problems)


def _broken(study: Study, conditions: Sequence[Condition]) -> Iterator[Problem]:
    """The expectations that do not come true. All runs keep the same outputs, so that few kernels are made."""
    from iskdyn.simulate import simulate

    program, end = study.program, study.end_time()
    names = sorted({program[name].name for one in conditions for name in one.expect})
    ends = [program["INITIAL TIME"].value, end]

    @cache
    def run(constants: frozenset[tuple[str, float]], held: frozenset[tuple[str, float]]) -> Dataset:
        series = {name: (ends, [value, value]) for name, value in held}
        return simulate(program, dict(constants), series, names, final_time=end, nonfinite="keep")

    for one in conditions:
        base = run(frozenset(one.both.items()), frozenset())
        changed = run(frozenset({**one.both, **one.constants}.items()), frozenset(one.hold.items()))
        given = ", ".join(f"{name} = {value:g}" for name, value in {**one.constants, **one.hold}.items())
        for key, expected in one.expect.items():
            name = program[key].name
            came, means = _direction(base[name].values, changed[name].values)
            if came != expected and (expected, came) != ("lower", "none"):
                words = f"'{name}' should be {expected} with {given}, and is {came} ({means}): {one.says}"
                yield Problem(program.place(name), words)


def _direction(base: Array, changed: Array) -> tuple[str, str]:
    """Which way a series moved, and its means before and after."""
    before, after = float(np.mean(base)), float(np.mean(changed))
    means = f"{before:.4g} to {after:.4g}"
    least_move = MOVED * float(np.max(np.abs(base)))
    if not np.all(np.isfinite(changed)):
        return "no number", means
    if float(np.max(np.abs(changed))) <= least_move:
        return "none", means
    if abs(after - before) <= least_move:
        return "same", means
    return ("higher" if after > before else "lower"), means


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
