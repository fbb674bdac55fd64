"""`iskdyn report`: the report as one page."""

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
def report(out: Path | None, method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Build the annex, the brief beside it (as PDF too), and the analyst's page where the study names levers.

    Fits first where no stored fit belongs to the study as it is.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("report", quiet=quiet) as progress:
        result = app.report(study, out, progress=progress)
    show(result, as_json=as_json)
