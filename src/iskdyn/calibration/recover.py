"""Simulation-based calibration: whether the sampler gives back the truth that the reports were made from."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.checkpoint import load_arrays, save_arrays
from iskdyn.calibration.laplace import NOT_LEARNED, mean_curvature
from iskdyn.calibration.objective import Objective
from iskdyn.calibration.posterior_store import current_posterior
from iskdyn.calibration.ranks import N_RANKED, ranks_of
from iskdyn.calibration.smc import first_population, next_population
from iskdyn.calibration.spread import every_number
from iskdyn.calibration.synthetic import flipped_bias, swapped_edges, synthetic_sheet, synthetic_truth
from iskdyn.draws import N_SAMPLED
from iskdyn.errors import InputError, Problem
from iskdyn.study.stamp import RESTS_ON, SAMPLER, hashes

if TYPE_CHECKING:
    from iskdyn.study import Study

Array = NDArray[np.float64]

Truths = Literal["prior", "posterior"]
POSTERIOR: Truths = "posterior"
SOUND = "sampler"
FAULTS = ("prior only", "12 % too narrow", "bias sign flipped", "edges swapped")
"""Planted in the sampler or the objective; the test must catch each."""

CHAIN, WALKED = 32, 64
"""States of each chain, where the model has derivatives and where it has none. The first are those of the reported
posterior, in as many chains."""

N_CURVED = 64
"""Draws of the prior over which the informed directions are averaged: they must be fixed before any report is drawn,
and are not sharper for more."""


@dataclass(frozen=True)
class Recovery:
    """How the sampler is tried.

    Parameters
    ----------
    replicates : synthetic truths
    draws : of each posterior, one run of as many chains as make each `CHAIN` long
    truths : from the prior; or from the stored posterior, whose facts are then fitted beside the invented ones
        (Säilynoja et al. 2025, arXiv:2502.03279)
    faulted : of so many replicates the posterior is sampled with each planted fault as well
    seed : of everything
    """

    replicates: int = 200
    draws: int = N_SAMPLED
    faulted: int = 8
    seed: int = 1
    truths: Truths = "prior"

    def __post_init__(self) -> None:
        problems = []
        if self.replicates < 1 or not 0 <= self.faulted <= self.replicates:
            problems.append(f"replicates is {self.replicates} and faulted {self.faulted}")
        if self.draws < 10 * CHAIN or self.draws % CHAIN:
            problems.append(f"draws is {self.draws}; expected a multiple of {CHAIN}, {10 * CHAIN} or more")
        if problems:
            raise InputError(Problem("recovery", message) for message in problems)


@dataclass(frozen=True)
class Quantities:
    """What is ranked: parameters, biases, informed directions, policies, log prior and log-likelihoods.

    Parameters
    ----------
    names, kinds : of each column
    directions : (n_parameters, n_directions) that the data inform, fixed before any report is drawn
    policies : from (n, n_parameters) z to (n, n_policies)
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    directions: Array
    policies: Callable[[Array], Array]

    def __call__(self, objective: Objective, z: Array) -> Array:
        """(n, n_quantities) of whitened parameters, with the likelihood as this objective has it."""
        counted = objective.log_likelihoods(z) * objective.sheet.weights * objective.sheet.fitted
        sources = objective.sheet.table["source"].astype(str).to_numpy()
        return np.column_stack(
            [
                z,
                z @ self.directions,
                self.policies(z),
                -0.5 * np.sum(z * z, axis=1),
                counted.sum(axis=1),
                *(counted[:, sources == source].sum(axis=1) for source in _sources(objective)),
            ]
        )


def quantities(
    objective: Objective, policies: Mapping[str, str], run: Callable[[Array], Array], seed: int
) -> Quantities:
    """The quantities of an objective, with policies of these names and kinds computed by `run`."""
    z = np.random.default_rng([seed, 1]).standard_normal((N_CURVED, objective.n_parameters))
    stiffness, axes = np.linalg.eigh(mean_curvature(objective, z))
    informed = axes[:, 1 - 1 / np.sqrt(1 + np.maximum(stiffness, 0)) >= NOT_LEARNED][:, ::-1]
    kinds = ["bias" if kind == "bias" else "parameter" for kind in objective.parameters["kind"]]
    directions = [f"informed direction {i + 1}" for i in range(informed.shape[1])]
    scores = ["log prior", "log-likelihood", *(f"log-likelihood of {one}" for one in _sources(objective))]
    names = (*objective.priors.names, *directions, *policies, *scores)
    kinds += ["direction"] * len(directions) + ["policy"] * len(policies) + ["score"] * len(scores)
    return Quantities(names, tuple(kinds), informed, run)


