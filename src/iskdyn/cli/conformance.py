"""`iskdyn conformance`: models by others, in every engine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, quiet_option
from iskdyn.errors import GateError, InputError, Problem


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@quiet_option
def conformance(folder: Path, as_json: bool, quiet: bool) -> None:
    """Run every model under FOLDER in every engine, beside its expected output, PySD and pysimlin.

    Exit code 1 where a model fails; a model that is refused is named with the reason.
    """
    from iskdyn.output import difference, progress_bar, text_table
    from iskdyn.simulate.conformance import conformance as compare
    from iskdyn.simulate.conformance import summary

    with progress_bar(None, "conformance", quiet=quiet) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        table = compare(folder, progress=progress)
    if table.empty:
        raise InputError(Problem(str(folder), "holds no model (.mdl, .xmile, .stmx)"))
    rows = table.to_dict("records")
    if as_json:
        click.echo(table.to_json(orient="records", indent=1))
    else:
        columns = ["model", "target", "outcome", "to_pysd", "to_pysimlin", "to_expected", "remark"]
        cells = [[difference(row[name]) for name in columns] for row in rows]
        click.echo(text_table(columns, cells, left=len(columns)))
        click.echo(summary(table))
    if (table["outcome"] == "failed").any():
        sys.exit(GateError.exit_code)
