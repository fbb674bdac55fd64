"""What the sections on policies share: the draws, the tellings, and how far ahead they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from iskdyn.levers import Measure, later
from iskdyn.reports.sections import Materials
from iskdyn.reports.story import Story
from iskdyn.study import Inputs

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

N_DRAWS = 400
CODED = "as the history is coded"
YEARS = (2, 5, 10)


def fewer(around: Spread) -> Spread:
    """The first draws, enough for intervals of policies."""
    return replace(around, draws=around.draws[:N_DRAWS])


def tellings(materials: Materials) -> dict[str, Inputs | None]:
    """The coded history, and the tellings of the story that let the actors follow rules."""
    switches = set(materials.study.settings.switches)
    modes = [mode for mode in materials.story.modes if switches & set(mode.set)]
    return {CODED: None, **{mode.name: Inputs(dict(mode.set)) for mode in modes}}


def measures(story: Story) -> dict[str, Measure]:
    """How each outcome is measured."""
    return {name: outcome.measure for name, outcome in story.outcomes.items()}


def horizons(study: Study) -> dict[str, str]:
    """The end of the history, and 2, 5 and 10 years later: words and month."""
    ahead = {f"{years} years on": later(study, years) for years in YEARS}
    end = study.month(study.end_time() - 0.5)
    return {"end of the history": end, **{words: month for words, month in ahead.items() if month}}


def end_times(study: Study, months: Mapping[str, str]) -> list[float]:
    """Model times of the ends of months, in order, each once."""
    return sorted({study.time(month) + 1 for month in months.values()})
