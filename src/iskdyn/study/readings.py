"""What is read of a run: each statistic defined once, with its words, its unit and how it is reduced from a series.

A series is straight lines between its kept times. A window is the model times of the start of its first period and
the end of its last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import InputError, Problem

Array = NDArray[np.float64]
Window = tuple[float, float]
Statistic = Literal["mean", "sum", "max", "min", "at_end", "at_start", "change", "ratio", "peak_time"]

ROUNDING = 1e-9
"""Times that are closer are the same: a kept time is a sum of many steps."""


@dataclass(frozen=True)
class Definition:
    """One statistic of a series over a window.

    Attributes
    ----------
    words : what stands before a window, in a table
    weights : the rows, (n_times,) each, whose products with a series are the pieces of the statistic
    pick : of (n_pieces, n) pieces which one the statistic is, (n,); of a single piece that one
    unit : the series' own, that times time, time, or none
    edge : the only edge of the window that it looks at; empty: the whole window is read
    smooth : whether it has a derivative, as what is fitted must
    two_windows : whether it always needs a second window
    """

    words: str
    weights: Callable[[Window, Array], list[Array]]
    pick: Callable[[Array], NDArray[np.intp]] | None = None
    unit: Literal["own", "times time", "time", "none"] = "own"
    edge: Literal["", "start", "end"] = ""
    smooth: bool = True
    two_windows: bool = False

    def whole(self, pieces: Array, window: Window) -> Array:
        """(n,) the statistic from its (n_pieces, n) pieces."""
        if self.pick is None:
            return np.asarray(pieces[0])
        place = self.pick(pieces)
        if self.unit == "time":
            return np.asarray(window[0] + 0.5 + place)
        return np.asarray(np.take_along_axis(pieces, place[None], axis=0)[0])


@dataclass(frozen=True)
class Reading:
    """One number of a run.

    Attributes
    ----------
    output : a variable of the model
    statistic : over the window
    against : a window whose statistic divides that of the first
    share_of : a variable whose same reading divides it
    times : a parameter that multiplies it, such as how far a source overstates
    """

    output: str
    statistic: Statistic
    window: Window
    against: Window | None = None
    share_of: str = ""
    times: str = ""

    @property
    def end(self) -> float:
        """Model time to which a run must be followed."""
        return max(self.window[1], self.against[1] if self.against else 0.0)


def read(reading: Reading, series: Mapping[str, Array], times: Array) -> Array:
    """(n,) the reading of each of (n, n_times) series by name, before what multiplies it.

    Parameters
    ----------
    reading : what is read, of which windows
    series : (n, n_times) of each variable that the reading names
    times : (n_times,) rising model times

    Returns
    -------
    (n,) in the statistic's unit; nan or infinite where it is divided by nothing.
    """

    def of(name: str) -> Array:
        value = over(reading.statistic, series[name], times, reading.window)
        if reading.against is None:
            return value
        return value / over(reading.statistic, series[name], times, reading.against)

    with np.errstate(divide="ignore", invalid="ignore"):
        return of(reading.output) / of(reading.share_of) if reading.share_of else of(reading.output)


def over(statistic: Statistic, series: Array, times: Array, window: Window) -> Array:
    """(n,) a statistic of each of (n, n_times) series over a window.

    Parameters
    ----------
    series : (n, n_times)
    times : (n_times,) rising model times
    window : inside of them; of some length, unless the statistic looks at one edge only

    Raises
    ------
    InputError : the window leaves the times

    >>> over("max", np.array([[0.0, 2.0, 2.0, 0.0]]), np.arange(4.0), (0.0, 3.0)).tolist()
    [2.0]
    """
    if not times[0] - ROUNDING <= window[0] <= window[1] <= times[-1] + ROUNDING:
        words = f"[{window[0]:g}, {window[1]:g}] is not inside [{times[0]:g}, {times[-1]:g}]"
        raise InputError(Problem("window", words))
    return STATISTICS[statistic].whole(_matrix(statistic, window, tuple(times)) @ series.T, window)


@lru_cache(maxsize=1024)
def _matrix(statistic: Statistic, window: Window, times: tuple[float, ...]) -> Any:
    """(n_pieces, n_times), sparse; kept, since every arm is read alike, on all draws."""
    from scipy.sparse import csr_array

    return csr_array(np.array(STATISTICS[statistic].weights(window, np.array(times))))


def reduce(statistic: Statistic, values: Array, times: Array) -> Array:
    """(...) a statistic from the first time to the last: the last axis of values is time.

    Parameters
    ----------
    values : (..., n_times)
    times : (n_times,) rising model times

    >>> times, rate = np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 4.0])
    >>> [float(reduce(one, rate, times)) for one in ("at_end", "mean", "sum", "change", "peak_time")]
    [4.0, 2.0, 4.0, 4.0, 1.5]
    """
    return np.asarray(reduce_to(statistic, values, times, times[-1:])[..., 0])


def reduce_to(statistic: Statistic, values: Array, times: Array, ends: Sequence[float] | Array) -> Array:
    """(..., n_ends) the same up to each end, the trapezes of all of them reckoned once.

    Parameters
    ----------
    statistic, values, times : as of `reduce`
    ends : model times, the first not before the first of `times`

    >>> reduce_to("sum", np.array([0.0, 2.0, 4.0]), np.array([0.0, 1.0, 2.0]), [1.0, 2.0]).tolist()
    [1.0, 4.0]
    """
    # a kept time that rounding left just past the end belongs to the window
    last = np.searchsorted(times, np.asarray(ends) + ROUNDING, side="right") - 1
    if statistic == "at_end":
        return np.asarray(values[..., last])
    if statistic not in ("mean", "sum"):
        flat = values.reshape(-1, values.shape[-1])
        columns = [over(statistic, flat, times, (float(times[0]), float(times[i]))) for i in last]
        return np.stack(columns, axis=-1).reshape(*values.shape[:-1], len(last))
    # the same numbers as by weights but for rounding, and many times faster
    areas = np.diff(times) * (values[..., 1:] + values[..., :-1]) / 2.0
    sums = np.stack([areas[..., :i].sum(axis=-1) for i in last], axis=-1)
    return sums / (times[last] - times[0]) if statistic == "mean" else sums


def unit_of(statistic: Statistic, unit: str, time: str) -> str:
    """The unit of a statistic of a series with this unit; `time` is the unit of Time.

    >>> unit_of("sum", "people/month", "month"), unit_of("peak_time", "people", "month")
    ('people', 'month')
    """
    rule = STATISTICS[statistic].unit
    if rule == "times time":
        return unit.removesuffix(f"/{time}")
    return {"own": unit, "time": time, "none": "Dmnl"}[rule]


def _periods(window: Window, times: Array) -> list[Array]:
    """The means of the window's periods, as sources count by them; a last part of a period stays a part."""
    start, end = window
    return [_mean(one, times) for one in pairwise([*np.arange(start, end - ROUNDING, 1.0), end])]


