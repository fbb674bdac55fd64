"""How far two tables of values are apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iskdyn.arrays import Array, Numbers, Value
from iskdyn.simulate.engines import Values
from iskdyn.simulate.expected import Expected

SMALLEST_SCALE = 1e-9
"""A variable that stays below it is rounding: two sums that cancel differ in their last bits only."""
SAME_TIME = 1e-6
"""Of the smallest gap between two rows: what two engines round differently is far smaller, another row far away."""


@dataclass(frozen=True)
class Distance:
    """The worst difference, relative to its variable's largest value, and what was compared.

    Attributes
    ----------
    worst : inf where one value is a number and the other is none
    variable : the one that has it; n_variables, n_times : that both have
    missing : rows of either, between the times that both cover, that the other lacks
    """

    worst: float
    variable: str
    n_variables: int
    n_times: int
    missing: int = 0


def between(first: Values, second: Values) -> Distance:
    """The distance of two runs over all common variables and times."""
    rows, places = common(first["time"], second["time"])
    worst, name, n_variables = 0.0, "", 0
    for key, values in first.items():
        if key == "time" or key not in second:
            continue
        n_variables += 1
        gap = _gap(values[rows], second[key][places], 0.0)
        if gap > worst:
            worst, name = gap, key
    return Distance(worst, name, n_variables, len(rows), _missing(first["time"], second["time"], len(rows)))


def to_published(values: Values, table: Expected) -> Distance:
    """The distance of a run to a printed table, beyond a unit of the last printed digit."""
    rows, places = _printed(values["time"], table)
    worst, name, n_variables = 0.0, "", 0
    for key, (numbers, unit) in table.values.items():
        if key not in values or key == "time":
            continue
        n_variables += 1
        shown = np.isfinite(numbers[places])
        gap = _gap(values[key][rows][shown], numbers[places][shown], unit[places][shown])
        if gap > worst:
            worst, name = gap, key
    return Distance(worst, name, n_variables, len(rows))


def common(first: Array, second: Array) -> tuple[Numbers, Numbers]:
    """Places, in each, of the times that both have."""
    if not len(first) or not len(second):
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    steps = np.concatenate([np.diff(first), np.diff(second)])
    # two rows at one time leave no gap to take a part of
    near = SAME_TIME * max(float(np.min(np.abs(steps[steps != 0.0]), initial=1.0)), 1e-12)
    places = np.clip(np.searchsorted(second, first - near), 0, len(second) - 1)
    same = np.abs(second[places] - first) <= 10 * near
    return np.nonzero(same)[0], places[same]


def _printed(times: Array, table: Expected) -> tuple[Numbers, Numbers]:
    """Places, in the run and in the table, of the rows whose printed time is that of one row of the run."""
    if not len(times) or not len(table.times):
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    right = np.clip(np.searchsorted(times, table.times), min(1, len(times) - 1), len(times) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(times[left] - table.times) <= np.abs(times[right] - table.times), left, right)
    gap = np.abs(times[nearest] - table.times)
    step = float(np.min(np.diff(times), initial=np.inf))
    near = np.maximum(table.time_digits, SAME_TIME * min(step, 1.0))
    found = np.nonzero((gap <= near) & (near < 0.5 * step))[0]
    return nearest[found], found


def _missing(first: Array, second: Array, n_common: int) -> int:
    if not len(first) or not len(second):
        return max(len(first), len(second))
    low, high = max(first[0], second[0]), min(first[-1], second[-1])
    # ends of two engines' times differ by rounding
    inside = [int(np.sum((times >= low - 1e-9) & (times <= high + 1e-9))) for times in (first, second)]
    # likewise
    ends = int(abs(first[-1] - second[-1]) > 1e-9) + int(abs(first[0] - second[0]) > 1e-9)
    return max(inside) - n_common + ends


def _gap(a: Array, b: Array, slack: Value) -> float:
    both = np.isnan(a) & np.isnan(b)
    finite = np.concatenate([np.abs(a[np.isfinite(a)]), np.abs(b[np.isfinite(b)])])
    scale = max(float(np.max(finite, initial=0.0)), SMALLEST_SCALE)
    with np.errstate(invalid="ignore"):
        gap = np.where(both | (a == b), 0.0, np.maximum(np.abs(a - b) - slack, 0.0)) / scale
    return float(np.max(np.where(np.isnan(gap), np.inf, gap), initial=0.0))
