"""`iskdyn nulls`: for each tactic and kind of outcome, whether the evidence says that the one moves the other."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@click.option("--only", multiple=True, metavar="NAME", help="Only these, such as 'TACTIC on GROUP'.")
@method_option
@study_option
@json_option
@quiet_option
def nulls(
    only: tuple[str, ...], method: str | None, study_path: Path | None, as_json: bool, quiet: bool
) -> None:
    """Cut each tactic off from each kind of outcome, sample what is left, and say whether the evidence objects.

    In a null everything is as it was, but the outcomes of one group are those of the run without the tactic.
    Takes about a minute each. Every null is stored as soon as it is sampled: what was stopped goes on there.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("nulls", quiet=quiet) as progress:
        result = app.nulls(study, only, progress=progress)
    show(result, as_json=as_json)
