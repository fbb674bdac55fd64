"""The answer on one page: a finding, its human cost, what each tactic did and who says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iskdyn.calibration import load_fit
from iskdyn.draws import N_DRAWS, SEED
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_text_whole, write_whole
from iskdyn.levers import (
    HISTORY,
    Before,
    Effect,
    before_evidence,
    effects,
    prior_draws,
    readings_of,
    run_arms,
    stored_draws,
    stored_parts,
    with_marks,
)
from iskdyn.levers.marks import Mark
from iskdyn.levers.measured import relative_to
from iskdyn.levers.verdict import SURE, verdict
from iskdyn.model.names import suggest
from iskdyn.reports.brief_chart import chart, chart_label
from iskdyn.reports.brief_words import chance, leading, title, unasked, unknown
from iskdyn.reports.done_curve import done_curves, done_paths
from iskdyn.reports.effect_words import GLYPHS, NIL, SPEAKS, change, size_words
from iskdyn.reports.effects import without_each
from iskdyn.reports.finishing import marked, plain
from iskdyn.reports.questions import ask
from iskdyn.reports.sections import render
from iskdyn.reports.story import Brief, Outcome, Story, story_of
from iskdyn.study import FIT, Inputs
from iskdyn.study.stamp import run_id, stamp
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from iskdyn.calibration import Part, Spread
    from iskdyn.levers import Arms
    from iskdyn.study import Study

FILE = "brief.html"
NO_PDF = "no brief.pdf: no Chromium or Chrome is installed; open brief.html in a browser and print it on A4"
N_QUESTIONS = 3
"""As many as fit on the page beside what is not known."""
BY_DEFINITION, ALL_GONE = "by definition", -1 + 1e-9
"""What stands for who decides, where an outcome is gone in every version: at this share of history's value."""
ANY = "any of them"
"""The last row of the table: every tactic absent at once."""
LINKS = {"index.html": "annex", "levers.html": "page"}
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Cell:
    """One effect in the table: its text, its range, who speaks, and a star where the facts fit as well without."""

    text: str
    range: str
    speaks: str
    star: str = ""

    @property
    def glyph(self) -> str:
        """Who speaks, where there is no room for words."""
        return GLYPHS.get(self.speaks, "")


def build_brief(
    study: Study,
    out_dir: Path | None = None,
    progress: Progress | None = None,
    contents: Mapping[str, Any] | None = None,
    *,
    beside: bool = False,
) -> tuple[Path, list[str]]:
    """Write the one page of a study whose story has a [brief]; its path, and the sentences of its title.

    Parameters
    ----------
    out_dir : folder to write to; by default the study's own
    progress : called with what is being done
    contents : the `answer`, where it is known already
    beside : whether report and page are about to be written beside it; else it names only those that are there

    Raises
    ------
    StudyError : the story has no [brief], or it names what the study does not have
    """
    story = story_of(study)
    contents = contents or answer(study, story, progress)
    line = stamp(study, asked="brief")
    path = (out_dir or study.path_of("report")) / FILE
    links = {name: words for name, words in LINKS.items() if beside or (path.parent / name).is_file()}
    html = render(FILE, {**contents, "links": links, "stamp": line, "run": run_id(line)})
    write_text_whole(path, marked(plain(html), run_id(line)))
    return path, contents["title"]


def print_brief(page: Path) -> Path | None:
    """The one page printed beside it as PDF; None, and no PDF of an earlier page, where no browser is installed.

    Raises
    ------
    GateError : there is a browser, and it printed nothing
    """
    from iskdyn.reports.page.browser import find_browser, print_pdf

    browser, target = find_browser(), page.with_suffix(".pdf")
    if browser is None:
        target.unlink(missing_ok=True)
        return None
    write_whole(target, lambda part: print_pdf(browser, page, part))
    return target


