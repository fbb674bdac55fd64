"""Every loop of stocks that counts, of any length up to a bound, summed by name and by the stocks it passes.

In each run and step the loops are searched for from each stock in turn, through later stocks only, so that
each is met once. A path is left when the best walk back could not bring its product up to the threshold:
what is found is exact, and nothing above the threshold is missed unless the search had to stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.loops.links import LinkScores
from iskdyn.confidence.loops.named import UNNAMED, Names

Array = NDArray[np.float64]

THRESHOLD = 0.001
"""Least size of a loop's score that counts: a thousandth of a loop left to itself, which has 1."""
LONGEST = 8
"""Most stocks of a loop: with 5 one stock more changed the leading loop in up to 36 % of months (decision 44)."""
BUDGET = 1_000_000
"""Most paths followed in one run and step: where a search stops there, the share of such steps is told."""


@dataclass(frozen=True)
class Strong:
    """Sums over the loops of several stocks, and what is known of them all.

    Attributes
    ----------
    stocks, names : keys, and names of loops with `UNNAMED` last
    sizes, signed : (n_runs, n_steps, n_stocks, n_names) sums over the loops through a stock
    alone : (n_runs, n_steps, n_stocks) size of each stock's loop with itself
    stopped : share of the runs and steps in which the search stopped at its budget
    n_loops : loops met in all runs and steps together
    """

    stocks: tuple[str, ...]
    names: tuple[str, ...]
    sizes: Array
    signed: Array
    alone: Array
    stopped: float
    n_loops: int

    @property
    def complete(self) -> bool:
        """Whether every loop above the threshold and up to the longest was found everywhere."""
        return self.stopped == 0.0

    @property
    def words(self) -> str:
        """What was looked at, in a sentence."""
        what = f"every loop of at most {LONGEST} stocks with a score of {THRESHOLD:g} or more, where 1 is a loop alone"
        if self.complete:
            return f"complete: {what}"
        return (
            f"not complete: {what}, but in {self.stopped:.1%} of the runs and steps the search stopped early"
        )


def strong_loops(between: LinkScores, names: Names, budget: int = BUDGET) -> Strong:
    """The loops of stocks that count, from the links between stocks.

    Parameters
    ----------
    between : as `stock_links` gives them
    names : the first one whose stations a loop passes is the loop's
    budget : most paths followed in one run and step
    """
    from iskdyn.confidence.loops.search import search
    from iskdyn.simulate.runner import n_cores

    stocks = tuple(dict.fromkeys(key for link in between.scores for key in (link.cause, link.effect)))
    first = next(iter(between.scores.values()), np.zeros((1, len(between.times))))
    weights = np.zeros((*first.shape, len(stocks), len(stocks)))
    places = {key: i for i, key in enumerate(stocks)}
    for link, score in between.scores.items():
        weights[:, :, places[link.cause], places[link.effect]] = score
    stations, fitting = _stations(stocks, names)
    sizes = np.zeros((*weights.shape[:3], len(names.names) + 1))
    signed = np.zeros_like(sizes)

    def searched(run: int) -> list[int]:
        return [
            search(step, stations, fitting, THRESHOLD, LONGEST, budget, *sums)
            for step, *sums in zip(weights[run], sizes[run], signed[run], strict=True)
        ]

    with ThreadPoolExecutor(n_cores()) as pool:
        counts = np.array(list(pool.map(searched, range(len(weights)))))
    alone = np.abs(np.diagonal(weights, axis1=2, axis2=3))
    told = (*(one.name for one in names.names), UNNAMED)
    stopped = float(np.mean(counts < 0))
    return Strong(stocks, told, sizes, signed, alone, stopped, int(np.abs(counts).sum()))


def _stations(stocks: Sequence[str], names: Names) -> tuple[NDArray[np.int64], int]:
    """(n_stocks, n_names) what each stock is to each name, in bits, and the bits of a loop that fits.

    A bit for each part that the stock is a station of, and the last one where the name shuns it. A part that a
    name does not have is passed by every loop.
    """
    n_parts = max((len(one.through) for one in names.names), default=1)
    stations = np.zeros((len(stocks), len(names.names)), dtype=np.int64)
    for i_name, one in enumerate(names.names):
        parts = [*one.through, *[stocks] * (n_parts - len(one.through)), one.without]
        for bit, part in enumerate(parts):
            stations[:, i_name] |= np.array([key in part for key in stocks], dtype=np.int64) << bit
    return stations, 2**n_parts - 1
