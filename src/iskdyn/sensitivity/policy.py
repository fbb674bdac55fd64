"""When a policy fails: the draws in which a scenario does not do what is expected of it.

Beside the numbers of the model, the strength of each of the scenario's changes is drawn: from 0, history, to 1,
the change as the scenario has it. So a region can say both "where backlash is large" and "where less than half
of the promises are kept".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iskdyn.errors import GateError, InputError, Problem
from iskdyn.levers.arms import CHUNK, SAVE_EVERY, own_paths
from iskdyn.levers.measured import monte_carlo_error
from iskdyn.sensitivity.discovery import Cases, Region, boxes, tree
from iskdyn.study import Expectation, Inputs, goes
from iskdyn.study.changes import history_of
from iskdyn.study.readings import Statistic, reduce

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Scenario, Study

Array = NDArray[np.float64]
STRENGTH = "strength of: "
"""Before a change's name where its strength is one of the numbers."""


@dataclass(frozen=True)
class Failure:
    """One expectation of a scenario, and where it fails.

    Attributes
    ----------
    expectation : what is expected, of the scenario against what it is compared with
    share : of the draws in which it fails, with the changes as strong as the scenario has them
    cases : draws with every change's strength drawn too, and which of them fail
    boxes, leaves : regions in which failing is commoner; empty where none is found
    """

    expectation: Expectation
    share: float
    cases: Cases
    boxes: tuple[Region, ...]
    leaves: tuple[Region, ...]

    @property
    def error(self) -> float:
        """Monte Carlo error of the share."""
        return monte_carlo_error(self.share, len(self.cases.numbers))


@dataclass(frozen=True)
class _Changes:
    """A scenario's changes.

    Attributes
    ----------
    values : constants and what the scenario makes of them
    series : series over time: as they were, and as the scenario has them
    fixed : changes that are made or not: switches, and variables that are computed
    """

    values: Mapping[str, float]
    series: Mapping[str, tuple[pd.Series, pd.Series]]
    fixed: Inputs

    @property
    def names(self) -> tuple[str, ...]:
        """Those that have a strength."""
        return (*self.values, *self.series)


@dataclass(frozen=True)
class _Runs:
    """(n, n_outputs, n_times) values of the outputs at the times."""

    times: Array
    outputs: tuple[str, ...]
    values: Array

    def measured(self, measure: Statistic, output: str, until: float) -> Array:
        """(n,) one output from the start to a model time."""
        # a kept time that rounding left just past the end belongs to the window
        kept = self.times <= until + 1e-9
        return reduce(measure, self.values[:, self.outputs.index(output)][:, kept], self.times[kept])


def failures(
    study: Study, around: Spread, scenario: Scenario, measures: Mapping[str, Statistic], *, seed: int = 1
) -> tuple[Failure, ...]:
    """For each expectation of a scenario: how often it fails over the draws, and where.

    Parameters
    ----------
    around : draws of every number; half of them find the regions, the other half try them
    measures : how outcomes are measured from the start to a month; any other variable by its value then

    Raises
    ------
    InputError : nothing is expected of the scenario
    GateError : some run gave no number
    """
    if not scenario.expect:
        message = "expects nothing, so it cannot fail; give it `expect`"
        raise InputError(Problem(f"scenario '{scenario.name}'", message))
    changes = _changes(study, scenario.inputs)
    rng = np.random.default_rng(seed)
    drawn = rng.random((len(around.draws), len(changes.names)))
    held = rng.permutation(len(drawn)) % 2 == 1
    base, full, part = _arms(study, around, scenario, changes, drawn)
    inside = around.in_model
    names = tuple(name for name, known in zip(around.names, inside, strict=True) if known)
    names += tuple(STRENGTH + name for name in changes.names)
    numbers = np.hstack([around.draws[:, inside], drawn])
    found = []
    for one in scenario.expect:
        measure = measures.get(one.output, "at_end")
        cases = Cases(names, numbers, _fails(study, one, measure, part, base), held)
        share = float(_fails(study, one, measure, full, base).mean())
        found.append(Failure(one, share, cases, tuple(boxes(cases)), tuple(tree(cases))))
    return tuple(found)


