"""The answer on one page: a finding, its human cost, what each tactic did and who says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration import load_fit
from iskdyn.calibration.cuts import WEAK
from iskdyn.calibration.nulls import nulls_behind
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_text_whole
from iskdyn.levers import HISTORY, Effect, Told, effects, readings_of, run_arms, told_structures, with_marks
from iskdyn.levers.draws import prior_spread, stored_draws
from iskdyn.levers.marks import ASKED, N_PRIOR
from iskdyn.levers.measured import less
from iskdyn.model.names import suggest
from iskdyn.reports.effect_words import SPEAKS, change
from iskdyn.reports.figures import drawing, marks_of, svg_text
from iskdyn.reports.sections import marked, render
from iskdyn.reports.story import Brief, Outcome, Question, Story, read_story
from iskdyn.study import FIT
from iskdyn.study.inputs import Inputs
from iskdyn.study.months import in_words
from iskdyn.study.stamp import run_id, stamp

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.levers import Arms
    from iskdyn.study import Study

FILE = "brief.html"
N_DRAWS, SEED = 1000, 1
"""As of `iskdyn effects`, so that both print the same numbers."""
N_QUESTIONS = 3
LINKS = {"index.html": "report", "levers.html": "page of levers"}
CHART: Any = {"font.size": 12, "figure.facecolor": "none", "axes.facecolor": "none"}
Progress = Callable[[str], None]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """One effect in the table: its text, its range, who speaks, and a star where the facts fit as well without."""

    text: str
    range: str
    speaks: str
    star: str = ""


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
    story = read_story(study.path_of("story"), study.settings.headline)
    contents = contents or answer(study, story, progress)
    line = stamp(study, asked="brief")
    path = (out_dir or study.path_of("report")) / FILE
    links = {name: words for name, words in LINKS.items() if beside or (path.parent / name).is_file()}
    html = render(FILE, {**contents, "links": links, "stamp": line, "run": run_id(line)})
    write_text_whole(path, spaced(marked(html, run_id(line))))
    return path, contents["title"]


def answer(study: Study, story: Story, progress: Progress | None = None) -> dict[str, Any]:
    """What brief and page tell first: title, human cost, chart, table, what is not known, questions.

    Raises
    ------
    StudyError : the story has no [brief], or it names what the study does not have
    """
    tell = progress or (lambda _: None)
    words = _checked(study, story)
    spread = stored_draws(study, N_DRAWS, SEED)
    found, told = marked_effects(study, story, spread, tell)
    arms = _arms(study, spread, [*words.lead, *words.columns], tell)
    return _contents(study, story, words, found, told, spread) | {
        "chart": _chart(study, story, arms, _mover(study, found, words.lead)),
        "questions": _questions(story, spread, arms, found, words),
    }


def spaced(html: str) -> str:
    """The same with a space before a per cent sign where no line breaks.

    >>> spaced("34 % and 88%") == "34\\N{NO-BREAK SPACE}% and 88\\N{NO-BREAK SPACE}%"
    True
    """
    head, style, body = html.rpartition("</style>")
    return head + style + re.sub(r"(?<=\d) ?%", "\N{NO-BREAK SPACE}%", body)


def marked_effects(
    study: Study, story: Story, spread: Spread, tell: Progress
) -> tuple[list[Effect], tuple[Told, ...]]:
    """The effects of `iskdyn effects`, each with who speaks, and the structures over which that is judged."""
    measures = {name: outcome.measure for name, outcome in story.outcomes.items()}
    readings = readings_of(study, measures)
    told = told_structures(study, N_DRAWS, SEED)
    found = effects(study, spread, readings, prior=prior_spread(study, N_DRAWS, SEED), progress=tell)
    prior = prior_spread(study, N_PRIOR, SEED)
    if told:
        found = with_marks(study, found, readings, told, prior, nulls_behind(study), progress=tell)
    return found, told


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
    StudyError : it names a tactic, a number or a scenario that the study does not have
    """
    shown = study.settings.story
    if story.brief is None:
        return None
    tactic, tactics = story.brief.doubt[0], study.settings.tactics
    scenarios = study.scenarios
    known = set(study.parameters["name"])
    problems = [Problem(shown, f"brief: there is no tactic '{tactic}'{suggest(tactic, tactics)}")]
    problems = [] if tactic in tactics else problems
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
    if problems:
        raise StudyError(problems)
    return story.brief


def _arms(study: Study, spread: Spread, outputs: Sequence[str], tell: Progress) -> Arms:
    changes = {tactic: Inputs({lever: 0.0}) for tactic, lever in study.settings.tactics.items()}
    return run_arms(study, spread, changes, tuple(dict.fromkeys(outputs)), progress=tell)


