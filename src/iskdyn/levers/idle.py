"""Which changes of a scenario meet nothing to change, so that none does nothing in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers.arms import HISTORY
from iskdyn.levers.measured import Measured, measure_arms
from iskdyn.study.inputs import Inputs
from iskdyn.study.readings import Statistic

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

N_TRIED = 20
"""Draws, beside the fitted values: a link may be closed in some of them only, and each of them is a run an arm."""


def idle_changes(
    study: Study,
    spread: Spread,
    scenarios: Mapping[str, Inputs],
    measures: Mapping[str, Statistic],
    ends: Sequence[float],
    *,
    base: Inputs | None = None,
) -> dict[str, tuple[str, ...]]:
    """Per scenario the changes without which every outcome is the same, in every window and draw tried.

    Parameters
    ----------
    scenarios : changes by name of the scenario
    measures, ends : outcomes and model times, as of `measure_arms`
    base : changes common to all runs
    """
    few = spread.first(N_TRIED)
    spelled = {name: inputs.spelled(study.program) for name, inputs in scenarios.items()}
    arms = dict(spelled)
    for name, inputs in spelled.items():
        changed = _changed(inputs)
        if len(changed) > 1:
            arms |= {_arm(name, one): _without(inputs, one) for one in changed}
    measured = measure_arms(study, few, arms, measures, ends, base=base)
    return {
        name: tuple(
            one
            for one in _changed(inputs)
            if _same(measured, name, _arm(name, one) if _arm(name, one) in arms else HISTORY)
        )
        for name, inputs in spelled.items()
    }


def _changed(inputs: Inputs) -> tuple[str, ...]:
    return (*inputs.values, *inputs.series, *sorted(inputs.own))


def _arm(scenario: str, change: str) -> str:
    return f"{scenario} without {change}"


def _without(inputs: Inputs, name: str) -> Inputs:
    values = {key: one for key, one in inputs.values.items() if key != name}
    series = {key: one for key, one in inputs.series.items() if key != name}
    return Inputs(values, series, inputs.own - {name})


def _same(measured: Measured, arm: str, other: str) -> bool:
    """Whether two arms differ by rounding only."""
    return all(
        not np.any(measured.difference(arm, other, outcome, end))
        for outcome in measured.outcomes
        for end in measured.ends
    )
