"""The annex: one HTML file for whoever doubts the brief, readable offline and in print."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iskdyn.calibration import current_posterior, load_fit, load_variants, spread, verify
from iskdyn.draws import N_DRAWS, SEED
from iskdyn.files import write_text_whole
from iskdyn.levers import run_arms, stored_draws, stored_parts
from iskdyn.reports.brief import FILE as BRIEF
from iskdyn.reports.brief import build_brief, marked_effects
from iskdyn.reports.document_build import write_document
from iskdyn.reports.effect_words import GLYPHS
from iskdyn.reports.finishing import explained, marked, plain
from iskdyn.reports.section_attribution import attribution_section
from iskdyn.reports.section_choice import choice_section
from iskdyn.reports.section_claims import claims_section, contrast_section
from iskdyn.reports.section_compare import compare_section
from iskdyn.reports.section_confidence import confidence_section
from iskdyn.reports.section_fit import fit_section
from iskdyn.reports.section_history import (
    changes,
    declines_section,
    limits_section,
    tactics_section,
    trajectories_section,
)
from iskdyn.reports.section_learning import learning_section
from iskdyn.reports.section_loops import loops_section
from iskdyn.reports.section_observations import observations_section
from iskdyn.reports.section_prediction import prediction_section
from iskdyn.reports.section_recover import recover_section
from iskdyn.reports.section_sensitivity import sensitivity_section
from iskdyn.reports.section_structures import structures_section
from iskdyn.reports.sections import Materials, Section, render, template_text
from iskdyn.reports.story import story_of
from iskdyn.study import FIT
from iskdyn.study.stamp import run_id, stamp

if TYPE_CHECKING:
    from iskdyn.study import Study

FILE = "index.html"
N_OWN = 1000
"""Draws of the model as written, for indices of its single numbers, which need many."""
Progress = Callable[[str], None]

SECTIONS: tuple[Callable[[Materials], Section | None], ...] = (
    limits_section,
    trajectories_section,
    tactics_section,
    declines_section,
    structures_section,
    attribution_section,
    compare_section,
    choice_section,
    loops_section,
    claims_section,
    contrast_section,
    sensitivity_section,
    learning_section,
    observations_section,
    prediction_section,
    fit_section,
    recover_section,
    confidence_section,
)
"""The annex in order; None where there is nothing to show."""


def build(
    study: Study,
    out_dir: Path | None = None,
    progress: Progress | None = None,
    first: Mapping[str, Any] | None = None,
) -> Path:
    """Write the annex of the stored fit, brief and model document beside it, and return the annex's path.

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
    line = stamp(study, asked="report")
    folder = out_dir or study.path_of("report")
    materials = _materials(study, tell, first)
    sections = [section for write in SECTIONS if (section := write(materials)) is not None]
    if materials.story.brief is not None:
        tell("brief")
        build_brief(study, folder, tell, first, beside=True)
    text = annex_text(materials, sections, line)
    tell("model document")
    write_document(study, folder)
    write_text_whole(folder / FILE, text)
    return folder / FILE


def _materials(study: Study, tell: Progress, first: Mapping[str, Any] | None = None) -> Materials:
    """The stored fit, its draws, and the runs that several sections share."""
    fit = load_fit(study.stored(FIT), {})
    story = story_of(study)
    tell("draws")
    own = spread(study, fit, N_OWN, SEED, current_posterior(study))
    around = own.first(N_DRAWS) if verify(study, fit) else stored_draws(study, N_DRAWS, SEED)
    variants, parts = load_variants(study, N_DRAWS, SEED), stored_parts(study, N_DRAWS, SEED)
    arms = run_arms(study, around, changes(study, story), tuple(story.outcomes), progress=tell)
    marked = first["effects"] if first else marked_effects(study, story, around, tell)[0] if parts else ()
    return Materials(study, fit, story, around, own, arms, tell, variants, parts, tuple(marked))


def annex_text(materials: Materials, sections: list[Section], line: str) -> str:
    """The annex of these sections: numbered, with contents, its words explained, under its run's stamp.

    Parameters
    ----------
    materials : of the study, as all sections had them
    sections : in their order
    line : the stamp of the run
    """
    study, story = materials.study, materials.story
    script = template_text("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    told = [
        Section(one.id, one.title, explained(one.finding, ()), explained(one.html, story.glossary))
        for one in sections
    ]
    contents = {
        "study": study,
        "source": study.settings.source,
        "address": story.address,
        "story": story,
        "fit": materials.fit,
        "around": materials.around,
        "stale": verify(study, materials.fit),
        "sections": told,
        "marked": materials.marked,
        "glyphs": GLYPHS,
        "brief": BRIEF if story.brief is not None else "",
        "script": script,
        "script_hash": digest,
        "stamp": line,
        "run": run_id(line),
    }
    html = marked(plain(render("report.html", contents)), run_id(line))
    # What scrolls sideways on a narrow screen is reached by the keyboard.
    return re.sub(r'<(figure|div class="wide")>', r'<\1 tabindex="0">', html)
