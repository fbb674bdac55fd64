"""Links between stocks alone: the scores of all paths through auxiliaries added up.

By the chain rule this leaves the sum of all loops through the same stocks as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.loops.links import Link, LinkScores
from iskdyn.errors import InternalError, Problem
from iskdyn.model import Program

Array = NDArray[np.float64]
OUTSIDE = ""
"""The cause of what no stock causes: tables over time, clocks, switches."""


def stock_keys(program: Program) -> tuple[str, ...]:
    """Keys of all stocks, with those of macros and of the stages of delays: no path through auxiliaries goes round."""
    return tuple(key for key, variable in program.by_key.items() if variable.kind == "stock")


def stock_links(program: Program, scores: LinkScores) -> LinkScores:
    """The scores between stocks (self-links too), each the sum over all paths through auxiliaries."""
    found = {
        Link(cause, stock): push
        for stock in stock_keys(program)
        for cause, push in pushes(program, scores, stock).items()
        if cause != OUTSIDE and np.any(push)
    }
    return LinkScores(scores.times, found, scores.unexplained)


def pushes(program: Program, scores: LinkScores, key: str) -> dict[str, Array]:
    """Scores of a variable's stocks in each step, and `OUTSIDE`: the share of its change that no stock alone explains.

    (n_runs, n_steps) each; causes acting together count as outside. Of a stock it is its net flow
    that is moved; where nothing moved it says `OUTSIDE`.

    Parameters
    ----------
    scores : of one run or many, as of `link_scores`
    key : of the variable
    """
    stocks = set(stock_keys(program))
    into: dict[str, list[Link]] = {}
    for link in scores.scores:
        into.setdefault(link.effect, []).append(link)
    order = _above(into, stocks, key)
    _check_fits(order, into, stocks, next((np.size(one) for one in scores.scores.values()), 0))
    known: dict[str, dict[str, Array]] = {}
    shares: dict[str, dict[str, Array]] = {}
    for one in order:
        links = into.get(one, ())
        known[one] = _added(links, scores.scores, known, stocks)
        shares[one] = _added(links, scores.parts, shares, stocks)
    return {**known[key], OUTSIDE: 1.0 - sum(shares[key].values(), np.zeros(1))}


def _check_fits(order: Iterable[str], into: Mapping[str, list[Link]], stocks: set[str], size: int) -> None:
    """An InputError before work starts if the pushes of every stock on every auxiliary would not fit."""
    from iskdyn.simulate.memory import check_memory

    behind: dict[str, set[str]] = {}
    for one in order:
        causes = [link.cause for link in into.get(one, ())]
        behind[one] = {stock for cause in causes for stock in ({cause} if cause in stocks else behind[cause])}
    check_memory(2 * size * sum(len(found) for found in behind.values()))


def _added(
    links: Iterable[Link],
    values: Mapping[Link, Array],
    known: Mapping[str, Mapping[str, Array]],
    stocks: set[str],
) -> dict[str, Array]:
    """The products along all paths into one variable, added up by the stock where they begin."""
    total: dict[str, Array] = {}
    for link in links:
        value = values[link]
        earlier = {link.cause: np.ones(1)} if link.cause in stocks else known[link.cause]
        for cause, before in earlier.items():
            total[cause] = total.get(cause, np.zeros(1)) + value * before
    return total


def _above(into: dict[str, list[Link]], stocks: set[str], key: str) -> list[str]:
    """The auxiliaries that a variable is made of, causes first, and itself."""
    done: dict[str, None] = {}
    stack = {key: iter(into.get(key, ()))}
    while stack:
        one, rest = next(reversed(stack.items()))
        ahead = next(
            (link.cause for link in rest if link.cause not in stocks and link.cause not in done), None
        )
        if ahead is None:
            del stack[one]
            done[one] = None
        elif ahead in stack:
            raise InternalError(Problem(ahead, "auxiliaries go round in a circle without a stock"))
        else:
            stack[ahead] = iter(into.get(ahead, ()))
    return list(done)
