"""`iskdyn ensemble`: very many runs, in parts that are on the disk as they come."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import main, method_option, progress_of, quiet_option, show, study_option
from iskdyn.cli.cluster import scheduler_option


@main.command()
@click.option(
    "--draws", type=click.IntRange(1), required=True, help="How many versions of the model are run."
)
@click.option("--scenario", metavar="NAME|FILE.toml", help="Run on the same draws beside history.")
@click.option("--until", metavar="PERIOD|TIME", help="Last period; by default the end of the history.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Which draws.")
@scheduler_option
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Of the results."
)
@method_option
@study_option
@quiet_option
def ensemble(
    draws: int,
    scenario: str | None,
    until: str | None,
    seed: int,
    scheduler: str | None,
    out: Path,
    method: str | None,
    study_path: Path | None,
    quiet: bool,
) -> None:
    """Run very many versions of the model, each number drawn from its prior, before any evidence.

    Writes NetCDF files of 16,384 draws each, 00000.nc and so on, with the numbers and what comes of each headline
    outcome. What was stopped goes on where it was; with more draws the first ones stay.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("draws", quiet=quiet) as progress:
        result = app.ensemble(
            study,
            draws,
            out,
            scenario=scenario,
            until=until,
            seed=seed,
            scheduler=scheduler,
            progress=progress,
        )
    show(result, as_json=False)
