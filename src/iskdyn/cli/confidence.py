"""`iskdyn confidence`: the confidence tests of the fitted study, a row a test."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option
from iskdyn.errors import GateError

N_DRAWS = 1000
"""More than other surfaces show: tests turn on shares near nine in ten, which so many give to a hundredth."""
SEED = 1
"""Fixed, so that a test passes for everybody or for nobody."""


@main.command()
@method_option
@study_option
@json_option
@quiet_option
def confidence(method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Run the confidence tests of system dynamics on the fitted study.

    Each is green, judged (a written reason stands in the study) or red; exit code 1 where one is red.
    """
    from iskdyn.calibration import current_posterior, load_fit, spread
    from iskdyn.confidence.battery import run_battery
    from iskdyn.confidence.behaviour import Subject
    from iskdyn.output import progress_bar, text_table
    from iskdyn.reports.whole import read_whole
    from iskdyn.study import FIT, open_study

    study = open_study(study_path, method)
    read_whole(study)
    fit = load_fit(study.stored(FIT), {})
    subject = Subject(study, fit, spread(study, fit, N_DRAWS, SEED, current_posterior(study)))
    with progress_bar(None, "confidence", quiet=quiet) as bar:

        def progress(done: int, total: int, what: str) -> None:
            bar.total = total
            bar.set_postfix_str(what, refresh=False)
            bar.update(done - bar.n)

        rows = run_battery(subject, progress)
    red = [problem for row in rows if row.verdict == "red" for one in row.checks for problem in one.problems]
    unjudged = any(row.verdict == "red" for row in rows)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], indent=1, allow_nan=False))
        sys.exit(GateError.exit_code if unjudged else 0)
    cells = [
        [row.verdict if i == 0 else "", row.test.name if i == 0 else "", name, figure, bar]
        for row in rows
        for i, (name, figure, bar) in enumerate(
            [(one.name, one.figure, one.bar) for one in row.checks] or [("a person's judgement", "", "")]
        )
    ]
    click.echo(text_table(["", "test", "check", "found", "bar"], cells, left=3))
    for problem in red:
        click.echo(str(problem), err=True)
    sys.exit(GateError.exit_code if unjudged else 0)
