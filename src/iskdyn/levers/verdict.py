"""Which way a difference goes: one test, whatever shows it (the page has the same in its own language)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.telling.thresholds import AGREE, EDGES, NARROW, SMALL

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Verdict = Literal["lower", "higher", "open", "hardly any"]

SURE: tuple[Verdict, ...] = ("lower", "higher")
"""A direction is told."""


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
    low, middle, high = np.quantile(change, EDGES)
    if not agreed(change, parts):
        return "hardly any" if max(abs(low), abs(high)) <= NARROW * level else "open"
    if abs(middle) < SMALL * level:
        return "hardly any"
    return "lower" if middle < 0 else "higher"


def agreed(change: Array, parts: Collection[Mask] = ()) -> bool:
    """Whether as many draws as must agree have one sign, of all and of each part."""
    signs = np.sign(change)
    groups = [signs, *(signs[part] for part in parts)]
    return any(all(np.mean(one == side) >= AGREE for one in groups) for side in (-1, 1))
