"""`iskdyn cuts`: each link cut by itself, and whether the evidence asks for it."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@click.option("--only", multiple=True, metavar="NAME", help="Only these cuts; by default all.")
@method_option
@study_option
@json_option
@quiet_option
def cuts(
    only: tuple[str, ...], method: str | None, study_path: Path | None, as_json: bool, quiet: bool
) -> None:
    """Cut each link that the study names, sample what is left, and say whether the evidence asks for the link.

    Takes about half a minute each. Every cut is stored as soon as it is sampled: what was stopped goes on there,
    and those that still belong to the study are kept.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("cuts", quiet=quiet) as progress:
        result = app.cuts(study, only, progress=progress)
    show(result, as_json=as_json)
