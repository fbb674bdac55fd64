"""`iskdyn page`: the model as one page that an analyst opens offline."""

from __future__ import annotations

import json
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="By default the study's report folder."
)
@method_option
@study_option
@json_option
@quiet_option
def page(out: Path | None, method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Build levers.html: move the tactics and see what the calibrated draws say, without a network.

    Beside it stand the same file zipped for e-mail, checksums and, where a browser is found, a PDF.
    """
    from iskdyn.output import progress_bar
    from iskdyn.reports.page import build_page
    from iskdyn.reports.whole import read_whole
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    read_whole(study)
    with progress_bar(None, "page", quiet=quiet) as bar:

        def progress(what: str) -> None:
            bar.set_postfix_str(what, refresh=False)
            bar.update()

        files = build_page(study, out or study.path_of("report"), progress)
    if not any(path.suffix == ".pdf" for path in files):
        click.echo("no PDF: no Chromium or Chrome is installed", err=True)
    click.echo(
        json.dumps({"files": [str(path) for path in files]}) if as_json else "\n".join(map(str, files))
    )
