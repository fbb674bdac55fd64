"""The other tellings of the history: parts of the structures with their own draws, and modes not fitted again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iskdyn.calibration import rows_with
from iskdyn.levers import Arms, run_arms
from iskdyn.reports.effects import Effect, effects, without
from iskdyn.reports.sections import Materials
from iskdyn.study import Inputs

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration import Part, Spread
    from iskdyn.study import Study


@dataclass(frozen=True)
class Telling:
    """One other telling.

    Attributes
    ----------
    name : in a sentence: "if IS-K's claim was true"
    title, words : heading, and what was done
    effects : per tactic and outcome, the effect of its removal
    rows : the table of observations at its own fit, or at the history's where it was not fitted again;
        None where a fitted number differs, so that rows cannot be read
    """

    name: str
    title: str
    words: str
    effects: dict[str, dict[str, Effect]]
    rows: pd.DataFrame | None


def other_tellings(materials: Materials) -> list[Telling]:
    """The parts of the structures by weight, then the story's modes that no sampled structure replaces."""
    sampled = [one.variant.set for one in materials.variants.values()]
    modes = [one for one in materials.story.modes if one.set not in sampled]
    return [_part(materials, one) for one in materials.parts] + [
        Telling(
            mode.name,
            mode.title,
            mode.words,
            _effects(materials, materials.around, mode.set, mode.name),
            _rows(materials, mode.set),
        )
        for mode in modes
    ]


def without_each(study: Study) -> dict[str, Inputs]:
    """Per tactic the arm without it."""
    return {without(name): Inputs({switch: 0.0}) for name, switch in study.settings.tactics.items()}


def odds(behind: float) -> str:
    """How much less likely the evidence makes a structure than the best one.

    >>> odds(0.04), odds(7.0)
    ('about as likely as the best', 'about 1,100 times less likely than the best')
    """
    times = math.exp(behind)
    if times < 1.5:
        return "about as likely as the best"
    return f"about {float(f'{times:.2g}'):,g} times less likely than the best"


def _part(materials: Materials, one: Part) -> Telling:
    name = f"if {one.title}"
    fit = materials.variants[one.name].fit if one.name in materials.variants else None
    holding = f"{fit.holding[0]} of {fit.holding[1]} fitted facts hold at its best fit. " if fit else ""
    words = f"Fitted and sampled by itself. {holding}The evidence gives it {one.weight:.0%} of the weight."
    return Telling(
        name, f"The same {name}", words, _effects(materials, one.spread, {}, name), fit.rows if fit else None
    )


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


def _rows(materials: Materials, changes: Mapping[str, float]) -> pd.DataFrame | None:
    fit = materials.fit
    if set(changes) & {*fit.constants, *fit.biases}:
        return None
    return rows_with(materials.study, fit, changes)
