"""Report, brief, page and model document, written as files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.app.fitting import fit_and_store
from iskdyn.app.result import Progress, Result, silent, stepwise, table_of
from iskdyn.app.whole import reads_whole
from iskdyn.draws import N_STARTS

if TYPE_CHECKING:
    from iskdyn.study import Study

Written = Mapping[str, Path]
"""What was written: a word for each file, and where it stands."""


@reads_whole
def report(study: Study, out: Path | None = None, *, progress: Progress = silent) -> Result[Written]:
    """The annex, the brief beside it, and the analyst's page where the study names levers; a row a file.

    Fits first where no stored fit belongs to the study as it is.

    Parameters
    ----------
    out : folder; by default the study's report folder

    Raises
    ------
    KeyboardInterrupt : the fit was interrupted; what was reached is stored
    """
    from iskdyn.reports import build
    from iskdyn.reports.brief import FILE as BRIEF
    from iskdyn.reports.brief import NO_PDF, answer, print_brief
    from iskdyn.reports.page import build_page
    from iskdyn.reports.page.build import models_beside
    from iskdyn.reports.story import story_of

    notes = _fitted(study, progress)
    step = stepwise(progress, None)
    folder = out or study.path_of("report")
    story = story_of(study)
    first = answer(study, story, step) if story.brief is not None else None
    written = {"report": build(study, folder, step, first)}
    if (folder / BRIEF).is_file():
        written["brief"] = folder / BRIEF
        if printed := print_brief(folder / BRIEF):
            written["brief as PDF"] = printed
    no_page = models_beside(study)
    if study.path_of("levers").is_file() and not no_page:
        written["page"] = build_page(study, folder, step, first)[0]
    notes += [f"no page: {problem}" for problem in no_page]
    if "brief" in written and "brief as PDF" not in written:
        notes.append(NO_PDF)
    return _of_files(written, notes)


def _fitted(study: Study, progress: Progress) -> list[str]:
    """Make a fit where none belongs to the study, and say so."""
    from iskdyn.calibration import load_fit, verify
    from iskdyn.study import FIT

    stored = study.stored(FIT)
    if stored.is_file() and not verify(study, load_fit(stored, {})):
        return []
    made = fit_and_store(study, study.path_of("results") / FIT, N_STARTS, progress, {})
    if made.found.status == "interrupted":
        raise KeyboardInterrupt
    return ["no stored fit belonged to the study as it is: it was fitted first", *made.notes]


def _of_files(written: Written, notes: Sequence[str] = ()) -> Result[Written]:
    paths = {name: str(path) for name, path in written.items()}
    rows = [{"what": name, "file": path} for name, path in paths.items()]
    return Result(written, table_of(rows), "\n".join(paths.values()), json.dumps(paths), tuple(notes))


@reads_whole
def brief(study: Study, out: Path | None = None, *, progress: Progress = silent) -> Result[Written]:
    """The answer on one page, and as PDF where a browser is found; a row a file.

    Parameters
    ----------
    out : folder; by default the study's report folder
    """
    from iskdyn.reports.brief import NO_PDF, build_brief, print_brief

    path, _ = build_brief(study, out, stepwise(progress, None))
    printed = print_brief(path)
    written = {"brief": path} | ({"pdf": printed} if printed else {})
    return _of_files(written, () if printed else (NO_PDF,))


@reads_whole
def page(study: Study, out: Path | None = None, *, progress: Progress = silent) -> Result[list[Path]]:
    """The model as one page that an analyst opens offline, with a zip, checksums and a PDF; a row a file.

    Parameters
    ----------
    out : folder; by default the study's report folder
    """
    from iskdyn.reports.page import build_page

    files = build_page(study, out or study.path_of("report"), stepwise(progress, None))
    paths = [str(path) for path in files]
    pdf = any(path.suffix == ".pdf" for path in files)
    notes = () if pdf else ("no PDF: no Chromium or Chrome is installed",)
    table = table_of({"file": path} for path in paths)
    return Result(list(files), table, "\n".join(paths), json.dumps({"files": paths}), notes)


@reads_whole
def doc(study: Study, out: Path | None = None) -> Result[Path]:
    """The model document, as a page and as Markdown; a row of the table an item of a reporting standard.

    Parameters
    ----------
    out : folder; by default the study's report folder
    """
    from iskdyn.reports.compliance import missing
    from iskdyn.reports.document_build import write_document

    page, rows = write_document(study, out)
    counts = Counter(row.status for row in rows)
    files = {"page": str(page), "text": str(page.with_suffix(".md"))}
    items = "reporting items: " + ", ".join(f"{counts[status]} {status}" for status in counts)
    problems = tuple(missing(rows))
    text = "\n".join([*files.values(), items])
    table = table_of({**vars(row.item), "status": row.status, "answer": row.answer} for row in rows)
    content = {
        **files,
        **{str(status): n for status, n in counts.items()},
        "problems": [str(problem) for problem in problems],
    }
    return Result(page, table, text, json.dumps(content), problems=problems, passed=not problems)


def schemas(out: Path) -> Result[list[Path]]:
    """A JSON Schema for each kind of TOML file of a study, for an editor; a row a file.

    Parameters
    ----------
    out : folder
    """
    from iskdyn.files import write_text_whole
    from iskdyn.study.forms import FORMS, json_schema

    out.mkdir(parents=True, exist_ok=True)
    files = {kind: out / f"{kind}.schema.json" for kind in FORMS}
    for kind, path in files.items():
        write_text_whole(path, json.dumps(json_schema(kind), indent=1) + "\n")
    written = _of_files(files)
    return Result(list(files.values()), written.table, written.text, written.json)
