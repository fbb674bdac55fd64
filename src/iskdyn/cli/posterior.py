"""`iskdyn posterior`: draws of every number, stored."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option

if TYPE_CHECKING:
    from iskdyn.calibration import Posterior, Sampling, Variant
    from iskdyn.study import Study

DRAWS = 32000
"""Of each run: with half of them eight of nine structures with 75 numbers missed a gate (decision 83)."""
KEPT = 250
"""Draws of each run that are stored: small enough to commit."""
LONGER = (1, 2, 4)
"""Times the draws asked for: a run that misses a gate is made again with longer chains."""
COPIES = 4
"""Arrays of all draws that a sampling run holds at once."""


@main.command()
@click.option("--draws", type=click.IntRange(2), default=DRAWS, show_default=True, help="Draws of each run.")
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
    from iskdyn.calibration import Sampling, read_variants, variant_files, variant_named
    from iskdyn.study import open_study
    from iskdyn.summaries import posterior_json, posterior_text

    study = open_study(study_path, method)
    chosen = variant_named(study, variant) if variant else read_variants(study)[0]
    path = out or variant_files(study, chosen)[1]
    sampling = Sampling(n_draws=draws, runs=runs, seed=seed, kept=min(draws, KEPT))
    found = sample_and_store(study, chosen, sampling, path, quiet=quiet)
    click.echo(posterior_json(found) if as_json else posterior_text(found, path))
    if not found.accepted:
        sys.exit(1)


def sample_and_store(
    study: Study, variant: Variant, sampling: Sampling, path: Path, *, quiet: bool
) -> Posterior:
    """Sample a structure with longer chains until its gates are passed, and store what came out.

    What was stopped with longer chains goes on with these: shorter ones have missed a gate already.
    """
    lengths = [times * sampling.n_draws for times in LONGER]
    begun = [i for i, n_draws in enumerate(lengths) if _place(path, n_draws).is_dir()]
    for n_draws in lengths[max(begun, default=0) :]:
        found = _sampled(study, variant, replace(sampling, n_draws=n_draws), path, quiet)
        if found.accepted:
            break
    return found


def _place(path: Path, n_draws: int) -> Path:
    """Where runs of so many draws are kept until they are ended."""
    return path.with_suffix(".runs") / str(n_draws)


def _sampled(study: Study, variant: Variant, sampling: Sampling, path: Path, quiet: bool) -> Posterior:
    """Sample once with a progress bar, going on where a stopped run was."""
    from iskdyn.calibration import every_number, sample_posterior, store_posterior, study_of
    from iskdyn.calibration.budget import tell_sampling
    from iskdyn.files import alone
    from iskdyn.output import progress_bar
    from iskdyn.simulate.memory import check_memory

    study = study_of(study, variant)
    tell_sampling(study, sampling)
    check_memory(COPIES * sampling.n_draws * (len(study.parameters) + len(study.observations)))
    label = f"posterior, {variant.name}, {sampling.n_draws:,} draws"
    with alone(path), progress_bar(sampling.runs, label, quiet=quiet) as bar:

        def progress(share: float) -> None:
            bar.update(round(share * sampling.runs, 2) - bar.n)

        found = sample_posterior(
            every_number(study, variant.set),
            sampling,
            folder=_place(path, sampling.n_draws),
            model_digest=f"{study.program.digest} {sorted(variant.set.items())}",
            progress=progress,
        )
        store_posterior(found, sampling, path, study, variant.set)
        shutil.rmtree(path.with_suffix(".runs"), ignore_errors=True)
    return found
