"""Paired runs for the report: the same draws with history as it was and with each tactic absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import GateError, Problem
from iskdyn.reports.story import Story

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

Array = NDArray[np.float64]
HISTORY = "history"
SAVE_EVERY = 0.25


@dataclass(frozen=True)
class Arms:
    """Runs by arm.

    Attributes
    ----------
    times : (n_times,) model time
    outputs : names, in the order of the second axis
    best : per arm (n_outputs, n_times), at the fitted values
    draws : per arm (n_draws, n_outputs, n_times), at draws about them
    """

    times: Array
    outputs: tuple[str, ...]
    best: Mapping[str, Array]
    draws: Mapping[str, Array]

    def series(self, arm: str, output: str) -> tuple[Array, Array]:
        """(n_times,) at the fitted values, and (n_draws, n_times) at the draws."""
        i_output = self.outputs.index(output)
        return self.best[arm][i_output], self.draws[arm][:, i_output]

    def measured(self, story: Story, arm: str, output: str) -> tuple[float, Array]:
        """The outcome's measure over the whole run: at the fitted values, and (n_draws,) at the draws."""
        best, draws = self.series(arm, output)
        measure = story.outcomes[output].measure
        if measure == "at_end":
            return float(best[-1]), draws[:, -1]
        total, totals = np.trapezoid(best, self.times), np.trapezoid(draws, self.times, axis=-1)
        span = self.times[-1] - self.times[0] if measure == "mean" else 1.0
        return float(total / span), np.asarray(totals / span)


def run_arms(
    study: Study,
    found: Spread,
    changes: Mapping[str, Mapping[str, float]],
    *,
    outputs: tuple[str, ...],
    progress: Callable[[str], None] | None = None,
) -> Arms:
    """The fitted history and, paired with it draw by draw, each change of constants.

    Parameters
    ----------
    found : the values and draws of every parameter
    changes : per arm the constants that differ from history, parameters or not
    outputs : variables to keep

    Raises
    ------
    GateError : some run gave no number
    """
    from iskdyn.simulate import prepare

    program = study.program
    known = [name for name, inside in zip(found.names, found.in_model, strict=True) if inside]
    moved = sorted({name for change in changes.values() for name in change} - set(known))
    inputs = [*known, *moved]
    runner = prepare(program, inputs, list(outputs), final_time=study.end_time(), save_every=SAVE_EVERY)
    values = np.vstack([found.centre[None, :], found.draws])[:, found.in_model]
    at_rest = np.array([program[name].value for name in moved], dtype=float)
    members = np.hstack([values, np.broadcast_to(at_rest, (len(values), len(moved)))])
    best, drawn = {}, {}
    for arm, change in {HISTORY: {}, **changes}.items():
        if progress:
            progress(arm)
        changed = members.copy()
        for name, value in change.items():
            changed[:, inputs.index(name)] = value
        result = runner(changed)
        failed = int(np.isnan(result).any(axis=(1, 2)).sum())
        if failed:
            message = f"gave no number in {failed} of {len(result)} runs; `iskdyn check` says where"
            raise GateError(Problem(arm, message))
        best[arm], drawn[arm] = result[0], result[1:]
    return Arms(np.asarray(runner.times, dtype=float), tuple(outputs), best, drawn)
