"""Tempered sequential Monte Carlo: draws from a posterior over whitened parameters, and its evidence.

A population walks from the prior N(0, I) to prior x likelihood^beta with beta rising to 1 (Del Moral,
Doucet & Jasra 2006, doi:10.1111/j.1467-9868.2006.00553.x). At each stage it is weighted, a few of it are
resampled, and each of these walks a chain whose every state joins the next population (waste-free SMC:
Dau & Chopin 2022, doi:10.1111/rssb.12475). All chains move at once, so that the model runs in batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LogLikelihood = Callable[[Array], Array]
Curvature = Callable[[Array], Array]

KEPT = 0.5
"""Each stage raises beta until the weights are worth this share of the population."""

WANTED_ACCEPTANCE = 0.25
SHORT = 0.25
"""So many of the moves are so much shorter: where long ones are never taken a chain would stand still."""
N_CURVATURES = 8
"""At so many draws a stage the curvature is computed."""

LEAST_CURVATURE = 0.05
"""Directions that the data stiffen by less than this share of the prior's stiffness keep to the prior."""

DEGREES = 5.0
"""Degrees of freedom of the t distribution that proposals hold still."""


@dataclass(frozen=True)
class Population:
    """Draws on the way from the prior to the posterior; a run can go on from any of these.

    Parameters
    ----------
    z : (n_draws, n_parameters) whitened parameters, all of equal weight
    log_likelihood : (n_draws,) theirs
    beta : the power of the likelihood they follow; 1 is the posterior
    log_evidence : log of the mean of likelihood^beta under the prior
    stride : the proposal's length in (0, 1], learned on the way
    acceptance : mean acceptance of the last stage
    n_stages, n_runs : stages done and likelihoods computed so far
    """

    z: Array
    log_likelihood: Array
    beta: float
    log_evidence: float
    stride: float
    acceptance: float
    n_stages: int
    n_runs: int


def first_population(
    log_likelihood: LogLikelihood, n_draws: int, n_parameters: int, rng: np.random.Generator
) -> Population:
    """Draws from the prior."""
    z = rng.standard_normal((n_draws, n_parameters))
    return Population(z, log_likelihood(z), 0.0, 0.0, 0.5, math.nan, 0, n_draws)


def next_population(
    population: Population,
    log_likelihood: LogLikelihood,
    n_chains: int,
    rng: np.random.Generator,
    curvature: Curvature | None = None,
) -> Population:
    """The population one stage on, of the same size: weighted to a higher beta, resampled, walked.

    Parameters
    ----------
    population : of which `n_chains` must divide the size
    log_likelihood : of (n, n_parameters) z
    n_chains : how many chains walk at once
    rng : all randomness
    curvature : mean Gauss-Newton Hessian of -log_likelihood at a few z. With it, proposals learn
        the spread only of the directions that the data inform, and take the others from the prior:
        needed where parameters are many
    """
    n_draws, n_parameters = population.z.shape
    beta = next_power(population.log_likelihood, population.beta)
    weights, log_mean = normalised((beta - population.beta) * population.log_likelihood)
    chosen = resampled(weights, n_chains, rng)
    informed = np.eye(n_parameters)
    if curvature is not None:
        few = population.z[rng.choice(chosen, N_CURVATURES)]
        informed = informed_directions(beta * curvature(few))
    kernel = Kernel.fitted(population.z, weights, informed)
    z, scores, stride, acceptance = walk(
        population.z[chosen],
        population.log_likelihood[chosen],
        lambda scores: beta * scores,
        kernel,
        log_likelihood,
        n_draws // n_chains,
        population.stride,
        rng,
    )
    return Population(
        z=z,
        log_likelihood=scores,
        beta=beta,
        log_evidence=population.log_evidence + log_mean,
        stride=stride,
        acceptance=acceptance,
        n_stages=population.n_stages + 1,
        n_runs=population.n_runs + n_draws - n_chains,
    )


