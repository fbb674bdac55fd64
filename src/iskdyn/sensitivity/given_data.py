"""PAWN indices from draws as they are: they need no independence of the numbers, so they suit a posterior.

Pianosi & Wagener 2018, doi:10.1016/j.envsoft.2018.07.019. The greatest distance between the distribution of
an answer and the same where one number lies in one slice of its range, averaged over the slices. SALib has it
for one answer at a time, without an interval; here it takes many answers at once and comes with the value
that a number without any meaning reaches by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SLICES = 10
"""Equally full parts of a number's range: with 1,000 draws a hundred in each, and ten places where its effect may
show."""
SHUFFLES = 200
"""So that their 99 % point rests on two of them."""
CHANCE = 0.99
"""Share of shuffled columns that must stay below what counts: of a hundred numbers one passes without meaning."""


@dataclass(frozen=True)
class Pawn:
    """Distances between distributions, 0 to 1.

    Attributes
    ----------
    index : (n_names, n_answers) mean distance over the slices
    chance : what 99 % of shuffled columns stay under: an index below it says nothing
    """

    index: Array
    chance: float

    @property
    def above_chance(self) -> Array:
        """The index where it is above chance, else 0."""
        return np.where(self.index > self.chance, self.index, 0.0)


def pawn(numbers: Array, answers: Array, seed: int = 1) -> Pawn:
    """Indices of (n, n_names) numbers for (n, n_answers) answers; 0 for an answer that never changes.

    Parameters
    ----------
    numbers : (n, n_names) draws, dependent or not
    answers : (n, n_answers) of the same draws
    seed : of the shuffles that give the value of chance
    """
    order = np.argsort(answers, axis=0, kind="stable")
    index = np.zeros((numbers.shape[1], answers.shape[1]))
    last = _last_of_ties(answers, order)
    for i, column in enumerate(numbers.T):
        index[i] = _distances(slices(column), order, last)
    shuffled = np.random.default_rng(seed).permuted(np.tile(slices(numbers[:, 0]), (SHUFFLES, 1)), axis=1)
    plain = np.arange(len(numbers))[:, None]
    by_chance = [_distances(one, plain, np.ones_like(plain, dtype=bool))[0] for one in shuffled]
    return Pawn(index * (np.ptp(answers, axis=0) > 0), float(np.quantile(by_chance, CHANCE)))


def slices(column: Array, n_slices: int = SLICES) -> NDArray[np.intp]:
    """(n,) the slice of each value: as many values in each as can be, in rising order.

    >>> slices(np.array([0.3, 0.1, 0.2, 0.4]), 2).tolist()
    [1, 0, 0, 1]
    """
    rank = np.empty(len(column), dtype=np.intp)
    rank[np.argsort(column, kind="stable")] = np.arange(len(column))
    return np.asarray(rank * n_slices // len(column))


def _distances(slice_of: NDArray[np.intp], order: NDArray[np.intp], last: NDArray[np.bool_]) -> Array:
    """(n_answers,) mean Kolmogorov-Smirnov distance of the slices' answers to all answers."""
    inside = slice_of[order][None] == np.arange(slice_of.max() + 1)[:, None, None]
    share = np.cumsum(inside, axis=1) / inside.sum(axis=1, keepdims=True)
    everywhere = np.arange(1, len(slice_of) + 1)[:, None] / len(slice_of)
    return np.asarray(np.where(last, np.abs(share - everywhere), 0.0).max(axis=1).mean(axis=0))


def _last_of_ties(answers: Array, order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Where the sorted answers step up: only there are distribution functions to be compared."""
    ordered = np.take_along_axis(answers, order, axis=0)
    return np.concatenate([ordered[1:] > ordered[:-1], np.ones((1, answers.shape[1]), dtype=bool)])
