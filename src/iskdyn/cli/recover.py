"""`iskdyn recover`: the sampler tried on reports made from known truths."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option
from iskdyn.draws import N_SAMPLED


@main.command()
# With 200 truths intervals that are 12 % too narrow are seen; each costs a posterior, so that their draws are few
# (decision 83).
@click.option("--replicates", type=click.IntRange(2), default=200, show_default=True, help="Invented truths.")
@click.option(
    "--draws",
    type=click.IntRange(600),
    default=N_SAMPLED,
    show_default=True,
    help="Of each posterior; 32 a chain.",
)
@click.option(
    "--faulted",
    type=click.IntRange(1),
    default=8,
    show_default=True,
    help="Replicates in which each fault is planted.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--truths",
    type=click.Choice(["prior", "posterior"]),
    default="prior",
    show_default=True,
    help="Where they come from; from the posterior, its facts are fitted beside the invented ones.",
)
@click.option("--add", is_flag=True, help="Add to the stored trial, whose seed was another.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def recover(
    replicates: int,
    draws: int,
    faulted: int,
    seed: int,
    truths: Literal["prior", "posterior"],
    add: bool,
    workers: int,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Invent truths, let the sources report on them, and see whether the sampler finds the truths again.

    Takes about half an hour on two free cores. What was stopped goes on where it was. Exits with 1 if the sampler
    fails, or if the same test lets a planted fault pass.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("replicates", quiet=quiet) as progress:
        result = app.recover(
            study, replicates=replicates, draws=draws, faulted=faulted, seed=seed, truths=truths, add=add,
            workers=workers, out=out, progress=progress,
        )  # fmt: skip
    show(result, as_json=as_json)
