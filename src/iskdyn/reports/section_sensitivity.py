"""What the answers depend on, what would settle the open ones, and when a policy fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from iskdyn.draws import SEED
from iskdyn.errors import GateError
from iskdyn.reports.questions import LEAST, Worth, ask
from iskdyn.reports.section_sensitivity_figures import matrix
from iskdyn.reports.section_sensitivity_policies import RISE, depending, policies, policy_words
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.sensitivity import OTHERS, Sensitivity, sensitivity
from iskdyn.sensitivity.tell import (
    informed,
    leading,
    leading_after,
    open_questions,
    settling,
)

TITLE = "What the answers depend on"
ASKED = 10
"""Questions to people that the report prints, as many as a reader takes up; `iskdyn ask` prints twice as many."""


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
    try:
        found = sensitivity(study, materials.own, materials.story.measures)
    except (
        GateError
    ) as error:  # over whole priors: the draws given the evidence, on which all else rests, may run
        finding = "Not computed: at some values that the priors allow the model gives no number."
        return Section("sensitivity", TITLE, finding, f"<p>{escape(str(error))}</p>")
    told = policies(materials)
    plain = [i for i, one in enumerate(found.questions) if one.tactic is None]
    labels = {name: outcome.label for name, outcome in outcomes.items()}
    contents = {
        "found": found,
        "n_draws": len(materials.own.draws),
        "posterior": materials.own.kind == "posterior",
        "matrix": matrix(found, plain, labels),
        "rows": [_row(materials, found, i) for i in plain],
        "asked": _asked(materials),
        "n_effects": len(found.questions) - len(plain),
        "open": [_open_row(materials, found, i) for i in open_questions(found)],
        "policies": policy_words(told),
        "rise": f"{100 * RISE:.0f} %",
        "told": depending(told),
        "settled": int(found.settled.sum()),
        "rest": _rest(found, plain),
    }
    html = render("sensitivity.html", contents)
    return Section("sensitivity", TITLE, _overview(found, plain), html)


def _rest(found: Sensitivity, questions: Sequence[int]) -> float:
    """The largest share of all other numbers together in any of the questions."""
    if OTHERS not in found.factors:
        return 0.0
    return float(found.at_end(found.prior.total)[found.factors.index(OTHERS), list(questions)].max())


# -- which numbers matter


def _overview(found: Sensitivity, plain: Sequence[int]) -> str:
    """How many of the numbers that lead are informed."""
    names = list(dict.fromkeys(found.factors[i] for question in plain for i in leading(found, question)))
    known = [name for name in names if informed(found, name)]
    return (
        f"{len(names)} of {len(found.names)} numbers lead for one outcome or another; the facts narrow {len(known)} of "
        "these, the others are judgements."
    )


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


# -- what learning is worth


def _asked(materials: Materials) -> list[Worth]:
    """The first of the questions that the story words, in the order and the numbers of `iskdyn ask`, brief and page."""
    found = ask(materials.study, materials.story, materials.around, SEED, materials.arms)
    return [one for one in found if one.worded and one.points >= LEAST][:ASKED]


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
