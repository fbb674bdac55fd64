"""`iskdyn page`: the model as one page that an analyst opens offline."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


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
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("page", quiet=quiet) as progress:
        result = app.page(study, out, progress=progress)
    show(result, as_json=as_json)
