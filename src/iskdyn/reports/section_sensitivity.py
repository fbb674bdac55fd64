"""What the answers depend on, what would settle the open ones, and when a policy fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iskdyn.reports.section_sensitivity_figures import matrix, over_time
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.sensitivity import Failure, Region, Sensitivity, failures, sensitivity
from iskdyn.sensitivity.tell import (
    expected,
    informed,
    leading,
    leading_after,
    limits,
    open_questions,
    settling,
)
from iskdyn.study import Expectation

if TYPE_CHECKING:
    from iskdyn.study import Scenario

TOLD = 5
"""So many open questions, and policies that may fail, are told in words; all stand in the tables."""
DEPENDS = (0.05, 0.95)
"""An expectation that fails in a share of the draws between these may fail or hold."""
MOSTLY = 0.9
MOST_REGIONS = 3
RISE = 0.02
"""A human cost that is higher by more than this share is said to rise."""


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


@dataclass(frozen=True)
class Told:
    """One expectation of a scenario.

    Attributes
    ----------
    label, expected : the output, and what is expected of it, in words
    human : the output is a human cost
    harm : it was only asked whether this human cost rises
    share, part : of the draws in which it fails, with the changes in full, and each between none and full
    regions : limits in words, and the region, best first; only those that hold on held-out draws
    """

    title: str
    label: str
    expected: str
    human: bool
    harm: bool
    share: float
    part: float
    regions: tuple[tuple[str, Region], ...]


def sensitivity_section(materials: Materials) -> Section:
    """The leading numbers of each outcome and effect, what learning is worth, and where scenarios fail."""
    study, outcomes = materials.study, materials.story.outcomes
    materials.tell("sensitivity")
    measures = {name: outcome.measure for name, outcome in outcomes.items()}
    found = sensitivity(study, materials.around, measures)
    policies = _policies(materials)
    plain = [i for i, one in enumerate(found.questions) if one.tactic is None]
    effects = [
        i
        for i, one in enumerate(found.questions)
        if one.tactic and found.at_end(found.prior.total)[:, i].any()
    ]
    rows = [_row(materials, found, i) for i in plain]
    labels = {name: outcome.label for name, outcome in outcomes.items()}
    contents = {
        "found": found,
        "n_draws": len(materials.around.draws),
        "posterior": materials.around.kind == "posterior",
        "leading": [_leading_words(materials, found, i) for i in plain],
        "overview": _overview(found, plain),
        "matrix": matrix(found, plain, labels),
        "over_time": over_time(found, plain, labels, study.month),
        "rows": rows,
        "effects": [_row(materials, found, i) for i in _by_outcome(found, effects)],
        "learning": _learning_words(materials, found),
        "open": [_open_row(materials, found, i) for i in open_questions(found)],
        "policies": _policy_words(policies),
        "told": [one for one in policies if not one.harm or max(one.share, one.part) > DEPENDS[0]],
        "settled": int(found.settled.sum()),
        "rest": float(found.at_end(found.prior.total)[-1][plain].max()),
    }
    return Section("sensitivity", "What the answers depend on", render("sensitivity.html", contents))


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
    now = f" Given the evidence it moves most with {_list(after)}." if after else ""
    return f"{outcome.heading}: {_list(parts)}.{rough}{now}"


def _standing(found: Sensitivity, name: str) -> str:
    return "informed by the paper" if informed(found, name) else "a judgement"


def _overview(found: Sensitivity, plain: Sequence[int]) -> str:
    """How many of the numbers that lead are informed."""
    names = list(dict.fromkeys(found.factors[i] for question in plain for i in leading(found, question)))
    known = [name for name in names if informed(found, name)]
    rest = f"it narrows {len(known)} of them: {_list(known)}" if known else "it narrows none of them"
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


# -- when a policy fails


def _policies(materials: Materials) -> list[Told]:
    """Every scenario that expects something, with its human cost, in the order of the study."""
    study = materials.study
    measures = {name: outcome.measure for name, outcome in materials.story.outcomes.items()}
    told = []
    for name, scenario in study.scenarios.items():
        if not scenario.expect:
            continue
        materials.tell(f"when {name} fails")
        found = failures(study, materials.around, _with_harm(materials, scenario), measures)
        told += [_told(materials, scenario, one) for one in found]
    return told


def _with_harm(materials: Materials, scenario: Scenario) -> Scenario:
    """The scenario with one more expectation a human cost it says nothing of: that it does not rise."""
    said = {one.output for one in scenario.expect}
    until = max(one.until for one in scenario.expect)
    harms = tuple(
        Expectation(name, "not higher", until, by=RISE)
        for name in materials.study.settings.human_cost
        if name not in said
    )
    human = [one for one in scenario.expect if one.output in materials.study.settings.human_cost]
    others = [one for one in scenario.expect if one not in human]
    return replace(scenario, expect=(*human, *harms, *others))


def _told(materials: Materials, scenario: Scenario, one: Failure) -> Told:
    units = {each.name: each.units for each in materials.study.program if each.units not in ("", "Dmnl")}
    regions = [region for region in (*one.boxes, *one.leaves) if region.holds]
    regions = sorted(regions, key=_worth, reverse=True)[:MOST_REGIONS] if _open(one.cases.share) else []
    output = one.expectation.output
    outcome = materials.story.outcomes.get(output)
    label = outcome.label if outcome else output
    return Told(
        title=scenario.title,
        label=label,
        expected=expected(replace(one.expectation, output=label)),
        human=output in materials.study.settings.human_cost,
        harm=one.expectation not in scenario.expect,
        share=one.share,
        part=one.cases.share,
        regions=tuple((limits(region, units), region) for region in regions),
    )


def _open(share: float) -> bool:
    return DEPENDS[0] < share < DEPENDS[1]


def _worth(region: Region) -> float:
    """Coverage and density on held-out draws together."""
    one = region.held_out
    return 2 * one.coverage * one.density / (one.coverage + one.density)


def _policy_words(told: Sequence[Told]) -> list[str]:
    """Which human cost rises, what hardly ever comes about, and what depends on what: the most open first."""
    rising = _grouped([one for one in told if one.harm and one.share >= MOSTLY])
    words = (
        [f"A human cost rises by more than {RISE:.0%}, in nine draws of ten or more, with {rising}."]
        if rising
        else []
    )
    never = _grouped([one for one in told if not one.harm and one.share >= MOSTLY])
    words += [f"What is expected hardly ever comes about with {never}."] if never else []
    both_ways = [one for one in told if one.regions and _open(one.share)]
    depends = sorted(both_ways, key=_gain, reverse=True)
    for harm, most in ((True, TOLD // 2), (False, TOLD)):
        first = {one.title: one for one in reversed(depends) if one.harm is harm}
        words += [_depends(one) for one in depends if one is first.get(one.title)][:most]
    return words


def _gain(one: Told) -> float:
    """How much more its best region tells than the share of failures does."""
    held = one.regions[0][1].held_out
    return held.coverage * (held.density - one.regions[0][1].base)


def _grouped(told: Sequence[Told]) -> str:
    """'A (this and that); B (this)': scenarios with what of each is meant."""
    titles = dict.fromkeys(one.title for one in told)
    return "; ".join(
        f"“{title}” ({_list([one.label if one.harm else one.expected for one in told if one.title == title])})"
        for title in titles
    )


def _depends(one: Told) -> str:
    where, region = one.regions[0]
    what = (
        f"“{one.label}” rises by more than {RISE:.0%}"
        if one.harm
        else f"“{one.expected}” does not come about"
    )
    return (
        f"With “{one.title}”, {what} in {one.part:.0%} of the draws, but in {region.held_out.density:.0%} of those "
        f"with {where}; {region.held_out.coverage:.0%} of these cases lie there."
    )


def _list(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]
