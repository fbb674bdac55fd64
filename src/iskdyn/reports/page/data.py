"""Everything the page holds besides its code: numbers, words and the model as JavaScript."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration import model_values, weighty
from iskdyn.errors import Problem
from iskdyn.levers import later, year_end
from iskdyn.reports.page.explained import cited, variables, views
from iskdyn.reports.page.levers import decisions, needed, page_levers, paths, ready_scenarios, timed
from iskdyn.reports.page.links import told_links
from iskdyn.reports.page.reported import reported
from iskdyn.reports.page.versions import choices
from iskdyn.telling import for_page
from iskdyn.written import JsonObject

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Spread
    from iskdyn.reports.questions import Worth
    from iskdyn.reports.story import Story
    from iskdyn.study import Study

N_TRIED = 64
"""Draws in which each of many ways is tried; the nearest are run again in all."""
LARGEST = 15
"""Power of two below which the largest half float lies; the smallest that keeps all bits is 2 ** -14."""
SAVE_EVERY = 0.25
"""As in the report, so that sums are the same."""
LONGER = (3, 8)
"""Years into the ten that end with the horizon: ends of the longer runs that a reader may ask for."""


@dataclass(frozen=True)
class Sources:
    """What a page is made from.

    Attributes
    ----------
    around : draws of every number, of few bits each, and the fitted values
    stale : why the fit or the posterior does not belong to the study as it is; empty if it does
    answer : HTML of the first view; empty where the story has no [brief], or the fit is stale
    worth : the questions to people whose answers would settle most; as empty
    marks : who decides the direction of each outcome where a tactic's constant is 0; as empty
    """

    study: Study
    fit: FitResult
    story: Story
    around: Spread
    stale: tuple[Problem, ...]
    answer: str = ""
    worth: tuple[Worth, ...] = ()
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def used_parameters(sources: Sources) -> list[str]:
    """The drawn numbers on which the shown outputs depend."""
    program, used = sources.study.program, needed(sources.study)
    return [name for name in sources.around.names if name in program and program[name].key in used]


def kernel(
    sources: Sources, outputs: list[str], name: str, save_every: float, *,
    held: Sequence[str] = (), compiled: bool = False,
) -> str:  # fmt: skip
    """The model as a JavaScript function of the drawn numbers and of the levers as series, or a compiled one.

    A decision is a series that lapses: its rule speaks unless it is given a course, or its own path in each draw.

    Parameters
    ----------
    outputs : names, in the order of the rows
    name : of the function
    save_every : months between the kept times
    held : variables that can be held at a path besides
    """
    from iskdyn.simulate import to_javascript

    study = sources.study
    levers = page_levers(study)
    given = [one["name"] for one in levers if one["group"] == "decision"]
    own = list(dict.fromkeys([*decisions(study), *given, *held]))
    series = {**timed(levers), **dict.fromkeys(own, ([0.0], [math.nan]))}
    return to_javascript(
        study.program, used_parameters(sources), outputs, name=name, final_time=study.end_time(),
        save_every=save_every, series=series, lapsing=True, own=own, compiled=compiled,
    )  # fmt: skip


def simulated(study: Study) -> list[str]:
    """What the page's model gives: the outcomes, then the paths of what was done."""
    return [*study.settings.headline, *paths(page_levers(study))]


