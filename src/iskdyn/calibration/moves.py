"""Moves of chains that leave prior x a product of powers of likelihoods as it is.

Where the model has derivatives, Hamiltonian ones (`swing`); else random walks fitted to the population (`stroll`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WANTED_ACCEPTANCE = 0.25
"""Of random walks: near the best for targets of many numbers (Roberts, Gelman & Gilks 1997)."""
SHORT = 0.25
"""So many of the walks' moves are so much shorter: where long ones are never taken a chain would stand still."""
DEGREES = 5.0
"""Degrees of freedom of the t distribution that a walk's proposals hold still: tails heavier than the target's, so that
no chain is left there, and yet with a spread."""

QUARTER = math.pi / 2
"""Angle of a swing: on a normal target the place after it owes nothing to the place before."""
WANTED_SWINGS = 0.85
"""Acceptance of swings. On the study's posterior, whole samplings with 0.8, 0.85 and 0.9 gave 28, 38 and 35 effective
draws of the worst number for each thousand runs and gradients."""
MOST_STEPS = 16
"""Of a swing; where more were needed it is a shorter one, which is as exact, and a stuck stage costs no more than
this."""
JITTER = 0.2
"""Share by which the angles of chains differ: equal ones may come back to where they were."""

LEAST_CURVATURE = 0.05
"""Directions that the data stiffen by less than this share of the prior's stiffness keep to the prior: their sd
changes by two per cent at most, less than a population can tell."""


@dataclass(frozen=True)
class Terms:
    """Parts of a log-likelihood, each of which counts with a power of its own.

    Attributes
    ----------
    values : of (n, n_parameters) z, (n, n_terms)
    slopes : of z and (n_terms,) powers, (n, n_parameters) d (values @ powers) / d z, or of something near it: what it
        misses costs acceptance, and the chains stay exact. None where the model has no derivatives
    """

    values: Callable[[Array], Array]
    slopes: Callable[[Array, Array], Array] | None = None


@dataclass(frozen=True)
class Walked:
    """Every state of several chains.

    Attributes
    ----------
    z : (n_states x n_chains, n_parameters), all chains' first states first
    values : (n_states x n_chains, n_terms) of each
    stride : the last one, as it was learned on the way
    acceptance : mean over all moves
    n_runs : likelihoods, or gradients, computed
    """

    z: Array
    values: Array
    stride: float
    acceptance: float
    n_runs: int


