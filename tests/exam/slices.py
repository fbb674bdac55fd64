"""Elliptical slice sampling: a second sampler that shares nothing with the first but the likelihood.

Murray, Adams & MacKay 2010 (proceedings.mlr.press/v9/murray10a.html): exact for a prior N(0, I), without a
step to tune, a population, temperatures, weights or a fitted proposal. Many chains move at once, each on its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

LogLikelihood = Callable[[np.ndarray], np.ndarray]


def slices(
    log_likelihood: LogLikelihood,
    n_parameters: int,
    n_chains: int,
    n_steps: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, int]:
    """(n_steps, n_chains, n_parameters) states of chains that start at draws of the prior; and model runs."""
    z = rng.standard_normal((n_chains, n_parameters))
    scores, n_runs = log_likelihood(z), n_chains
    states = np.empty((n_steps, *z.shape), dtype=np.float32)
    for step in range(n_steps):
        z, scores, n_more = _moved(z, scores, log_likelihood, rng)
        states[step], n_runs = z, n_runs + n_more
    return states, n_runs


def _moved(
    z: np.ndarray, scores: np.ndarray, log_likelihood: LogLikelihood, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Each chain to a point above its own level, on the ellipse through it and a draw of the prior."""
    other = rng.standard_normal(z.shape)
    level = scores - rng.standard_exponential(len(z))
    angle = rng.uniform(0, 2 * math.pi, len(z))
    low, high = angle - 2 * math.pi, angle.copy()
    moved, found = z.copy(), scores.copy()
    left, n_runs = np.arange(len(z)), 0
    while left.size:
        turn = angle[left, None]
        proposed = z[left] * np.cos(turn) + other[left] * np.sin(turn)
        new = log_likelihood(proposed)
        n_runs += left.size
        inside = new > level[left]
        moved[left[inside]], found[left[inside]] = proposed[inside], new[inside]
        left = left[~inside]
        low[left] = np.where(angle[left] < 0, angle[left], low[left])
        high[left] = np.where(angle[left] < 0, high[left], angle[left])
        angle[left] = rng.uniform(low[left], high[left])
    return moved, found, n_runs
