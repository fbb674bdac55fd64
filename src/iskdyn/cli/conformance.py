"""`iskdyn conformance`: models by others, in every engine."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, progress_of, quiet_option, show


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--judgements",
    "judged",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Who is right in a dispute, and why (model,right,wrong,why); by default FOLDER/judgements.csv.",
)
@json_option
@quiet_option
def conformance(folder: Path, judged: Path | None, as_json: bool, quiet: bool) -> None:
    """Run every model under FOLDER in every engine at hand, beside its published output.

    A model is disputed where any two of ours, PySD, pysimlin and the published output differ by more than a
    millionth (or the printed digits), until a line of the judgements says who is right and why. Exit code 1
    where a model is disputed or failed; one that is refused is named with the reason.
    """
    from iskdyn import app

    with progress_of("conformance", quiet=quiet) as progress:
        result = app.conformance(folder, judged, progress=progress)
    show(result, as_json=as_json)
