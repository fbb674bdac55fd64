"""Which unknown, if it were learned, would settle which question.

A question is the sign of a difference. Draws that disagree on it leave it open: the smaller share of the two
signs is the chance that the likelier sign is wrong. If one number were known, the sign would be told from the
draws near that number; how much smaller the chance of a wrong sign then is on average is what learning it is
worth (the expected value of partial perfect information for a loss of 1 on a wrong sign; Strong & Oakley
2013, doi:10.1177/0272989X12465692). What is known of numbers that go together with it in the draws counts too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iskdyn.sensitivity.given_data import CHANCE, SHUFFLES, slices

Array = NDArray[np.float64]
FOLDS = 5
"""Four fifths of the draws tell and one fifth is tried, so that a number is not worth what it fits by chance."""


def doubt(differences: Array) -> Array:
    """(n_questions,) share of (n, n_questions) draws that have the rarer sign; 0 where most are no difference.

    >>> doubt(np.array([[-1.0], [-2.0], [3.0], [-4.0]])).tolist()
    [0.25]
    """
    below, above = (differences < 0).mean(axis=0), (differences > 0).mean(axis=0)
    told = (below + above) > 0.5
    return np.asarray(np.where(told, np.minimum(below, above), 0.0))


@dataclass(frozen=True)
class Learned:
    """What learning a number is worth.

    Attributes
    ----------
    doubt : (n_questions,) chance of a wrong sign as things stand
    removed : (n_names, n_questions) by how much it falls if the number were known
    chance : (n_questions,) what 99 % of numbers without any meaning stay under
    """

    doubt: Array
    removed: Array
    chance: Array

    @property
    def worth(self) -> Array:
        """What is removed where that is above chance, else 0."""
        return np.where(self.removed > np.maximum(self.chance, 0.0), self.removed, 0.0)


def learned(numbers: Array, differences: Array, seed: int = 1) -> Learned:
    """What it would be worth to know each number, question by question.

    The likelier sign in each tenth of the number's range is taken from four fifths of the draws and tried
    on the fifth left out, so that a number without meaning removes nothing on average.

    Parameters
    ----------
    numbers : (n, n_names) draws; differences : (n, n_questions), paired
    """
    rng = np.random.default_rng(seed)
    fold = rng.permutation(len(numbers)) % FOLDS
    negative, before = differences < 0, doubt(differences)
    shuffled = [rng.permutation(slices(numbers[:, 0])) for _ in range(SHUFFLES)]
    removed, by_chance = (
        np.where(before > 0, before - np.array([_wrong(one, negative, fold) for one in columns]), 0.0)
        for columns in ((slices(column) for column in numbers.T), shuffled)
    )
    return Learned(before, removed, np.quantile(by_chance, CHANCE, axis=0))


def _wrong(slice_of: NDArray[np.intp], negative: NDArray[np.bool_], fold: NDArray[np.intp]) -> Array:
    """(n_questions,) share of draws whose sign is not the likelier one of their slice in the other folds."""
    cells = slice_of * FOLDS + fold
    n_slices = int(slice_of.max()) + 1
    member = np.zeros((n_slices * FOLDS, len(cells)))
    member[cells, np.arange(len(cells))] = 1.0
    sizes = member.sum(axis=1).reshape(n_slices, FOLDS, 1)
    counts = (member @ negative).reshape(n_slices, FOLDS, -1)
    others = counts.sum(axis=1, keepdims=True) - counts
    likelier = others * 2 > sizes.sum(axis=1, keepdims=True) - sizes
    return np.asarray(np.where(likelier, sizes - counts, counts).sum(axis=(0, 1)) / len(cells))
