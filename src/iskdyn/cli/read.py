"""`iskdyn read`: what a model file holds, and what is done with each thing in it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main

if TYPE_CHECKING:
    from iskdyn.model import Program


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
    from iskdyn.model import read_model
    from iskdyn.output import text_table

    program = read_model(model, data)
    if as_json:
        account = [asdict(row) for row in program.ledger]
        click.echo(json.dumps({**_summary(program), "account": account}, indent=1))
        return
    for name, value in _summary(program).items():
        click.echo(f"{name}: {value}")
    rows = [
        [f"{row.line}:{row.column}", row.verdict, row.what, str(row.count), row.words]
        for row in program.ledger
    ]
    click.echo(text_table(["place", "verdict", "what", "times", "why"], rows, left=3))


def _summary(program: Program) -> dict[str, str]:
    kinds = Counter(variable.kind for variable in program)
    arrays = {variable.array for variable in program if variable.array}
    dimensions = [f"{name} ({len(elements)})" for name, elements in program.dimensions]
    return {
        "model": program.name,
        "variables": ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())),
        "hidden": str(len(program.hidden)),
        "arrays": str(len(arrays)),
        "ranges": ", ".join(dimensions) or "none",
        "integration": program.method,
        "files beside it": ", ".join(name for name, _ in program.beside) or "none",
    }
