"""What generated numba kernels call; the meaning of each function is fixed by one table of test cases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from iskdyn.compile.intrinsics import maximum, minimum, peek, poke, select

exp, log, sqrt = math.exp, math.log, math.sqrt
sin, cos, tan, asin, acos, atan = math.sin, math.cos, math.tan, math.asin, math.acos, math.atan
sinh, cosh, tanh = math.sinh, math.cosh, math.tanh
nan = math.nan
__all__ = [
    "acos", "asin", "atan", "cos", "cosh", "exp", "log", "lookup", "maximum", "minimum", "nan", "peek",
    "poke", "random", "select", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
]  # fmt: skip


@njit(error_model="numpy")
def trunc(a: float) -> float:
    """Towards zero."""
    return np.trunc(a)


@njit(error_model="numpy")
def lookup(x: float, X, Y, O, table: int) -> float:  # type: ignore[no-untyped-def]  # noqa: N803, E741
    """A table's value at x; O holds the first and last place of its points in X and Y, and its mode.

    Mode 0 holds the ends, 1 goes on with the last slope, 2 holds the value of the last point passed.
    """
    first, last, mode = O[table, 0], O[table, 1], O[table, 2]
    if x != x or first == last:
        return x if x != x else Y[first]
    if mode != 1 and x <= X[first]:
        return Y[first]
    if mode != 1 and x >= X[last]:
        return Y[last]
    low, high = first, last
    while high - low > 1:
        middle = (low + high) >> 1
        if X[middle] <= x:
            low = middle
        else:
            high = middle
    if mode == 2:
        return Y[low]
    if x == X[high]:
        return Y[high]
    return Y[low] + (x - X[low]) * ((Y[high] - Y[low]) / (X[high] - X[low]))


@njit(error_model="numpy")
def _mix(key: Any) -> Any:
    x = np.uint32(key)
    x ^= x >> np.uint32(16)
    x = np.uint32(x * np.uint32(0x7FEB352D))
    x ^= x >> np.uint32(15)
    x = np.uint32(x * np.uint32(0x846CA68B))
    x ^= x >> np.uint32(16)
    return x


@njit(error_model="numpy")
def random(seed: int, member: int, stream: int, count: int) -> float:
    """A number between 0 and 1 that depends only on its four keys."""
    x: Any = _mix(np.uint32(seed) ^ np.uint32(0x9E3779B9))
    x = _mix(x ^ np.uint32(member))
    x = _mix(x ^ np.uint32(stream))
    x = _mix(x ^ np.uint32(count))
    return (float(x) + 0.5) / 4294967296.0
