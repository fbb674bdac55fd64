"""The report: one HTML file, readable offline and in print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iskdyn.calibration import (
    current_posterior,
    learned_table,
    load_fit,
    load_variants,
    prior_shares,
    spread,
    verify,
)
from iskdyn.draws import N_DRAWS, SEED
from iskdyn.files import write_text_whole
from iskdyn.levers import HISTORY, Arms, run_arms, stored_draws, stored_parts
from iskdyn.reports import words
from iskdyn.reports.brief import FILE as BRIEF
from iskdyn.reports.brief import build_brief
from iskdyn.reports.document_build import write_document
from iskdyn.reports.effects import effects
from iskdyn.reports.figures import marks_of, trajectory
from iskdyn.reports.observed import observed
from iskdyn.reports.rivals import Decline, arm_names, declines
from iskdyn.reports.section_attribution import attribution_section
from iskdyn.reports.section_choice import choice_section
from iskdyn.reports.section_claims import claims_section, contrast_section
from iskdyn.reports.section_compare import compare_section
from iskdyn.reports.section_confidence import confidence_section
from iskdyn.reports.section_fit import fit_section
from iskdyn.reports.section_learning import learning_section
from iskdyn.reports.section_loops import loops_section
from iskdyn.reports.section_prediction import prediction_section
from iskdyn.reports.section_recover import recover_section
from iskdyn.reports.section_sensitivity import sensitivity_section
from iskdyn.reports.section_structures import structures_section
from iskdyn.reports.sections import Materials, Section, marked, render
from iskdyn.reports.story import Rivals, Story, read_story
from iskdyn.reports.tellings import other_tellings, without_each
from iskdyn.reports.views import draw_view, read_views
from iskdyn.study import FIT, Inputs
from iskdyn.study.stamp import run_id, stamp

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult
    from iskdyn.study import Study

FILE = "index.html"
N_OWN = 1000
"""Draws of the model as written, for indices of its single numbers, which need many."""
Progress = Callable[[str], None]

SECTIONS: tuple[Callable[[Materials], Section | None], ...] = (
    structures_section,
    attribution_section,
    compare_section,
    choice_section,
    loops_section,
    claims_section,
    contrast_section,
    sensitivity_section,
    learning_section,
    prediction_section,
    fit_section,
    recover_section,
    confidence_section,
)
"""What stands between the tactics and the observations, in order; None where there is nothing to show."""


def build(
    study: Study,
    out_dir: Path | None = None,
    progress: Progress | None = None,
    first: Mapping[str, Any] | None = None,
) -> Path:
    """Write the report of the stored fit, the model document beside it, and return the report's path.

    Parameters
    ----------
    out_dir : folder to write to; by default the study's own
    progress : called with what is being done
    first : the `answer` of the brief, where it is known already

    Raises
    ------
    InputError : there is no stored fit
    StudyError : the story lacks words for an output
    """
    tell = progress or (lambda _: None)
    fit = load_fit(study.stored(FIT), {})
    story = read_story(study.path_of("story"), study.settings.headline)
    line = stamp(study, asked="report")
    folder = out_dir or study.path_of("report")
    contents = _contents(study, fit, story, tell)
    if story.brief is not None:
        tell("brief")
        contents["short"] = build_brief(study, folder, tell, first, beside=True)[1]
    text = render("report.html", {**contents, "stamp": line, "run": run_id(line)})
    tell("model document")
    write_document(study, folder)
    write_text_whole(folder / FILE, marked(text, run_id(line)))
    return folder / FILE


def _contents(study: Study, fit: FitResult, story: Story, tell: Progress) -> dict[str, Any]:
    tactics = tuple(study.settings.tactics)
    tell("draws")
    own = spread(study, fit, N_OWN, SEED, current_posterior(study))
    stale = verify(study, fit)
    around = own.first(N_DRAWS) if stale else stored_draws(study, N_DRAWS, SEED)
    variants, parts = load_variants(study, N_DRAWS, SEED), stored_parts(study, N_DRAWS, SEED)
    materials = Materials(study, fit, story, around, own, tell, variants, parts)
    arms = run_arms(study, around, _changes(study, story), tuple(story.outcomes), progress=tell)
    tellings = other_tellings(materials)
    found = {HISTORY: effects(story, arms, tactics), **{one.name: one.effects for one in tellings}}
    prior = prior_shares(study, N_DRAWS, SEED)
    other = {one.name: one.rows for one in tellings if one.rows is not None}
    tell("figures")
    return {
        "story": story,
        "stale": stale,
        "fit": fit,
        "around": around,
        "short": words.short_words(study, found),
        "human": words.human_cost_words(study, story, arms),
        "tactics": words.tactic_words(study, found),
        "answer": words.answer_words(study, found),
        "basis": words.basis_words(study, fit, own, prior, other),
        "found": found,
        "tellings": tellings,
        "history": HISTORY,
        "outcomes": list(story.outcomes.values()),
        "human_names": study.settings.human_cost,
        "charts": _charts(study, fit, story, arms),
        "declines": [(rivals, _declines(study, rivals, arms)) for rivals in story.rivals],
        "rows": observed(study, fit, around, prior),
        "parameters": learned_table(fit.parameters, own).to_dict("records"),
        "views": [
            (view.name, draw_view(view, study.program.variables))
            for view in read_views(study.path_of("model"))
        ],
        "end": study.month(arms.times[-1] - 0.5),
        "study": study,
        "brief": BRIEF if story.brief is not None else "",
        "sections": [section for write in SECTIONS if (section := write(materials)) is not None],
    }


def _changes(study: Study, story: Story) -> dict[str, Inputs]:
    """Per arm what differs from history: each tactic absent, and the rivals of each decline."""
    rivals = [arm_names(one) for one in story.rivals]
    return without_each(study) | {arm: Inputs(change) for arms in rivals for arm, change in arms.items()}


def _charts(study: Study, fit: FitResult, story: Story, arms: Arms) -> dict[str, str]:
    split = study.time(study.settings.split) + 1 if study.settings.split else None
    first = int(arms.times[0])
    months = {float(t): study.month(t) for t in range(first, int(arms.times[-1]) + 1, 6)}
    biases = {**fit.biases}
    return {
        name: trajectory(
            arms.times,
            arms.series(HISTORY, name)[1],
            marks_of(study, name, biases),
            title=outcome.label,
            unit=outcome.rate,
            months=months,
            split=split,
        )
        for name, outcome in story.outcomes.items()
    }


def _declines(study: Study, rivals: Rivals, arms: Arms) -> list[Decline]:
    return declines(rivals, arms, study.window(*rivals.before), study.window(*rivals.after))
