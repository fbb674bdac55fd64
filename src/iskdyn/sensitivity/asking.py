"""What an answer is worth that somebody could give: a report, which errs and may lean, not the truth itself.

For each draw the answer is simulated that would be given if the draw were true; what it is worth to hear it is
what it is worth to know that answer (see `learning`; by draws alone: Strong, Oakley, Brennan & Breeze 2015,
doi:10.1177/0272989X15575286).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.sensitivity.learning import Learned, learned

if TYPE_CHECKING:
    from iskdyn.calibration import Spread

Array = NDArray[np.float64]
REPEATS = 8
"""Simulations of all answers; what they are worth is the mean over them, since one simulated answer is mostly its
own error."""
ERROR = 0.5
"""Of an answer whose error nobody has judged, in standard deviations of what was known of the number beforehand: it
is taken to know the number better than we do, not to know it."""


@dataclass(frozen=True)
class Askable:
    """A question that somebody could answer.

    Attributes
    ----------
    asks : the numbers or outcomes of which the answer tells, each by itself
    error : sd of the answer about the truth; of a number in sds of its prior, of an outcome in sds of the draws
    lean : how far the answer may lean, in the same units: above 0 upward, below 0 downward; by how much of it
        nobody knows
    """

    asks: tuple[str, ...]
    error: float = ERROR
    lean: float = 0.0


def worth_asking(
    askables: Sequence[Askable], known: Mapping[str, Array], differences: Array, seed: int = 1
) -> Learned:
    """What hearing each answer is worth for the sign of each difference; a row of `removed` an askable.

    Of one that tells of several numbers, what the best of its answers is worth: hearing all is worth no less.

    Parameters
    ----------
    known : by name (n_draws,) scores of numbers and outcomes, as `scores` gives them
    differences : (n_draws, n_questions), paired with them
    seed : of answers and folds
    """
    asked = [(i_asked, one, name) for i_asked, one in enumerate(askables) for name in one.asks]
    whose = np.array([i_asked for i_asked, _, _ in asked])
    found = []
    for i in range(REPEATS):
        rng = np.random.default_rng([seed, i])
        heard = np.column_stack([_answers(one, known[name], rng) for _, one, name in asked])
        found.append(learned(heard, differences, seed + i))
    removed = np.mean([one.removed for one in found], axis=0)
    most = np.array([removed[whose == i].max(axis=0) for i in range(len(askables))])
    return Learned(found[0].doubt, most, np.mean([one.chance for one in found], axis=0))


def scores(spread: Spread, outcomes: Mapping[str, Array]) -> dict[str, Array]:
    """By name the normal scores of the draws: of a number in sds of its prior, of an outcome in its own sds."""
    widths = np.clip(1 - spread.contraction, 0.0, 1.0)
    columns = zip(spread.names, spread.draws.T, widths, strict=True)
    found = {name: width * _normal_scores(column) for name, column, width in columns}
    return {**{name: _normal_scores(values) for name, values in outcomes.items()}, **found}


def _answers(one: Askable, truth: Array, rng: np.random.Generator) -> Array:
    """(n_draws,) what would be answered of one number in each draw."""
    lean = one.lean * np.abs(rng.standard_normal(len(truth)))
    return np.asarray(truth + lean + one.error * rng.standard_normal(len(truth)))


def _normal_scores(values: Array) -> Array:
    """The place of each value among all, as a standard normal score; equal ones share theirs."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(values) - 0.5) / len(values)))
