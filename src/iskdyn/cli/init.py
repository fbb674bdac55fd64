"""`iskdyn init`: a study from a model."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, show


@main.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE.csv",
    help="Times in the first column, each other one named as a variable of the model.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="New folder of the study; by default named as the model, in the working folder.",
)  # fmt: skip
@json_option
def init(model: Path, data: Path | None, out: Path | None, as_json: bool) -> None:
    """Write a study of MODEL, any Vensim or XMILE file that runs: complete, to be opened and changed.

    Parameters are the 20 constants that move the outcomes most, each with the range that the model gives it,
    else from a tenth of its value to ten times it; their priors and the errors of the data are set by rules that
    the written files state. The data become one row of observations a column.
    """
    from iskdyn import app

    show(app.init(model, out, data), as_json=as_json)