def page_data(sources: Sources) -> dict[str, object]:
    """The page's data, ready for JSON."""
    study, around = sources.study, sources.around
    observed = model_values(study, around)
    levers = page_levers(study)
    scenarios, left = ready_scenarios(study, levers)
    names = used_parameters(sources)
    places = [around.names.index(name) for name in names]
    shown = variables(study, around)
    written = np.array([study.program[name].value for name in names])
    return {
        "lexicon": for_page(),
        "title": sources.story.title,
        "study": study.name,
        "source": study.settings.source,
        "address": sources.story.address,
        "limits": list(sources.story.limits),
        "model": study.program.digest[:16],
        "kind": around.kind,
        "stale": [str(problem) for problem in sources.stale],
        "clock": _clock(study),
        "levers": levers,
        "paths": paths(levers),
        "scenarios": scenarios,
        "elsewhere": left,
        "never_more": list(study.settings.never_more),
        "decisions": decisions(study),
        "own_decisions": {
            tactic: [study.program[name].name for name in names]
            for tactic, names in study.settings.tactic_decisions.items()
        },
        "outcomes": _outcomes(sources),
        "links": [
            {"words": one.words, "of": list(one.of), "counted": one.counted}
            for one in told_links(sources.study, sources.story)
        ],
        "questions": [{"text": one.whole, "asks": one.asks} for one in sources.story.questions],
        "worth": [
            {"text": one.question.whole, "points": one.told, "settles": one.settles} for one in sources.worth
        ],
        "marks": [
            {"changes": {name: 0.0}, "speaks": [speaks.get(one, "") for one in sources.story.outcomes]}
            for name, speaks in sources.marks.items()
        ],
        "rivals": _rivals(sources),
        "reported": reported(study, sources.fit, *observed),
        "parameters": names,
        "n": len(around.draws),
        "parts": _places(weighty(around), len(around.draws)),
        "choices": [] if sources.stale else choices(study, around, *observed),
        "tried": min(N_TRIED, len(around.draws)),
        **_halves(around.draws[:, places]),
        "fitted": _packed(around.centre[places].astype("<f8")),
        "written": _packed(written.astype("<f8")),
        "why": _squeezed({"variables": shown, "evidence": cited(study, shown), "views": views(study)}),
    }


def _clock(study: Study) -> JsonObject:
    settings = study.settings
    longer = [end for years in LONGER if (end := later(study, years))] or [study.horizon[1]]
    months = [study.month(study.end_time() - 0.5), year_end(study), *longer]
    last = study.end_time(study.horizon[1])
    ends = {month: study.time(month) + 1 for month in months if study.time(month) + 1 <= last}
    return {
        "start": settings.start or f"{study.calendar.unit} 0",
        "split": study.time(settings.split) + 1 if settings.split else None,
        "history": study.end_time(),
        "last": last,
        "unit": study.calendar.unit,
        "every": SAVE_EVERY,
        "ends": [{"month": month, "time": time} for month, time in ends.items()],
    }


def _rivals(sources: Sources) -> list[JsonObject]:
    """Rival explanations of a decline whose switches the page can turn off in each draw."""
    used = set(used_parameters(sources))
    return [
        {"title": one.title, "words": one.words, "outcome": one.outcome, "switches": dict(one.switches),
         "before": sources.study.window(*one.before), "after": sources.study.window(*one.after)}
        for one in sources.story.rivals
        if set(one.switches.values()) <= used and one.outcome in sources.story.outcomes
    ]  # fmt: skip


def _outcomes(sources: Sources) -> list[JsonObject]:
    human = set(sources.study.settings.human_cost)
    return [
        {"name": name, "label": one.label, "measure": one.measure, "unit": one.unit, "rate": one.rate,
         "digits": one.digits, "counted": one.counted, "note": one.note, "human": name in human}
        for name, one in sources.story.outcomes.items()
    ]  # fmt: skip


def _squeezed(value: Mapping[str, object]) -> str:
    """JSON that is read only when asked for: deflated (zlib), as base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _halves(draws: NDArray[np.float64]) -> JsonObject:
    """Draws as half floats: each number divided by a power of two, so that its largest draw nearly fills them."""
    powers = np.frexp(np.abs(draws).max(axis=0))[1] - LARGEST
    return {"draws": _packed(np.ldexp(draws, -powers).astype("<f2")), "powers": powers.tolist()}


def _places(parts: Mapping[str, NDArray[np.bool_]], n_draws: int) -> list[int]:
    """Of each draw the number of its part; -1 where the others are too few to be one."""
    places = np.full(n_draws, -1)
    for i, chosen in enumerate(parts.values()):
        places[chosen] = i
    return places.tolist()


def _packed(values: NDArray[np.floating]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
