"""`iskdyn verify`: whether a file still belongs to the study."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, show, study_option


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@study_option
@json_option
def verify(file: Path | None, study_path: Path | None, as_json: bool) -> None:
    """Say what has changed since FILE was written; without FILE, since all results and reports were.

    Exit code 1 where something has, 2 where FILE is not one that this tool writes.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    show(app.verify(open_study(study_path), file), as_json=as_json)