def _mean(window: Window, times: Array) -> Array:
    return _integral(window, times) / (window[1] - window[0])


def _integral(window: Window, times: Array) -> Array:
    """Weights of the exact integral over the window of the series drawn with straight lines."""
    start, end = window
    inner = times[(times > start + ROUNDING) & (times < end - ROUNDING)]
    weights = np.zeros_like(times)
    for first, last in pairwise([start, *inner, end]):
        weights += (last - first) / 2 * (_at(first, times) + _at(last, times))
    return weights


def _at(time: float, times: Array) -> Array:
    """Weights of the straight-line value at one time."""
    right = int(np.clip(np.searchsorted(times, time), 1, times.size - 1))
    share = np.clip((time - times[right - 1]) / (times[right] - times[right - 1]), 0.0, 1.0)
    weights = np.zeros_like(times)
    weights[right - 1], weights[right] = 1 - share, share
    return weights


def _largest(pieces: Array) -> NDArray[np.intp]:
    return np.asarray(pieces.argmax(axis=0))


def _means(window: Window, times: Array) -> list[Array]:
    return [_mean(window, times)]


STATISTICS: Mapping[Statistic, Definition] = {
    "mean": Definition("mean", _means),
    "sum": Definition("total", lambda window, times: [_integral(window, times)], unit="times time"),
    "max": Definition("highest of", _periods, _largest),
    "min": Definition("lowest of", _periods, lambda pieces: np.asarray(pieces.argmin(axis=0))),
    "at_end": Definition("at the end of", lambda window, times: [_at(window[1], times)], edge="end"),
    "at_start": Definition("at the start of", lambda window, times: [_at(window[0], times)], edge="start"),
    "change": Definition(
        "change over", lambda window, times: [_at(window[1], times) - _at(window[0], times)]
    ),
    "ratio": Definition("mean", _means, unit="none", two_windows=True),
    "peak_time": Definition("when the highest of", _periods, _largest, unit="time", smooth=False),
}
"""Every statistic; the largest, the least and when it was are of the means of periods."""
OBSERVED = tuple(name for name, one in STATISTICS.items() if one.smooth)
"""Those that an observation may have."""
OF_ONE_WINDOW = tuple(name for name, one in STATISTICS.items() if not one.two_windows)
"""Those that a claim and an outcome of study.toml may have."""
ON_PAGE = ("at_end", "mean", "sum")
"""Those that the page reckons too (`measuresOf` of its `statistics.js`): how a headline outcome is measured."""
