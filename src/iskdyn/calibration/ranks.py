"""Whether ranks are uniform: simultaneous bands round their distribution, and the coverage of intervals.

If truth is drawn from the prior and reports from the truth, the truth's rank among the draws of a right
posterior is uniform, for any quantity (Talts et al. 2018, arXiv:1804.06788; of the reports too: Modrak et al.
2023, doi:10.1214/23-BA1404). The bands hold at all points of the distribution at once (Saeilynoja, Buerkner
& Vehtari 2022, doi:10.1007/s11222-022-10090-6), and at all quantities at once by Bonferroni.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ranks = NDArray[np.int64]

N_RANKED = 199
"""Draws among which a truth is ranked: ranks run from 0 to this, 200 places that 50, 80, 90 and 95 per cent cut
evenly."""

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Central intervals whose coverage is counted: the middle, and the three that reports print."""

N_SIMULATED = 100_000
"""Uniform samples from which a band's probability is taken: one in 2,600, the bar of one of 134 quantities, is then
known to a sixth."""
_PART = 2_000
"""Of them at once, so that they stay within some megabytes."""


def ranks_of(truth: Array, draws: Array, rng: np.random.Generator) -> Ranks:
    """(n_quantities,) ranks of (n_quantities,) truth among (N_RANKED, n_quantities) draws; ties at random."""
    below, equal = np.sum(draws < truth, axis=0), np.sum(draws == truth, axis=0)
    return np.asarray(below + rng.integers(equal, endpoint=True))


def band_probability(ranks: Ranks) -> Array:
    """(n_quantities,) probability that uniform ranks leave bands as wide as those that hold these.

    Parameters
    ----------
    ranks : (n_replicates, n_quantities) of 0 to N_RANKED

    Notes
    -----
    The statistic is the smallest two-sided binomial probability of the cumulated counts; its distribution
    is simulated, so a probability is never below 1 / (N_SIMULATED + 1).
    """
    null = _null(len(ranks))
    found = _narrowest(np.array([np.bincount(column, minlength=N_RANKED + 1) for column in ranks.T]))
    return np.asarray((1 + np.searchsorted(null, found * (1 + 1e-9), side="right")) / (1 + null.size))


def band_edges(n_replicates: int, probability: float) -> tuple[Array, Array]:
    """(N_RANKED,) lowest and highest share of n ranks below 1, 2, ... N_RANKED inside the band of this chance."""
    from scipy.stats import binom

    null = _null(n_replicates)
    least = null[max(int(probability * (null.size + 1)) - 1, 0)]
    share = np.arange(1, N_RANKED + 1) / (N_RANKED + 1)
    low, high = binom.ppf(least / 2, n_replicates, share), binom.isf(least / 2, n_replicates, share)
    return np.asarray(low / n_replicates), np.asarray(high / n_replicates)


def covered(ranks: Ranks) -> Array:
    """(n_levels, n_quantities) share of the replicates whose truth lies in the central interval of LEVELS."""
    low = np.rint((1 - np.array(LEVELS)) / 2 * (N_RANKED + 1)).astype(int)[:, None, None]
    return np.asarray(np.mean((ranks >= low) & (ranks <= N_RANKED - low), axis=1))


@lru_cache(maxsize=8)
def _null(n_replicates: int) -> Array:
    """(N_SIMULATED,) rising values of the statistic of uniform ranks."""
    rng = np.random.default_rng(n_replicates)
    parts = []
    offsets = np.arange(_PART)[:, None] * (N_RANKED + 1)
    for _ in range(N_SIMULATED // _PART):
        ranks = rng.integers(N_RANKED, size=(_PART, n_replicates), endpoint=True)
        counts = np.bincount((ranks + offsets).ravel(), minlength=_PART * (N_RANKED + 1))
        parts.append(_narrowest(counts.reshape(_PART, -1)))
    return np.sort(np.concatenate(parts))


def _narrowest(counts: Ranks) -> Array:
    """(n,) smallest two-sided binomial probability along the cumulated (n, N_RANKED + 1) counts."""
    cumulated = counts.cumsum(axis=1)
    table = _two_sided(int(cumulated[0, -1]))
    return np.asarray(table[np.arange(N_RANKED), cumulated[:, :-1]].min(axis=1))


@lru_cache(maxsize=8)
def _two_sided(n: int) -> Array:
    """(N_RANKED, n + 1) twice the smaller tail of c of n ranks among the first k + 1 of N_RANKED + 1."""
    from scipy.stats import binom

    share = np.arange(1, N_RANKED + 1)[:, None] / (N_RANKED + 1)
    count = np.arange(n + 1)
    return np.asarray(2 * np.minimum(binom.cdf(count, n, share), binom.sf(count - 1, n, share)))
