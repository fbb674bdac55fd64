"""The questions whose answers are worth most, in words that can be put to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers import HISTORY, run_arms
from iskdyn.output import rounded
from iskdyn.reports.effects import without, without_each
from iskdyn.reports.story import Question, Story, headline_measures
from iskdyn.sensitivity.asking import Askable, scores, worth_asking
from iskdyn.study.months import in_words
from iskdyn.telling.thresholds import RANGE

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.levers import Arms
    from iskdyn.sensitivity import Learned
    from iskdyn.study import Study

MOST, TOLD, LEAST = 20, 3, 0.005
"""Questions that are printed, effects that each of them names, and the least worth of one: half a point, below
which answers would be printed as worth nothing."""


@dataclass(frozen=True)
class Move:
    """What an answer does to one effect: the chance that its likelier sign is wrong, now and then."""

    tactic: str
    outcome: str
    doubt: float
    left: float


@dataclass(frozen=True)
class Worth:
    """A question and what its answer is worth.

    Attributes
    ----------
    question : as the story words it, or in the model's own words
    worded : whether the story words it
    points : by how much the chances of a wrong sign fall, in all effects together
    moves : the effects that it tells more of than chance would, most first
    """

    question: Question
    worded: bool
    points: float
    moves: tuple[Move, ...]

    @property
    def settles(self) -> str:
        """The effects of which it tells most, with the chance of a wrong sign before and after."""
        return "; ".join(
            f"without {move.tactic}, {move.outcome}: wrong in {100 * move.doubt:.0f} %, then {100 * move.left:.0f} %"
            for move in self.moves[:TOLD]
        )

    @property
    def told(self) -> str:
        """The points in words."""
        points = f"{100 * self.points:.0f}"
        return f"{points} point" if points == "1" else f"{points} points"


def askables(questions: Sequence[Question]) -> list[Askable]:
    """The questions as answers are simulated of them."""
    return [Askable(one.asks, one.error, one.lean) for one in questions]


def ask(
    study: Study, story: Story | None, spread: Spread, seed: int, arms: Arms | None = None
) -> list[Worth]:
    """Every question of the story, and one on each number or outcome that none of them asks, most worth first.

    None in a study without tactics: no sign is asked for.

    Parameters
    ----------
    arms : every outcome without each tactic at the same draws, where these were run already
    """
    if not study.settings.tactics:
        return []
    measures = headline_measures(study, story)
    arms = arms or run_arms(study, spread, without_each(study), tuple(measures))
    history = {name: arms.measured(one, HISTORY, name)[1] for name, one in measures.items()}
    effects = [(tactic, name) for tactic in study.settings.tactics for name in measures]
    changes = [arms.difference(measures[name], without(tactic), name) for tactic, name in effects]
    own = list(story.questions) if story else []
    others = [*_numbers(study, spread, own), *_outcomes(study, story)]
    known = scores(spread, history)
    heard = worth_asking(askables([*own, *others]), known, np.column_stack(changes), seed)
    labels = [(tactic, story.outcomes[name].label if story else name) for tactic, name in effects]
    found = [_worth(question, i < len(own), i, heard, labels) for i, question in enumerate([*own, *others])]
    return sorted(found, key=lambda one: -one.points)


def questions_text(found: Sequence[Worth], n_effects: int) -> str:
    """The questions worth asking, a paragraph each."""
    worth = [one for one in found if one.points >= LEAST][:MOST]
    head = (
        "What would settle most. An answer may err by half of what was known beforehand, unless the story says "
        f"otherwise; a point is a hundredth of the chance that a sign is wrong, over {n_effects} effects."
    )
    silent = [one for one in found if one.worded and one.points < LEAST]
    parts = [f"{i}. {_words(one)}" for i, one in enumerate(worth, 1)]
    if not worth:
        parts = ["No answer to any question would tell more of a sign than chance does."]
    if silent:
        told = "\n".join(f"- {one.question.text}" for one in silent)
        parts.append(f"Asked in the story, but no answer would change a sign by more than chance:\n{told}")
    return "\n\n".join([head, *parts])


def questions_records(found: Sequence[Worth]) -> list[dict[str, object]]:
    """All of them, for a machine."""
    return [asdict(one) for one in found]


def _words(one: Worth) -> str:
    return f"{one.question.whole}\n   {one.told}: {one.settles}."


def _worth(question: Question, worded: bool, i: int, heard: Learned, labels: list[tuple[str, str]]) -> Worth:
    removed = heard.worth[i]
    order = [k for k in np.argsort(-removed, kind="stable") if removed[k] > 0]
    moves = (
        Move(labels[k][0], labels[k][1], float(heard.doubt[k]), float(heard.doubt[k] - removed[k]))
        for k in order
    )
    return Worth(question, worded, float(removed.sum()), tuple(moves))


def _numbers(study: Study, spread: Spread, own: Sequence[Question]) -> list[Question]:
    """A question in the model's own words on each number that is not known exactly and that none asks."""
    asked = {name for one in own for name in one.asks}
    units = dict(zip(study.parameters["name"], study.parameters["unit"], strict=True))
    found = []
    for name, draws in zip(spread.names, spread.draws.T, strict=True):
        if name in asked or name not in units or not np.ptp(draws) > 0:
            continue
        low, high = (rounded(edge) for edge in np.quantile(draws, RANGE))
        meaning = study.program[name].documentation.strip() if name in study.program else ""
        says = f" {meaning.partition('. ')[0].rstrip('.')}." if meaning else ""
        unit = "" if units[name] == "Dmnl" else f" {units[name]}"
        text = f"How large is '{name}'?{says} Now {low} to {high}{unit}"
        found.append(Question(f"{text}.", (name,)))
    return found


def _outcomes(study: Study, story: Story | None) -> list[Question]:
    """A question on each headline outcome of the history, as a better count of it would answer."""
    last = in_words(study.month(study.end_time() - 0.5))
    labels = {name: story.outcomes[name].label if story else name for name in study.settings.headline}
    return [
        Question(f"What is the best count or level of {labels[name]} up to {last}?", (name,))
        for name in labels
    ]