def answer(study: Study, story: Story, progress: Progress | None = None) -> dict[str, Any]:
    """What brief and page tell first: title, human cost, chart, table, what is not known, questions.

    The questions are the first that `iskdyn ask` has from the story, with what each is `worth`; the story's own first
    ones where there is no tactic.

    Parameters
    ----------
    study : with a stored fit; its draws are those of `stored_draws`
    story : the words for its outcomes
    progress : called with what is done, in words

    Raises
    ------
    StudyError : the story has no [brief], or it names what the study does not have
    """
    tell = progress or (lambda _: None)
    words = _checked(study, story)
    spread = stored_draws(study, N_DRAWS, SEED)
    found, parts = marked_effects(study, story, spread, tell)
    every = Inputs(dict.fromkeys(study.settings.tactics.values(), 0.0))
    shown = (*story.outcomes, *dict.fromkeys(done_paths(study).values()))
    arms = run_arms(study, spread, {**without_each(study), ANY: every}, shown, progress=tell)
    worth = [one for one in ask(study, story, spread, SEED, arms) if one.worded]
    lead = leading(study, found, words.lead)
    outcome = story.outcomes[lead.outcome]
    prior = prior_draws(study, N_DRAWS, SEED)
    band = run_arms(study, prior, {}, (lead.outcome,)).series(HISTORY, lead.outcome)[1] if parts else None
    fit = load_fit(study.stored(FIT), {})
    before = _before(study, story, every) if parts else None
    return _contents(study, story, words, found, arms, before) | {
        "effects": found,
        "title": title(story, words, found, lead),
        "unknown": unknown(study, found, lead, outcome.label, parts, fit, spread),
        "holding": fit.holding,
        "before": before is not None,
        "chance": chance(found),
        "chart": chart(study, outcome, arms, lead, story.events, before=band),
        "narrow": chart(study, outcome, arms, lead, before=band, narrow=True),
        "chart_label": chart_label(outcome, lead),
        "done": done_curves(study, arms),
        "marks": _marks(study, found),
        "worth": worth,
        "questions": ([one.question for one in worth] or list(story.questions))[:N_QUESTIONS],
    }


def _before(study: Study, story: Story, every: Inputs) -> Before:
    """Every tactic absent at once, before the evidence."""
    pairs = [(ANY, HISTORY)]
    return before_evidence(study, {ANY: every}, pairs, story.measures, [study.end_time()], SEED)


def marked_effects(
    study: Study, story: Story, spread: Spread, tell: Progress
) -> tuple[list[Effect], tuple[Part, ...]]:
    """The effects of `iskdyn effects`, each with who speaks, and the structures over which that is judged.

    Parameters
    ----------
    story : whose outcomes are measured
    spread : draws that the effects are of
    tell : called with what is done, in words
    """
    readings = readings_of(study, story.measures)
    parts = stored_parts(study, N_DRAWS, SEED)
    found = effects(study, spread, readings, prior=prior_draws(study, N_DRAWS, SEED), progress=tell)
    if parts:
        found = with_marks(study, found, readings, spread.structures, SEED, progress=tell)
    return found, parts


def _checked(study: Study, story: Story) -> Brief:
    """The [brief] of a story whose tactic and numbers the study has."""
    brief = read_brief(study, story)
    if brief is None:
        message = "has no [brief]: lead, doubt and columns of the one page"
        raise StudyError(Problem(study.settings.story, message))
    return brief


def read_brief(study: Study, story: Story) -> Brief | None:
    """The [brief] of a story, checked against the study; None where there is none.

    Raises
    ------
    StudyError : it names a tactic, a number, a scenario or a month that the study does not have
    """
    shown = study.settings.story
    if story.brief is None:
        return None
    tactic, tactics = story.brief.doubt[0], study.settings.tactics
    scenarios = study.scenarios
    known = set(study.parameters["name"])
    problems = []
    if tactic not in tactics:
        problems.append(Problem(shown, f"brief: there is no tactic '{tactic}'{suggest(tactic, tactics)}"))
    problems += [
        Problem(shown, f"questions: '{name}' is no parameter of the study{suggest(name, known)}")
        for question in story.questions
        for name in question.asks
        if name not in known
    ]
    problems += [
        Problem(shown, f"asked: there is no scenario '{one.scenario}'{suggest(one.scenario, scenarios)}")
        for one in story.asked
        if one.scenario not in scenarios
    ]
    problems += [
        Problem(shown, f"events: '{one.month}' of '{one.words}' is not {study.calendar.expected}")
        for one in story.events
        if study.calendar.number(one.month) is None
    ]
    if problems:
        raise StudyError(problems)
    return story.brief