@dataclass(frozen=True)
class Kernel:
    """The normal fitted to a weighted population: z = centre + factor u, with u near N(0, I) under the target.

    Attributes
    ----------
    centre : (n_parameters,)
    factor, inverse : (n_parameters, n_parameters)
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
        """(n_draws, n_parameters) a proposal for each draw, as far away as its of the (n_draws,) strides says.

        The t-preconditioned Crank-Nicolson move (Grumitt, Karamanis & Seljak 2024, arXiv:2407.07781), which leaves
        a t distribution as it is: with y = z - centre and s drawn from its inverse gamma given y, propose
        centre + sqrt(1 - stride^2) y + stride sqrt(s) N(0, shape).
        """
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
        scores = self.scores(z)
        return np.asarray(np.sum(scores * scores, axis=1))

    def scores(self, z: Array) -> Array:
        """(n_draws, n_parameters) u of z."""
        return np.asarray((z - self.centre) @ self.inverse.T)


def informed_directions(curvature: Array) -> Array:
    """(n_parameters, n_informed) orthonormal directions that the data stiffen."""
    stiffness, axes = np.linalg.eigh(curvature)
    return np.asarray(axes[:, stiffness > LEAST_CURVATURE])


def walk(
    z: Array, values: Array, terms: Terms, powers: Array, kernel: Kernel, n_states: int, stride: float,
    rng: np.random.Generator,
) -> Walked:  # fmt: skip
    """Chains that leave N(0, I) x exp(values @ powers) as it is, by `swing` where there are derivatives.

    Parameters
    ----------
    z, values : (n_chains, n_parameters) where the chains begin, and (n_chains, n_terms) the terms there
    terms : of the target
    powers : (n_terms,) theirs
    kernel : fitted to the target
    n_states : of each chain, the first included
    stride : the first moves' length, in (0, 1] of a walk, the angle of a step of a swing; learned on the way
    """
    move = stroll if terms.slopes is None else swing
    return move(z, values, terms, powers, kernel, n_states, stride, rng)


def stroll(
    z: Array, values: Array, terms: Terms, powers: Array, kernel: Kernel, n_states: int, stride: float,
    rng: np.random.Generator,
) -> Walked:  # fmt: skip
    """Metropolis chains by random walks; see `walk`."""
    path, found, accepted = [z], [values], []
    for i in range(n_states - 1):
        short = rng.random(len(z)) < SHORT
        proposed = kernel.propose(z, np.where(short, SHORT * stride, stride), rng)
        new = terms.values(proposed)
        log_ratio = new @ powers - values @ powers
        log_ratio -= 0.5 * (np.sum(proposed**2, axis=1) - np.sum(z**2, axis=1))
        log_ratio += kernel.log_density(z) - kernel.log_density(proposed)
        moves = -rng.standard_exponential(len(z)) < log_ratio
        z, values = (np.where(moves[:, None], *pair) for pair in ((proposed, z), (new, values)))
        path.append(z)
        found.append(values)
        accepted.append(float(moves.mean()))
        long = float(moves[~short].mean()) if not short.all() else WANTED_ACCEPTANCE
        stride *= math.exp((long - WANTED_ACCEPTANCE) / math.sqrt(i + 1))
        stride = min(max(stride, 1e-3), 1.0)
    return Walked(
        np.concatenate(path), np.concatenate(found), stride, _mean(accepted), len(z) * (n_states - 1)
    )


def swing(
    z: Array, values: Array, terms: Terms, powers: Array, kernel: Kernel, n_states: int, stride: float,
    rng: np.random.Generator,
) -> Walked:  # fmt: skip
    """Hamiltonian chains; see `walk`.

    In the scores u of the fitted normal the target is N(0, I) times something smooth. Place and momentum turn round
    that normal exactly, and what the target differs from it kicks the momentum between turns (Shahbaba et al. 2014,
    doi:10.1007/s11222-012-9373-1), so that a few steps make a quarter of a turn.
    """
    place, n_runs = _place(kernel.scores(z), terms, powers, kernel), len(z)
    path, found, accepted = [z], [values], []
    for i in range(n_states - 1):
        n_steps = min(round(QUARTER / stride), MOST_STEPS)
        angle = stride * rng.uniform(1 - JITTER, 1 + JITTER, (len(z), 1))
        momentum = rng.standard_normal(z.shape)
        # a chain that flies off ends in numbers too large, or in none, and stays where it was
        with np.errstate(over="ignore", invalid="ignore"):
            proposed, turned = _swung(place, momentum, angle, n_steps, terms, powers, kernel)
            new = terms.values(proposed.z)
            log_ratio = _energy(place, values, momentum, powers) - _energy(proposed, new, turned, powers)
        log_ratio[np.isnan(log_ratio)] = -np.inf
        moves = -rng.standard_exponential(len(z)) < log_ratio
        place = _Place(*(np.where(moves[:, None], *pair) for pair in zip(proposed, place, strict=True)))
        values = np.where(moves[:, None], new, values)
        path.append(place.z)
        found.append(values)
        n_runs += (n_steps + 1) * len(z)
        accepted.append(float(np.exp(np.minimum(log_ratio, 0.0)).mean()))
        stride *= math.exp((accepted[-1] - WANTED_SWINGS) / math.sqrt(i + 1))
        stride = min(max(stride, QUARTER / MOST_STEPS / 4), QUARTER / 2)
    return Walked(np.concatenate(path), np.concatenate(found), stride, _mean(accepted), n_runs)


class _Place(NamedTuple):
    """Where all chains are: scores u, z, and what kicks the momentum there."""

    u: Array
    z: Array
    kick: Array


def _place(u: Array, terms: Terms, powers: Array, kernel: Kernel) -> _Place:
    if terms.slopes is None:
        raise ValueError("a swing needs derivatives")
    z = kernel.centre + u @ kernel.factor.T
    # the target's pull at u, less the pull of the normal round which the chains turn
    return _Place(u, z, (terms.slopes(z, powers) - z) @ kernel.factor + u)


def _swung(
    place: _Place, momentum: Array, angle: Array, n_steps: int, terms: Terms, powers: Array, kernel: Kernel
) -> tuple[_Place, Array]:
    """Each chain after so many steps: half a kick, a turn by its angle, half a kick."""
    cos, sin = np.cos(angle), np.sin(angle)
    for _ in range(n_steps):
        momentum = momentum + angle / 2 * place.kick
        u, momentum = cos * place.u + sin * momentum, cos * momentum - sin * place.u
        place = _place(u, terms, powers, kernel)
        momentum = momentum + angle / 2 * place.kick
    return place, momentum


def _energy(place: _Place, values: Array, momentum: Array, powers: Array) -> Array:
    squares = np.sum(place.z * place.z, axis=1) + np.sum(momentum * momentum, axis=1)
    return np.asarray(0.5 * squares - values @ powers)


def _mean(accepted: list[float]) -> float:
    return float(np.mean(accepted)) if accepted else math.nan
