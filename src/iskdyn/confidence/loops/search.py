"""The search for loops of several stocks, compiled; see `strong`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
ROUNDING = 1e-9
"""Far more than the order of three factors can move their product."""


@njit(nogil=True)
def search(
    weights: Array, stations: Whole, fitting: int, threshold: float, longest: int, budget: int,
    sizes: Array, signed: Array,
) -> int:  # fmt: skip
    """Adds the loops of one run and step to the sums; their number, below zero where the budget ran out.

    Parameters
    ----------
    weights : (n, n) score from each stock to each other
    stations : (n, n_names) what each stock is to each name, in bits; a loop is the first name's for which
        the bits of all its stocks together are `fitting`
    threshold : least size of a loop's score, above 0
    longest : stocks of a loop at most
    budget : paths at most
    sizes, signed : (n, n_names + 1) sums of |score| and of score, to which is added; the last name is none
    """
    n, n_names = stations.shape
    followers, degree = _followers(weights)
    path, turn, product = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64), np.ones(n + 1)
    inside = np.zeros(n, np.bool_)
    passed = np.zeros((n + 1, n_names), stations.dtype)
    back, reach = np.zeros((longest + 1, n)), np.zeros((longest + 1, n, n))
    sure = threshold * (1.0 - ROUNDING)
    n_loops, n_paths = 0, 0
    for first in range(n):
        _best_ways_back(weights, followers, degree, first, back, reach)
        if back[longest, first] < threshold:
            continue
        depth = 0
        path[0], turn[0], inside[first] = first, 0, True
        for name in range(n_names):
            passed[0, name] = stations[first, name]
        while depth >= 0:
            here, size = path[depth], abs(product[depth])
            # Nearly all links lead nowhere: those that surely do are passed over at once.
            i = turn[depth]
            while i < degree[here] and size * reach[longest - depth, here, i] < sure:
                i += 1
            turn[depth] = i + 1
            if i == degree[here]:
                inside[here] = False
                depth -= 1
                continue
            following = followers[here, i]
            score = product[depth] * weights[here, following]
            if following == first:
                if depth > 0 and abs(score) >= threshold:
                    n_loops += 1
                    name = _name(passed[depth], fitting)
                    for k in range(depth + 1):
                        sizes[path[k], name] += abs(score)
                        signed[path[k], name] += score
                continue
            if inside[following] or abs(score) * back[longest - depth - 1, following] < threshold:
                continue
            n_paths += 1
            if n_paths > budget:
                return -n_loops - 1
            depth += 1
            path[depth], turn[depth], product[depth], inside[following] = following, 0, score, True
            for name in range(n_names):
                passed[depth, name] = passed[depth - 1, name] | stations[following, name]
    return n_loops


@njit()
def _followers(weights: Array) -> tuple[Whole, Whole]:
    """(n, n) what follows each stock, and how many do; itself left out."""
    n = len(weights)
    followers, degree = np.zeros((n, n), np.int64), np.zeros(n, np.int64)
    for cause in range(n):
        for effect in range(n):
            if cause != effect and weights[cause, effect] != 0.0:
                followers[cause, degree[cause]] = effect
                degree[cause] += 1
    return followers, degree


@njit()
def _best_ways_back(
    weights: Array, followers: Whole, degree: Whole, first: int, back: Array, reach: Array
) -> None:
    """The largest product of a walk of at most so many links to `first`, through later stocks.

    A walk may pass a stock twice, so that no path does better.

    back : (longest + 1, n) from each stock, of at most so many links
    reach : (longest + 1, n, n) the same by the stock's first link, in the order of its followers; infinite
        where that leads to `first`, 0 where it leads to an earlier stock
    """
    for here in range(first, len(weights)):
        back[0, here] = 0.0
    for links in range(1, len(back)):
        for here in range(first, len(weights)):
            largest = abs(weights[here, first]) if here != first else 0.0
            for i in range(degree[here]):
                following = followers[here, i]
                if following > first:
                    reach[links, here, i] = abs(weights[here, following]) * back[links - 1, following]
                    largest = max(largest, reach[links, here, i])
                else:
                    reach[links, here, i] = np.inf if following == first else 0.0
            back[links, here] = largest


@njit()
def _name(passed: Whole, fitting: int) -> int:
    """The first name that fits what a loop passed; one more than the last where none does."""
    for name in range(len(passed)):
        if passed[name] == fitting:
            return name
    return len(passed)
