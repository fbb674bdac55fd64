"""`iskdyn profile`: how far each number can be moved before the evidence objects."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option


@main.command()
@click.option("--parameter", "names", multiple=True, metavar="NAME", help="Only these; by default all.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def profile(
    names: tuple[str, ...],
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Profile numbers of the study: each is held at value after value, and all others are fitted anew.

    Says of each whether the evidence bounds it on both sides, on one, or on none. Takes some minutes for all
    of them; a file is written only where all are profiled, or where --out names one.
    """
    from iskdyn.calibration import current_posterior, every_number, load_fit, verify
    from iskdyn.calibration.budget import tell_profiles
    from iskdyn.calibration.profile import PROFILES, profile_table, profiles
    from iskdyn.calibration.spread import fitted_point
    from iskdyn.calibration.table_store import store_table
    from iskdyn.errors import InputError, Problem, StudyError
    from iskdyn.model.names import suggest
    from iskdyn.output import number, progress_bar, text_table
    from iskdyn.study import FIT, open_study

    study = open_study(study_path, method)
    results = study.path_of("results")
    fit = load_fit(study.stored(FIT), {})
    if problems := verify(study, fit):
        raise StudyError(problems)
    objective = every_number(study)
    if unknown := [name for name in names if name not in objective.priors.names]:
        raise InputError(
            Problem("--parameter", f"'{name}' is not in the table{suggest(name, objective.priors.names)}")
            for name in unknown
        )
    tell_profiles(study, len(names) or objective.n_parameters)
    with progress_bar(len(names) or objective.n_parameters, "profiles", quiet=quiet) as bar:

        def progress(done: int, _: int) -> None:
            bar.update(done - bar.n)

        found = profiles(objective, fitted_point(study, fit, objective), names or None, progress)
    table = profile_table(found, objective.priors, current_posterior(study))
    path = out or (None if names else results / PROFILES)
    if path is not None:
        store_table(table, {"parameters": len(found)}, path, study, "profile table")
    if as_json:
        click.echo(table.to_json(orient="records", indent=1))
        return
    columns = ["name", "verdict", "low", "high", "ratio"]
    cells = [
        [
            str(row["name"]),
            str(row["verdict"]),
            *("-" if row[c] != row[c] else number(row[c]) for c in columns[2:]),
        ]
        for row in table.to_dict("records")
    ]
    click.echo(text_table(columns, cells, left=2))
    counts = table["verdict"].value_counts()
    click.echo("; ".join(f"{count} {verdict}" for verdict, count in counts.items()))
