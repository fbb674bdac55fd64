"""`iskdyn fit`: the best fit, stored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from iskdyn.cli.app import (
    INTERRUPTED,
    json_option,
    main,
    method_option,
    progress_of,
    quiet_option,
    show,
    study_option,
)
from iskdyn.draws import N_STARTS


@main.command()
@click.option(
    "--starts", type=click.IntRange(1), default=N_STARTS, show_default=True, help="Points to start from."
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--free", metavar="A,B", help="Parameters to fit; by default those marked free.")
@click.option("--search", type=click.Choice(["least_squares", "evolution"]), default="least_squares")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def fit(
    starts: int,
    seed: int,
    free: str | None,
    search: Literal["least_squares", "evolution"],
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fit the free parameters to the fitted observations, and store the result.

    Ctrl-C stores the best so far, marked interrupted.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    names = [name.strip() for name in free.split(",")] if free else None
    with progress_of("fit", quiet=quiet) as progress:
        result = app.fit(
            study, starts=starts, seed=seed, free=names, method=search, out=out, progress=progress
        )
    show(result, as_json=as_json)
    if result.found.status == "interrupted":
        sys.exit(INTERRUPTED)
