"""Sentences made from numbers: the report's answer, in the order human cost, outcomes, what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.reports.arms import HISTORY, Arms
from iskdyn.reports.effects import Effect, strongest
from iskdyn.reports.story import Story

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Spread
    from iskdyn.study import Study


def human_cost_words(study: Study, story: Story, arms: Arms) -> list[str]:
    """What happened to people in the fitted history, one sentence an outcome."""
    month = study.month(arms.times[-1] - 0.5)
    return [_level(story, arms, name, month) for name in study.settings.human_cost]


def _level(story: Story, arms: Arms, name: str, month: str) -> str:
    outcome = story.outcomes[name]
    best, draws = arms.measured(story, HISTORY, name)
    low, high = np.quantile(draws, [0.05, 0.95])
    words = (
        f"{outcome.heading} by the end of {month}: {outcome.text(best)} {outcome.unit} "
        f"(90 % of draws {outcome.text(low)} to {outcome.text(high)})."
    )
    return f"{words} {outcome.note}".strip()


def tactic_words(study: Study, found: dict[str, dict[str, Effect]]) -> list[str]:
    """One sentence a tactic: what its absence changes, human cost first, where the draws agree."""
    settings = study.settings
    outcomes = [name for name in settings.headline if name not in settings.human_cost]
    return [_tactic(tactic, found[tactic], settings.human_cost, outcomes) for tactic in found]


def _tactic(tactic: str, by_name: dict[str, Effect], human: Sequence[str], outcomes: Sequence[str]) -> str:
    told = [_change(by_name[name]) for name in (*human, *outcomes) if by_name[name].sure]
    unsure = [by_name[name].outcome.label for name in (human[0], outcomes[0]) if not by_name[name].sure]
    words = (
        f"Without {tactic}: {_list(told)}."
        if told
        else f"Without {tactic} nothing changes that the draws agree on."
    )
    return f"{words} Not told apart from no change: {_list(unsure)}." if unsure else words


def _change(effect: Effect) -> str:
    direction = "higher" if effect.difference > 0 else "lower"
    return f"{effect.outcome.label} {abs(effect.relative):.0%} {direction}"


def answer_words(study: Study, story: Story, found: dict[str, dict[str, Effect]]) -> list[str]:
    """Which tactic mattered most for each outcome, human cost first."""
    sentences = []
    for name in study.settings.headline:
        effect = strongest(found, name)
        outcome = story.outcomes[name]
        if effect.sure:
            sentences.append(f"{outcome.heading} moved most with {effect.tactic}. {effect.words}")
        else:
            sentences.append(
                f"On {outcome.label} no single tactic made a difference that the draws agree on."
            )
    return sentences


def basis_words(fit: FitResult, around: Spread) -> list[str]:
    """How well the facts are met and how much was learned from them."""
    held, n_rows = fit.holding
    kept = fit.rows[fit.rows["fold"] == "held"]
    words = [f"{held} of the {n_rows} fitted facts hold at the best fit{_misses(fit, 'fit')}."]
    words.append(
        f"Of {len(kept)} facts kept out of the fit, {int(kept['holds'].sum())} hold{_misses(fit, 'held')}."
    )
    words.append(
        f"The paper informs {len(around.learned)} of the {len(around.names)} numbers of the model: "
        f"it narrows them by a tenth or more, the clearest first: {_list(around.learned)}."
    )
    rest = [name for name in fit.parameters["name"] if name not in around.learned]
    if rest:
        words.append(f"Fitted, but not learned from the paper: {_list(rest)}.")
    words.append(
        "All other numbers are judgements, and their whole prior range travels into the ranges above."
    )
    return words


def _misses(fit: FitResult, fold: str) -> str:
    missed = fit.rows[(fit.rows["fold"] == fold) & ~fit.rows["holds"].astype(bool)]
    told = "; ".join(_broken(row) for row in missed.to_dict("records"))
    return f"; these do not: {told}" if told else ""


def _broken(row: dict[object, object]) -> str:
    value = float(str(row["model"]))
    return (
        f"{row['says']} (model {value:,.0f} {row['unit']})"
        if value >= 100
        else f"{row['says']} (model {value:.2g} {row['unit']})"
    )


def _list(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]
