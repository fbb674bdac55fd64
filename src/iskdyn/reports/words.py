"""Sentences made from numbers: the report's answer, in the order human cost, outcomes, what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iskdyn.reports.arms import HISTORY, Arms
from iskdyn.reports.effects import Effect, strongest
from iskdyn.reports.story import Story

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult
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
        f"{outcome.label.capitalize()} by the end of {month}: {outcome.text(best)} {outcome.unit} "
        f"(90 % of draws {outcome.text(low)} to {outcome.text(high)})."
    )
    return f"{words} {outcome.note}".strip()


def answer_words(study: Study, story: Story, found: dict[str, dict[str, Effect]]) -> list[str]:
    """Which tactic mattered most for each outcome, human cost first."""
    sentences = []
    for name in study.settings.headline:
        effect = strongest(found, name)
        outcome = story.outcomes[name]
        if effect.sure:
            sentences.append(f"{outcome.label.capitalize()} moved most with {effect.tactic}. {effect.words}")
        else:
            sentences.append(f"On {outcome.label} no single tactic made a difference that the draws agree on.")
    return sentences


def basis_words(fit: FitResult) -> list[str]:
    """How well the facts are met and how much was learned from them."""
    held, n_rows = fit.holding
    learned = fit.parameters[fit.parameters["learned"] == "learned"]["name"].tolist()
    rest = fit.parameters[fit.parameters["learned"] != "learned"]["name"].tolist()
    kept = fit.rows[fit.rows["fold"] == "held"]
    broken = fit.rows[(fit.rows["fold"] == "fit") & ~fit.rows["holds"].astype(bool)]
    words = [
        f"{held} of the {n_rows} fitted facts hold at the best fit ({held / n_rows:.0%}).",
        f"Of {len(kept)} facts kept out of the fit, {int(kept['holds'].sum())} hold.",
        f"Not learned from the paper, so still a judgement: {_list(rest)}." if rest else "",
        f"Moved by the paper away from the judgement they started from, or made surer: {_list(learned)}.",
        "All other constants of the model were not fitted and are judgements.",
    ]
    if len(broken):
        words.insert(1, "These do not hold: " + "; ".join(_broken(row) for row in broken.to_dict("records")) + ".")
    return [sentence for sentence in words if sentence]


def _broken(row: dict[object, object]) -> str:
    return f"{row['says']} (model {float(str(row['model'])):.3g} {row['unit']})"


def _list(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names) or "none"
    return ", ".join(names[:-1]) + " and " + names[-1]
