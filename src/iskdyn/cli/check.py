"""`iskdyn check`: every check on the model and the study."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option
from iskdyn.errors import GateError, InputError, Problem

if TYPE_CHECKING:
    from iskdyn.confidence import Check


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
    from iskdyn.confidence import run_model_checks
    from iskdyn.model import read_model
    from iskdyn.output import text_table

    if model is not None and study_path is not None:
        raise InputError(Problem("check", "give a model file or --study, not both"))
    if idle:
        if model is not None:
            raise InputError(Problem("--idle", "looks at the outcomes of a study; a model file has none"))
        _show_idle(study_path, as_json=as_json)
        return
    results = run_model_checks(read_model(model)) if model else _check_study(study_path, method, quiet=quiet)
    failed = [problem for one in results if not one.passed for problem in one.problems]
    if as_json:
        click.echo(json.dumps([result.as_dict() for result in results], indent=1, allow_nan=False))
        sys.exit(GateError.exit_code if failed else 0)
    rows = [["pass" if one.passed else "FAIL", one.name, one.figure, one.bar] for one in results]
    click.echo(text_table(["", "check", "found", "bar"], rows, left=2))
    if failed:
        raise GateError(failed)


def _check_study(path: Path | None, method: str | None, *, quiet: bool) -> list[Check]:
    from iskdyn.confidence import run_checks
    from iskdyn.output import progress_bar
    from iskdyn.reports.whole import read_whole
    from iskdyn.study import open_study

    study = open_study(path, method)
    read_whole(study)
    with progress_bar(None, "check", quiet=quiet) as bar:

        def progress(done: int, total: int, what: str = "") -> None:
            bar.total = total
            bar.set_postfix_str(what, refresh=False)
            bar.update(done - bar.n)

        return run_checks(study, progress)


def _show_idle(path: Path | None, *, as_json: bool) -> None:
    from iskdyn.confidence.idle import check_idle, moves
    from iskdyn.output import text_table
    from iskdyn.reports.story import headline_measures, study_story
    from iskdyn.study import FIT, open_study

    study = open_study(path)
    fitted = (study.path_of("results") / FIT).is_file()
    measures = headline_measures(study, study_story(study))
    found = moves(study, measures, study.fitted_values() if fitted else {})
    result = check_idle(study, found)
    if as_json:
        click.echo(json.dumps([one.record() for one in found], indent=1, allow_nan=False))
        sys.exit(0 if result.passed else GateError.exit_code)
    rows = [["IDLE" if one.idle else "", one.kind, one.name, f"{one.share:.1%}", one.outcome, one.until]
            for one in found]  # fmt: skip
    click.echo(text_table(["", "part", "name", "moves", "most", "to"], rows, left=3))
    if not result.passed:
        raise GateError(result.problems)
