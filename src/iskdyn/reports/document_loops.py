"""The feedback loops of a model as its document lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.reports.story import story_of

if TYPE_CHECKING:
    from iskdyn.confidence.loops import Found
    from iskdyn.study import Study

MOST = 30
"""Loops of several variables that are listed of each telling, the largest first: a page of them."""
BUDGET = 5_000
"""Loops that are looked at, since a document is made often; all up to a length, which the words name."""
SIGNS = {
    "R": "reinforcing", "Ru": "mostly reinforcing", "B": "balancing", "Bu": "mostly balancing", "U": "changing",
}  # fmt: skip


@dataclass(frozen=True)
class Loop:
    """One loop: the variables along it, the study's name for it or '', what it does, its mean share."""

    names: tuple[str, ...]
    title: str
    polarity: str
    share: float


@dataclass(frozen=True)
class Loops:
    """The loops of one telling of the history: what is said of all, and the largest."""

    telling: str
    words: str
    listed: tuple[Loop, ...]


def read_loops(study: Study) -> tuple[Loops, ...]:
    """The feedback loops of the study's model as written, and with each switch that its story turns."""
    tellings: dict[str, Mapping[str, float]] = {"As the model is written": {}}
    if study.settings.story:
        story = story_of(study)
        switches = set(study.settings.switches)
        tellings |= {mode.title: mode.set for mode in story.modes if switches & set(mode.set)}
    return tuple(_loops(study, title, values) for title, values in tellings.items())


def _loops(study: Study, telling: str, values: Mapping[str, float]) -> Loops:
    from iskdyn.confidence.loops import find_loops, link_scores, links_of, polarity, relative_scores, trace

    program = study.program
    given = {name: np.array([value]) for name, value in values.items()}
    found = find_loops(program, link_scores(program, trace(program, given), links_of(program)), BUDGET)
    relative = relative_scores(found)[:, 0]
    signs = [polarity(share) for share in relative]
    counts = ", ".join(f"{signs.count(sign):,} {word}" for sign, word in SIGNS.items() if sign in signs)
    single = sum(len(loop) == 1 for loop in found.loops)
    words = (
        f"{found.words}. {counts}. {single} of them are a stock draining or filling by itself; "
        "the largest of the others, by their mean share of all loops around them, are listed."
    )
    return Loops(telling, words, _largest(study, found, signs, np.abs(relative).mean(axis=1)))


def _largest(study: Study, found: Found, signs: list[str], shares: NDArray[np.float64]) -> tuple[Loop, ...]:
    from iskdyn.confidence.loops import UNNAMED, read_names

    names, variables = read_names(study), study.program.by_key
    chosen = [i for i in np.argsort(-shares, kind="stable") if len(found.loops[i]) > 1][:MOST]
    titles = [names.of(found.loops[i]) for i in chosen]
    return tuple(
        Loop(
            names=tuple(variables[key].name for key in found.loops[i]),
            title="" if title == UNNAMED else title,
            polarity=SIGNS[signs[i]],
            share=float(shares[i]),
        )
        for i, title in zip(chosen, titles, strict=True)
    )