@dataclass(frozen=True)
class Kernel:
    """Proposals that leave a t distribution, fitted to the weighted population, as it is.

    The t-preconditioned Crank-Nicolson move (Grumitt, Karamanis & Seljak 2024, arXiv:2407.07781): with
    y = z - centre and s drawn from its inverse gamma given y, propose
    centre + sqrt(1 - stride^2) y + stride sqrt(s) N(0, shape).
    """

    centre: Array
    factor: Array
    inverse: Array

    @classmethod
    def fitted(cls, z: Array, weights: Array, informed: Array) -> Kernel:
        """Mean and spread of the population along the columns of `informed`, of N(0, I) across them."""
        along = z @ informed
        centre = weights @ along
        away = along - centre
        covariance = (away * weights[:, None]).T @ away
        identity = np.eye(informed.shape[1])
        lower = np.linalg.cholesky(covariance + 1e-10 * identity)
        whole = np.eye(len(informed))
        return cls(
            centre=informed @ centre,
            factor=whole + informed @ (lower - identity) @ informed.T,
            inverse=whole + informed @ (np.linalg.inv(lower) - identity) @ informed.T,
        )

    def propose(self, z: Array, strides: Array, rng: np.random.Generator) -> Array:
        """(n_draws, n_parameters) a proposal for each draw, as far away as its of the (n_draws,) strides says."""
        n_draws, n_parameters = z.shape
        shape = (n_parameters + DEGREES) / 2
        scale = (DEGREES + self.distance(z)) / 2 / rng.standard_gamma(shape, n_draws)
        noise = rng.standard_normal((n_draws, n_parameters)) @ self.factor.T
        kept = np.sqrt(1 - strides * strides)[:, None] * (z - self.centre)
        return np.asarray(self.centre + kept + (strides * np.sqrt(scale))[:, None] * noise)

    def log_density(self, z: Array) -> Array:
        """(n_draws,) log density of the t distribution, up to a constant."""
        return np.asarray(-0.5 * (z.shape[1] + DEGREES) * np.log1p(self.distance(z) / DEGREES))

    def distance(self, z: Array) -> Array:
        """(n_draws,) squared length of z from the centre, in the shape's units."""
        scores = (z - self.centre) @ self.inverse.T
        return np.asarray(np.sum(scores * scores, axis=1))


def informed_directions(curvature: Array) -> Array:
    """(n_parameters, n_informed) orthonormal directions that the data stiffen."""
    stiffness, axes = np.linalg.eigh(curvature)
    return np.asarray(axes[:, stiffness > LEAST_CURVATURE])


def walk(
    z: Array,
    scores: Array,
    log_target: Callable[[Array], Array],
    kernel: Kernel,
    score: Callable[[Array], Array],
    n_states: int,
    stride: float,
    rng: np.random.Generator,
) -> tuple[Array, Array, float, float]:
    """Every state of Metropolis chains that leave N(0, I) x exp(log_target) as it is.

    Parameters
    ----------
    z, scores : (n_chains, n_parameters) where the chains begin, and (n_chains, ...) `score` there
    log_target : of scores, (n_chains,)
    score : of z; what log_target needs, computed once a state
    n_states : of each chain, the first included
    stride : the first proposals' length; it is learned on the way

    Returns
    -------
    (n_states x n_chains, n_parameters) states, all chains' first ones first; their scores; the last stride;
    mean acceptance.
    """
    path, scored, accepted = [z], [scores], []
    for i in range(n_states - 1):
        short = rng.random(len(z)) < SHORT
        proposed = kernel.propose(z, np.where(short, SHORT * stride, stride), rng)
        new_scores = score(proposed)
        log_ratio = log_target(new_scores) - log_target(scores)
        log_ratio -= 0.5 * (np.sum(proposed**2, axis=1) - np.sum(z**2, axis=1))
        log_ratio += kernel.log_density(z) - kernel.log_density(proposed)
        moves = -rng.standard_exponential(len(z)) < log_ratio
        z = np.where(moves[:, None], proposed, z)
        scores = np.where(moves.reshape(-1, *[1] * (scores.ndim - 1)), new_scores, scores)
        path.append(z)
        scored.append(scores)
        accepted.append(float(moves.mean()))
        long = float(moves[~short].mean()) if not short.all() else WANTED_ACCEPTANCE
        stride *= math.exp((long - WANTED_ACCEPTANCE) / math.sqrt(i + 1))
        stride = min(max(stride, 1e-3), 1.0)
    return np.concatenate(path), np.concatenate(scored), stride, float(np.mean(accepted))


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
