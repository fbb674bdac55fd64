"""Observation operators: from simulated series to the one number that a source reports.

Each statistic is defined in `iskdyn.study.readings`.
All but `max`, `min` and `ratio` are linear in the series, so the whole sheet is one
sparse matrix times the runner's output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import InputError, Problem
from iskdyn.study.readings import STATISTICS, Statistic, Window

Array = NDArray[np.float64]

TOGETHER = 64
"""Members that are read at once: their series, turned for the sparse product, stay in a processor's cache."""


@dataclass(frozen=True)
class Reading:
    """What one observation reads off the model.

    Parameters
    ----------
    output : the model variable
    operation : over `window`; `max` and `min` are over monthly means, since sources count per month;
        `sum` is the integral of a monthly rate; `change` is end minus start;
        `ratio` is the mean over `window` divided by the mean over `base`
    window, base : (t0, t1) in months; base only for ratio and for orderings
    contrast : for an ordering of the operation over `window` against the same over `base`:
        "factor" (window / base) or "difference" (window - base); otherwise None
    """

    output: str
    operation: Statistic
    window: Window
    base: Window | None = None
    contrast: Literal["factor", "difference"] | None = None


class Reader:
    """From (n, n_outputs, n_times) series to (n, n_readings) values, and from slopes by these back to the series.

    Parameters
    ----------
    readings : one a row of the observation sheet
    outputs : the runner's outputs, in its order
    times : (n_times,) increasing saved times, in months

    Raises
    ------
    InputError
        Naming every reading whose output is not there or whose window leaves the saved times.
    """

    def __init__(self, readings: tuple[Reading, ...], outputs: tuple[str, ...], times: Array) -> None:
        from scipy.sparse import csr_array

        problems = [p for reading in readings for p in _problems(reading, outputs, times)]
        if problems:
            raise InputError(problems)
        self._shape = (len(outputs), times.size)
        rows: list[Array] = []
        spans: list[
            list[tuple[int, int]]
        ] = []  # of each reading its pieces over the window, and over the base
        for reading in readings:
            windows = [reading.window] if reading.base is None else [reading.window, reading.base]
            spans.append([])
            for window in windows:
                pieces = STATISTICS[reading.operation].weights(window, times)
                spans[-1].append((len(rows), len(rows) + len(pieces)))
                for weights in pieces:
                    row = np.zeros(self._shape)
                    row[outputs.index(reading.output)] = weights
                    rows.append(row.ravel())
        self._matrix = csr_array(np.array(rows).reshape(len(rows), len(outputs) * times.size))
        self._turned = csr_array(self._matrix.T)
        self._first = np.array([[span[0][0], span[-1][0]] for span in spans]).reshape(-1, 2).T
        self._picks = [
            (i, i_window, pick, *span)
            for i, reading in enumerate(readings)
            for i_window, span in enumerate(spans[i])
            if (pick := STATISTICS[reading.operation].pick) is not None
        ]
        based = np.array([[reading.base is not None] for reading in readings]).reshape(-1, 1)
        self._less = np.array([[reading.contrast == "difference"] for reading in readings]).reshape(-1, 1)
        self._over, self._based = based & ~self._less, based[:, 0]

    def __call__(self, series: Array) -> Array:
        """(n, n_readings) values."""
        return self.values(self.pieces(series))

    def pieces(self, series: Array) -> Array:
        """(n_pieces, n) what is linear in the series: of a reading its windows, or the months of each."""
        pieces = np.empty((self._matrix.shape[0], len(series)))
        for i in range(0, len(series), TOGETHER):
            part = series[i : i + TOGETHER]
            pieces[:, i : i + TOGETHER] = self._matrix @ part.reshape(part.shape[0], -1).T
        return pieces

    def values(self, pieces: Array) -> Array:
        """(n, n_readings) values of their (n_pieces, n) pieces."""
        window, base = pieces[self._taken(pieces), np.arange(pieces.shape[1])]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(self._over, window / base, window - np.where(self._less, base, 0.0)).T)

    def back(self, pieces: Array, slopes: Array) -> Array:
        """(n, n_outputs, n_times) derivatives of a loss by the series, of (n, n_readings) by the values.

        At a kink (two months equally large) the derivative is that of the first of them.

        Parameters
        ----------
        pieces : (n_pieces, n) of the series
        slopes : (n, n_readings) derivatives by the values; where one is 0, a value may be no number
        """
        taken, members, by_value = self._taken(pieces), np.arange(pieces.shape[1]), slopes.T
        window, base = pieces[taken, members]
        with np.errstate(divide="ignore", invalid="ignore"):
            by_window = np.where(self._over, by_value / base, by_value)
            by_base = np.where(self._over, -by_window * window / base, -by_value)
        by_piece = np.zeros_like(pieces)
        by_piece[taken[0], members] = np.where(by_value == 0, 0.0, by_window)
        by_piece[taken[1][self._based], members] = np.where(by_value == 0, 0.0, by_base)[self._based]
        series = np.empty((pieces.shape[1], self._turned.shape[0]))
        for i in range(0, len(series), TOGETHER):
            series[i : i + TOGETHER] = (self._turned @ by_piece[:, i : i + TOGETHER]).T
        return series.reshape(-1, *self._shape)

    def _taken(self, pieces: Array) -> NDArray[np.intp]:
        """(2, n_readings, n) the piece that a reading is over its window, and over its base, of each member."""
        taken = np.repeat(self._first[:, :, None], pieces.shape[1], axis=2)
        for i, i_window, pick, first, last in self._picks:
            taken[i_window, i] = first + pick(pieces[first:last])
        return taken


def _problems(reading: Reading, outputs: tuple[str, ...], times: Array) -> list[Problem]:
    messages = []
    if reading.output not in outputs:
        messages.append(f"is not among the outputs {', '.join(outputs)}")
    for start, end in filter(None, (reading.window, reading.base)):
        if not times[0] - 1e-9 <= start <= end <= times[-1] + 1e-9:
            messages.append(f"window [{start:g}, {end:g}] is not inside [{times[0]:g}, {times[-1]:g}]")
        elif start == end and not STATISTICS[reading.operation].edge:
            messages.append(f"window [{start:g}, {end:g}] is empty: {reading.operation} needs a length")
    if reading.operation == "ratio" and reading.base is None:
        messages.append("is a ratio and needs a base window")
    return [Problem(f"observation of '{reading.output}'", message) for message in messages]
