"""The search for loops of several stocks, compiled; see `strong`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = Any


@njit(nogil=True)
def search_all(
    weights: Array, through: Array, without: Array, threshold: float, longest: int, budget: int
) -> tuple[Array, Array, Array, int]:
    """Sums by stock and name in every run and step, where the search stopped, and the loops met.

    Parameters
    ----------
    weights : (n_runs, n_steps, n, n) score from each stock to each other
    through, without : (n_names, n_parts, n) and (n_names, n), the stations of each name
    threshold : least size of a loop's score, above 0
    longest : stocks of a loop at most
    budget : paths at most in one run and step

    Returns
    -------
    Sums of |score| and of score, (n_runs, n_steps, n, n_names + 1) each, those of no name last; (n_runs, n_steps)
    1 where the search stopped; and how many loops were met.
    """
    n_runs, n_steps, n = weights.shape[:3]
    sizes = np.zeros((n_runs, n_steps, n, len(without) + 1))
    signed = np.zeros_like(sizes)
    stopped = np.zeros((n_runs, n_steps))
    n_loops = 0
    for run in range(n_runs):
        for step in range(n_steps):
            found = search(
                weights[run, step], through, without, threshold, longest, budget,
                sizes[run, step], signed[run, step],
            )  # fmt: skip
            n_loops += abs(found)
            stopped[run, step] = found < 0
    return sizes, signed, stopped, n_loops


@njit()
def search(
    weights: Array, through: Array, without: Array, threshold: float, longest: int, budget: int,
    sizes: Array, signed: Array,
) -> int:  # fmt: skip
    """Adds the loops of one run and step to the sums; their number, below zero where the budget ran out.

    Parameters
    ----------
    weights : (n, n) score from each stock to each other
    through, without : stations of each name, as of `search_all`
    threshold : least size of a loop's score, above 0
    longest : stocks of a loop at most
    budget : paths at most
    sizes, signed : (n, n_names + 1) sums of |score| and of score, to which is added; the last name is none
    """
    n = len(weights)
    followers, degree = _followers(weights)
    path, turn, product = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64), np.ones(n + 1)
    inside = np.zeros(n, np.bool_)
    n_loops, n_paths = 0, 0
    for first in range(n):
        back = _best_way_back(weights, followers, degree, first, longest)
        if back[longest, first] < threshold:
            continue
        depth = 0
        path[0], turn[0], inside[first] = first, 0, True
        while depth >= 0:
            here = path[depth]
            if turn[depth] == degree[here]:
                inside[here] = False
                depth -= 1
                continue
            following = followers[here, turn[depth]]
            turn[depth] += 1
            score = product[depth] * weights[here, following]
            if following == first:
                if depth > 0 and abs(score) >= threshold:
                    n_loops += 1
                    _add(path[: depth + 1], score, through, without, sizes, signed)
                continue
            if following < first or inside[following] or depth + 1 >= longest:
                continue
            if abs(score) * back[longest - depth - 1, following] < threshold:
                continue
            n_paths += 1
            if n_paths > budget:
                return -n_loops - 1
            depth += 1
            path[depth], turn[depth], product[depth], inside[following] = following, 0, score, True
    return n_loops


@njit()
def _followers(weights: Array) -> tuple[Array, Array]:
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
def _best_way_back(weights: Array, followers: Array, degree: Array, first: int, longest: int) -> Array:
    """(longest + 1, n) largest product of a walk of at most so many links to `first`, through later stocks.

    A walk may pass a stock twice, so that no path does better.
    """
    n = len(weights)
    best = np.zeros((longest + 1, n))
    for links in range(1, longest + 1):
        for here in range(first, n):
            largest = abs(weights[here, first]) if here != first else 0.0
            for i in range(degree[here]):
                following = followers[here, i]
                if following > first:
                    largest = max(largest, abs(weights[here, following]) * best[links - 1, following])
            best[links, here] = largest
    return best


@njit()
def _add(path: Array, score: float, through: Array, without: Array, sizes: Array, signed: Array) -> None:
    """A loop counts under the first name that fits, at each of its stocks."""
    name = 0
    while name < len(without) and not _fits(path, through[name], without[name]):
        name += 1
    for stock in path:
        sizes[stock, name] += abs(score)
        signed[stock, name] += score


@njit()
def _fits(path: Array, through: Array, without: Array) -> bool:
    """Whether a loop passes one station of each part and none of those that it must not."""
    for stock in path:
        if without[stock]:
            return False
    for part in through:
        passed = False
        for stock in path:
            passed = passed or part[stock]
        if not passed:
            return False
    return True
