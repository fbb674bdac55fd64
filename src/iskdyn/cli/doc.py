"""`iskdyn doc`: the model document."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, study_option
from iskdyn.errors import GateError


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="By default the study's report folder."
)
@method_option
@study_option
@json_option
def doc(out: Path | None, method: str | None, study_path: Path | None, as_json: bool) -> None:
    """Write the model document: every equation, number, source and loop, as a page and as Markdown.

    Exit code 1 where an item of a reporting standard has no answer.
    """
    from iskdyn.reports.compliance import missing
    from iskdyn.reports.document_build import write_document
    from iskdyn.study import open_study

    page, rows = write_document(open_study(study_path, method), out)
    counts = Counter(row.status for row in rows)
    if as_json:
        click.echo(json.dumps({"page": str(page), "text": str(page.with_suffix(".md")), **counts}))
    else:
        click.echo(f"{page}\n{page.with_suffix('.md')}")
        click.echo("reporting items: " + ", ".join(f"{counts[one]} {one}" for one in counts))
    if problems := missing(rows):
        raise GateError(problems)