def _contents(
    study: Study, story: Story, words: Brief, found: Sequence[Effect], told: Sequence[Told], spread: Spread
) -> dict[str, Any]:
    by_cell = {(one.tactic, one.outcome): one for one in found}
    columns = [story.outcomes[name] for name in words.columns]
    rows = [
        (tactic, [_cell(by_cell[tactic, outcome.name]) for outcome in columns])
        for tactic in study.settings.tactics
    ]
    return {
        "story": story,
        "title": _title(study, story, words, found),
        "cost": _cost(study, story, found),
        "columns": columns,
        "human_names": study.settings.human_cost,
        "rows": rows,
        "unknown": _unknown(study, story, words, found, told, spread),
        "holding": load_fit(study.stored(FIT), {}).holding,
        "n_numbers": len(study.parameters),
        "n_draws": N_DRAWS,
        "first": in_words(study.settings.start),
        "last": in_words(study.month(study.end_time() - 0.5)),
        "source": study.settings.source,
    }


def _cell(effect: Effect) -> Cell:
    """What is told of an effect: one whose direction is open has no number, which would be quoted."""
    speaks = SPEAKS[effect.speaks] if effect.speaks else ""
    star = "*" if _unasked(effect) else ""
    if effect.speaks == "open":
        return Cell("open", "", "", star)
    text, span = change(effect)
    return Cell(text, span, speaks, star)


def _unasked(effect: Effect) -> bool:
    """Whether the facts fit about as well where the tactic does not reach the outcome: less is a bare mention."""
    return effect.null is not None and effect.null < -WEAK


def _mover(study: Study, found: Sequence[Effect], outcomes: Sequence[str]) -> Effect:
    """The largest effect on these outcomes: of those that the facts ask for, else of those that are not open.

    What no search ever asks more of is no title either, lest its gain be read as advice.
    """
    on_them = [one for one in found if one.outcome in outcomes]
    proper = [one for one in on_them if one.tactic not in study.settings.never_more] or on_them
    sure = [one for one in proper if one.speaks != "open"] or proper
    asked = [one for one in sure if one.null is not None and one.null >= ASKED] or sure
    return max(asked, key=lambda one: abs(one.relative[1]))


def _title(study: Study, story: Story, words: Brief, found: Sequence[Effect]) -> list[str]:
    lead = _mover(study, found, words.lead)
    tactic, outcome = words.doubt
    doubt = next(one for one in found if (one.tactic, one.outcome) == (tactic, outcome))
    return [_sentence(lead, story.outcomes[lead.outcome]), _sentence(doubt, story.outcomes[outcome])]


def _sentence(effect: Effect, outcome: Outcome) -> str:
    if effect.speaks == "open":
        return f"What {effect.tactic} did to the number of {outcome.label} is open."
    if effect.about_nil:
        return f"Without {effect.tactic}, there would have been about as many {outcome.label}."
    low, middle, high = (100 * value for value in effect.relative)
    more, (near, far) = "more" if middle > 0 else "fewer", sorted((abs(low), abs(high)))
    return (
        f"Without {effect.tactic}, there would have been {abs(middle):.0f} % {more} {outcome.label} "
        f"({near:.0f} to {far:.0f} %){_asked_for(effect)}."
    )


def _asked_for(effect: Effect) -> str:
    """How far the facts ask for the effect, where they do not do so firmly enough for a title by itself."""
    if effect.null is None or effect.null >= ASKED:
        return ""
    return (
        "; the facts fit as well without that" if _unasked(effect) else "; the facts ask for that only weakly"
    )


def _cost(study: Study, story: Story, found: Sequence[Effect]) -> list[tuple[Outcome, str, str]]:
    """What happened to people: label, middle and range of each human cost in history."""
    first = {one.outcome: one for one in found}
    costs = [(story.outcomes[name], first[name]) for name in study.settings.human_cost]
    return [
        (outcome, outcome.text(one.base), " to ".join(outcome.text(edge) for edge in one.base_range))
        for outcome, one in costs
    ]


def _unknown(
    study: Study, story: Story, words: Brief, found: Sequence[Effect], told: Sequence[Told], spread: Spread
) -> list[str]:
    """What is not known, each in a sentence: the title, directions, untested paths, structures, what is missing."""
    counts = {speaks: sum(one.speaks == speaks for one in found) for speaks in SPEAKS}
    sentences = []
    if told:
        sentences.append(
            f"Of {len(found)} directions our equations put in {counts['structure']}, the ranges that we set decide "
            f"{counts['judgement']}, the facts {counts['evidence']}; {counts['open']} are open."
        )
    lead = _mover(study, found, words.lead)
    if lead.speaks == "structure":
        sentences.append("The direction that the title tells is put in by our equations.")
    if len(told) > 1:
        sentences.append(_structures(told))
    if missed := _missed(study, lead.outcome):
        sentences.append(f"{missed} of {story.outcomes[lead.outcome].label}.")
    return sentences + _missing(study, told, spread)


def _structures(told: Sequence[Told]) -> str:
    """How the evidence weighs the structures, and which one the numbers are of."""
    likely, own = max(told, key=lambda one: one.weight), told[0]
    if likely is own:
        return f"The numbers are of one of {len(told)} structures, with {likely.weight:.0%} of the weight."
    return (
        f"Of {len(told)} structures the one told has {own.weight:.0%} of the weight by these facts alone; "
        f"{likely.weight:.0%} is on another: {likely.name}."
    )


