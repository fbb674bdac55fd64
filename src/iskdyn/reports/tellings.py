"""The other tellings of the history: parts of the structures with their own draws, and modes not fitted again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iskdyn.levers import Arms, run_arms
from iskdyn.reports.effects import Effect, effects, without_each
from iskdyn.reports.sections import Materials
from iskdyn.study import Inputs

if TYPE_CHECKING:
    from iskdyn.calibration import Part, Spread


@dataclass(frozen=True)
class Telling:
    """One other telling.

    Attributes
    ----------
    name : in a sentence: "if the claim was true"
    title, words : heading, and what was done
    effects : per tactic and outcome, the effect of its removal
    sampled : whether it is a part of the structures that the evidence weighs, or only another setting
    """

    name: str
    title: str
    words: str
    effects: dict[str, dict[str, Effect]]
    sampled: bool


def other_tellings(materials: Materials) -> list[Telling]:
    """The parts of the structures by weight, then the story's modes that no sampled structure replaces."""
    modes = [one for one in materials.story.modes if materials.sampled(one.set) is None]
    return [_part(materials, one) for one in materials.parts] + [
        Telling(
            mode.name,
            mode.title,
            mode.words,
            _effects(materials, materials.around, mode.set, mode.name),
            sampled=False,
        )
        for mode in modes
    ]


def _part(materials: Materials, one: Part) -> Telling:
    name = f"if {one.title}"
    fit = materials.variants[one.name].fit if one.name in materials.variants else None
    holding = f"{fit.holding[0]} of {fit.holding[1]} fitted facts hold at its best fit. " if fit else ""
    words = f"Fitted and sampled by itself. {holding}The evidence gives it {one.weight:.0%} of the weight."
    return Telling(name, f"The same {name}", words, _effects(materials, one.spread, {}, name), sampled=True)


def _effects(
    materials: Materials, around: Spread, changes: Mapping[str, float], name: str
) -> dict[str, dict[str, Effect]]:
    study, story = materials.study, materials.story
    materials.tell(f"each tactic removed, {name}")
    arms: Arms = run_arms(
        study,
        around,
        without_each(study),
        tuple(story.outcomes),
        base=Inputs(dict(changes)),
    )
    return effects(story, arms, tuple(study.settings.tactics))
