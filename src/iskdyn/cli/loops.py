"""`iskdyn loops`: which feedback loops drove an outcome."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, show, study_option, without_option
from iskdyn.errors import InputError, Problem


@main.command()
@click.argument("model", required=False, type=click.Path(path_type=Path))
@click.option("--scenario", metavar="NAME|FILE.toml", help="The scenario to look at; by default history.")
@click.option("--against", metavar="NAME|FILE.toml|history", help="Another one to compare it with.")
@click.option("--of", "outcome", metavar="VARIABLE", help="What was driven; by default what the study lists.")
@without_option
@method_option
@study_option
@json_option
def loops(
    model: Path | None,
    scenario: str | None,
    against: str | None,
    outcome: str | None,
    without: str | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
) -> None:
    """Show which feedback loops drove an outcome: of the study over draws, or of one run of a MODEL.

    The shares are of all loops through what the outcome is made of; below zero a loop damps, above it feeds.
    """
    from iskdyn import app
    from iskdyn.model import read_model
    from iskdyn.simulate.method import with_method
    from iskdyn.study import open_study

    if model is None:
        study = open_study(study_path, method)
        with progress_of("loops", quiet=False) as progress:
            result = app.loops(
                study,
                scenario=scenario,
                against=against,
                outcome=outcome,
                without=without,
                progress=progress,
            )
        show(result, as_json=as_json)
        return
    if study_path is not None or scenario or against or without:
        message = "scenarios, --without and --study belong to a study, not to a MODEL"
        raise InputError(Problem("MODEL", message))
    show(app.model_loops(with_method(read_model(model), method), outcome), as_json=as_json)
