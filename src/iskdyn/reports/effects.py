"""What each tactic did: paired differences, as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers import HISTORY, Arms
from iskdyn.levers.measured import relative_to
from iskdyn.levers.verdict import SURE, Verdict, verdict
from iskdyn.reports.compared import signed
from iskdyn.reports.effect_words import shares_text
from iskdyn.reports.story import Outcome, Story
from iskdyn.study import Inputs
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from iskdyn.study import Study


@dataclass(frozen=True)
class Effect:
    """One outcome without one tactic, less the same with it.

    Attributes
    ----------
    history, difference : medians over the draws
    low, high : 5 and 95 % of the paired differences over the draws
    relative : median over the draws of the difference as a share of the draw's own value in history
    share_lower, share_higher : of the draws in which the outcome is lower, or higher, without the tactic
    verdict : what may be said of it
    """

    tactic: str
    outcome: Outcome
    history: float
    difference: float
    low: float
    high: float
    share_lower: float
    share_higher: float
    relative: float
    verdict: Verdict

    @property
    def sure(self) -> bool:
        """Whether a direction may be told."""
        return self.verdict in SURE

    @property
    def by_definition(self) -> bool:
        """Whether nothing is left in any draw: what the tactic alone does is no finding, only its size is."""
        return self.relative == -1.0 and self.share_lower == 1.0

    @property
    def cell(self) -> str:
        """The difference and its range, for a table."""
        show = self.outcome.text
        return f"{signed(self.outcome, self.difference)} ({show(self.low)} to {show(self.high)})"

    @property
    def shares(self) -> str:
        """Lower, same and higher, in per cent of the draws."""
        return shares_text(self.share_lower, self.share_higher)

    def agrees(self, other: Effect) -> bool:
        """Whether both are sure, with the same sign."""
        return self.sure and self.verdict == other.verdict


def effects(story: Story, arms: Arms, tactics: tuple[str, ...]) -> dict[str, dict[str, Effect]]:
    """Per tactic and outcome, its removal (the arm `without(tactic)`) paired with history.

    Parameters
    ----------
    story : whose outcomes are measured
    arms : with the run of history and without each tactic
    tactics : names, as in study.toml
    """
    return {
        tactic: {name: _effect(story, arms, tactic, name) for name in story.outcomes} for tactic in tactics
    }


def without(tactic: str) -> str:
    """The name of the arm that differs from history by one absent tactic."""
    return f"without {tactic}"


def without_each(study: Study) -> dict[str, Inputs]:
    """Per tactic the arm without it."""
    return {without(name): Inputs({switch: 0.0}) for name, switch in study.settings.tactics.items()}


def _effect(story: Story, arms: Arms, tactic: str, name: str) -> Effect:
    measure = story.outcomes[name].measure
    _, with_draws = arms.measured(measure, HISTORY, name)
    differences = arms.difference(measure, without(tactic), name)
    low, middle, high = np.quantile(differences, EDGES)
    relative = relative_to(differences, with_draws)[1]
    return Effect(
        tactic=tactic,
        outcome=story.outcomes[name],
        history=float(np.median(with_draws)),
        difference=float(middle),
        low=float(low),
        high=float(high),
        share_lower=float(np.mean(differences < 0)),
        share_higher=float(np.mean(differences > 0)),
        relative=float(relative) if np.isfinite(relative) else 0.0,
        verdict=verdict(differences, with_draws, arms.parts),
    )
