"""When a policy fails: how often each scenario does not do what is expected of it, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iskdyn.reports.sections import Materials
from iskdyn.sensitivity import Failure, Region, failures
from iskdyn.sensitivity.tell import expected, limits
from iskdyn.study import Expectation
from iskdyn.telling import threshold_words
from iskdyn.telling.thresholds import AGREE, SMALL

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Scenario

TOLD = 5
"""So many policies that may fail are told in words, lest the words be longer than the table, which has all."""
DEPENDS = (0.05, 0.95)
"""An expectation that fails in a share of the draws between these may fail or hold; beyond them too few are left to
tell when."""
MOST_REGIONS = 3
"""Of one expectation, the ones that tell most first: boxes and leaves of a tree describe the same failures."""
RISE = 2 * SMALL
"""A human cost that is higher by more than this share is said to rise: twice what is told as hardly any."""


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


def policies(materials: Materials) -> list[Told]:
    """Every scenario that expects something, with its human cost, in the order of the study."""
    study = materials.study
    measures = materials.story.measures
    told = []
    for name, scenario in study.scenarios.items():
        if not scenario.expect:
            continue
        materials.tell(f"when {name} fails")
        found = failures(study, _draws(materials, scenario), _with_harm(materials, scenario), measures)
        told += [_told(materials, scenario, one) for one in found]
    return told


def _draws(materials: Materials, scenario: Scenario) -> Spread:
    """The draws of the structure that a scenario is compared in, where it was sampled by itself."""
    if not scenario.against:
        return materials.around
    fixed = dict(materials.study.scenarios[scenario.against].inputs.values)
    sampled = materials.sampled(fixed)
    return sampled.spread if sampled else materials.around


def depending(told: Sequence[Told]) -> list[Told]:
    """Those that some versions fail and others do not, where limits on numbers mark which."""
    return [one for one in told if one.regions and _open(one.share)]


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


def policy_words(told: Sequence[Told]) -> list[str]:
    """Which human cost rises, what hardly ever comes about, and what depends on what: the most open first."""
    said = threshold_words()["agree_versions"]
    rising = _grouped([one for one in told if one.harm and one.share >= AGREE])
    words = (
        [f"A human cost rises by more than {RISE:.0%}, in {said} or more, with {rising}."] if rising else []
    )
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
        f"“{title}” ({listed([one.label if one.harm else one.expected for one in told if one.title == title])})"
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
        f"With “{one.title}”, {what} in {one.part:.0%} of the versions, but in {region.held_out.density:.0%} of those "
        f"with {where}; {region.held_out.coverage:.0%} of these cases lie there."
    )


def listed(parts: Sequence[str]) -> str:
    """Parts in a sentence: 'a, b and c'."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]
