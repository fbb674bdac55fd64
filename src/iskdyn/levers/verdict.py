"""Which way a difference goes: one test, whatever shows it (the page has the same in its own language)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Verdict = Literal["lower", "higher", "open", "hardly any"]

SURE: tuple[Verdict, ...] = ("lower", "higher")
"""A direction is told."""
AGREE = 0.9
"""Share of the draws that must agree on a sign, of all and of each part of the structures with some weight: with
400 draws the share errs by 1.5 hundredths, so that nine in ten is told from eight."""
SMALL = 0.01
"""A middle below this share of what it is compared with is told as hardly any: no source could see it."""
NARROW = 0.02
"""So is a difference without one sign whose range lies within this share: too small is not unknown."""


def verdict(change: Array, base: Array, parts: Collection[Mask] = ()) -> Verdict:
    """What may be said of a paired difference.

    Parameters
    ----------
    change, base : (n_draws,) differences, and what each is compared with
    parts : (n_draws,) which draws belong to each part of the structures, see `calibration.weighty`

    >>> base, change = np.full(10, 100.0), np.array([-5.0] * 9 + [5.0])
    >>> verdict(change, base), verdict(change / 10, base)
    ('lower', 'hardly any')
    >>> verdict(change, base, [np.arange(10) < 8, np.arange(10) >= 8])
    'open'
    """
    level = abs(float(np.median(base)))
    low, middle, high = np.quantile(change, (0.05, 0.5, 0.95))
    if not agreed(change, parts):
        return "hardly any" if max(abs(low), abs(high)) <= NARROW * level else "open"
    if abs(middle) < SMALL * level:
        return "hardly any"
    return "lower" if middle < 0 else "higher"


def agreed(change: Array, parts: Collection[Mask] = ()) -> bool:
    """Whether nine draws of ten have one sign, of all and of each part."""
    signs = np.sign(change)
    groups = [signs, *(signs[part] for part in parts)]
    return any(all(np.mean(one == side) >= AGREE for one in groups) for side in (-1, 1))
