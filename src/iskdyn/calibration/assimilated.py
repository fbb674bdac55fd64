"""A posterior with facts that came later, and what they moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.facts import with_facts
from iskdyn.calibration.moved import ENOUGH, Moved, Progress, moved
from iskdyn.calibration.posterior import Posterior, Sampling
from iskdyn.calibration.posterior_store import store_posterior
from iskdyn.calibration.sealed import kind_of
from iskdyn.calibration.sheet import HELD
from iskdyn.calibration.smc import normalised
from iskdyn.calibration.spread import Spread, every_number
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.frozen import Structure
    from iskdyn.calibration.objective import Objective
    from iskdyn.study import Study

Array = NDArray[np.float64]
KIND = "assimilated posterior"
FOLDER = "assimilated"
"""In the results folder."""
KEPT = 4000
"""Draws that are stored: about a megabyte."""


@dataclass(frozen=True)
class Assimilated:
    """The posterior of the told structure with new facts.

    Attributes
    ----------
    names : its numbers
    before, after : (n_draws, n_parameters) draws of them, in their units
    moved : how the draws were taken to the facts
    weights : of each structure before and after the facts; both add to 1
    """

    names: tuple[str, ...]
    before: Array
    after: Array
    moved: Moved
    weights: Mapping[str, tuple[float, float]]


def assimilate(
    study: Study, structures: Sequence[Structure], facts: pd.DataFrame, seed: int,
    progress: Progress | None = None,
) -> Assimilated:  # fmt: skip
    """Draws of the first structure given the facts too, and what the facts make of all structures' weights.

    Parameters
    ----------
    facts : as of `read_facts`
    """
    told, joined = structures[0], with_facts(study, facts)
    objective = every_number(joined, told.fixed)
    sheet = objective.sheet
    found = moved(objective, objective.priors.whiten(told.draws), sheet.weights, seed, progress)
    return Assimilated(
        told.names, told.draws, objective.priors.values(found.z), found, _weights(joined, structures)
    )


def spread_of(study: Study, names: tuple[str, ...], draws: Array, n_draws: int, seed: int) -> Spread:
    """Some of these draws as what is known of every number, about their medians."""
    objective = every_number(study)
    chosen = np.random.default_rng(seed).choice(len(draws), min(n_draws, len(draws)), replace=False)
    return Spread(
        kind="posterior",
        names=names,
        in_model=np.array([name in study.program for name in names]),
        centre=np.median(draws, axis=0),
        contraction=1 - objective.priors.whiten(draws).std(axis=0),
        draws=draws[chosen],
    )


def store_assimilated(
    found: Assimilated, facts: pd.DataFrame, told: Structure, path: Path, study: Study, seed: int
) -> bool:
    """Write the draws with the facts that they rest on; whether as many are effective as weights alone ask for.

    Raises
    ------
    InputError : another result is stored there
    """
    import pandas as pd

    check_place(path)
    result, n_draws = found.moved, len(found.moved.z)
    chosen = np.random.default_rng(seed).choice(n_draws, min(KEPT, n_draws), replace=False)
    enough = result.effective >= ENOUGH * result.n_stored
    gates = pd.DataFrame({"quantity": found.names, "effective": result.effective, "passes": enough})
    posterior = Posterior(
        names=found.names,
        z=result.z[chosen][None],
        values=found.after[chosen][None],
        log_likelihood=result.log_likelihood[chosen][None],
        log_evidence=np.array([result.log_ratio]),
        gates=gates,
        n_runs=result.n_runs,
    )
    sampling = Sampling(n_draws=n_draws, n_chains=result.n_stored, seed=seed, kept=len(chosen))
    more = {"facts": facts.drop(columns="line").to_csv(index=False)}
    store_posterior(posterior, sampling, path, study, told.fixed, KIND, more)
    return posterior.accepted


def check_place(path: Path) -> None:
    """InputError where something else than an assimilated posterior stands: no stored result is written over."""
    if path.exists() and kind_of(path) != KIND:
        message = "is another result, and is not written over; give another --out"
        raise InputError(Problem(str(path), message))


def _weights(study: Study, structures: Sequence[Structure]) -> dict[str, tuple[float, float]]:
    """Each structure's weight before and after, by the mean likelihood of the facts over its draws."""
    logs = []
    for one in structures:
        objective = every_number(study, one.fixed)
        scores = _of_facts(objective, objective.priors.whiten(one.draws))
        logs.append(np.log(one.weight) + normalised(scores)[1])
    after, _ = normalised(np.array(logs))
    return {one.name: (one.weight, float(share)) for one, share in zip(structures, after, strict=True)}


def _of_facts(objective: Objective, z: Array) -> Array:
    """(n_draws,) weighted log-likelihood of the facts."""
    held = np.asarray(objective.sheet.table["fold"] == HELD)
    return np.asarray(objective.log_likelihoods(z) @ (objective.sheet.weights * held))
