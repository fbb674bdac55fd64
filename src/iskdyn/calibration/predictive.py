"""What each source would be expected to say, and whether it said it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.likelihood import Form, Scale, Side, off_scale, on_scale

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective

Array = NDArray[np.float64]

BAND = 0.9


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

    scores = objective.score(values)
    rng = np.random.default_rng(seed)
    rows = []
    for i_row, form in enumerate(objective.sheet.forms):
        seen = _seen(form, values[:, i_row], scores[:, i_row], rng)
        rows.append({**seen, "score": float(np.logaddexp.reduce(scores[:, i_row]) - np.log(len(values)))})
    table = objective.sheet.table
    return pd.DataFrame(rows).assign(id=table["id"].astype(str).to_list(), fold=table["fold"].to_list())


def _seen(form: Form, values: Array, scores: Array, rng: np.random.Generator) -> dict[str, object]:
    """low, high, chance and inside of one row."""
    if _one_sided(form):
        chance = float(np.exp(scores).mean())
        return {"low": np.nan, "high": np.nan, "chance": chance, "inside": chance >= (1 - BAND) / 2}
    middles = [_middle(form.reported(float(value), rng)) for value in values]
    low, high = np.quantile(middles, [(1 - BAND) / 2, (1 + BAND) / 2])
    return {"low": low, "high": high, "chance": np.nan, "inside": bool(low <= _middle(form) <= high)}


def _one_sided(form: Form) -> bool:
    return isinstance(form, Side) or not (np.isfinite(form.low) and np.isfinite(form.high))


def _middle(form: Form) -> float:
    scale: Scale = getattr(form, "scale", "linear")
    return float(off_scale(on_scale(np.array([form.low, form.high]), scale).mean(), scale))


def expected_inside(n_rows: int, share: float = BAND) -> tuple[int, int]:
    """The fewest and most of `n_rows` rows inside their bands that 90 % of binomial counts keep to."""
    from scipy.stats import binom

    return int(binom.ppf(0.05, n_rows, share)), int(binom.ppf(0.95, n_rows, share))