def _missed(study: Study, output: str) -> str:
    """How many fitted reports of an output the best fit does not hold; empty where it holds all."""
    rows = load_fit(study.stored(FIT), {}).rows
    fitted = rows[(rows["output"] == output) & rows["fold"].isin(["fit", "seen"])]
    n_missed = int((~fitted["holds"].astype(bool)).sum())
    return f"The best fit misses {n_missed} of {len(fitted)} reports" if n_missed else ""


def _missing(study: Study, told: Sequence[Told], spread: Spread) -> list[str]:
    """What was not there to be used, so that nobody takes its absence for an answer."""
    sentences = []
    if spread.kind != "posterior":
        sentences.append(
            "No accepted posterior is stored: the versions only approximate one (iskdyn posterior)."
        )
    if len(told) < 2:
        sentences.append(
            "No rival structure is sampled: nobody says who decides a direction (iskdyn variants)."
        )
    if study.settings.groups and len(nulls_behind(study)) == 0:
        sentences.append(
            "No nulls of the study as it stands are stored: no direction is the facts' (iskdyn nulls)."
        )
    return sentences


def _questions(
    story: Story, spread: Spread, arms: Arms, found: Sequence[Effect], words: Brief
) -> list[Question]:
    """The questions whose numbers decide most of the effects that the facts do not decide."""
    from scipy.stats import rankdata

    undecided = [one for one in found if one.outcome in words.columns and one.speaks in ("open", "judgement")]
    ranks = rankdata(spread.draws, axis=0)
    strength = np.zeros(len(spread.names))
    for effect in undecided:
        change = _difference(story, arms, effect.tactic, effect.outcome)
        if np.ptp(change) > 0:
            order = rankdata(change)
            with np.errstate(invalid="ignore", divide="ignore"):
                together = np.corrcoef(np.column_stack([ranks, order]), rowvar=False)[-1, :-1]
            strength = np.maximum(strength, np.abs(np.nan_to_num(together)))
    by_name = dict(zip(spread.names, strength, strict=True))

    def worth(question: Question) -> float:
        return max((by_name.get(name, 0.0) for name in question.asks), default=0.0)

    return sorted(story.questions, key=worth, reverse=True)[:N_QUESTIONS]


def _difference(story: Story, arms: Arms, tactic: str, outcome: str) -> Array:
    """(n_draws,) an outcome without a tactic, less the same in history."""
    measure = story.outcomes[outcome].measure
    return less(arms.measured(measure, tactic, outcome)[1], arms.measured(measure, HISTORY, outcome)[1])


def _chart(study: Study, story: Story, arms: Arms, lead: Effect) -> str:
    """The lead outcome as it was and without the tactic that moves it most, with what was reported."""
    outcome = story.outcomes[lead.outcome]
    label = f"{outcome.heading}: as it was, and without {lead.tactic}"
    with drawing() as pyplot, pyplot.rc_context(CHART):
        figure, axes = pyplot.subplots(figsize=(9.2, 3.1), layout="constrained")
        ends = {}
        for arm, name, colour, style in (
            (HISTORY, "the model, as it was", "#15202b", "-"),
            (lead.tactic, f"without {lead.tactic}", "#b23a0a", "--"),
        ):
            draws = arms.series(arm, lead.outcome)[1]
            low, middle, high = np.percentile(draws, [5, 50, 95], axis=0)
            axes.fill_between(arms.times, low, high, color=colour, alpha=0.13, linewidth=0)
            axes.plot(arms.times, middle, style, color=colour, linewidth=2.2)
            ends[name] = (middle[-1], colour)
        _reported(study, axes, lead.outcome)
        _labels(axes, arms.times[-1], ends)
        axes.set_ylim(bottom=0)
        axes.set_xlim(arms.times[0], arms.times[-1])
        ticks = np.arange(int(arms.times[0]), arms.times[-1], 6)
        axes.set_xticks(ticks, [in_words(study.month(time)) for time in ticks])
        axes.set_title(f"{outcome.heading}, {outcome.rate}", loc="left", fontsize=12)
        text = svg_text(figure, label)
        pyplot.close(figure)
    return text


def _reported(study: Study, axes: Any, output: str) -> None:
    """What the source reports, as boxes; one label for all."""
    marks = [mark for mark in marks_of(study, output, {}) if np.isfinite(mark.low) and np.isfinite(mark.high)]
    for i_mark, mark in enumerate(marks):
        axes.fill_between(
            [mark.start, mark.end], mark.low, mark.high, color="#7a5200", alpha=0.22, linewidth=0
        )
        if not i_mark:
            middle = ((mark.start + mark.end) / 2, mark.high)
            axes.annotate(
                "reported", middle, xytext=(0, 3), textcoords="offset points", ha="center", color="#7a5200"
            )


def _labels(axes: Any, end: float, ends: Mapping[str, tuple[float, str]]) -> None:
    """A name at the end of each line, pushed apart where they would meet."""
    span = axes.get_ylim()[1]
    places = sorted(ends.items(), key=lambda item: item[1][0])
    last = -np.inf
    for name, (value, colour) in places:
        last = max(value, last + 0.1 * span)
        axes.annotate(
            name,
            (end, last),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
        )
