"""What the sources report, as the page shows it: bars on the charts, and how many the history meets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration import predicted
from iskdyn.reports.figures import marks_of
from iskdyn.reports.observed import Row, reading
from iskdyn.reports.page.explained import place

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult
    from iskdyn.calibration.objective import Objective
    from iskdyn.study import Study


class Told(TypedDict):
    """What a reported interval says, and of whom."""

    says: str
    source: str
    reading: str
    place: str
    leaning: str


class Reported(Told):
    """A reported interval: model times, the interval on the model's scale (None: open), and what it says."""

    id: str
    start: float
    end: float
    low: float | None
    high: float | None
    held: bool
    met: bool


LEANING = {
    "up": "this source leans high",
    "down": "this source leans low",
    "none": "no leaning is known",
    "unknown": "its leaning is unknown",
}
"""The sheet's word for where a number probably errs, and the page's."""


def reported(
    study: Study, fit: FitResult, objective: Objective, values: NDArray[np.float64]
) -> dict[str, list[Reported]]:
    """Per output its reported intervals: where to draw them, what they say and whether the history meets them.

    Intervals stand on the model's scale: divided by the fitted factor by which their source overstates.
    `met` compares the 90 % range of the draws, read as the source reads it, with the interval.

    Parameters
    ----------
    objective, values : the observations, and (n_draws, n_rows) what the draws say of each
    """
    ranges = predicted(objective, values)
    rows = {str(row["id"]): row for row in study.observations.to_dict("records")}
    facts = {str(row["id"]): row for row in study.evidence.to_dict("records")}
    found: dict[str, list[Reported]] = {}
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
                "met": _meets(rows[mark.label], ranges["low"][mark.label], ranges["high"][mark.label]),
                **_told(rows[mark.label], facts),
            }
            for mark in marks
        ]
    return found


def _told(row: Row, facts: Mapping[str, Row]) -> Told:
    first = facts.get(str(row["evidence"]).split(";")[0].strip(), {})
    bias = str(first.get("bias", "")).split(";")[0].strip()
    return {
        "says": str(row["says"]),
        "source": str(row["source"]),
        "reading": reading(row),
        "place": place(first) if first else "",
        "leaning": LEANING.get(bias, LEANING["unknown"]),
    }


def _meets(row: Row, drawn_low: float, drawn_high: float) -> bool:
    low = -np.inf if np.isnan(row["low"]) else row["low"]
    high = np.inf if np.isnan(row["high"]) else row["high"]
    return bool(drawn_low <= high and drawn_high >= low)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
