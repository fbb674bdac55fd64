"""`iskdyn posterior`: draws of every number, stored."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option
from iskdyn.draws import N_SAMPLED


@main.command()
@click.option(
    "--draws", type=click.IntRange(2), default=N_SAMPLED, show_default=True, help="Draws of each run."
)
# their spread gives the evidence an error, which that of two hardly does
@click.option("--runs", type=click.IntRange(2), default=4, show_default=True, help="Independent runs.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--variant", metavar="NAME", help="A structure of the study; by default the one it tells.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def posterior(
    draws: int,
    runs: int,
    seed: int,
    variant: str | None,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Sample every number of the study given the fitted observations, and store the draws.

    Takes some minutes. A run that was stopped goes on where it was. Where a gate is missed it samples again
    with twice the draws, then four times; a result that misses one still is stored, marked, and exits with 1.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("posterior", quiet=quiet) as progress:
        result = app.posterior(
            study, draws=draws, runs=runs, seed=seed, variant=variant, out=out, progress=progress
        )
    show(result, as_json=as_json)
