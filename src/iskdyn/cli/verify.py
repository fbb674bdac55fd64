"""`iskdyn verify`: whether a file still belongs to the study."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, study_option
from iskdyn.errors import GateError


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@study_option
@json_option
def verify(file: Path | None, study_path: Path | None, as_json: bool) -> None:
    """Say what has changed since FILE was written; without FILE, since all results and reports were.

    Exit code 1 where something has, 2 where FILE is not one that this tool writes.
    """
    from iskdyn.confidence.provenance import verify_file, written_files
    from iskdyn.output import text_table
    from iskdyn.study import open_study

    study = open_study(study_path)
    verdicts = [verify_file(study, path) for path in ([file] if file else written_files(study))]
    if as_json:
        rows = [{"file": str(one.path), "run": one.run, "changed": list(one.changed)} for one in verdicts]
        click.echo(json.dumps(rows, indent=1))
        sys.exit(GateError.exit_code if any(one.changed for one in verdicts) else 0)
    cells = [[str(one.path), one.run or "-", "changed" if one.changed else "same"] for one in verdicts]
    click.echo(text_table(["file", "run", "since then"], cells, left=3))
    if problems := [problem for one in verdicts for problem in one.problems]:
        raise GateError(problems)
