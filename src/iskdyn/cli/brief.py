"""`iskdyn brief`: the answer on one page."""

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
def brief(out: Path | None, method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Write the answer on one page: a finding, its human cost, what each tactic did and who says so.

    Takes less than a minute; its numbers are those of `iskdyn effects`. Where a browser is found, a PDF stands beside.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("brief", quiet=quiet) as progress:
        result = app.brief(study, out, progress=progress)
    show(result, as_json=as_json)
