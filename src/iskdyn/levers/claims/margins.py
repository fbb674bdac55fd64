"""How far each claim is passed or missed, draw by draw."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from iskdyn.levers.claims.form import Claim
from iskdyn.levers.claims.measure import Measured
from iskdyn.study import Expectation
from iskdyn.study import margin as direction_margin

Array = NDArray[np.float64]
_TINY = 1e-9
"""Instead of a division by nothing: a right side of 0 makes a margin without bound, which is `_MOST`."""
_MOST = 1e6
"""Per cent: stands for a margin without bound, so that quantiles of margins stay numbers."""


def margin(claim: Claim, measured: Measured, *, control: bool = False) -> Array:
    """(n_draws,) margin of a claim in per cent: above 0 it holds.

    The least of its parts, or the greatest where any part will do. A relation's margin is in per cent of its
    right side, that of bounds in per cent of half their distance (of the one where the other is open). A reading that
    does not exist in a draw, such as a ratio to a window without any event, misses; one without bound passes or
    misses by 1e6 per cent.

    Parameters
    ----------
    control : with the arms of the claim's control in place of its own
    """
    parts = np.array([part_margin(part, measured, claim.control if control else {}) for part in claim.parts])
    return np.asarray(parts.max(axis=0) if claim.any_part else parts.min(axis=0))


def part_margin(part: Expectation, measured: Measured, stand_in: Mapping[str, str] | None = None) -> Array:
    """(n_draws,) margin of one expectation, with other arms in place of some.

    Parameters
    ----------
    part : of a claim: a relation of arms, or bounds for some
    measured : (n_draws,) of each arm and reading
    stand_in : by arm of the claim the arm that is read in its place

    Returns
    -------
    Per cent, above 0 where it holds; see `margin`.
    """
    left, right = (
        np.sum([measured[(stand_in or {}).get(arm, arm), part.reading] for arm in arms], axis=0)
        for arms in (part.arms, part.than)
    )
    if part.kind == "within":
        return _within(left, part.low, part.high)
    with np.errstate(invalid="ignore"):  # two ratios without bound: nothing to compare
        change = 100 * (left - right) / np.maximum(np.abs(right), _TINY)
    return _finite(direction_margin(part.kind, change, 100 * part.by))


def _within(value: Array, low: float, high: float) -> Array:
    if math.isinf(low):
        return _finite(100 * (high - value) / max(abs(high), _TINY))
    if math.isinf(high):
        return _finite(100 * (value - low) / max(abs(low), _TINY))
    return _finite(100 * np.minimum(value - low, high - value) / ((high - low) / 2))


def _finite(margins: Array) -> Array:
    """With a draw in which nothing happened that could be compared, such as a ratio of zeros, as a miss."""
    return np.nan_to_num(margins, nan=-_MOST, posinf=_MOST, neginf=-_MOST)
