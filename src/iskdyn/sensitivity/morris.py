"""Morris screening: which of many numbers matter at all (Morris 1991; Campolongo et al. 2007)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEVELS = 4
"""SALib's default; even, so that Morris's step, two thirds of the grid, lands as often on each level."""
LEAST_SHARE, AT_LEAST = 0.05, 20
"""Numbers that go on to Sobol: those with a twentieth of an answer's effect, and twenty in any case, since a
screening errs."""
TAILS = 0.01
"""A trajectory moves on a grid over the middle 98 % of each prior: its ends may be infinite."""


@dataclass(frozen=True)
class Screening:
    """How much each number moves each answer.

    Attributes
    ----------
    names : of the numbers
    effect : (n_names, n_answers) mean absolute elementary effect over the prior's 98 %, in standard
        deviations of the answer; 0 where the answer never changes
    bend : the same of the effects' spread: large beside `effect` where a number acts
        differently in company of others
    """

    names: tuple[str, ...]
    effect: Array
    bend: Array

    @property
    def share(self) -> Array:
        """(n_names, n_answers) mean squared effect as a share of all: near a total index, and free."""
        square = self.effect**2 + self.bend**2
        sums = square.sum(axis=0)
        return np.asarray(square / np.where(sums > 0, sums, 1.0))

    def leading(self, least: float = LEAST_SHARE, at_least: int = AT_LEAST) -> tuple[str, ...]:
        """The numbers with at least so large a share for some answer, largest first; never fewer than so many."""
        largest = self.share.max(axis=1)
        order = np.argsort(-largest, kind="stable")
        moving = order[largest[order] > 0]
        return tuple(self.names[i] for i in moving[: max(at_least, int((largest >= least).sum()))])


def screen(
    names: tuple[str, ...],
    answer: Callable[[Array], Array],
    *,
    trajectories: int = 20,
    seed: int = 1,
) -> Screening:
    """Elementary effects of each number along trajectories that move one at a time.

    Parameters
    ----------
    answer : (n, n_answers) answers of (n, n_names) probabilities, the place of each number in its prior
    seed : 1 or more; SALib takes 0 for none

    Raises
    ------
    ValueError : the seed is below 1
    """
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    if seed < 1:
        raise ValueError("seed: expected 1 or more; SALib takes 0 for none")
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    grid = sampling.sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    answers = answer(TAILS + (1 - 2 * TAILS) * grid)
    spread = answers.std(axis=0)
    effect, bend = np.zeros((2, len(names), answers.shape[1]))
    for i in np.flatnonzero(spread > 0):
        found = analysis.analyze(
            problem, grid, answers[:, i] / spread[i], num_levels=LEVELS, num_resamples=2, seed=seed
        )
        effect[:, i], bend[:, i] = np.asarray(found["mu_star"]), np.asarray(found["sigma"])
    return Screening(names, effect, bend)
