"""The table of observations as a reader of the report meets it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from iskdyn.study.readings import STATISTICS

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration import FitResult
    from iskdyn.study import Study

Row = Mapping[Hashable, Any]


def observed(
    study: Study, fit: FitResult, ranges: pd.DataFrame, prior: pd.Series[float]
) -> list[dict[Hashable, Any]]:
    """The fit's rows, each with how it was read, the range of the draws (of `predicted`) and, where it misses, why.

    Parameters
    ----------
    fit : of the same observations
    ranges : as of `predicted`, indexed by the id of the observation
    prior : as of `prior_shares`, indexed likewise
    """
    written = {str(row["id"]): row for row in study.observations.to_dict("records")}
    rows: list[dict[Hashable, Any]] = fit.rows.to_dict("records")
    for row in rows:
        name = str(row["id"])
        row["drawn_low"], row["drawn_high"] = ranges.loc[name, "low"], ranges.loc[name, "high"]
        row["prior"] = prior[name]
        row["reading"], row["why"] = reading(written[name]), why(written[name])
    return rows


def reading(row: Row) -> str:
    """What is compared, in words: "mean 2022-05 to 2022-08, as a share of 2021-08"."""
    words = f"{STATISTICS[row['operation']].words} {_window(row['start'], row['end'])}"
    if not row["base_start"]:
        return words
    base = _window(row["base_start"], row["base_end"])
    form = str(row["form"])
    if form.startswith("order"):
        return f"{words}, {form.removeprefix('order_')} than {base}: their ratio"
    return f"{words}, as a share of {base}"


def why(row: Row) -> str:
    """The note of a row without its remarks to the program."""
    return re.sub(r"shares:\s*[\w-]+;?\s*", "", str(row["note"])).strip()


def _window(start: object, end: object) -> str:
    return str(start) if start == end else f"{start} to {end}"