def replicate(
    objective: Objective, watched: Quantities, recovery: Recovery, number: int, truths: Array | None = None
) -> dict[str, Array]:
    """One truth, its reports, and what the sampler makes of them.

    Parameters
    ----------
    objective : with every number free
    watched : what is ranked
    number : of the truth, which decides all that is random
    truths : (n, n_parameters) whitened draws of the posterior to take it from; None for the prior

    Returns
    -------
    truth, mean, sd : (n_quantities,)
    ranks : (1 + len(FAULTS), n_quantities) among N_RANKED draws, of the sampler and of each planted fault;
        -1 where a fault was not planted
    cost : (2,) seconds, and model runs of the sound posterior
    """
    started = time.perf_counter()
    rng = _stream(recovery.seed, number)
    truth, values = synthetic_truth(objective, rng, truths)
    invented = synthetic_sheet(objective.sheet, values, rng)
    sheet = invented if truths is None else objective.sheet.beside(invented)
    told = replace(objective, sheet=sheet)
    z, n_runs = _sampled(told, recovery.draws, rng)
    whole = watched(told, np.vstack([truth, z]))
    faulty = {
        FAULTS[0]: (told, rng.standard_normal(z.shape)),
        FAULTS[1]: (told, z.mean(axis=0) + 0.88 * (z - z.mean(axis=0))),
    }
    if number < recovery.faulted:
        for name, plant in zip(FAULTS[2:], (flipped_bias, swapped_edges), strict=True):
            planted = plant(told)
            faulty[name] = planted, _sampled(planted, recovery.draws, rng)[0]
    ranks = np.full((1 + len(FAULTS), len(watched.names)), -1)
    ranks[0] = ranks_of(whole[0], whole[1:], rng)
    for i_fault, name in enumerate(FAULTS):
        if name in faulty:
            planted, draws = faulty[name]
            found = watched(planted, np.vstack([truth, draws]))
            ranks[1 + i_fault] = ranks_of(found[0], found[1:], rng)
    cost = np.array([time.perf_counter() - started, n_runs])
    mean, sd = whole[1:].mean(axis=0), whole[1:].std(axis=0, ddof=1)
    return {"truth": whole[0], "mean": mean, "sd": sd, "ranks": ranks, "cost": cost}


def first_truth(objective: Objective, seed: int, truths: Array | None = None) -> Array:
    """(n_parameters,) z from which the first reports of a trial were made; `truths` as of `replicate`."""
    return synthetic_truth(objective, _stream(seed, 0), truths)[0]


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, 2, number])


def recover(
    study: Study,
    recovery: Recovery,
    folder: Path,
    *,
    workers: int = 2,
    progress: Callable[[int, int], object] | None = None,
) -> None:
    """Every replicate as a small file in `folder`; those found there are not made again.

    Raises
    ------
    StudyError
        A file there is damaged or belongs to something else.
    """
    from concurrent.futures import ProcessPoolExecutor, wait
    from multiprocessing import get_context

    label = label_of(study, recovery)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(recovery.replicates):
        if replicate_path(folder, number).exists():
            load_replicate(folder, number, label)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        arguments = (study.root, recovery, folder, label, workers, os.getpid())
        tasks = [pool.submit(_work, *arguments, i_worker) for i_worker in range(workers)]
        left = set(tasks)
        while left:
            _, left = wait(left, timeout=2.0)
            if progress is not None:
                done = sum(replicate_path(folder, n).exists() for n in range(recovery.replicates))
                progress(done, recovery.replicates)
        for task in tasks:
            task.result()


