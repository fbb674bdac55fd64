"""`iskdyn score`: every row and every source predicted from the others, beside dumb rivals."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@click.option(
    "--frozen", type=click.Path(path_type=Path), metavar="FILE", help="Score this frozen model, on --facts."
)
@click.option(
    "--facts",
    type=click.Path(path_type=Path),
    metavar="FACTS.csv",
    help="What it had not seen, in the columns of the observations.",
)
# a refit walks on from the posterior of all, so that fewer draws do than from the prior; four runs give its error
@click.option("--draws", type=click.IntRange(200), default=4000, show_default=True, help="Of each refit.")
@click.option("--runs", type=click.IntRange(2), default=4, show_default=True, help="Independent refits.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def score(
    frozen: Path | None,
    facts: Path | None,
    draws: int,
    runs: int,
    seed: int,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Leave out every fitted row and every source in turn, refit, and score what was left out.

    Beside the model stand the model before any fitting, a constant and a straight line for each output. What
    was stopped goes on where it was.

    With --frozen and --facts nothing is refitted: each fact is held against what the frozen model expected, and
    against the model before the evidence, a constant and a straight line.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    if frozen is not None or facts is not None:
        show(app.score_frozen(frozen, facts, seed), as_json=as_json)
        return
    study = open_study(study_path, method)
    with progress_of("left out", quiet=quiet) as progress:
        result = app.score(study, draws=draws, runs=runs, seed=seed, out=out, progress=progress)
    show(result, as_json=as_json)
