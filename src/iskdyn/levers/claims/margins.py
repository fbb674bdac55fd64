"""How far each claim is passed or missed, draw by draw."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from iskdyn.levers.claims.form import Band, Claim, Part
from iskdyn.levers.claims.measure import Measured

Array = NDArray[np.float64]
_TINY = 1e-9
"""Instead of a division by nothing: a right side of 0 makes a margin without bound, which is `_MOST`."""
_MOST = 1e6
"""Per cent: stands for a margin without bound, so that quantiles of margins stay numbers."""


def margin(claim: Claim, measured: Measured, *, control: bool = False) -> Array:
    """(n_draws,) margin of a claim in per cent: above 0 it holds.

    The least of its parts, or the greatest where any part will do. A relation's margin is in per cent of its
    right side, a band's in per cent of half its width (of its bound where the other is open). A reading that
    does not exist in a draw, such as a ratio to a window without any event, misses; one without bound passes or
    misses by 1e6 per cent.

    Parameters
    ----------
    control : with the arms of the claim's control in place of its own
    """
    parts = np.array([part_margin(part, measured, claim.control if control else {}) for part in claim.parts])
    return np.asarray(parts.max(axis=0) if claim.any_part else parts.min(axis=0))


def part_margin(part: Part, measured: Measured, stand_in: Mapping[str, str] | None = None) -> Array:
    """(n_draws,) margin of one expectation, with other arms in place of some.

    Parameters
    ----------
    part : of a claim: a relation of arms, or a band for one
    measured : (n_draws,) of each arm and reading
    stand_in : by arm of the claim the arm that is read in its place

    Returns
    -------
    Per cent, above 0 where it holds; see `margin`.
    """
    arms = {arm: measured[(stand_in or {}).get(arm, arm), part.reading] for arm in part.test.arms}
    test = part.test
    if isinstance(test, Band):
        return _band_margin(arms[test.arm], test)
    left, right = (np.sum([arms[arm] for arm in side], axis=0) for side in (test.left, test.right))
    with np.errstate(invalid="ignore"):  # two ratios without bound: nothing to compare
        difference = 100 * (left - right) / np.maximum(np.abs(right), _TINY)
    if test.sign == "~":
        return _finite(test.percent - np.abs(difference))
    return _finite((difference if test.sign == ">" else -difference) - test.percent)


def _band_margin(value: Array, band: Band) -> Array:
    if math.isinf(band.low):
        return _finite(100 * (band.high - value) / max(abs(band.high), _TINY))
    if math.isinf(band.high):
        return _finite(100 * (value - band.low) / max(abs(band.low), _TINY))
    return _finite(100 * np.minimum(value - band.low, band.high - value) / ((band.high - band.low) / 2))


def _finite(margins: Array) -> Array:
    """With a draw in which nothing happened that could be compared, such as a ratio of zeros, as a miss."""
    return np.nan_to_num(margins, nan=-_MOST, posinf=_MOST, neginf=-_MOST)
