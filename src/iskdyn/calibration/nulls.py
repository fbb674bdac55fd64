"""Does the evidence say that a tactic moves an outcome at all? For each path a structure in which it does not.

In the null of a tactic and a group of variables, these follow the run in which the tactic is off, and all
others the run as it was, with the same numbers: whatever the tactic does elsewhere, it does not reach them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.cuts import SHORT, Progress, check_only, resting, sample_each
from iskdyn.calibration.posterior import Sampling
from iskdyn.calibration.spread import every_number
from iskdyn.calibration.table_store import load_table
from iskdyn.calibration.variants import Variant, read_variants
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective, Runner, WayBack
    from iskdyn.study import Study

NULLS = "nulls.json"
"""The stored table, in the results folder."""
KIND = "null table"

Array = NDArray[np.float64]


class Unreached:
    """A prepared model some of whose outputs are those of a second one, at the same values.

    Attributes
    ----------
    times : (n_times,) model times that are kept
    outputs : names, of both
    """

    def __init__(self, history: Runner, without: Runner, unreached: NDArray[np.bool_]) -> None:
        self.times, self.outputs = history.times, history.outputs
        self._history, self._without, self.unreached = history, without, unreached

    def __call__(self, values: Array) -> Array:
        """(n, n_outputs, n_times) of (n, n_inputs) values; nan where the run failed that an output is taken from."""
        return self.mixed(self._history(values), self._without(values))

    def way_back(self, steps: int = 1) -> UnreachedWayBack | None:
        """The same forward and back, by so many steps at once; None where one of the two has no derivatives."""
        history, without = self._history.way_back(steps), self._without.way_back(steps)
        return None if history is None or without is None else UnreachedWayBack(self, history, without)

    def mixed(self, history: Array, without: Array) -> Array:
        """Series of the first run, with those of the second where they are taken from it."""
        history[:, self.unreached] = without[:, self.unreached]
        return history


@dataclass(frozen=True)
class UnreachedWayBack:
    """The derivatives of an `Unreached`: each output's by the run that it is taken from."""

    forward: Unreached
    history: WayBack
    without: WayBack

    def values(self, values: Array) -> Array:
        """Series of each member."""
        return self.forward.mixed(self.history.values(values), self.without.values(values))

    def vjp(self, values: Array, cotangent: Array) -> tuple[Array, Array]:
        """Series, and (n, n_inputs) derivatives of a loss whose derivatives by the series are these."""
        taken = self.forward.unreached[:, None]
        history, by_history = self.history.vjp(values, np.where(taken, 0.0, cotangent))
        without, by_without = self.without.vjp(values, np.where(taken, cotangent, 0.0))
        return self.forward.mixed(history, without), by_history + by_without


def read_nulls(study: Study) -> tuple[Variant, ...]:
    """The model as written, then a null for each tactic and group of which a fitted row speaks.

    What a null sets is set only in what its group reads.
    """
    read = {
        study.program[name].key
        for name in study.observations.loc[study.observations["fold"].isin(["fit", "seen"]), "output"]
    }
    nulls = [
        Variant(null_name(tactic, group), f"{tactic} does not reach {group}", {lever: 0.0})
        for tactic, lever in study.settings.tactics.items()
        for group, variables in study.settings.groups.items()
        if read & {study.program[name].key for name in variables}
    ]
    return (read_variants(study)[0], *nulls) if nulls else ()


def null_name(tactic: str, group: str) -> str:
    """The name of a path's null."""
    return f"{tactic} on {group}"


def null_objective(study: Study, null: Variant, variables: Sequence[str]) -> Objective:
    """The objective with every number free in which these variables follow the run that `null` sets.

    Parameters
    ----------
    null : its `set` are the values of the run that the variables follow; of the model as written: none
    variables : names in the model; they and their arrays' elements are taken from that run
    """
    objective = every_number(study)
    if not null.set:
        return objective
    keys = {study.program[name].key for name in variables}
    names = objective.runner.outputs
    chosen = np.array([study.program[name].key in keys for name in names])
    without = every_number(study, null.set).runner
    return replace(objective, runner=Unreached(objective.runner, without, chosen))


def sample_nulls(
    study: Study,
    path: Path,
    sampling: Sampling = SHORT,
    only: Collection[str] = (),
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Sample the model as written and each null, and store each row as soon as it is there.

    Parameters and what is kept are as of `cuts.cut_links`.

    Parameters
    ----------
    path : the table to make or to go on with
    sampling : draws and runs of each structure
    only : names of nulls, "TACTIC on GROUP"; by default all
    progress : called as progress(name, share of that structure done)

    Raises
    ------
    InputError : the study names no groups of outcomes, or no null of a name in `only`
    """
    nulls = read_nulls(study)
    if not nulls:
        message = "names no [groups] of variables with a fitted row, so that no null can be made"
        raise InputError(Problem("study.toml", message))
    form = f"; a name is 'TACTIC on GROUP', with the groups {', '.join(study.settings.groups)}"
    check_only(only, nulls, "the study has no null", form)
    variables = _variables(study)

    def objective_of(null: Variant) -> Objective:
        return null_objective(study, null, variables.get(null.name, ()))

    return sample_each(study, path, KIND, nulls, objective_of, sampling, only, progress, variables)


def _variables(study: Study) -> dict[str, tuple[str, ...]]:
    """By name of a null the variables that follow the run without its tactic."""
    return {
        null_name(tactic, group): tuple(names)
        for tactic in study.settings.tactics
        for group, names in study.settings.groups.items()
    }


def nulls_behind(study: Study) -> dict[tuple[str, str], float]:
    """Nats by which each path's null lies behind the model as written, less two standard errors.

    By tactic and group; only those that are stored and whose group is as it was, none where the study has changed.

    Raises
    ------
    StudyError : the stored table is damaged
    """
    path = study.stored(NULLS)
    if not path.is_file():
        return {}
    stored = load_table(study, path, KIND)
    if stored.changed:
        return {}
    then, now = resting(stored.settings), {name: list(one) for name, one in _variables(study).items()}
    nats = {
        str(row["name"]): -float(row["nats"]) - 2 * float(row["nats_error"])
        for row in stored.rows.to_dict("records")
    }
    return {
        (tactic, group): nats[name]
        for tactic in study.settings.tactics
        for group in study.settings.groups
        if (name := null_name(tactic, group)) in nats and then.get(name) == now[name]
    }