def _contents(
    study: Study, story: Story, words: Brief, found: Sequence[Effect], arms: Arms, before: Before | None
) -> dict[str, Any]:
    by_cell = {(one.tactic, one.outcome): one for one in found}
    columns = [story.outcomes[name] for name in words.columns]
    rows = [
        (tactic, [_cell(by_cell[tactic, outcome.name]) for outcome in columns])
        for tactic in study.settings.tactics
    ]
    rows.append((ANY, [_together(outcome, arms, before) for outcome in columns]))
    return {
        "story": story,
        "glyphs": GLYPHS,
        "cost": _cost(study, story, found),
        "columns": columns,
        "human_names": study.settings.human_cost,
        "rows": rows,
        "n_numbers": len(study.parameters),
        "n_draws": N_DRAWS,
        "first": study.in_words(study.horizon[0]),
        "last": study.in_words(study.month(study.end_time() - 0.5)),
        "source": study.settings.source,
        "address": story.address,
    }


def _marks(study: Study, found: Sequence[Effect]) -> dict[str, dict[str, str]]:
    """Who decides each direction without a tactic, in words: by its constant and by outcome."""
    return {
        constant: {
            one.outcome: _who(one.speaks, one.relative)
            for one in found
            if one.tactic == tactic and one.speaks
        }
        for tactic, constant in study.settings.tactics.items()
    }


def _who(speaks: Mark | None, relative: Iterable[float]) -> str:
    """Who decides a direction, in words; what is gone in every version is so by definition, and no finding."""
    if not speaks:
        return ""
    return BY_DEFINITION if max(relative) <= ALL_GONE else SPEAKS[speaks]


def _cell(effect: Effect) -> Cell:
    """What is told of an effect: one whose direction is open has no number, which would be quoted."""
    speaks = _who(effect.speaks, effect.relative)
    star = "*" if unasked(effect) else ""
    if effect.speaks == "open":
        return Cell("open", "", "", star)
    text, span = change(effect)
    return Cell(text, span, speaks, star)


def _together(outcome: Outcome, arms: Arms, before: Before | None) -> Cell:
    """One outcome with every tactic absent."""
    history = arms.measured(outcome.measure, HISTORY, outcome.name)[1]
    difference = arms.difference(outcome.measure, ANY, outcome.name)
    told = verdict(difference, history, arms.parts)
    if told not in SURE:
        return Cell("open" if told == "open" else NIL, "", "")
    values = np.quantile(difference, EDGES)
    relative, speaks = relative_to(difference, history), None
    if before is not None:
        earlier = before.measured.difference(ANY, HISTORY, outcome.name, before.measured.ends[0])[1:]
        speaks = before.mark(difference, earlier, arms.parts, None)
    size, span = size_words(relative.tolist(), values.tolist(), outcome.unit)
    return Cell(size, span, _who(speaks, relative))


def _cost(study: Study, story: Story, found: Sequence[Effect]) -> list[tuple[Outcome, str, str]]:
    """What happened to people: label, middle and range of each human cost in history."""
    first = {one.outcome: one for one in found}
    costs = [(story.outcomes[name], first[name]) for name in study.settings.human_cost]
    return [
        (outcome, outcome.text(one.base), " to ".join(outcome.text(edge) for edge in one.base_range))
        for outcome, one in costs
    ]
