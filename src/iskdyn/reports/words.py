"""Sentences made from numbers: the report's answer, in the order human cost, outcomes, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iskdyn.calibration.sheet import HELD
from iskdyn.levers import HISTORY, Arms
from iskdyn.reports.compared import join, upper
from iskdyn.reports.effects import Effect, strongest
from iskdyn.reports.story import Story

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Spread
    from iskdyn.study import Study

Found = Mapping[str, dict[str, dict[str, Effect]]]
"""Per base arm (history, and each other telling), tactic and outcome: the effect of removing the tactic."""

SAYS_LITTLE = 0.9
"""A fact that holds in so large a share of prior draws says little for the fit."""


def short_words(study: Study, found: Found) -> list[str]:
    """Three sentences: the human cost, what lowers the first outcome in every telling, what cannot be told."""
    human, outcome = study.settings.human_cost[0], _outcomes(study)[0]
    cost = strongest(found[HISTORY], human)
    words = [f"{_sentence(cost)}{_where(found, cost.tactic, human)}."]
    tactics = list(found[HISTORY])
    effects = [found[HISTORY][tactic][outcome] for tactic in tactics]
    label = effects[0].outcome.label
    firm = [one for one in effects if one.sure and not _disagreeing(found, one.tactic, outcome)]
    for higher in (True, False):
        told = [f"{one.tactic} ({abs(one.relative):.0%})" for one in firm if (one.difference > 0) is higher]
        if told:
            direction = "higher" if higher else "lower"
            words.append(
                f"{upper(label)} would have been {direction}, in every telling below, without {join(told)}."
            )
    open_ones = [one.tactic for one in effects if one not in firm]
    if open_ones:
        words.append(
            f"What {join(open_ones)} did to {label} cannot be told: draws or tellings disagree on the sign."
        )
    return words


def human_cost_words(study: Study, story: Story, arms: Arms) -> list[str]:
    """What happened to people in the fitted history, one sentence an outcome."""
    month = study.month(arms.times[-1] - 0.5)
    return [_level(story, arms, name, month) for name in study.settings.human_cost]


def _level(story: Story, arms: Arms, name: str, month: str) -> str:
    outcome = story.outcomes[name]
    _, draws = arms.measured(outcome.measure, HISTORY, name)
    low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
    words = (
        f"{outcome.heading} by the end of {month}: {outcome.text(middle)} {outcome.unit} "
        f"(nine draws of ten: {outcome.text(low)} to {outcome.text(high)})."
    )
    return f"{words} {outcome.note}".strip()


def tactic_words(study: Study, found: Found) -> list[str]:
    """One sentence a tactic: what its absence changes, human cost first, firm in every telling or not."""
    names = (*study.settings.human_cost, *_outcomes(study))
    return [_tactic(found, tactic, names) for tactic in found[HISTORY]]


def _tactic(found: Found, tactic: str, names: Sequence[str]) -> str:
    effects = {name: found[HISTORY][tactic][name] for name in names}
    nothing = [name for name in names if effects[name].by_definition]
    sure = [name for name in names if effects[name].sure and name not in nothing]
    firm = [_change(effects[name]) for name in sure if not _disagreeing(found, tactic, name)]
    loose = [_change(effects[name]) for name in sure if _disagreeing(found, tactic, name)]
    unsure = [effects[name].outcome.label for name in names if name not in (*sure, *nothing)]
    words = [f"Without {tactic}: {join(firm) or 'nothing that every telling agrees on'}."]
    words += (
        [f"By definition none: {join([effects[name].outcome.label for name in nothing])}."] if nothing else []
    )
    words += [f"Only as the model is written, and not in every telling: {join(loose)}."] if loose else []
    words += [f"Little change, or a sign that draws disagree on: {join(unsure)}."] if unsure else []
    return " ".join(words)


def answer_words(study: Study, found: Found) -> list[str]:
    """Which tactic mattered most for each outcome, human cost first."""
    sentences = []
    for name in study.settings.headline:
        proper = {tactic: one for tactic, one in found[HISTORY].items() if not one[name].by_definition}
        effect = strongest(proper or found[HISTORY], name)
        heading = effect.outcome.heading
        if effect.sure:
            where = _where(found, effect.tactic, name)
            note = f" That{where}." if where else ""
            alone = [tactic for tactic in found[HISTORY] if tactic not in proper]
            besides = f", but for {join(alone)}, without which there is none by definition" if alone else ""
            sentences.append(f"{heading} moved most with {effect.tactic}{besides}. {effect.words}{note}")
        else:
            sentences.append(f"{heading}: no single tactic made a difference that the draws agree on.")
    return sentences


def _outcomes(study: Study) -> list[str]:
    return [name for name in study.settings.headline if name not in study.settings.human_cost]


def _disagreeing(found: Found, tactic: str, name: str) -> list[str]:
    """The tellings in which an effect is not sure, or has the other sign."""
    effect = found[HISTORY][tactic][name]
    return [base for base in found if not effect.agrees(found[base][tactic][name])]


def _where(found: Found, tactic: str, name: str) -> str:
    others = [base for base in _disagreeing(found, tactic, name) if base != HISTORY]
    return f" does not hold {join(others)}" if others else ""


def _sentence(effect: Effect) -> str:
    direction = "higher" if effect.difference > 0 else "lower"
    return f"Without {effect.tactic}, {effect.outcome.label} would have been {abs(effect.relative):.0%} {direction}"


def _change(effect: Effect) -> str:
    direction = "higher" if effect.difference > 0 else "lower"
    return f"{effect.outcome.label} {abs(effect.relative):.0%} {direction}"


def basis_words(
    study: Study, fit: FitResult, around: Spread, prior: pd.Series[float], other: Mapping[str, pd.DataFrame]
) -> list[str]:
    """How well the facts are met, how much that says, and how much was learned from them.

    Parameters
    ----------
    prior : share of prior draws in which each row holds, by its id
    other : per other telling, the table of rows at its fit
    """
    held, n_rows = fit.holding
    fitted = fit.rows[fit.rows["fold"] != HELD]
    easy = [str(name) for name in fitted["id"] if prior[str(name)] >= SAYS_LITTLE]
    kept = fit.rows[fit.rows["fold"] == HELD]
    easy_kept = [str(name) for name in kept["id"] if prior[str(name)] >= SAYS_LITTLE]
    words = [f"{held} of the {n_rows} fitted facts hold at the best fit{_misses(fitted)}."]
    words.append(
        f"{len(easy)} of them ({join(easy)}) hold in nine of ten runs before any fitting, so they say little."
    )
    late = _late(study, fitted)
    if late:
        words.append(
            f"{len(late)} fitted facts have a window that reaches past {study.settings.split}: {join(late)}."
        )
    again = [int(rows["holds"][rows["fold"] == HELD].sum()) for rows in other.values()]
    span = " to ".join(map(str, sorted({min(again), max(again)}))) if again else "none"
    words.append(
        f"Of {len(kept)} facts kept out of the fit, {int(kept['holds'].sum())} hold{_misses(kept)}. "
        f"In the other tellings {span} of them hold. {join(easy_kept)} would hold in nine of ten runs anyway."
    )
    words.append(
        f"The paper informs {len(around.learned)} of the {len(around.names)} numbers of the model: "
        f"it narrows them by a tenth or more, the clearest first: {join(around.learned)}."
    )
    rest = [name for name in fit.parameters["name"] if name not in around.learned]
    if rest:
        words.append(f"Fitted, but not learned from the paper: {join(rest)}.")
    words.append(
        "All other fitted numbers are judgements, and their whole prior range travels into the ranges above; those "
        "that are held do not vary."
    )
    return words


def _late(study: Study, rows: pd.DataFrame) -> list[str]:
    ends = dict(zip(study.observations["id"].astype(str), study.observations["end"].astype(str), strict=True))
    split = study.settings.split
    return [str(name) for name in rows["id"] if split and ends[str(name)] > split]


def _misses(rows: pd.DataFrame) -> str:
    missed = rows[~rows["holds"].astype(bool)]
    told = "; ".join(_broken(row) for row in missed.to_dict("records"))
    return f"; these do not: {told}" if told else ""


def _broken(row: Mapping[object, object]) -> str:
    value = float(str(row["model"]))
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
    return f"{row['says']} (model {shown} {row['unit']})"
