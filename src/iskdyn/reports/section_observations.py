"""Every fact beside the model: what was fitted, whether it holds, and what the model would expect to be reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from iskdyn.calibration import predicted, prior_shares
from iskdyn.calibration.sheet import HELD
from iskdyn.draws import N_DRAWS, SEED
from iskdyn.reports.observed import Row, observed
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.telling import share_words
from iskdyn.telling.thresholds import AGREE

if TYPE_CHECKING:
    from iskdyn.study import Study


def observations_section(materials: Materials) -> Section:
    """Every fact with what the model makes of it; those that do not hold in sight, the others in a fold."""
    study, fit = materials.study, materials.fit
    prior = prior_shares(study, N_DRAWS, SEED)
    rows = observed(study, fit, predicted(*materials.model_values), prior)
    expected = {
        str(row["id"]): {"expected_low": row["low"], "expected_high": row["high"], "chance": row["chance"]}
        for row in materials.predictive.to_dict("records")
    }
    held, n_rows = fit.holding
    fitted = [row for row in rows if row["fold"] != HELD]
    easy = sum(row["prior"] >= AGREE for row in fitted)
    contents = {
        "rows": [{**row, **expected[str(row["id"])]} for row in rows],
        "missed": [row for row in fitted if not row["holds"]],
        "late": _late(study, fitted),
        "split": study.settings.split,
    }
    little = (
        f"; {easy} would hold in {share_words(AGREE)} runs before any fitting, so they say little"
        if easy
        else ""
    )
    finding = f"{held} of the {n_rows} fitted facts hold at the best fit{little}."
    return Section("observations", "Every observation", finding, render("observations.html", contents))


def _late(study: Study, rows: Sequence[Row]) -> int:
    """How many fitted facts have a window that reaches past the split."""
    split = study.settings.split
    ends = dict(zip(study.observations["id"].astype(str), study.observations["end"].astype(str), strict=True))
    return sum(study.time(ends[str(row["id"])]) > study.time(split) for row in rows) if split else 0
