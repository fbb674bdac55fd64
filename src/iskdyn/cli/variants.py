"""`iskdyn variants`: every rival structure, fitted and sampled."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@click.option("--again", is_flag=True, help="Also those whose stored result belongs to the study as it is.")
@click.option(
    "--screen",
    "screened",
    is_flag=True,
    help="Sample none; fit each with every switch turned and link cut, and say which would deserve sampling.",
)
@method_option
@study_option
@json_option
@quiet_option
def variants(
    again: bool, screened: bool, method: str | None, study_path: Path | None, as_json: bool, quiet: bool
) -> None:
    """Fit and sample every structure of the study's variants, and compare what the evidence says of them.

    Takes some minutes each; those that are stored and still belong to the study are kept. One that misses a
    gate is sampled again with twice the draws, then four times; exits with 1 where it misses one still.
    A screening takes a second a structure, stores each, and goes on where it was stopped.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    result: app.Result[object]
    with progress_of("screen" if screened else "variants", quiet=quiet) as progress:
        if screened:
            result = app.screen(study, progress=progress)
        else:
            result = app.variants(study, again=again, progress=progress)
    show(result, as_json=as_json)
