"""`iskdyn freeze`: what the model predicts today, sealed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from iskdyn.cli.app import main, study_option


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE",
    help="Ending in .frozen; by default the date, in frozen/ of the study's results folder.",
)  # fmt: skip
@study_option
def freeze(out: Path | None, study_path: Path | None) -> None:
    """Write the model as it stands, draws of every sampled structure and what they predict into one sealed file.

    `iskdyn score --frozen` holds facts against it that come later, whatever becomes of the study. It is never
    changed: an edited one fails `iskdyn verify`. Whoever must trust its date publishes the hash printed here.
    """
    from datetime import UTC, datetime

    from iskdyn.calibration.frozen import ENDING
    from iskdyn.calibration.frozen import freeze as run
    from iskdyn.study import open_study

    study = open_study(study_path)
    today = datetime.now(UTC).date().isoformat()
    path = out or study.path_of("results") / "frozen" / f"{today}{ENDING}"
    found = run(study, path)
    n_draws = sum(len(one.draws) for one in found.structures)
    first, last = found.predictions["month"].iloc[[0, -1]]
    click.echo(
        f"frozen on {found.date}: {n_draws:,} draws of {len(found.structures)} structures, what they predict of "
        f"{found.predictions['outcome'].nunique()} outcomes from {first} to {last}, the model and its tables\n"
        f"code {found.code}\nsha256 {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        f"stored in {path} ({path.stat().st_size / 1e6:.1f} MB)"
    )
