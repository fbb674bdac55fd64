"""`iskdyn assimilate`: a posterior with facts that came later."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@click.option(
    "--facts", type=click.Path(path_type=Path), required=True, metavar="FACTS.csv",
    help="In the columns of the observations.",
)  # fmt: skip
@click.option("--frozen", type=click.Path(path_type=Path), metavar="FILE", help="Start from a frozen model.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="By default the name of the facts, in assimilated/ of the results folder.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@method_option
@study_option
@json_option
@quiet_option
def assimilate(
    facts: Path, frozen: Path | None, out: Path | None, seed: int, method: str | None, study_path: Path | None,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Take the stored posteriors to what they are given these facts too, and say what the facts moved.

    The draws of each structure are weighted by the facts; where too few are left, they walk, as the sampler's do:
    those of a structure that then weighs a twentieth or more for long, the others' shortly. The result is a folder
    of its own: stored posteriors stay. Where fewer draws are effective than asked for, exits with 1.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("assimilate", quiet=quiet) as progress:
        result = app.assimilate(study, facts, frozen=frozen, out=out, seed=seed, progress=progress)
    show(result, as_json=as_json)
