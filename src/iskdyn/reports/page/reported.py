"""What the sources report, as the page shows it: bars on the charts, and how many the history meets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from iskdyn.calibration import model_values, predicted
from iskdyn.reports.figures import marks_of
from iskdyn.reports.observed import reading
from iskdyn.reports.page.explained import place

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Spread
    from iskdyn.study import Study

LEANING = {
    "up": "this source leans high",
    "down": "this source leans low",
    "none": "no leaning is known",
    "unknown": "its leaning is unknown",
}
"""The sheet's word for where a number probably errs, and the page's."""


def reported(study: Study, fit: FitResult, around: Spread) -> dict[str, list[dict[str, Any]]]:
    """Per output its reported intervals: where to draw them, what they say and whether the history meets them.

    Intervals stand on the model's scale: divided by the fitted factor by which their source overstates.
    `met` compares the 90 % range of the draws, read as the source reads it, with the interval.
    """
    ranges = predicted(*model_values(study, around))
    rows = {str(row["id"]): row for row in study.observations.to_dict("records")}
    facts = {str(row["id"]): row for row in study.evidence.to_dict("records")}
    found = {}
    for output in study.settings.headline:
        marks = marks_of(study, output, fit.biases)
        found[output] = [
            {
                "id": mark.label,
                "start": mark.start,
                "end": mark.end,
                "low": _number(mark.low),
                "high": _number(mark.high),
                "held": mark.held,
                "met": _meets(rows[mark.label], ranges.loc[mark.label]),
                **_told(rows[mark.label], facts),
            }
            for mark in marks
        ]
    return found


def _told(row: Any, facts: dict[str, Any]) -> dict[str, str]:
    first = facts.get(str(row["evidence"]).split(";")[0].strip(), {})
    bias = str(first.get("bias", "")).split(";")[0].strip()
    return {
        "says": str(row["says"]),
        "source": str(row["source"]),
        "reading": reading(row),
        "place": place(first) if first else "",
        "leaning": LEANING.get(bias, LEANING["unknown"]),
    }


def _meets(row: Any, drawn: Any) -> bool:
    low = -np.inf if np.isnan(row["low"]) else row["low"]
    high = np.inf if np.isnan(row["high"]) else row["high"]
    return bool(drawn["low"] <= high and drawn["high"] >= low)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
