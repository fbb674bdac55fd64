"""The model document as files: one HTML page and one Markdown text of the same content."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.files import write_text_whole
from iskdyn.reports.answers import answers
from iskdyn.reports.assessment import assess
from iskdyn.reports.compliance import Row, compliance
from iskdyn.reports.document import read_document
from iskdyn.reports.finishing import marked
from iskdyn.reports.sections import render
from iskdyn.reports.views import draw_view
from iskdyn.study.stamp import run_id, stamp

if TYPE_CHECKING:
    from iskdyn.study import Study

PAGE, TEXT = "model.html", "model.md"
_RUN = ("horizon", "integration", "fit", "posterior", "random", "software")


def write_document(study: Study, folder: Path | None = None) -> tuple[Path, tuple[Row, ...]]:
    """Write the model document; the page's path, and a row for each item of the reporting standards.

    Parameters
    ----------
    folder : by default the study's report folder

    Raises
    ------
    StudyError : the author's answers or a stored result cannot be read
    """
    document = read_document(study)
    rows = compliance(document)
    line = stamp(study, asked="doc")
    found = answers(document)
    standards: dict[str, list[Row]] = {}
    for row in rows:
        standards.setdefault(row.item.standard, []).append(row)
    contents = {
        "document": document,
        "study": study,
        "program": study.program,
        "entries": document.entries,
        "anchors": {one.name: one.anchor for one in document.entries},
        "rows": rows,
        "standards": standards,
        "counts": Counter(row.status for row in rows),
        "findings": list(assess(document).values()),
        "run_answers": [found[key].text for key in _RUN if key in found],
        "drawings": [(view.name, draw_view(view, study.program.variables)) for view in document.views],
        "stamp": line,
        "run": run_id(line),
    }
    folder = folder or study.path_of("report")
    write_text_whole(folder / TEXT, render("model.md", contents))
    write_text_whole(folder / PAGE, marked(render("model.html", contents), run_id(line)))
    return folder / PAGE, rows
