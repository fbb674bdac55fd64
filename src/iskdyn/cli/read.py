"""`iskdyn read`: what a model file holds, and what is done with each thing in it."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, show


@main.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Series for data variables (.csv, .tab, .txt, .dat).",
)
@json_option
def read(model: Path, data: Path | None, as_json: bool) -> None:
    """Read any Vensim or XMILE MODEL, run nothing, and account for everything in the file.

    Each thing is used, kept (cannot act on numbers) or approximated; a file with anything else is refused, with
    every place and what to do.
    """
    from iskdyn import app

    show(app.read(model, data), as_json=as_json)
