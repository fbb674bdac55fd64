"""`iskdyn conformance`: models by others, in every engine."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main, quiet_option
from iskdyn.errors import GateError, InputError, Problem

if TYPE_CHECKING:
    from iskdyn.simulate.conformance import Row
    from iskdyn.simulate.judgements import Judgement


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
    from iskdyn.output import progress_bar
    from iskdyn.simulate.conformance import by_model, summary
    from iskdyn.simulate.conformance import conformance as compare
    from iskdyn.simulate.judgements import FILE, read_judgements

    beside = folder / FILE
    lines = read_judgements(judged or beside) if judged or beside.is_file() else []
    with progress_bar(None, "conformance", quiet=quiet) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        rows = compare(folder, judgements=lines, progress=progress)
    if not rows:
        raise InputError(Problem(str(folder), "holds no model (.mdl, .xmile, .stmx, .itmx)"))
    if as_json:
        found = [{name: _finite(value) for name, value in vars(row).items()} for row in rows]
        click.echo(json.dumps(found, indent=1, allow_nan=False))
    else:
        click.echo(_text(rows))
        click.echo(summary(rows))
    for problem in _unneeded(rows, lines, judged or beside):
        click.echo(f"note: {problem}", err=True)
    if {"disputed", "failed"} & set(by_model(rows).values()):
        sys.exit(GateError.exit_code)


def _finite(value: object) -> object:
    """JSON has no infinity: a number beside none is told as text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _text(rows: list[Row]) -> str:
    """A line for each model: its outcome, how far each engine is from another, and every remark."""
    from iskdyn.output import difference, text_table
    from iskdyn.simulate.conformance import by_model
    from iskdyn.simulate.engines import TARGETS
    from iskdyn.simulate.judgements import PARTIES

    cells = []
    for model, outcome in by_model(rows).items():
        its = [row for row in rows if row.model == model]
        shown = {"ours" if row.engine == TARGETS[0] else row.engine: row for row in its}
        figures = [
            "" if row is None else "refused" if row.outcome == "refused" else difference(row.difference)
            for row in (shown.get(party) for party in PARTIES)
        ]
        remarks = dict.fromkeys(f"{row.engine}: {row.remark}" for row in its if row.remark)
        cells.append([model, outcome, *figures, "; ".join(remarks)])
    columns = ["model", "outcome", *PARTIES, "remarks"]
    return text_table(columns, cells, left=len(columns))


def _unneeded(rows: list[Row], lines: list[Judgement], path: Path) -> list[Problem]:
    """Judgements of what is no dispute (any more): they would hide the next one."""
    judged = {row.model for row in rows if row.outcome in ("judged", "failed")}
    return [
        Problem(f"{path}:{line.line}", f"'{line.model}' has no such dispute; take the line out")
        for line in lines
        if line.model not in judged
    ]
