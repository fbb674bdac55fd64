"""Two dumb rivals of the model: each output constant, and each output on a straight line in its logarithm.

Each output by itself: a level with a prior as wide as the model's own runs put it before any fitting, and for
the trend a slope; both learn from the fitted rows of the same output only, through the same forms, spreads
and biases as the model. What they cannot know is how outputs hang together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from iskdyn.calibration.objective import Objective

Array = NDArray[np.float64]
Kind = Literal["constant", "trend"]

SLOPE = 0.055
"""Prior sd of a slope per month, in log units or in sds of the level: a factor e in 18 months."""


@dataclass(frozen=True)
class Baseline:
    """Draws of a baseline and how likely each makes every row.

    Attributes
    ----------
    outputs : (n_rows,) the output that each row reads
    weighted : (n_rows,) weight of each row where it is fitted, else 0
    log_likelihoods : (n_draws, n_rows) of rows given the draws of the prior
    """

    outputs: NDArray[np.str_]
    weighted: Array
    log_likelihoods: Array

    def score(self, left_out: NDArray[np.bool_]) -> float:
        """Log of the probability of the rows left out, given the other fitted rows."""
        total = 0.0
        for output in np.unique(self.outputs[left_out]):
            same = self.outputs == output
            kept = self.log_likelihoods @ np.where(same & ~left_out, self.weighted, 0.0)
            weight = np.where(self.weighted > 0, self.weighted, 1.0)
            both = kept + self.log_likelihoods @ np.where(same & left_out, weight, 0.0)
            total += float(np.logaddexp.reduce(both) - np.logaddexp.reduce(kept))
        return total


def baseline(objective: Objective, kind: Kind, n_draws: int, seed: int) -> Baseline:
    """A baseline's draws, scored on every row of an objective's sheet.

    Parameters
    ----------
    objective : whose sheet is scored, and whose prior runs give each output's level
    kind : "constant" or "trend"
    n_draws : of the prior, each a run of the model
    seed : of the draws
    """
    rng = np.random.default_rng(seed)
    values = objective.priors.values(rng.standard_normal((n_draws, objective.n_parameters)))
    series = _lines(objective, values, kind, rng)
    return Baseline(
        outputs=np.array([reading.output for reading in objective.sheet.readings]),
        weighted=objective.sheet.weights * objective.sheet.fitted,
        log_likelihoods=objective.score(objective.read(series, values)),
    )


def _lines(objective: Objective, values: Array, kind: Kind, rng: np.random.Generator) -> Array:
    """(n_draws, n_outputs, n_times) straight lines about the levels of the model's own prior runs."""
    runs = objective.series(values)
    times = objective.runner.times
    away = times - times.mean()
    lines = np.empty(runs.shape)
    for i_output in range(runs.shape[1]):
        levels = runs[:, i_output].mean(axis=1)
        levels = levels[np.isfinite(levels)]
        positive = bool((levels > 0).all())
        levels = np.log(levels) if positive else levels
        middle, sd = levels.mean(), levels.std()
        level = rng.normal(middle, sd, len(values))[:, None]
        slope = rng.normal(0.0, SLOPE * (1.0 if positive else sd), len(values))[:, None]
        line = level + (slope * away if kind == "trend" else 0.0 * away)
        lines[:, i_output] = np.exp(line) if positive else line
    return lines
