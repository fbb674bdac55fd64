"""`iskdyn profile`: how far each number can be moved before the evidence objects."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@click.option("--parameter", "names", multiple=True, metavar="NAME", help="Only these; by default all.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def profile(
    names: tuple[str, ...],
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Profile numbers of the study: each is held at value after value, and all others are fitted anew.

    Says of each whether the evidence bounds it on both sides, on one, or on none. Takes some minutes for all
    of them; a file is written only where all are profiled, or where --out names one.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("profiles", quiet=quiet) as progress:
        result = app.profile(study, names, out=out, progress=progress)
    show(result, as_json=as_json)
