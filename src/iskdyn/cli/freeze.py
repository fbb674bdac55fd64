"""`iskdyn freeze`: what the model predicts today, sealed."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import main, show, study_option


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
    from iskdyn import app
    from iskdyn.study import open_study

    show(app.freeze(open_study(study_path), out), as_json=False)
