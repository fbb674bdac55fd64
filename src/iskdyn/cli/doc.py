"""`iskdyn doc`: the model document."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, show, study_option


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="By default the study's report folder."
)
@click.option(
    "--schemas", is_flag=True, help="Instead: a JSON Schema of each kind of TOML file, for an editor."
)
@method_option
@study_option
@json_option
def doc(out: Path | None, schemas: bool, method: str | None, study_path: Path | None, as_json: bool) -> None:
    """Write the model document: every equation, number, source and loop, as a page and as Markdown.

    Exit code 1 where an item of a reporting standard has no answer.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    result = app.schemas(out or study.path_of("report")) if schemas else app.doc(study, out)
    show(result, as_json=as_json)
