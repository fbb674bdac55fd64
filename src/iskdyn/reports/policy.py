"""What the sections on policies share: the draws, the tellings, and how far ahead they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iskdyn.draws import SEED
from iskdyn.levers import (
    HISTORY,
    Before,
    Measured,
    before_evidence,
    later,
    measure_arms,
    needed,
    opponent,
    windows,
    year_end,
)
from iskdyn.reports.sections import Materials
from iskdyn.study import Inputs

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

ALL = "over all structures"
YEARS = (2, 5, 10)
"""Years on, up to the ten that end with the horizon; each only where it lies past the history."""


@dataclass(frozen=True)
class Telling:
    """On which draws, and with what changed throughout, policies are run.

    Attributes
    ----------
    own : whether the draws were sampled with that changed
    """

    around: Spread
    base: Inputs
    own: bool


def tellings(materials: Materials) -> dict[str, Telling]:
    """All sampled structures together, and the tellings of the story that change the structure."""
    switches = set(materials.study.settings.switches)
    found = {ALL: Telling(materials.around, Inputs(), own=True)}
    for mode in materials.story.modes:
        if switches & set(mode.set):
            sampled = materials.sampled(mode.set)
            around = sampled.spread if sampled else materials.around
            found[mode.name] = Telling(around, Inputs(dict(mode.set)), bool(sampled))
    return found


def run_scenarios(materials: Materials) -> dict[str, Measured]:
    """Every ready scenario in each telling, to the end of each window, and to what is expected of it."""
    study = materials.study
    scenarios = {name: one for name, one in study.scenarios.items() if name != HISTORY}
    outcomes, ends = needed(study, scenarios, materials.story.measures, months_ahead(study))
    inputs = {name: one.inputs for name, one in scenarios.items()}
    found = {}
    for telling, one in tellings(materials).items():
        materials.tell(f"scenarios {telling}")
        found[telling] = measure_arms(study, one.around, inputs, outcomes, ends, base=one.base)
    return found


def run_before(materials: Materials) -> tuple[Mapping[str, Before], ...]:
    """Every ready scenario before the evidence, by name, to the year out and to what is expected of it.

    In two groups, so that only those are followed for years of which something is expected then; none where fewer
    than two structures are sampled, as effects have no marks then.
    """
    study, story = materials.study, materials.story
    if not materials.parts:
        return ()
    scenarios = {name: one for name, one in study.scenarios.items() if name != HISTORY}
    near = study.time(year_end(study)) + 1
    far = {
        name
        for name, one in scenarios.items()
        if max(needed(study, {name: one}, {}, {})[1], default=0) > near
    }
    found = []
    for names in (scenarios.keys() - far, far):
        chosen = {name: one for name, one in scenarios.items() if name in names}
        outcomes, ends = needed(study, chosen, story.measures, {"": year_end(study)})
        pairs = [(name, opponent(one)) for name, one in chosen.items()]
        arms = {name: scenarios[name].inputs for pair in pairs for name in pair if name != HISTORY}
        materials.tell(f"{len(chosen)} scenarios before the evidence")
        before = before_evidence(study, arms, pairs, outcomes, ends, SEED)
        found.append(dict.fromkeys(chosen, before))
    return tuple(found)


def months_ahead(study: Study) -> dict[str, str]:
    """Words and last month of each window that policies are told in, in the order of time."""
    ahead = {*windows(study).values(), *list(horizons(study).values())[1:]}
    return {f"to {month}": month for month in sorted(ahead, key=study.time)}


def draws_words(found: Mapping[str, Telling]) -> str:
    """On which draws the other tellings stand."""
    others = {name: one for name, one in found.items() if name != ALL}
    again = {True: "on versions fitted with it", False: "on the same versions, not fitted again"}
    return "; ".join(f"{name} {again[one.own]}" for name, one in others.items())


def horizons(study: Study) -> dict[str, str]:
    """The end of the history, and 2, 5 and 10 years later: words and month."""
    ahead = {f"{years} years on": later(study, years) for years in YEARS}
    end = study.month(study.end_time() - 0.5)
    return {"end of the history": end, **{words: month for words, month in ahead.items() if month}}


def end_times(study: Study, months: Mapping[str, str]) -> list[float]:
    """Model times of the ends of months, in order, each once."""
    return sorted({study.time(month) + 1 for month in months.values()})
