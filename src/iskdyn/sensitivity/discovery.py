"""Where cases of interest lie: PRIM boxes and a small tree, tried on draws they have not seen.

PRIM: Friedman & Fisher 1999, doi:10.1023/A:1008894516817; coverage and density: Bryant & Lempert 2010,
doi:10.1016/j.techfore.2009.08.002. Written here since the package `prim` is under the GPL and takes 20 s for a
box in 1,000 draws of 160 numbers, and the EMA workbench brings evaluators and 150 MB; the tree is scikit-learn's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
PEEL = 0.05
"""Share of the draws in a box that one peel cuts off at most: PRIM is patient, lest it cut off what it should
keep."""
SMALLEST = 0.05
"""A box holds at least so large a share of all draws: a smaller one is chance, and no place to plan for."""
MOST_COLUMNS, KS_1_PERCENT = 12, 1.628
"""Columns that may be peeled, and the 1 % point of the Kolmogorov-Smirnov statistic: one number in a hundred passes
by chance."""
MOST_LIMITS = 3
"""Of one region: a sentence with more limits is not kept in mind."""
SURE = 2.5
"""A region holds if its density on held-out draws is so many standard errors above their share of cases: one in 160
by chance."""
LEAST_GAIN = 0.02
"""A limit whose removal costs less density than this is dropped: two failures in a hundred are not worth a
condition."""


@dataclass(frozen=True)
class Quality:
    """How well a region tells cases from the rest.

    Attributes
    ----------
    coverage : share of the cases that lie inside
    density : share of the draws inside that are cases
    mass : share of all draws that lie inside
    n_inside : how many draws lie inside
    """

    coverage: float
    density: float
    mass: float
    n_inside: int


@dataclass(frozen=True)
class Region:
    """Limits on a few numbers, found on one part of the draws and tried on the other.

    Attributes
    ----------
    limits : per number its least and its greatest value, infinite where open
    found, held_out : on the draws that it was found on, and on the others
    base : share of cases among the held-out draws: what a region that says nothing has as its density
    """

    limits: Mapping[str, tuple[float, float]]
    found: Quality
    held_out: Quality
    base: float

    @property
    def holds(self) -> bool:
        """Whether it tells cases from the rest on draws that it has not seen, beyond chance."""
        chance = math.sqrt(self.base * (1 - self.base) / max(self.held_out.n_inside, 1))
        return bool(self.limits) and self.held_out.density > self.base + SURE * chance


@dataclass(frozen=True)
class _Box:
    """(n_columns,) limits while a box is being cut."""

    low: Array
    high: Array

    def inside(self, numbers: Array) -> Mask:
        part, low, high = numbers[:, self.limited], self.low[self.limited], self.high[self.limited]
        return np.asarray(((part >= low) & (part <= high)).all(axis=1))

    @property
    def limited(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))

    def without(self, column: int) -> _Box:
        low, high = self.low.copy(), self.high.copy()
        low[column], high[column] = -np.inf, np.inf
        return _Box(low, high)


@dataclass(frozen=True)
class Cases:
    """Draws and which of them are of interest.

    Attributes
    ----------
    names : (n_columns) of the numbers
    numbers : (n, n_columns)
    hit : (n,) the cases
    held : (n,) the draws that nothing is found on
    """

    names: tuple[str, ...]
    numbers: Array
    hit: Mask
    held: Mask = field(repr=False)

    @property
    def share(self) -> float:
        """The share of cases among all draws."""
        return float(self.hit.mean())

    def region(self, limits: Mapping[str, tuple[float, float]], inside: Mask) -> Region:
        """The region of these draws, with its quality on both parts."""
        parts = (~self.held, self.held)
        found, held = (quality(inside[part], self.hit[part]) for part in parts)
        return Region(limits, found, held, float(self.hit[self.held].mean()))


def quality(inside: Mask, hit: Mask) -> Quality:
    """Coverage, density and mass of the draws inside; 0 where there are none to count."""
    both = float((inside & hit).sum())
    n_inside = int(inside.sum())
    return Quality(float(both / max(hit.sum(), 1)), both / max(n_inside, 1), float(inside.mean()), n_inside)


def telling(numbers: Array, hit: Mask) -> NDArray[np.intp]:
    """The columns in which cases lie otherwise than the rest, clearest first.

    Peels among many numbers follow noise: only those count whose Kolmogorov-Smirnov distance between cases
    and the rest passes at 1 %, and of them the first few.
    """
    n_hit, n_rest = int(hit.sum()), int((~hit).sum())
    if not n_hit or not n_rest:
        return np.empty(0, dtype=np.intp)
    ordered = hit[np.argsort(numbers, axis=0, kind="stable")]
    gap = np.cumsum(ordered / n_hit - ~ordered / n_rest, axis=0)
    distance = np.abs(gap).max(axis=0)
    columns = np.argsort(-distance, kind="stable")[:MOST_COLUMNS]
    return np.asarray(columns[distance[columns] > KS_1_PERCENT * math.sqrt(1 / n_hit + 1 / n_rest)])


def boxes(cases: Cases, most: int = 2) -> list[Region]:
    """PRIM: up to so many boxes, each found on the draws that those before leave; fewer where none is better."""
    found: list[Region] = []
    left = ~cases.held
    while len(found) < most:
        columns = telling(cases.numbers[left], cases.hit[left])
        if not len(columns):
            break
        numbers = cases.numbers[:, columns]
        box = _best(numbers[left], cases.hit[left], SMALLEST * (~cases.held).sum() / left.sum())
        inside = box.inside(numbers)
        if not len(box.limited):
            break
        limits = {cases.names[columns[i]]: (float(box.low[i]), float(box.high[i])) for i in box.limited}
        found.append(cases.region(limits, inside))
        left = left & ~inside
    return found


def _best(numbers: Array, hit: Mask, smallest: float) -> _Box:
    """The box of the peeling path, cut down to a few limits, with the best mean of coverage and density."""
    path = [_simple(box, numbers, hit) for box in _path(numbers, hit, smallest)]
    return max(path, key=lambda box: _score(quality(box.inside(numbers), hit), len(box.limited)))


def _score(one: Quality, n_limits: int) -> float:
    """Harmonic mean of coverage and density, less a little for each limit."""
    total = one.coverage + one.density
    return (2 * one.coverage * one.density / total if total else 0.0) - LEAST_GAIN * n_limits / 2


def _path(numbers: Array, hit: Mask, smallest: float) -> Iterator[_Box]:
    """The whole space, then box by box with the peel that leaves the densest remainder."""
    width = numbers.shape[1]
    box = _Box(np.full(width, -np.inf), np.full(width, np.inf))
    inside = np.ones(len(hit), dtype=bool)
    while True:
        yield box
        part, of_part = numbers[inside], hit[inside]
        low, high = np.quantile(part, [PEEL, 1 - PEEL], axis=0)
        keeps = np.concatenate([part >= low, part <= high], axis=1)
        kept = keeps.sum(axis=0)
        density = _density(keeps, of_part)
        density[(kept < smallest * len(hit)) | (kept == len(part))] = -1.0
        best = int(density.argmax())
        if density[best] < of_part.mean() or density[best] < 0 or of_part.all():
            return
        limits = _Box(box.low.copy(), box.high.copy())
        if best < width:
            limits.low[best] = low[best]
        else:
            limits.high[best - width] = high[best - width]
        box, inside = limits, limits.inside(numbers)


def _simple(box: _Box, numbers: Array, hit: Mask) -> _Box:
    """The box with the limits dropped, least useful first, that cost little density or are too many."""
    limited = box.limited
    part = numbers[:, limited]
    outside = (part < box.low[limited]) | (part > box.high[limited])
    while len(limited):
        broken = outside.sum(axis=1)
        density = _density((broken == 0)[:, None], hit)
        costs = density - _density(broken[:, None] == outside, hit)
        least = int(costs.argmin())
        if costs[least] >= LEAST_GAIN and len(limited) <= MOST_LIMITS:
            break
        box = box.without(limited[least])
        limited, outside = np.delete(limited, least), np.delete(outside, least, axis=1)
    return box


def _density(inside: Mask, hit: Mask) -> Array:
    """(k,) share of cases among the draws inside each of k regions, (n, k)."""
    return np.asarray(hit.astype(float) @ inside / np.maximum(inside.sum(axis=0), 1))


def tree(cases: Cases, depth: int = 2) -> list[Region]:
    """A small tree: the leaves in which cases are commoner than among all draws, densest first."""
    from sklearn.tree import DecisionTreeClassifier

    found_on = ~cases.held
    columns = telling(cases.numbers[found_on], cases.hit[found_on])
    if not len(columns):
        return []
    numbers, names = cases.numbers[:, columns], tuple(cases.names[i] for i in columns)
    grown = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=SMALLEST, random_state=1)
    grown.fit(numbers[found_on], cases.hit[found_on])
    leaf = grown.apply(numbers)
    regions = [cases.region(limits, leaf == i) for i, limits in _leaves(grown.tree_, names)]
    dense = [one for one in regions if one.limits and one.found.density > cases.hit[found_on].mean()]
    return sorted(dense, key=lambda one: -one.found.density)


def _leaves(grown: object, names: tuple[str, ...]) -> Iterator[tuple[int, dict[str, tuple[float, float]]]]:
    """Each leaf of a scikit-learn tree with the limits that lead to it."""
    left, right = grown.children_left, grown.children_right  # type: ignore[attr-defined]
    column, threshold = grown.feature, grown.threshold  # type: ignore[attr-defined]
    open_nodes: list[tuple[int, dict[str, tuple[float, float]]]] = [(0, {})]
    while open_nodes:
        node, limits = open_nodes.pop()
        if left[node] < 0:
            yield node, limits
            continue
        name, cut = names[column[node]], float(threshold[node])
        low, high = limits.get(name, (-np.inf, np.inf))
        open_nodes.append((int(left[node]), {**limits, name: (low, min(high, cut))}))
        open_nodes.append((int(right[node]), {**limits, name: (max(low, cut), high)}))
