"""What generated numba kernels call; the meaning of each function is fixed by one table of test cases."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from iskdyn.compile.intrinsics import maximum, minimum, peek, poke, select

exp, log, sqrt = math.exp, math.log, math.sqrt
sin, cos, tan, asin, acos, atan = math.sin, math.cos, math.tan, math.asin, math.acos, math.atan
sinh, cosh, tanh = math.sinh, math.cosh, math.tanh
nan = math.nan
__all__ = [
    "acos", "asin", "atan", "cos", "cosh", "exp", "log", "lookup", "maximum", "minimum", "nan", "normal_cdf",
    "normal_quantile", "peek", "poke", "random", "select", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
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
def _mix(x: int) -> int:
    x = np.uint32(x)
    x ^= x >> np.uint32(16)
    x = np.uint32(x * np.uint32(0x7FEB352D))
    x ^= x >> np.uint32(15)
    x = np.uint32(x * np.uint32(0x846CA68B))
    x ^= x >> np.uint32(16)
    return x


@njit(error_model="numpy")
def random(seed: int, member: int, stream: int, count: int) -> float:
    """A number between 0 and 1 that depends only on its four keys."""
    x = _mix(np.uint32(seed) ^ np.uint32(0x9E3779B9))
    x = _mix(x ^ np.uint32(member))
    x = _mix(x ^ np.uint32(stream))
    x = _mix(x ^ np.uint32(count))
    return (float(x) + 0.5) / 4294967296.0


@njit(error_model="numpy")
def normal_cdf(x: float) -> float:
    """Share of a standard normal below x."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@njit(error_model="numpy")
def normal_quantile(p: float) -> float:
    """Inverse of `normal_cdf` (Acklam 2003, then one step of Halley's method)."""
    if p <= 0.0:
        return -math.inf
    if p >= 1.0:
        return math.inf
    a0, a1, a2, a3, a4, a5 = (
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.383577518672690e2,
        -3.066479806614716e1,
        2.506628277459239,
    )  # noqa: E501
    b0, b1, b2, b3, b4 = (
        -5.447609879822406e1,
        1.615858368580409e2,
        -1.556989798598866e2,
        6.680131188771972e1,
        -1.328068155288572e1,
    )  # noqa: E501
    c0, c1, c2, c3, c4, c5 = (
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    )  # noqa: E501
    d0, d1, d2, d3 = 7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416
    if p < 0.02425 or p > 0.97575:
        tail = p if p < 0.5 else 1.0 - p
        q = math.sqrt(-2.0 * math.log(tail))
        x = (((((c0 * q + c1) * q + c2) * q + c3) * q + c4) * q + c5) / (
            (((d0 * q + d1) * q + d2) * q + d3) * q + 1.0
        )  # noqa: E501
        x = x if p < 0.5 else -x
    else:
        q = p - 0.5
        r = q * q
        x = (
            (((((a0 * r + a1) * r + a2) * r + a3) * r + a4) * r + a5)
            * q
            / (((((b0 * r + b1) * r + b2) * r + b3) * r + b4) * r + 1.0)
        )  # noqa: E501
    error = normal_cdf(x) - p
    step = error * math.sqrt(2.0 * math.pi) * math.exp(x * x / 2.0)
    return x - step / (1.0 + x * step / 2.0)
