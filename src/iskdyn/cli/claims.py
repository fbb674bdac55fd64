"""`iskdyn claims`: the source's claims as tests of the model."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import (
    json_option,
    main,
    method_option,
    progress_of,
    quiet_option,
    show,
    study_option,
    without_option,
)


@main.command()
@click.option(
    "--claim", "wanted", multiple=True, metavar="ID", help="Only this claim, with each of its parts."
)
@without_option
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the result as JSON too.")
@method_option
@study_option
@json_option
@quiet_option
def claims(
    wanted: tuple[str, ...],
    without: str | None,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Test the source's claims: how often each holds before and after the evidence.

    Each claim is a comparison of runs on the same draws, and is also run with its arms exchanged. What the
    model's structure assumes, and what was fitted, is never counted as confirmed; nor where it is struck out, since
    the model was written with it in view.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("claims", quiet=quiet) as progress:
        result = app.claims(study, wanted, without=without, out=out, progress=progress)
    show(result, as_json=as_json)
