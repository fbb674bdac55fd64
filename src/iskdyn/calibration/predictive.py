"""What each source would be expected to say, and whether it said it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.likelihood import Form, Scale, Side, off_scale, on_scale

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective

Array = NDArray[np.float64]

BAND = 0.9
"""Nine reports of ten, as the bands of all charts."""


def predictive_table(objective: Objective, values: Array, seed: int) -> pd.DataFrame:
    """The predicted report of every row: the model's draws with the error of the source.

    Parameters
    ----------
    objective : its sheet is predicted, fitted rows and held ones
    values : (n_draws, n_rows) what the draws say of each row; see `Objective.model_values`
    seed : of the sources' errors

    Returns
    -------
    One row an observation: id, fold, low and high (5 and 95 % of the middle of what the source would report;
    blank for a fact with one edge or an order), chance (that the source says what it said: of a fact with
    one edge or an order), inside (the reported middle lies in the band, or the chance is 5 % or more),
    score (log of the mean probability density of the report).
    """
    import pandas as pd

    rows = predicted_reports(objective.sheet.forms, values, np.random.default_rng(seed))
    table = objective.sheet.table
    return pd.DataFrame(rows).assign(id=table["id"].astype(str).to_list(), fold=table["fold"].to_list())


def predicted_reports(
    forms: Sequence[Form], values: Array, rng: np.random.Generator
) -> list[dict[str, object]]:
    """low, high, chance, inside and score of `predictive_table` of each form at (n_draws, n_forms) model values.

    Parameters
    ----------
    forms : of the observations, (n_forms,)
    values : (n_draws, n_forms) what each draw says, on the source's scale
    rng : of the sources' errors
    """
    rows = []
    for form, column in zip(forms, values.T, strict=True):
        scores = form.log_likelihood(column)
        score = float(np.logaddexp.reduce(scores) - np.log(len(scores)))
        rows.append({**_seen(form, column, scores, rng), "score": score})
    return rows


def _seen(form: Form, values: Array, scores: Array, rng: np.random.Generator) -> dict[str, object]:
    """low, high, chance and inside of one row."""
    if is_one_sided(form):
        chance = float(np.exp(scores).mean())
        return {"low": np.nan, "high": np.nan, "chance": chance, "inside": chance >= (1 - BAND) / 2}
    middles = [middle(form.reported(float(value), rng)) for value in values]
    low, high = np.quantile(middles, [(1 - BAND) / 2, (1 + BAND) / 2])
    return {"low": low, "high": high, "chance": np.nan, "inside": bool(low <= middle(form) <= high)}


def is_one_sided(form: Form) -> bool:
    """Whether a source could only say yes or no to it: a fact with one edge, or an order."""
    return isinstance(form, Side) or not (np.isfinite(form.low) and np.isfinite(form.high))


def middle(form: Form) -> float:
    """The middle of a bracket on its scale, in the observation's unit."""
    scale: Scale = getattr(form, "scale", "linear")
    return float(off_scale(on_scale(np.array([form.low, form.high]), scale).mean(), scale))


def expected_inside(n_rows: int, share: float = BAND) -> tuple[int, int]:
    """The fewest and most of `n_rows` rows inside their bands that 90 % of binomial counts keep to."""
    from scipy.stats import binom

    return int(binom.ppf(0.05, n_rows, share)), int(binom.ppf(0.95, n_rows, share))
