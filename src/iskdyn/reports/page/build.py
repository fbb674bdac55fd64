"""The page as files: levers.html, the same zipped for e-mail, their checksums and, with a browser, a PDF."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from iskdyn.draws import N_DRAWS, SEED
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_text_whole, write_whole
from iskdyn.reports.brief import answer
from iskdyn.reports.finishing import plain
from iskdyn.reports.page.browser import find_browser, print_pdf
from iskdyn.reports.page.bundle import FOLDER, bundle, policy, script_json, stylesheet
from iskdyn.reports.page.data import SAVE_EVERY, Sources, kernel, page_data, simulated
from iskdyn.reports.page.links import told_links
from iskdyn.reports.sections import render
from iskdyn.reports.story import Story, story_of
from iskdyn.study import FIT, POSTERIOR
from iskdyn.study.stamp import stamp
from iskdyn.telling import threshold_words

if TYPE_CHECKING:
    from iskdyn.study import Study

FILE = "levers.html"
N_WORTH = 5
"""Questions to people that the page shows: as many as are read at once."""
PICTURES = {"picture": "chart", "narrow_picture": "narrow"}
PLAIN = "!$'()*,-./:;=?@[]^_`{|}~"
"""What the address of a picture may hold as it is: no blanks, at which a srcset would end it."""
Progress = Callable[[str], None]


def build_page(
    study: Study,
    out_dir: Path | None = None,
    progress: Progress | None = None,
    first: Mapping[str, Any] | None = None,
) -> tuple[Path, ...]:
    """Write the page of the stored fit and posterior; returns the files, the page first.

    A posterior that is stale or was not accepted is announced on the page, not hidden. Without a browser
    there is no PDF.

    Parameters
    ----------
    out_dir : where the page goes; by default the folder of the study's report
    progress : called with what is done, in words
    first : what `brief.answer` gave, so that report and page need it once; by default made here

    Raises
    ------
    StudyError : there is no stored fit, the story lacks words for an output, or a structure has another model
    """
    tell = progress or (lambda _: None)
    tell("page: draws")
    sources = gather(study, tell, first)
    tell("page: model")
    page = (out_dir or study.path_of("report")) / FILE
    write_text_whole(page, page_text(sources))
    tell("page: files")
    pack = page.with_suffix(".zip")
    write_whole(pack, lambda part: _zip(page, part))
    files = [page, pack]
    browser = find_browser()
    if browser is not None:
        tell("page: print")
        files.append(page.with_suffix(".pdf"))
        write_whole(files[-1], lambda part: print_pdf(browser, page, part))
    sums = "".join(f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in files)
    files.append(page.with_suffix(".sha256"))
    write_text_whole(files[-1], sums)
    return tuple(files)


def gather(study: Study, progress: Progress | None = None, first: Mapping[str, Any] | None = None) -> Sources:
    """The stored fit, the story and the draws that the page will carry, with what speaks against them.

    Parameters
    ----------
    progress : called with what is done, in words
    first : as of `build_page`
    """
    from iskdyn.calibration import load_fit, load_posterior, spread, verify
    from iskdyn.levers.draws import shortened, stored_draws

    tell = progress or (lambda _: None)
    fit = load_fit(study.stored(FIT), {})
    story = story_of(study)
    stale = verify(study, fit)
    path = study.stored(POSTERIOR)
    posterior = load_posterior(path, {}) if path.is_file() else None
    if posterior is None:
        stale.append(Problem("posterior", "there is none; the draws approximate one"))
    else:
        stale += verify(study, posterior, "posterior")
        if not posterior.accepted:
            stale.append(
                Problem("posterior", "a gate was not passed; the draws only approximate a posterior")
            )
    if stale:
        rough = spread(study, fit, N_DRAWS, SEED, posterior)
        around = replace(rough, draws=shortened(rough.draws))
    else:
        around = stored_draws(study, N_DRAWS, SEED)
        if others := models_beside(study):
            raise StudyError(others)
    html, worth, marks = "", (), {}
    if story.brief is not None and not stale:
        contents = first or answer(study, story, tell)
        html, worth = first_view(story, contents), tuple(contents["worth"][:N_WORTH])
        marks = contents["marks"]
    return Sources(study, fit, story, around, tuple(stale), html, worth, marks)


def models_beside(study: Study) -> list[Problem]:
    """Why a study has no page: the page runs one model, and these sampled structures have another."""
    from iskdyn.calibration import load_variants, read_variants

    if not any(one.model for one in read_variants(study)):
        return []
    return [
        Problem(
            f"{study.settings.variants}: '{name}'",
            f"is sampled with {one.variant.model}, and the page runs one model only: its numbers would not be "
            "the report's; take the structure out to have a page",
        )
        for name, one in load_variants(study, n_draws=1).items()
        if one.variant.model
    ]


def first_view(story: Story, contents: Mapping[str, Any]) -> str:
    """The answer as the page shows it first: the brief's, with its chart as a picture and questions of one click."""
    pictures = {name: _as_address(contents[chart]) for name, chart in PICTURES.items()}
    return plain(render("answer.html", {**contents, **pictures, "asked": story.asked}))


def _as_address(svg: str) -> str:
    """A drawing as the address of a picture: to a hundredth of a point, and as text, which is shorter than base64."""
    dense = re.sub(r"<[^>]+>", _dense, svg)
    return f"data:image/svg+xml,{quote(' '.join(dense.split()), safe=PLAIN)}"


def _dense(tag: re.Match[str]) -> str:
    """A tag with rounder numbers, and no more blanks in a path than it needs."""
    rough = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", tag[0])
    return re.sub(
        r'(?<= d=")[^"]*', lambda path: re.sub(r",?([MLz]),?", r"\1", ",".join(path[0].split())), rough
    )


def page_text(sources: Sources) -> str:
    """The whole page as HTML."""
    study = sources.study
    data = f"const DATA = {script_json(page_data(sources))};\n"
    simulate = kernel(sources, simulated(study), "compiled", SAVE_EVERY, compiled=True)
    every = [one.name for one in study.program if one.kind in ("stock", "auxiliary")]
    held = [name for link in told_links(study, sources.story) for name in link.of]
    explain = kernel(sources, every, "explain", 1.0, held=held)
    scripts = [data, simulate + explain + bundle("worker.js"), bundle("app.js")]
    style = stylesheet()
    parts = {
        "POLICY": policy(scripts, style),
        "STYLE": style,
        "TITLE": escape(sources.story.title),
        "ANSWER": sources.answer,
        "HALF": threshold_words()["half"],
        "RANGE": threshold_words()["range"],
    }
    parts |= dict(zip(("DATA", "MODEL", "PAGE"), scripts, strict=True))
    text = (FOLDER / "page.html").read_text(encoding="utf-8")
    run = f'<meta name="iskdyn-run" content="{stamp(study, asked="page")}">'
    filled = re.sub(r"\[\[([A-Z]+)\]\]", lambda place: parts[place[1]], text)
    return filled.replace("</title>", f"</title>\n{run}", 1)


def _zip(page: Path, part: Path) -> None:
    """The page alone in an archive that is the same whenever it is made."""
    entry = zipfile.ZipInfo(page.name)
    entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, page.read_bytes())
