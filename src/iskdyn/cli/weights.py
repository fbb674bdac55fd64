"""`iskdyn weights`: how much each structure weighs, and how far that rests on numbers that we set."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option
from iskdyn.cli.cuts import sampling_bar


@main.command()
@method_option
@study_option
@json_option
@quiet_option
def weights(method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """How much each structure weighs by the evidence and by stacking, with narrower and wider priors and errors.

    Samples each structure briefly five times, some half a minute each. Every row is stored as soon as it is there:
    what was stopped goes on there.
    """
    from iskdyn.calibration.variants import read_variants
    from iskdyn.calibration.weights import SETTINGS, WEIGHTS, weigh
    from iskdyn.study import open_study
    from iskdyn.summaries import weights_json, weights_text

    study = open_study(study_path, method)
    path = study.path_of("results") / WEIGHTS
    with sampling_bar(path, len(read_variants(study)) * len(SETTINGS), "weights", quiet=quiet) as progress:
        table = weigh(study, path, progress=progress)
    click.echo(weights_json(table) if as_json else weights_text(table))
