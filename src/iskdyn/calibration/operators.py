"""Observation operators: from simulated series to the one number that a source reports.

Means are trapezoid means of the piecewise linear series over the window [t0, t1], in months.
All operators but `max`, `min` and `ratio` are linear in the series, so the whole sheet is one
sparse matrix times the runner's output.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import InputError, Problem

Array = NDArray[np.float64]
Operation = Literal["mean", "sum", "max", "min", "at_end", "at_start", "change", "ratio"]
Window = tuple[float, float]

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
    operation: Operation
    window: Window
    base: Window | None = None
    contrast: Literal["factor", "difference"] | None = None


def reader(readings: tuple[Reading, ...], outputs: tuple[str, ...], times: Array) -> Callable[[Array], Array]:
    """A function from (n, n_outputs, n_times) series to (n, n_readings) values.

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
    from scipy.sparse import csr_array

    problems = [p for reading in readings for p in _problems(reading, outputs, times)]
    if problems:
        raise InputError(problems)
    place = {output: i_output for i_output, output in enumerate(outputs)}
    n_times = times.size
    pieces: list[Array] = []
    slots: list[list[int]] = []  # of each reading: its pieces over the window, then over the base
    for reading in readings:
        windows = [reading.window] if reading.base is None else [reading.window, reading.base]
        slots.append([])
        for window in windows:
            for weights in _weights(reading.operation, window, times):
                piece = np.zeros(len(outputs) * n_times)
                start = place[reading.output] * n_times
                piece[start : start + n_times] = weights
                slots[-1].append(len(pieces))
                pieces.append(piece)
    matrix = csr_array(np.array(pieces).reshape(len(pieces), len(outputs) * n_times))

    def read(series: Array) -> Array:
        n = series.shape[0]
        linear = np.empty((len(pieces), n))
        for i in range(0, n, TOGETHER):
            part = series[i : i + TOGETHER]
            linear[:, i : i + TOGETHER] = matrix @ part.reshape(part.shape[0], -1).T
        columns = [_combine(r, linear[slot]) for r, slot in zip(readings, slots, strict=True)]
        return np.array(columns).reshape(len(readings), n).T

    return read


def _combine(reading: Reading, pieces: Array) -> Array:
    """One reading's value of each member from its (n_pieces, n) linear pieces."""
    if reading.base is None:
        return _reduced(reading.operation, pieces)
    n_window = len(_months(reading.window)) if reading.operation in ("max", "min") else 1
    value = _reduced(reading.operation, pieces[:n_window])
    base = _reduced(reading.operation, pieces[n_window:])
    if reading.contrast == "difference":
        return value - base
    with np.errstate(divide="ignore", invalid="ignore"):
        return value / base


def _reduced(operation: Operation, pieces: Array) -> Array:
    if operation == "max":
        return np.asarray(pieces.max(axis=0))
    return np.asarray(pieces.min(axis=0) if operation == "min" else pieces[0])


def _weights(operation: Operation, window: Window, times: Array) -> list[Array]:
    """The rows (n_times,) whose products with a series are the pieces of an operation."""
    start, end = window
    match operation:
        case "at_start":
            return [_interpolation(times, start)]
        case "at_end":
            return [_interpolation(times, end)]
        case "change":
            return [_interpolation(times, end) - _interpolation(times, start)]
        case "sum":
            return [_integral(times, window)]
        case "max" | "min":
            return [_mean(times, month) for month in _months(window)]
        case "mean" | "ratio":
            return [_mean(times, window)]


def _months(window: Window) -> list[Window]:
    """The window cut into months from its start; a last part of a month stays a part."""
    start, end = window
    edges = [*np.arange(start, end - 1e-9, 1.0), end]
    return list(pairwise(edges))


def _mean(times: Array, window: Window) -> Array:
    start, end = window
    return _integral(times, window) / (end - start)


def _integral(times: Array, window: Window) -> Array:
    """Weights of the exact integral over the window of the series drawn with straight lines."""
    start, end = window
    inner = times[(times > start + 1e-9) & (times < end - 1e-9)]
    knots = np.concatenate([[start], inner, [end]])
    half_steps = np.diff(knots) / 2
    weights = np.zeros_like(times)
    for i_step, half_step in enumerate(half_steps):
        ends = _interpolation(times, knots[i_step]) + _interpolation(times, knots[i_step + 1])
        weights += half_step * ends
    return weights


def _interpolation(times: Array, time: float) -> Array:
    """Weights of the straight-line value at one time."""
    right = int(np.clip(np.searchsorted(times, time), 1, times.size - 1))
    share = np.clip((time - times[right - 1]) / (times[right] - times[right - 1]), 0.0, 1.0)
    weights = np.zeros_like(times)
    weights[right - 1], weights[right] = 1 - share, share
    return weights


def _problems(reading: Reading, outputs: tuple[str, ...], times: Array) -> list[Problem]:
    messages = []
    if reading.output not in outputs:
        messages.append(f"is not among the outputs {', '.join(outputs)}")
    for start, end in filter(None, (reading.window, reading.base)):
        if not times[0] - 1e-9 <= start <= end <= times[-1] + 1e-9:
            messages.append(f"window [{start:g}, {end:g}] is not inside [{times[0]:g}, {times[-1]:g}]")
        elif start == end and reading.operation not in ("at_end", "at_start"):
            messages.append(f"window [{start:g}, {end:g}] is empty: {reading.operation} needs a length")
    if reading.operation == "ratio" and reading.base is None:
        messages.append("is a ratio and needs a base window")
    return [Problem(f"observation of '{reading.output}'", message) for message in messages]
