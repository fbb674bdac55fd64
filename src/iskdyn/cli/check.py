"""`iskdyn check`: every check on the model and the study."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main, quiet_option, study_option
from iskdyn.errors import GateError

if TYPE_CHECKING:
    pass


@main.command()
@study_option
@json_option
@quiet_option
def check(study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Run every check on the model and the study; exit code 1 with all that fails."""
    from iskdyn.confidence import run_checks
    from iskdyn.output import progress_bar, text_table
    from iskdyn.study import open_study

    study = open_study(study_path)
    with progress_bar(None, "check", quiet=quiet) as bar:

        def progress(done: int, total: int, what: str = "") -> None:
            bar.total = total
            bar.set_postfix_str(what, refresh=False)
            bar.update(done - bar.n)

        results = run_checks(study, progress)
    failed = [problem for one in results if not one.passed for problem in one.problems]
    if as_json:
        click.echo(json.dumps([result.as_dict() for result in results], indent=1, allow_nan=False))
        sys.exit(GateError.exit_code if failed else 0)
    rows = [["pass" if one.passed else "FAIL", one.name, one.figure, one.bar] for one in results]
    click.echo(text_table(["", "check", "found", "bar"], rows, left=2))
    if failed:
        raise GateError(failed)
