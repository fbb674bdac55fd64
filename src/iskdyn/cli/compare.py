"""`iskdyn compare`: scenarios against each other, draw by draw."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import (
    draws_option,
    json_option,
    main,
    method_option,
    progress_of,
    quiet_option,
    seed_option,
    show,
    study_option,
    without_option,
)


@main.command()
@click.argument("scenarios", nargs=-1, metavar="[AGAINST] SCENARIO...")
@click.option("--until", metavar="PERIOD", help="One window, to the end of this month, instead of three.")
@without_option
@draws_option
@seed_option
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write .csv or .json too.")
@method_option
@study_option
@json_option
@quiet_option
def compare(
    scenarios: tuple[str, ...],
    until: str | None,
    without: str | None,
    draws: int,
    seed: int,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compare scenarios (names or TOML files) with the first one; one alone with history, or what it names.

    Each draw of the model's numbers is run with and without the changes; the differences are shown for every
    headline outcome, human cost first: to the end of the fitted period, to the end of the year in which the
    history ends, and after five years.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("compare", quiet=quiet) as progress:
        result = app.compare(
            study,
            *scenarios,
            until=until,
            without=without,
            draws=draws,
            seed=seed,
            out=out,
            progress=progress,
        )
    show(result, as_json=as_json)
