"""`iskdyn variants`: every rival structure, fitted and sampled."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import INTERRUPTED, json_option, main, method_option, quiet_option, study_option
from iskdyn.cli.fit import fit_and_store
from iskdyn.cli.posterior import DRAWS, KEPT, sample_and_store

STARTS = 6
"""Starts of the fit of a rival structure: the structure told takes more, and all of them end at one point."""

if TYPE_CHECKING:
    from iskdyn.calibration import Variant
    from iskdyn.study import Study


@main.command()
@click.option("--again", is_flag=True, help="Also those whose stored result belongs to the study as it is.")
@click.option(
    "--screen",
    "screened",
    is_flag=True,
    help="Sample none; fit each with every switch turned and link cut, and say which would deserve sampling.",
)
@method_option
@study_option
@json_option
@quiet_option
def variants(
    again: bool, screened: bool, method: str | None, study_path: Path | None, as_json: bool, quiet: bool
) -> None:
    """Fit and sample every structure of the study's variants, and compare what the evidence says of them.

    Takes some minutes each; those that are stored and still belong to the study are kept. One that misses a
    gate is sampled again with twice the draws, then four times; exits with 1 where it misses one still.
    A screening takes a second a structure, stores each, and goes on where it was stopped.
    """
    from iskdyn.calibration import load_variants, read_variants
    from iskdyn.study import open_study
    from iskdyn.summaries import variants_json, variants_text

    study = open_study(study_path, method)
    if screened:
        click.echo(_screen(study, as_json=as_json, quiet=quiet))
        return
    structures = read_variants(study)
    stored = {} if again else load_variants(study, n_draws=1)
    for variant in structures:
        if variant.name not in stored:
            _make(study, variant, quiet)
    found = load_variants(study)
    click.echo(variants_json(found) if as_json else variants_text(found))
    if missing := [variant.name for variant in structures if variant.name not in found]:
        click.echo(f"not accepted, and left out of every result: {', '.join(missing)}", err=True)
        sys.exit(1)


def _screen(study: Study, *, as_json: bool, quiet: bool) -> str:
    """What a screening of very many structures comes to."""
    from iskdyn.calibration import load_variants
    from iskdyn.calibration.screen import SCREEN, candidates, screen, screening
    from iskdyn.files import alone
    from iskdyn.output import progress_bar
    from iskdyn.summaries import screen_json, screen_text

    path = study.path_of("results") / SCREEN
    with alone(path), progress_bar(len(candidates(study)), "screen", quiet=quiet) as bar:

        def progress(done: int) -> None:
            bar.update(done - bar.n)

        table = screen(study, path, progress)
    found = screening(table, load_variants(study, 1))
    return screen_json(found) if as_json else screen_text(found, path)


def _make(study: Study, variant: Variant, quiet: bool) -> None:
    from iskdyn.calibration import Sampling, study_of, variant_files

    fit_path, posterior_path = variant_files(study, variant)
    Path(fit_path.parent).mkdir(parents=True, exist_ok=True)
    result, _ = fit_and_store(
        study_of(study, variant), fit_path, quiet=quiet, starts=STARTS, constants=variant.set
    )
    if result.status == "interrupted":
        sys.exit(INTERRUPTED)
    sample_and_store(study, variant, Sampling(DRAWS, kept=KEPT), posterior_path, quiet=quiet)
