"""`iskdyn rules`: each rule of the actors fitted alone, then the loops closed one by one."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option


@main.command()
@method_option
@study_option
@json_option
@quiet_option
def rules(method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Fit each rule by which an actor decides to its own observations, then close the loops one by one.

    Needs the stored fit. Each rule is fitted with every other decision on its own path of that fit; then all
    decisions begin on their paths and are freed in the order of the study's rules. Takes about a minute.
    """
    from iskdyn.calibration import load_fit, verify
    from iskdyn.calibration.rules import RULES, close_rules, load_rules, read_rules, store_rules
    from iskdyn.errors import StudyError
    from iskdyn.files import alone
    from iskdyn.output import progress_bar
    from iskdyn.study import FIT, open_study
    from iskdyn.summaries import rules_text

    study = open_study(study_path, method)
    order, results = read_rules(study), study.path_of("results")
    fit = load_fit(results / FIT)
    if problems := verify(study, fit):
        raise StudyError(problems)
    with alone(results / RULES), progress_bar(2 * len(order), "rules", quiet=quiet) as bar:

        def progress(done: str) -> None:
            bar.set_postfix_str(done, refresh=False)
            bar.update()

        table = close_rules(study, fit, order, progress)
        path = store_rules(table, study)
    rows = load_rules(study).rows
    click.echo(rows.to_json(orient="records", indent=1) if as_json else rules_text(rows, path))
