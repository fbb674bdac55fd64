"""Feedback loops of scored links: all of them where they can be listed, else the shorter ones, and which it is.

Loop scores after Schoenberg, Davidsen and Eberlein 2020 (doi:10.1002/sdr.1658).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.loops.links import Link, LinkScores
from iskdyn.confidence.loops.paths import stock_links
from iskdyn.model import Program

Array = NDArray[np.float64]
Loop = tuple[str, ...]
"""Keys in the order of the links, each once, from the first one in alphabetical order."""

BUDGET = 100_000
"""Most loops that are listed: their number grows without bound with the size of a model, and then only stocks are
told."""
MEMBERS = 20_000_000
"""Most members of all listed loops together: 160 MB of references."""


@dataclass(frozen=True)
class Found:
    """The loops of a set of runs.

    Attributes
    ----------
    level : of what a loop is made: every variable, or stocks with all paths between two of them as one link
    complete : whether all loops that were ever active are listed
    longest : most members of a listed loop where not complete, else None
    loops : shorter ones first
    links : the scores that the loops are made of
    partition : per key a number; two keys with one number lie in one strongly connected part of the model
    """

    level: Literal["variables", "stocks"]
    complete: bool
    longest: int | None
    loops: tuple[Loop, ...]
    links: LinkScores
    partition: Mapping[str, int]

    def of(self, loop: Loop) -> Array:
        """(n_runs, n_steps) score of a loop: the product of its links' scores; below zero it balances."""
        score: Array = np.prod([self.links.scores[link] for link in links_in(loop)], axis=0)
        return score

    @property
    def words(self) -> str:
        """How the loops were found, in a sentence."""
        made_of = "variables" if self.level == "variables" else "stocks (all paths between two are one link)"
        if self.complete:
            return f"complete: all {len(self.loops):,} loops of {made_of} that were ever active"
        return (
            f"not complete: all {len(self.loops):,} loops of at most {self.longest} {made_of}; "
            "longer ones were not looked at"
        )


def links_in(loop: Loop) -> list[Link]:
    """The links of a loop, the last one back to its first member."""
    return [Link(cause, effect) for cause, effect in zip(loop, (*loop[1:], loop[0]), strict=True)]


def find_loops(program: Program, scores: LinkScores, budget: int = BUDGET) -> Found:
    """Every loop of variables if there are no more than `budget`, else of stocks, else the shorter of these.

    Loops inside one SMOOTH or DELAY or macro are left out.

    Parameters
    ----------
    scores : of one run or many, as of `link_scores`
    budget : loops at most, from 1
    """
    every = _listed(scores, budget, None)
    if every is not None:
        hidden = {one.key for one in program.hidden}
        return _found("variables", None, [loop for loop in every if not hidden.issuperset(loop)], scores)
    return find_stock_loops(program, scores, budget)


def find_stock_loops(program: Program, scores: LinkScores, budget: int = BUDGET) -> Found:
    """Every loop of stocks if there are no more than `budget`, else all of the shorter ones.

    Parameters
    ----------
    scores : of one run or many, as of `link_scores`
    budget : loops at most, from 1
    """
    between = stock_links(program, scores)
    every = _listed(between, budget, None)
    if every is not None:
        return _found("stocks", None, every, between)
    longest, kept = 0, []
    while (longer := _listed(between, budget, longest + 1)) is not None:
        longest, kept = longest + 1, longer
    return _found("stocks", longest, kept, between)


def _found(
    level: Literal["variables", "stocks"], longest: int | None, loops: Sequence[Loop], scores: LinkScores
) -> Found:
    import networkx

    graph = networkx.DiGraph([(link.cause, link.effect) for link in _active(scores)])
    parts = enumerate(networkx.strongly_connected_components(graph))
    partition = {key: number for number, part in parts for key in part}
    kept = sorted(loops, key=lambda loop: (len(loop), loop))
    return Found(level, longest is None, longest, tuple(kept), scores, partition)


def _active(scores: LinkScores) -> list[Link]:
    return [link for link, score in scores.scores.items() if np.any(score)]


def _listed(scores: LinkScores, budget: int, longest: int | None) -> list[Loop] | None:
    """Loops all of whose links act at the same time in some run; None if more than `budget` are possible."""
    active = {link: np.packbits(scores.scores[link] != 0.0) for link in _active(scores)}
    possible, members = [], 0
    for loop in elementary_loops(active, longest):
        possible.append(loop)
        members += len(loop)
        if len(possible) > budget or members > MEMBERS:
            return None
    return [loop for loop in possible if np.bitwise_and.reduce([active[one] for one in links_in(loop)]).any()]


def elementary_loops(
    links: Iterator[Link] | Mapping[Link, object], longest: int | None = None
) -> Iterator[Loop]:
    """Every loop that passes no key twice, once each (Johnson 1975, in networkx).

    >>> list(elementary_loops(iter([Link("a", "b"), Link("b", "a"), Link("b", "c")])))
    [('a', 'b')]
    """
    import networkx

    graph = networkx.DiGraph([(link.cause, link.effect) for link in links])
    for loop in networkx.simple_cycles(graph, length_bound=longest):
        first = loop.index(min(loop))
        yield (*loop[first:], *loop[:first])


def shares(found: Found) -> Iterator[Array]:
    """For each loop in turn its (n_runs, n_steps) share of the sum of sizes within its partition; 0 where none.

    The loops are passed through twice, so that memory does not grow with their number.
    """
    totals: dict[int, Array] = {}
    for loop in found.loops:
        part, size = found.partition[loop[0]], np.abs(found.of(loop))
        totals[part] = totals[part] + size if part in totals else size
    for loop in found.loops:
        total = totals[found.partition[loop[0]]]
        with np.errstate(all="ignore"):
            yield np.where(total > 0.0, found.of(loop) / total, 0.0)


def _shape(found: Found) -> tuple[int, ...]:
    """(n_runs, n_steps) of a score; of a model without any link too."""
    return next((np.shape(one) for one in found.links.scores.values()), (1, 0))


def relative_scores(found: Found) -> Array:
    """(n_loops, n_runs, n_steps) `shares` of all loops at once; an InputError where they would not fit."""
    from iskdyn.simulate.memory import check_memory

    check_memory(
        len(found.loops) * sum(np.size(one) for one in itertools.islice(found.links.scores.values(), 1))
    )
    relative = np.array(list(shares(found)))
    return relative if found.loops else relative.reshape(0, *_shape(found))


def polarity(score: Array) -> str:
    """R, B, or Ru, Bu where the sign holds in at least 99 % of the loop's activity; U where neither prevails.

    The confidence is abs(r - b) / (r + b) over the steps, r and b the sums of positive and negative scores.

    >>> polarity(np.array([1.0, 2.0])), polarity(np.array([-200.0, 1.0])), polarity(np.array([1.0, -1.0]))
    ('R', 'Bu', 'U')
    """
    positive, negative = float(np.sum(score[score > 0])), -float(np.sum(score[score < 0]))
    if positive == negative:
        return "U"
    sign = "R" if positive > negative else "B"
    sure = abs(positive - negative) / (positive + negative)
    return sign if sure == 1.0 else f"{sign}u" if sure > 0.99 else "U"
