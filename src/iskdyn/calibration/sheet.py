"""The observation table as readings of the model and forms of likelihood, row by row."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.likelihood import About, AtLeast, AtMost, Count, Form, Interval, Order, Scale
from iskdyn.calibration.operators import Reading
from iskdyn.errors import Problem, StudyError
from iskdyn.study.readings import OBSERVED, Window

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Hashable, Any]
FORMS = ("interval", "at_least", "at_most", "about", "order_lower", "order_higher", "count")
FIT, HELD, SEEN = "fit", "held", "seen"
"""Folds of a row; see `iskdyn.study.records`."""
_SHARES = re.compile(r"shares:\s*([\w-]+)")


@dataclass(frozen=True)
class Sheet:
    """What is compared with the model, in the order of the table's rows.

    Parameters
    ----------
    table : the observations as read
    readings : what each row reads off the model
    forms : the likelihood of each row
    biases : the name of the multiplier that takes the model's value to the source's scale; "" for none
    weights : (n_rows,) 1 / size of the group of rows, fitted or held, that rest on one sentence
    fitted : (n_rows,) whether the row is fitted; the others are only scored
    """

    table: pd.DataFrame
    readings: tuple[Reading, ...]
    forms: tuple[Form, ...]
    biases: tuple[str, ...]
    weights: NDArray[np.float64]
    fitted: NDArray[np.bool_]

    def beside(self, other: Sheet) -> Sheet:
        """The rows of both, each as it counts there."""
        import pandas as pd

        return Sheet(
            pd.concat([self.table, other.table], ignore_index=True),
            self.readings + other.readings,
            self.forms + other.forms,
            self.biases + other.biases,
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.fitted, other.fitted]),
        )

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(n_rows,) fitted rows that shaped the model: nothing predicts them, not even the others."""
        return np.asarray(self.table["fold"] == SEEN, dtype=bool)


def read_sheet(
    observations: pd.DataFrame,
    time: Callable[[str], float] | None = None,
    place: str = "calibration/observations.csv",
) -> Sheet:
    """The rows of an observation table as readings and forms.

    Parameters
    ----------
    observations : the columns of calibration/observations.csv; windows in months since Time 0, or as
        calendar months ("2022-05" to "2022-08" is from the start of May to the end of August)
    time : model time of the start of a calendar month; needed only if windows are calendar months
    place : named in errors

    Raises
    ------
    StudyError
        Naming every row that says something impossible.
    """
    problems, readings, forms = [], [], []
    rows = observations.to_dict("records")
    for i_row, row in enumerate(rows):
        try:
            readings.append(_reading(row, time))
            forms.append(_form(row))
        except ValueError as error:
            where = f"{place}:{row.get('line', i_row + 2)}"
            problems.append(Problem(where, f"'{row['id']}' {error}"))
    if problems:
        raise StudyError(problems)
    return Sheet(
        table=observations,
        readings=tuple(readings),
        forms=tuple(forms),
        biases=tuple(_text(row["bias"]) for row in rows),
        weights=shared_weights(rows),
        fitted=np.array([row["fold"] != HELD for row in rows], dtype=bool),
    )


def shared_weights(rows: Iterable[Row]) -> NDArray[np.float64]:
    """(n_rows,) weights by which one sentence counts once, however many rows rest on it.

    Each row of a group of `sentences` has weight 1 / (number of rows of the group).
    """
    groups = sentences(rows)
    sizes = Counter(groups)
    return np.array([1 / sizes[group] for group in groups])


