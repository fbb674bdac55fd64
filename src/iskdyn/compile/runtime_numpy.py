"""What generated NumPy kernels call, on arrays over members or over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]
exp, log, sqrt = np.exp, np.log, np.sqrt
sin, cos, tan, asin, acos, atan = np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan
sinh, cosh, tanh = np.sinh, np.cosh, np.tanh
minimum, maximum, trunc, where = np.minimum, np.maximum, np.trunc, np.where
divide, power, remainder = np.divide, np.power, np.remainder
invert = np.logical_not  # of a plain bool too, of which ~ makes -2
nan = np.nan


def lookup(x: Array, X: Array, Y: Array, O: Numbers, table: int) -> Array:  # noqa: N803, E741
    """A table's value at x; O holds the first and last place of its points in X and Y, and its mode.

    Mode 0 holds the ends, 1 goes on with the last slope, 2 holds the value of the last point passed.

    Parameters
    ----------
    x : (n,) where it is read; nan gives nan
    X, Y : points of all tables, one table after another
    O : (n_tables, 3) first and last place in them, and mode
    table : its row in O

    >>> X, Y = np.array([0.0, 1.0]), np.array([0.0, 10.0])
    >>> [float(lookup(np.array(2.0), X, Y, np.array([[0, 1, mode]]), 0)) for mode in (0, 1, 2)]
    [10.0, 20.0, 10.0]
    """
    first, last, mode = (int(value) for value in O[table])
    xs, ys = X[first : last + 1], Y[first : last + 1]
    if first == last:
        return np.where(np.isnan(x), x, ys[0])
    if mode == 0:
        return np.interp(x, xs, ys)
    low = np.clip(np.searchsorted(xs, x, side="right") - 1, 0, len(xs) - 2)
    if mode == 2:
        return np.where(x >= xs[-1], ys[-1], ys[low])
    slope = (ys[low + 1] - ys[low]) / (xs[low + 1] - xs[low])
    return np.where(x == xs[low + 1], ys[low + 1], ys[low] + (x - xs[low]) * slope)


def _mix(x: NDArray[np.integer]) -> NDArray[np.integer]:
    x = x ^ (x >> 16)
    x = (x * 0x7FEB352D) & 0xFFFFFFFF
    x = x ^ (x >> 15)
    x = (x * 0x846CA68B) & 0xFFFFFFFF
    return x ^ (x >> 16)


def random(seed: int, member: Numbers, stream: int, count: int) -> Array:
    """Numbers between 0 and 1 that depend only on their four keys.

    Parameters
    ----------
    seed : of the run, of which the last 32 bits count
    member : (n,) numbers of the members
    stream : number of the random function in the model
    count : number of the step

    Returns
    -------
    (n,) never 0 or 1.
    """
    x = _mix(np.asarray((int(seed) & 0xFFFFFFFF) ^ 0x9E3779B9, dtype=np.uint64))
    for key in (member, stream, int(count)):
        x = _mix(x ^ np.asarray(key, dtype=np.uint64))
    return (x.astype(float) + 0.5) / 4294967296.0