def _arms(
    study: Study, around: Spread, scenario: Scenario, changes: _Changes, drawn: Array
) -> tuple[_Runs, _Runs, _Runs]:
    """What the scenario is compared with, the scenario, and the same with the strengths drawn."""
    other = _changes(study, study.scenarios[scenario.against].inputs if scenario.against else Inputs())
    outputs = tuple(dict.fromkeys(one.output for one in scenario.expect))
    end = max(study.end_time(one.until or None) for one in scenario.expect)
    arms = (
        (other, np.ones((len(drawn), len(other.names)))),
        (changes, np.ones_like(drawn)),
        (changes, drawn),
    )
    base, full, part = (_runs(study, around, one, strength, outputs, end) for one, strength in arms)
    return base, full, part


def _changes(study: Study, inputs: Inputs) -> _Changes:
    program = study.program
    inputs = inputs.spelled(program)
    values = {name: one for name, one in inputs.values.items() if name not in study.settings.switches}
    series = {}
    for name, after in inputs.series.items():
        before = history_of(program, program[name])
        if before is not None:
            series[name] = (before, after)
    fixed_values = {name: one for name, one in inputs.values.items() if name not in values}
    fixed_series = {name: one for name, one in inputs.series.items() if name not in series}
    return _Changes(values, series, Inputs(fixed_values, fixed_series, inputs.own))


def _runs(
    study: Study, around: Spread, changes: _Changes, strength: Array, outputs: tuple[str, ...], end: float
) -> _Runs:
    """The draws with each change at its strength, (n, n_changes)."""
    from iskdyn.calibration.mixture import by_model

    parts = []
    for part, rows in by_model(study, around):
        chosen = rows[rows > 0] - 1  # the centre is not run
        if len(chosen):
            own = replace(around, draws=around.draws[chosen])
            parts.append((chosen, _runs_of(part, own, changes, strength[chosen], outputs, end)))
    found = parts[0][1]
    if len(parts) == 1:
        return found
    values = np.empty((len(strength), *found.values.shape[1:]))
    for chosen, runs in parts:
        values[chosen] = runs.values
    return _Runs(found.times, outputs, values)


def _runs_of(
    study: Study, around: Spread, changes: _Changes, strength: Array, outputs: tuple[str, ...], end: float
) -> _Runs:
    """The same of draws that are run with one model."""
    from iskdyn.simulate import prepare

    how_much = dict(zip(changes.names, strength.T, strict=True))
    drawn = {
        name: around.draws[:, i]
        for i, name in enumerate(around.names)
        if around.in_model[i] and name in study.program
    }
    paths = own_paths(study, sorted(changes.fixed.own), drawn, Inputs(), end, len(strength))
    fixed = changes.fixed.along(paths)
    known = {
        name: one for name, one in drawn.items() if name not in changes.series and name not in fixed.series
    }
    for name, value in {**fixed.values, **changes.values}.items():
        before = known.get(name, np.full(len(strength), study.program[name].value))
        known[name] = before + how_much.get(name, 1.0) * (value - before)
    series = {name: _mixed(*pair, how_much[name]) for name, pair in changes.series.items()}
    runner = prepare(
        study.program,
        list(known),
        list(outputs),
        final_time=end,
        save_every=SAVE_EVERY,
        series={**fixed.series, **series},
    )
    members = np.stack(list(known.values()), axis=1)
    starts = range(0, len(members), CHUNK)
    values = np.concatenate([runner(members[i : i + CHUNK], first=i) for i in starts])
    failed = int(np.isnan(values).any(axis=(1, 2)).sum())
    if failed:
        message = f"gave no number in {failed} of {len(values)} runs; `iskdyn check` says where"
        raise GateError(Problem("scenario", message))
    return _Runs(np.asarray(runner.times), outputs, values)


def _mixed(before: pd.Series, after: pd.Series, strength: Array) -> tuple[Array, Array]:
    """Times, and (n, n_times) values between history, at strength 0, and the change, at 1."""
    times = np.union1d(before.index.to_numpy(dtype=float), after.index.to_numpy(dtype=float))
    first, second = (
        np.interp(times, one.index.to_numpy(dtype=float), one.to_numpy()) for one in (before, after)
    )
    return times, first + strength[:, None] * (second - first)


def _fails(study: Study, one: Expectation, measure: Statistic, runs: _Runs, base: _Runs) -> NDArray[np.bool_]:
    """(n,) the draws in which an expectation does not hold."""
    value = runs.measured(measure, one.output, study.end_time(one.until or None))
    if one.since:
        other = runs.measured(measure, one.output, study.end_time(one.since))
    else:
        other = base.measured(measure, one.output, study.end_time(one.until or None))
    return ~goes(one.kind, value - other, one.by * np.abs(other))
