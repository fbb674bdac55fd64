"""Tempered sequential Monte Carlo: draws from a posterior over whitened parameters, and its evidence.

A population walks from the prior N(0, I) to prior x likelihood^beta with beta rising to 1 (Del Moral,
Doucet & Jasra 2006, doi:10.1111/j.1467-9868.2006.00553.x). At each stage it is weighted, a few of it are
resampled, and each of these walks a chain (`moves`) whose every state joins the next population (waste-free SMC:
Dau & Chopin 2022, doi:10.1111/rssb.12475). All chains move at once, so that the model runs in batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.moves import Kernel, Terms, informed_directions, walk

Array = NDArray[np.float64]
Curvature = Callable[[Array], Array]

KEPT = 0.5
"""Each stage raises beta until the weights are worth this share of the population. With less there are fewer stages,
but each adds more to the error of the evidence: at equal cost a half and two thirds give the least."""
ON_THE_WAY = 5
"""Share of a chain's states, as one in so many, in a stage before the last, where there are derivatives. Swings forget
in two or three states, so that six of 32 fit the next normal, and tell the evidence to a tenth of a nat."""
N_CURVATURES = 8
"""At so many draws a stage the curvature is computed: each costs a run for every number, and their mean only has to
tell which directions the data stiffen."""


@dataclass(frozen=True)
class Population:
    """Draws on the way from the prior to the posterior; a run can go on from any of these.

    Parameters
    ----------
    z : (n_draws, n_parameters) whitened parameters, all of equal weight
    log_likelihood : (n_draws,) theirs
    beta : the power of the likelihood they follow; 1 is the posterior
    log_evidence : log of the mean of likelihood^beta under the prior
    stride : the moves' length, learned on the way
    acceptance : mean acceptance of the last stage
    n_stages, n_runs : stages done, and likelihoods or gradients computed so far
    """

    z: Array
    log_likelihood: Array
    beta: float
    log_evidence: float
    stride: float
    acceptance: float
    n_stages: int
    n_runs: int


def first_population(terms: Terms, n_draws: int, n_parameters: int, rng: np.random.Generator) -> Population:
    """Draws from the prior; `terms` are of one term, the log-likelihood."""
    z = rng.standard_normal((n_draws, n_parameters))
    return Population(z, terms.values(z)[:, 0], 0.0, 0.0, 0.5, math.nan, 0, n_draws)


def next_population(
    population: Population,
    terms: Terms,
    n_draws: int,
    n_chains: int,
    rng: np.random.Generator,
    curvature: Curvature | None = None,
) -> Population:
    """The population one stage on: weighted to a higher beta, resampled, walked.

    Parameters
    ----------
    population : of any size
    terms : of one term, the log-likelihood
    n_draws : size of the last population, a multiple of `n_chains`; with derivatives the others are smaller
    n_chains : how many chains walk at once
    rng : all randomness
    curvature : mean Gauss-Newton Hessian of -log_likelihood at a few z. With it, moves learn the spread only of the
        directions that the data inform, and take the others from the prior: needed where parameters are many
    """
    n_parameters = population.z.shape[1]
    beta = next_power(population.log_likelihood, population.beta)
    weights, log_mean = normalised((beta - population.beta) * population.log_likelihood)
    chosen = resampled(weights, n_chains, rng)
    informed = np.eye(n_parameters)
    if curvature is not None:
        few = population.z[rng.choice(chosen, N_CURVATURES)]
        informed = informed_directions(beta * curvature(few))
    n_states = n_draws // n_chains
    if beta < 1 and terms.slopes is not None:
        n_states = max(n_states // ON_THE_WAY, 2)
    walked = walk(
        population.z[chosen],
        population.log_likelihood[chosen][:, None],
        terms,
        np.array([beta]),
        Kernel.fitted(population.z, weights, informed),
        n_states,
        population.stride,
        rng,
    )
    return Population(
        z=walked.z,
        log_likelihood=walked.values[:, 0],
        beta=beta,
        log_evidence=population.log_evidence + log_mean,
        stride=walked.stride,
        acceptance=walked.acceptance,
        n_stages=population.n_stages + 1,
        n_runs=population.n_runs + walked.n_runs,
    )


def next_power(scores: Array, beta: float) -> float:
    """The beta at which the incremental weights keep `KEPT` of the population; at most 1."""
    from scipy.optimize import brentq

    def excess(step: float) -> float:
        weights, _ = normalised(step * scores)
        return 1 / float(weights @ weights) / len(scores) - KEPT

    if excess(1 - beta) >= 0:
        return 1.0
    return beta + float(brentq(excess, 0.0, 1 - beta, xtol=1e-12 * (1 - beta), rtol=1e-9))


def normalised(log_weights: Array) -> tuple[Array, float]:
    """Weights that sum to 1, and the log of the mean of the weights before."""
    top = float(log_weights.max())
    weights = np.exp(log_weights - top)
    total = float(weights.sum())
    return weights / total, top + math.log(total / len(weights))


def resampled(weights: Array, n_chains: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Systematic resampling: indices of the draws from which the chains start."""
    points = (rng.random() + np.arange(n_chains)) / n_chains
    return np.minimum(np.searchsorted(np.cumsum(weights), points), len(weights) - 1)
