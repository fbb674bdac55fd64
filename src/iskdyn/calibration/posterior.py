"""The posterior of a study's parameters: independent sampling runs from the prior, and whether they agree."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.checkpoint import load_population, save_population
from iskdyn.calibration.code import sampler_digest
from iskdyn.calibration.gates import gate_table
from iskdyn.calibration.laplace import mean_curvature
from iskdyn.calibration.objective import Objective
from iskdyn.calibration.smc import Population, first_population, next_population
from iskdyn.draws import N_SAMPLED
from iskdyn.errors import InputError, Problem
from iskdyn.simulate.runner import n_cores

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Sampling:
    """How the posterior is sampled.

    Parameters
    ----------
    n_draws : size of each run's population
    n_chains : how many chains walk at once; divides `n_draws`, and n_draws / n_chains is the length of each
    runs : independent runs, each from the prior
    seed : of all of them
    kept : draws of each run that are kept in the result
    """

    n_draws: int = N_SAMPLED
    n_chains: int = 200
    runs: int = 4
    seed: int = 1
    kept: int = 1000

    def __post_init__(self) -> None:
        problems = []
        if self.n_chains < 2 or self.n_draws % self.n_chains or self.n_draws < 2 * self.n_chains:
            size = f"n_draws is {self.n_draws} and n_chains {self.n_chains}"
            problems.append(f"{size}; expected a multiple, 2 or more times, of 2 chains or more")
        if self.runs < 2:
            problems.append(f"runs is {self.runs}; at least 2 are needed to see them agree")
        if not 0 < self.kept <= self.n_draws:
            problems.append(f"kept is {self.kept}; expected 1 to n_draws ({self.n_draws})")
        if problems:
            raise InputError(Problem("sampling", message) for message in problems)


WALKED = 5
"""Times the draws, in twice the chains, where a model has no derivatives: random walks forget that much later."""


def suited(sampling: Sampling, objective: Objective) -> Sampling:
    """The same settings, meant for Hamiltonian moves, for the moves that an objective allows."""
    if objective.way_back is not None:
        return sampling
    return replace(sampling, n_draws=WALKED * sampling.n_draws, n_chains=2 * sampling.n_chains)


@dataclass(frozen=True)
class Posterior:
    """Draws from the posterior, and the gates they passed or missed.

    Parameters
    ----------
    names : the parameters
    z : (runs, kept, n_parameters) whitened draws
    values : the same in the parameters' units
    log_likelihood : (runs, kept) weighted log-likelihood of the fitted rows
    log_evidence : (runs,) log of the mean likelihood under the prior
    gates : one row a watched quantity; see `gate_table`
    n_runs : model runs of the populations, forward or forward and back (the curvatures' are not counted)
    """

    names: tuple[str, ...]
    z: Array
    values: Array
    log_likelihood: Array
    log_evidence: Array
    gates: pd.DataFrame
    n_runs: int

    @property
    def accepted(self) -> bool:
        """Whether every gate was passed; if not, no conclusion rests on these draws."""
        return bool(self.gates["passes"].all())

    @property
    def contraction(self) -> Array:
        """(n_parameters,) 1 - sd of z after / sd before (1): 0 nothing learned, 1 all."""
        return np.asarray(1 - self.z.std(axis=(0, 1)))


def sample_posterior(
    objective: Objective,
    sampling: Sampling | None = None,
    *,
    folder: Path | None = None,
    model_digest: str = "",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Posterior:
    """Independent runs of tempered sequential Monte Carlo from the prior, compared with one another.

    Parameters
    ----------
    objective : whose free parameters are sampled
    sampling : how; the same settings, tables and seed give the same draws
    folder : where each run is saved after each stage; a run found there goes on where it stopped
    model_digest : digest of the model's text, so that a saved run of another model is refused
    progress : called after each stage of a run with the share of all runs that is done
    cancelled : asked between stages; True stops as Ctrl-C does

    Raises
    ------
    StudyError
        A saved run that is damaged or belongs to something else.
    KeyboardInterrupt
        Stopped; what is saved is whole, and the next call goes on from it.
    """
    sampling = sampling or Sampling()
    label = run_label(objective, sampling, model_digest)
    runs = _side_by_side(objective, sampling, folder, label, progress, cancelled)
    picks = [np.random.default_rng([sampling.seed, i_run, 1]) for i_run in range(sampling.runs)]
    kept = [rng.choice(sampling.n_draws, sampling.kept, replace=False) for rng in picks]
    z = np.array([run.z[chosen] for run, chosen in zip(runs, kept, strict=True)])
    scores = np.array([run.log_likelihood[chosen] for run, chosen in zip(runs, kept, strict=True)])
    return Posterior(
        names=objective.priors.names,
        z=z,
        values=objective.priors.values(z.reshape(-1, z.shape[2])).reshape(z.shape),
        log_likelihood=scores,
        log_evidence=np.array([run.log_evidence for run in runs]),
        gates=gate_table(runs, objective.priors.names, sampling.n_chains),
        n_runs=sum(run.n_runs for run in runs),
    )


def populations(objective: Objective, sampling: Sampling) -> tuple[Population, ...]:
    """The whole last population of each independent run, for what goes on from a posterior."""
    return tuple(_side_by_side(objective, sampling, None, "", None, None))


def _side_by_side(
    objective: Objective,
    sampling: Sampling,
    folder: Path | None,
    label: str,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> list[Population]:
    """The last population of each run, as many at once as there are cores; each has its own random numbers."""
    reached, stop, one_at_a_time = np.zeros(sampling.runs), Event(), Lock()

    def follow(i_run: int) -> Population:
        for population in _stages(objective, sampling, i_run, folder, label):
            with one_at_a_time:
                reached[i_run] = population.beta
                if progress is not None:
                    progress(float(reached.mean()))
                if stop.is_set() or (cancelled is not None and cancelled()):
                    stop.set()
                    raise KeyboardInterrupt
        return population

    # Compiled here once, and not by every run at the same time.
    start = np.zeros((1, objective.n_parameters))
    mean_curvature(objective, start)
    if objective.way_back is not None:
        objective.gradient(start, objective.sheet.weights)
    with ThreadPoolExecutor(min(n_cores(), sampling.runs)) as pool:
        futures = [pool.submit(follow, i_run) for i_run in range(sampling.runs)]
        try:
            return [one.result() for one in futures]
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def _stages(
    objective: Objective, sampling: Sampling, i_run: int, folder: Path | None, label: str
) -> Iterator[Population]:
    """Each population of one run, saved before it is given; the last is the posterior."""
    path, terms = None if folder is None else folder / f"run-{i_run}.npz", objective.terms()
    if path is not None and path.exists():
        population, rng = load_population(path, f"{label} {i_run}")
    else:
        rng = np.random.default_rng([sampling.seed, i_run])
        population = first_population(terms, sampling.n_draws, objective.n_parameters, rng)
    while True:
        if path is not None:
            save_population(path, population, rng, f"{label} {i_run}")
        yield population
        if population.beta == 1:
            return
        population = next_population(
            population,
            terms,
            sampling.n_draws,
            sampling.n_chains,
            rng,
            lambda z: mean_curvature(objective, z),
        )


def run_label(objective: Objective, sampling: Sampling, model_digest: str) -> str:
    """A digest of everything that decides the draws."""
    sheet = objective.sheet
    parts = (
        model_digest,
        sampler_digest(),
        sampling,
        objective.priors,
        objective.fixed,
        sheet.readings,
        sheet.forms,
        sheet.biases,
        sheet.weights.tolist(),
        sheet.fitted.tolist(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()
