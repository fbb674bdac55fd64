"""`iskdyn check`: every check on the model and the study."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option
from iskdyn.errors import InputError, Problem


@main.command()
@click.argument("model", type=click.Path(path_type=Path), required=False)
@click.option("--idle", is_flag=True, help="Instead: how far each constant and each stock moves an outcome.")
@method_option
@study_option
@json_option
@quiet_option
def check(
    model: Path | None,
    idle: bool,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run every check on the model and the study; exit code 1 with all that fails.

    With MODEL, any Vensim or XMILE file: the checks that need no study, on units and hidden numbers.
    With --idle a table of all constants with a prior and all stocks, the least moving first; what moves no headline
    outcome by 1 % fails.
    """
    from iskdyn import app
    from iskdyn.model import read_model
    from iskdyn.study import open_study

    if model is not None and study_path is not None:
        raise InputError(Problem("check", "give a model file or --study, not both"))
    if model is not None and idle:
        raise InputError(Problem("--idle", "looks at the outcomes of a study; a model file has none"))
    if model is not None:
        show(app.check_model(read_model(model)), as_json=as_json)
        return
    study = open_study(study_path, None if idle else method)
    with progress_of("check", quiet=quiet) as progress:
        result = app.idle(study) if idle else app.check(study, progress=progress)
    show(result, as_json=as_json)
