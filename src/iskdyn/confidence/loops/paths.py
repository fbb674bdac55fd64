"""Links between stocks alone: the scores of all paths through auxiliaries added up.

By the chain rule this leaves the sum of all loops through the same stocks as it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.loops.links import Link, LinkScores
from iskdyn.model import Program

Array = NDArray[np.float64]
OUTSIDE = ""
"""The cause of what no stock causes: tables over time, clocks, switches."""


def stock_links(program: Program, scores: LinkScores) -> LinkScores:
    """The scores between stocks (self-links too), each the sum over all paths through auxiliaries."""
    found = {
        Link(cause, stock.key): push
        for stock in program.stocks
        for cause, push in pushes(program, scores, stock.key).items()
        if cause != OUTSIDE and np.any(push)
    }
    return LinkScores(scores.times, found, scores.unexplained)


def pushes(program: Program, scores: LinkScores, key: str) -> dict[str, Array]:
    """What moved a variable in each step, by stock, and `OUTSIDE` for the rest of 1 (also causes acting together).

    (n_runs, n_steps) each. Of a stock it is its net flow that is moved; where nothing moved it says `OUTSIDE`.
    """
    stocks = {stock.key for stock in program.stocks}
    into: dict[str, list[Link]] = {}
    for link in scores.scores:
        into.setdefault(link.effect, []).append(link)
    known: dict[str, dict[str, Array]] = {}
    for one in _above(into, stocks, key):
        total: dict[str, Array] = {}
        for link in into.get(one, ()):
            score = scores.scores[link]
            inner = {link.cause: np.ones_like(score)} if link.cause in stocks else known[link.cause]
            for cause, push in inner.items():
                total[cause] = total.get(cause, np.zeros_like(score)) + score * push
        moved = sum(total.values(), np.zeros(1))
        total[OUTSIDE] = total.get(OUTSIDE, np.zeros(1)) + 1.0 - moved
        known[one] = total
    return known[key]


def _above(into: dict[str, list[Link]], stocks: set[str], key: str) -> list[str]:
    """The auxiliaries that a variable is made of, causes first, and itself."""
    done: dict[str, None] = {}
    stack = [(key, iter(into.get(key, ())))]
    while stack:
        one, rest = stack[-1]
        ahead = next(
            (link.cause for link in rest if link.cause not in stocks and link.cause not in done), None
        )
        if ahead is None:
            stack.pop()
            done[one] = None
        else:
            stack.append((ahead, iter(into.get(ahead, ()))))
    return list(done)
