"""What the answers depend on, what would settle the open ones, and when a policy fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iskdyn.draws import SEED
from iskdyn.levers import stored_draws
from iskdyn.reports.questions import LEAST, N_DRAWS, Worth, ask
from iskdyn.reports.section_sensitivity_figures import matrix, over_time
from iskdyn.reports.section_sensitivity_policies import listed, policies, policy_words, worth_a_row
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.sensitivity import OTHERS, Sensitivity, sensitivity
from iskdyn.sensitivity.tell import (
    informed,
    leading,
    leading_after,
    open_questions,
    settling,
)

TOLD = 5
"""So many open questions are told in words; all stand in the table."""
ASKED = 10
"""Questions to people that the report prints; `iskdyn ask` prints twice as many."""


@dataclass(frozen=True)
class Row:
    """One question in a table.

    Attributes
    ----------
    before, after : the numbers that lead, before and given the evidence
    rough : the sample is too small for this one
    """

    label: str
    human: bool
    before: str
    after: str
    rough: bool


def sensitivity_section(materials: Materials) -> Section:
    """The leading numbers of each outcome and effect, what learning is worth, and where scenarios fail."""
    study, outcomes = materials.study, materials.story.outcomes
    materials.tell("sensitivity")
    measures = {name: outcome.measure for name, outcome in outcomes.items()}
    found = sensitivity(study, materials.own, measures)
    told = policies(materials)
    plain = [i for i, one in enumerate(found.questions) if one.tactic is None]
    moving = np.ptp(found.at_end(found.prior.total), axis=0) > 0
    effects = [i for i, one in enumerate(found.questions) if one.tactic and moving[i]]
    labels = {name: outcome.label for name, outcome in outcomes.items()}
    contents = {
        "found": found,
        "n_draws": len(materials.own.draws),
        "posterior": materials.own.kind == "posterior",
        "leading": [_leading_words(materials, found, i) for i in plain],
        "overview": _overview(found, plain),
        "matrix": matrix(found, plain, labels),
        "over_time": over_time(found, plain, labels, study.month),
        "rows": [_row(materials, found, i) for i in plain],
        "effects": [_row(materials, found, i) for i in _by_outcome(found, effects)],
        "learning": _learning_words(materials, found),
        "asked": _asked(materials),
        "open": [_open_row(materials, found, i) for i in open_questions(found)],
        "policies": policy_words(told),
        "told": worth_a_row(told),
        "settled": int(found.settled.sum()),
        "rest": _rest(found, plain),
    }
    return Section("sensitivity", "What the answers depend on", render("sensitivity.html", contents))


def _rest(found: Sensitivity, questions: Sequence[int]) -> float:
    """The largest share of all other numbers together in any of the questions."""
    if OTHERS not in found.factors:
        return 0.0
    return float(found.at_end(found.prior.total)[found.factors.index(OTHERS), list(questions)].max())


# -- which numbers matter


def _leading_words(materials: Materials, found: Sensitivity, question: int) -> str:
    outcome = materials.story.outcomes[found.questions[question].output]
    total = found.at_end(found.prior.total)[:, question]
    parts = [
        f"{found.factors[i]} ({total[i]:.0%}, {_standing(found, found.factors[i])})"
        for i in leading(found, question)
    ]
    after = [found.names[i] for i in leading_after(found, question)]
    rough = "" if found.settled[question] else " These shares are rough."
    now = f" Given the evidence it moves most with {listed(after)}." if after else ""
    return f"{outcome.heading}: {listed(parts)}.{rough}{now}"


def _standing(found: Sensitivity, name: str) -> str:
    return "informed by the paper" if informed(found, name) else "a judgement"


def _overview(found: Sensitivity, plain: Sequence[int]) -> str:
    """How many of the numbers that lead are informed."""
    names = list(dict.fromkeys(found.factors[i] for question in plain for i in leading(found, question)))
    known = [name for name in names if informed(found, name)]
    rest = f"it narrows {len(known)} of them: {listed(known)}" if known else "it narrows none of them"
    return f"{len(names)} numbers lead for one outcome or another. As for the paper, {rest}. The others are judgements."


def _row(materials: Materials, found: Sensitivity, question: int) -> Row:
    one = found.questions[question]
    outcome = materials.story.outcomes[one.output]
    total, first, width = (
        found.at_end(part)[:, question]
        for part in (found.prior.total, found.prior.first, found.prior.total_width)
    )
    index = found.posterior.index[:, question]
    return Row(
        label=f"{outcome.label}, without {one.tactic}" if one.tactic else outcome.label,
        human=one.output in materials.study.settings.human_cost,
        before=", ".join(
            f"{found.factors[i]} {total[i]:.2f} ± {width[i]:.2f} ({max(first[i], 0.0):.2f} alone)"
            for i in leading(found, question)
        ),
        after=", ".join(f"{found.names[i]} {index[i]:.2f}" for i in leading_after(found, question)),
        rough=not found.settled[question],
    )


def _by_outcome(found: Sensitivity, questions: Sequence[int]) -> list[int]:
    """Questions in the order of their outcomes, human cost first."""
    outputs = [one.output for one in found.questions if one.tactic is None]
    return sorted(questions, key=lambda i: outputs.index(found.questions[i].output))


# -- what learning is worth


def _learning_words(materials: Materials, found: Sensitivity) -> list[str]:
    """The open signs that one number would settle most, human cost first."""
    worth = found.learned.worth.max(axis=0)
    told = sorted(open_questions(found), key=lambda i: -worth[i])[:TOLD]
    return [_learning(materials, found, i) for i in open_questions(found) if i in told and worth[i] > 0]


def _learning(materials: Materials, found: Sensitivity, question: int) -> str:
    one = found.questions[question]
    label = materials.story.outcomes[one.output].label
    doubt, best = found.learned.doubt[question], settling(found, question, 1)[0]
    left = doubt - found.learned.worth[best, question]
    return (
        f"Whether {label} would be higher or lower without {one.tactic} is open: the likelier sign is wrong in "
        f"{doubt:.0%} of the draws. Knowing {found.names[best]} would bring that to {max(left, 0.0):.0%}."
    )


def _asked(materials: Materials) -> list[Worth]:
    """The first of the questions of `iskdyn ask`, in its numbers."""
    study = materials.study
    found = ask(study, materials.story, stored_draws(study, N_DRAWS, SEED), SEED)
    return [one for one in found if one.points >= LEAST][:ASKED]


def _open_row(materials: Materials, found: Sensitivity, question: int) -> dict[str, object]:
    one = found.questions[question]
    worth = found.learned.worth[:, question]
    return {
        "label": f"{materials.story.outcomes[one.output].label}, without {one.tactic}",
        "human": one.output in materials.study.settings.human_cost,
        "doubt": float(found.learned.doubt[question]),
        "numbers": ", ".join(f"{found.names[i]} ({_points(worth[i])})" for i in settling(found, question)),
    }


def _points(share: float) -> str:
    points = round(100 * share)
    return "1 point" if points == 1 else f"{points} points"
