"""Sobol first and total order indices of independent numbers, for many answers at once.

The design and the estimators are SALib's (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018), to rounding;
they stand here because SALib fills its design in Python loops and takes one answer at a time, which for the
hundreds of answers of a study over time costs far more than the runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import InputError, Problem

Array = NDArray[np.float64]
RESAMPLES = 100
"""A standard error from so many is itself good to 7 %."""
NORMAL = 1.959964
"""Half a 95 % interval in standard deviations."""
SETTLED = 0.05
"""A total index is settled if doubling the sample moved it by less, and its interval is at most twice that: ranks
of the leading numbers then stay."""
_TINY = 2.0**-32
"""Half of a Sobol point's last digit: nothing is lost, and no quantile is infinite."""


@dataclass(frozen=True)
class Indices:
    """Shares of an answer's variance, each (n_factors, n_answers).

    Attributes
    ----------
    first, total : by one factor alone; by it and everything it acts together with
    first_width, total_width : half a 95 % interval, by bootstrap
    total_half : total from the first half of the sample
    """

    first: Array
    total: Array
    first_width: Array
    total_width: Array
    total_half: Array

    @property
    def settled(self) -> NDArray[np.bool_]:
        """(n_answers,) whether the sample is large enough for this answer."""
        moved = np.abs(self.total - self.total_half).max(axis=0)
        return np.asarray((moved <= SETTLED) & (self.total_width.max(axis=0) <= 2 * SETTLED))


@dataclass(frozen=True)
class Design:
    """The rows to be answered, block by block: A, B, then A with each group's columns from B.

    Attributes
    ----------
    first, second : (n_base, n_columns) the matrices A and B
    groups : (n_columns,) number of each column's group, from 0; a group moves as one factor
    """

    first: Array
    second: Array
    groups: tuple[int, ...]

    def __len__(self) -> int:
        """How many blocks there are."""
        return max(self.groups) + 3

    def __iter__(self) -> Iterator[Array]:
        """(n_base, n_columns) each.

        >>> design = Design(np.zeros((1, 3)), np.ones((1, 3)), groups=(0, 1, 1))
        >>> [block[0].tolist() for block in design]
        [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
        """
        yield self.first
        yield self.second
        member = np.array(self.groups)
        for group in range(len(self) - 2):
            yield np.where(member == group, self.second, self.first)


def probabilities(n_columns: int, n_base: int, seed: int) -> tuple[Array, Array]:
    """The matrices A and B of a design, (n_base, n_columns) each, from one scrambled Sobol sequence.

    Parameters
    ----------
    n_columns : numbers that are varied
    n_base : rows, a power of 2 from 2
    seed : of the scrambling; the same seed gives the same rows

    Returns
    -------
    Between 0 and 1, both left out, so that a prior's quantiles are finite.

    Raises
    ------
    InputError : n_base is no power of 2
    """
    from scipy.stats import qmc

    if n_base < 2 or n_base & (n_base - 1):
        message = f"expected a power of 2 (a Sobol sequence is even only then), got {n_base}"
        raise InputError(Problem("samples", message))
    base = qmc.Sobol(2 * n_columns, scramble=True, rng=seed).random_base2(n_base.bit_length() - 1)
    base = np.clip(base, _TINY, 1 - _TINY)
    return base[:, :n_columns], base[:, n_columns:]


def indices(answers: Array, n_base: int, seed: int = 1) -> Indices:
    """The indices of (n_base * (n_groups + 2), n_answers) answers to the rows of a design, one below the other.

    Parameters
    ----------
    answers : the first n_base rows are of A, the next of B, then a block a group; finite
    n_base : rows of a block, as of `probabilities`
    seed : of the bootstrap

    Returns
    -------
    Indices, 0 for an answer that never changes.
    """
    spread = answers.std(axis=0)
    scaled = (answers - answers.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    blocks = scaled.reshape(-1, n_base, answers.shape[1])
    counts = np.random.default_rng(seed).multinomial(n_base, np.full(n_base, 1 / n_base), RESAMPLES)
    half = np.zeros((1, n_base))
    half[0, : n_base // 2] = 2 / n_base
    whole = np.full((1, n_base), 1 / n_base)
    first, total = _estimates(blocks, np.concatenate([whole, half, counts / n_base]))
    return Indices(
        first=first[:, 0],
        total=total[:, 0],
        first_width=NORMAL * first[:, 2:].std(axis=1, ddof=1),
        total_width=NORMAL * total[:, 2:].std(axis=1, ddof=1),
        total_half=total[:, 1],
    )


def _estimates(blocks: Array, weights: Array) -> tuple[Array, Array]:
    """First and total indices, (n_groups, n_weights, n_answers), for each row of weights of the base rows."""
    a, b, *mixed = blocks
    mean = weights @ (a + b) / 2
    variance = weights @ (a * a + b * b) / 2 - mean**2
    known = variance > np.finfo(float).eps
    divisor = np.where(known, variance, 1.0)
    first = np.stack([weights @ (b * (one - a)) for one in mixed]) * known / divisor
    total = np.stack([weights @ (one - a) ** 2 for one in mixed]) * known / (2 * divisor)
    return first, total