def sentences(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """The sentence of each row and whether it is fitted: rows that have both in common count once.

    A row whose note says `shares:ID` belongs to the sentence ID, and so does the row with that id.
    """
    groups = []
    for row in rows:
        shares = _SHARES.search(_text(row["note"]))
        fold = HELD if row["fold"] == HELD else FIT
        groups.append((shares.group(1) if shares else str(row["id"]), fold))
    return groups


def _reading(row: Row, time: Callable[[str], float] | None) -> Reading:
    operation = row["operation"]
    if operation not in OBSERVED:
        raise ValueError(f"has operation '{operation}'; expected one of {', '.join(OBSERVED)}")
    window = _window(row["start"], row["end"], time)
    if not row["form"].startswith("order"):
        base = _window(row["base_start"], row["base_end"], time) if operation == "ratio" else None
        return Reading(row["output"], operation, window, base)
    if operation == "ratio" or row["scale"] == "logit":
        raise ValueError("is an ordering: its operation cannot be ratio and its scale is log or linear")
    base = _window(row["base_start"], row["base_end"], time)
    return Reading(
        row["output"], operation, window, base, "factor" if row["scale"] == "log" else "difference"
    )


def _form(row: Row) -> Form:
    form, scale = row["form"], row["scale"]
    low, high, sd = (_number(row[column]) for column in ("low", "high", "spread"))
    if form not in FORMS:
        raise ValueError(f"has form '{form}'; expected one of {', '.join(FORMS)}")
    if form == "count":
        return _count(low, high, 0.0 if math.isnan(sd) else sd)
    if scale not in get_args(Scale):
        raise ValueError(f"has scale '{scale}'; expected one of {', '.join(get_args(Scale))}")
    if not sd > 0:
        raise ValueError(f"has spread {sd:g}; expected the sd of the error on the {scale} scale, above 0")
    if form in ("order_lower", "order_higher"):
        return _order(form, low, sd, scale)
    edges = {"at_least": (low,), "at_most": (high,)}.get(form, (low, high))
    _check_edges(edges, scale, form)
    if form == "at_least":
        return AtLeast(low, sd, scale)
    if form == "at_most":
        return AtMost(high, sd, scale)
    return Interval(low, high, sd, scale) if form == "interval" else About(low, high, sd, scale)


def _check_edges(edges: tuple[float, ...], scale: Scale, form: str) -> None:
    bounds = {"log": (0.0, math.inf), "linear": (-math.inf, math.inf), "logit": (0.0, 1.0)}[scale]
    for edge in edges:
        if not bounds[0] < edge < bounds[1]:
            raise ValueError(f"has edge {edge:g}; {form} on the {scale} scale needs it inside {bounds}")
    if len(edges) == 2 and not edges[0] < edges[1]:
        hint = "; give the edges of the rounding of the number as reported" if form == "about" else ""
        raise ValueError(f"has low {edges[0]:g} not below high {edges[1]:g}{hint}")


def _order(form: str, margin: float, sd: float, scale: Scale) -> Order:
    least = 1.0 if scale == "log" else 0.0
    margin = least if math.isnan(margin) or margin == 0 else margin
    if margin < least:
        raise ValueError(
            f"has low {margin:g}; an ordering on the {scale} scale needs a margin of at least {least:g}"
            " in the stated direction"
        )
    return Order("lower" if form == "order_lower" else "higher", margin, sd, scale)


def _count(low: float, high: float, sd: float) -> Count:
    low = 0.0 if math.isnan(low) else low
    high = math.inf if math.isnan(high) else high
    if not (0 <= low <= high and sd >= 0) or low == math.inf or (low == 0 and high == math.inf):
        raise ValueError(f"has count edges {low:g} and {high:g}, spread {sd:g}; expected 0 <= low <= high")
    if low != int(low) or (math.isfinite(high) and high != int(high)):
        raise ValueError(f"has count edges {low:g} and {high:g}; expected whole numbers")
    return Count(low, high, sd)


def _window(start: object, end: object, time: Callable[[str], float] | None) -> Window:
    """(t0, t1) in months; a calendar month as the end stands for its end."""
    return _time(start, time, 0.0), _time(end, time, 1.0)


def _time(cell: object, time: Callable[[str], float] | None, length: float) -> float:
    if isinstance(cell, str) and "-" in cell.strip()[1:]:
        if time is None:
            raise ValueError(f"has the calendar month '{cell}', and nothing tells when Time 0 is")
        return time(cell.strip()) + length
    number = _number(cell)
    if math.isnan(number):
        raise ValueError("has a window without start or end")
    return number


def _number(cell: object) -> float:
    return float(cell) if _text(cell) else math.nan  # type: ignore[arg-type]


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()