def label_of(study: Study, recovery: Recovery) -> str:
    """A digest of everything that decides a replicate."""
    posterior = (POSTERIOR,) if recovery.truths == POSTERIOR else ()
    parts = hashes(study, (*RESTS_ON, SAMPLER, *posterior)), recovery.draws, recovery.faulted, recovery.seed
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def replicate_path(folder: Path, number: int) -> Path:
    """Where a replicate is kept."""
    return folder / f"replicate-{number:04d}.npz"


def load_replicate(folder: Path, number: int, label: str) -> dict[str, Array]:
    """A replicate as `replicate` gave it.

    Raises
    ------
    StudyError
        The file is damaged, or is another replicate, or of another study or other settings.
    """
    return load_arrays(replicate_path(folder, number), "replicate", f"{label} {number}")


def study_quantities(study: Study, objective: Objective, seed: int) -> Quantities:
    """With the effect of removing each tactic on the first human cost and on the first other headline."""
    from iskdyn.simulate import prepare

    settings = study.settings
    others = [name for name in settings.headline if name not in settings.human_cost]
    outcomes = (*settings.human_cost[:1], *others[:1])
    inside = objective.parameters["in_model"].to_numpy(dtype=bool)
    tactics = dict(settings.tactics)
    inputs = [*objective.parameters.loc[inside, "name"], *tactics.values()]
    end = study.end_time()
    runner = prepare(study.program, inputs, list(outcomes), final_time=end, save_every=end)
    runner.threads = 1
    at_rest = np.array([study.program[name].value for name in tactics.values()], dtype=float)

    def run(z: Array) -> Array:
        known = objective.priors.values(z)[:, inside]
        arms = np.repeat(at_rest[None, :], 1 + len(tactics), axis=0)
        arms[1:][np.eye(len(tactics), dtype=bool)] = 0.0
        series = [runner(np.column_stack([known, np.tile(arm, (len(z), 1))]))[:, :, -1] for arm in arms]
        return np.column_stack([np.empty((len(z), 0)), *(one - series[0] for one in series[1:])])

    names = {f"{outcome} without {tactic}": "policy" for tactic in tactics for outcome in outcomes}
    return quantities(objective, names, run, seed)


def _work(
    place: Path, recovery: Recovery, folder: Path, label: str, workers: int, parent: int, first: int
) -> None:
    """Every replicate of one worker that is not there yet; stops when its parent is gone."""
    from iskdyn.study import open_study

    study = open_study(place)
    objective = every_number(study)
    objective.runner.threads = 1  # type: ignore[attr-defined]
    watched = study_quantities(study, objective, recovery.seed)
    truths = stored_truths(study, objective) if recovery.truths == POSTERIOR else None
    for number in range(first, recovery.replicates, workers):
        if os.getppid() != parent:
            return
        path = replicate_path(folder, number)
        if not path.exists():
            found = replicate(objective, watched, recovery, number, truths)
            save_arrays(path, "replicate", f"{label} {number}", found)


def _sampled(objective: Objective, draws: int, rng: np.random.Generator) -> tuple[Array, int]:
    """(N_RANKED, n_parameters) draws of one run from the prior to the posterior, and its model runs."""
    terms = objective.terms()
    n_chains = draws // (WALKED if terms.slopes is None else CHAIN)
    draws = draws // n_chains * n_chains
    population = first_population(terms, draws, objective.n_parameters, rng)
    while population.beta < 1:
        population = next_population(
            population, terms, draws, n_chains, rng, lambda z: mean_curvature(objective, z)
        )
    return population.z[rng.choice(draws, N_RANKED, replace=False)], population.n_runs


def stored_truths(study: Study, objective: Objective) -> Array:
    """(n, n_parameters) whitened draws of the study's stored posterior.

    Raises
    ------
    InputError : none is stored that was accepted and belongs to the study as it is
    """
    stored = current_posterior(study)
    if stored is None:
        message = "truths from the posterior need one that belongs to the study; run `iskdyn posterior`"
        raise InputError(Problem("--truths", message))
    return objective.priors.whiten(stored.values.reshape(-1, objective.n_parameters))


def _sources(objective: Objective) -> list[str]:
    """The sources of the fitted rows."""
    return sorted(set(objective.sheet.table.loc[objective.sheet.fitted, "source"].astype(str)))
