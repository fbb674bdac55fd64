"""`iskdyn compare`: scenarios against each other, draw by draw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import (
    draws_option,
    json_option,
    main,
    method_option,
    quiet_option,
    seed_option,
    study_option,
)
from iskdyn.cli.shown_draws import shown_draws, under, without_option
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Scenario, Study

ENDINGS = (".csv", ".json")


@main.command()
@click.argument("scenarios", nargs=-1, metavar="[AGAINST] SCENARIO...")
@click.option("--until", metavar="PERIOD", help="One window, to the end of this month, instead of three.")
@without_option
@draws_option
@seed_option
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write .csv or .json too.")
@method_option
@study_option
@json_option
@quiet_option
def compare(
    scenarios: tuple[str, ...],
    until: str | None,
    without: str | None,
    draws: int,
    seed: int,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compare scenarios (names or TOML files) with the first one; one alone with history, or what it names.

    Each draw of the model's numbers is run with and without the changes; the differences are shown for every
    headline outcome, human cost first: to the end of the fitted period, to the end of the year in which the
    history ends, and after five years.
    """
    from iskdyn.levers import difference_table, idle_changes, measure_arms, windows
    from iskdyn.levers.measured import chance_words
    from iskdyn.output import progress_bar, stamped
    from iskdyn.reports.compared import compare_text
    from iskdyn.reports.story import study_story
    from iskdyn.study import open_study
    from iskdyn.study.stamp import stamp

    study = open_study(study_path, method)
    found = _contenders(study, scenarios, until, out)
    ends = windows(study) if until is None else {"to the month asked for": until}
    story = study_story(study)
    if story is None:
        raise InputError(
            Problem("study.toml", "names no `story`, whose measures and words a comparison takes")
        )
    around, banner = shown_draws(study, without, draws, seed, quiet=quiet)
    measures = story.measures
    times = sorted(study.time(month) + 1 for month in ends.values())
    with progress_bar(len(found) + 1, "compare", quiet=quiet) as bar:

        def progress(_: str) -> None:
            bar.update()

        measured = measure_arms(
            study,
            around,
            {name: one.inputs for name, one in found.items()},
            measures,
            times,
            progress=progress,
        )
    against, *others = found
    changes = {name: found[name].inputs for name in others}
    idle = idle_changes(study, around, changes, measures, times)
    table = difference_table(study, measured, [(name, against) for name in others], ends, idle)
    if banner:
        table = table.assign(without=banner)
    if out is not None:
        asked = repr(("compare", list(found), until, without, draws, seed))
        _write(stamped(table, stamp(study, asked=asked)), out)
    titles = {name: one.title for name, one in found.items()}
    medians = zip(table["median_error"], table["low_90"], table["high_90"], strict=True)
    text = f"{compare_text(story, table, titles)}\n\n{chance_words(len(around.draws), medians)}"
    click.echo(_json(table) if as_json else under(banner, text))


def _contenders(
    study: Study, names: tuple[str, ...], until: str | None, out: Path | None
) -> dict[str, Scenario]:
    """The scenarios by name, what they are compared with first; every problem of the arguments at once."""
    problems = _window_problems(study, until)
    if out is not None and out.suffix not in ENDINGS:
        problems.append(Problem(str(out), f"ends in '{out.suffix}'; expected {', '.join(ENDINGS)}"))
    if not names:
        problems.append(Problem("scenario", f"name one or more of {', '.join(study.scenarios)}"))
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(Problem("scenario", f"'{name}' is named twice; name scenarios that differ"))
    found = {name: _scenario(study, name, problems) for name in dict.fromkeys(names)}
    if len(names) == 1 and not problems:
        from iskdyn.levers import opponent

        against = opponent(found[names[0]])
        if against == names[0]:
            problems.append(Problem("scenario", f"'{against}' would be compared with itself; name another"))
        found = {against: _scenario(study, against, problems), **found}
    if problems:
        raise InputError(problems)
    return found


def _window_problems(study: Study, until: str | None) -> list[Problem]:
    if until is None:
        return []
    if study.calendar.number(until) is None:
        return [Problem("--until", f"'{until}' is not {study.calendar.expected}")]
    try:
        study.end_time(until)
    except InputError as error:
        return list(error.problems)
    return []


def _scenario(study: Study, name: str, problems: list[Problem]) -> Scenario:
    """A scenario by name or from its file, with what is wrong with it added to the problems."""
    from iskdyn.levers import HISTORY
    from iskdyn.study import Scenario, check_inputs

    if name == HISTORY:
        return Scenario(HISTORY, "History")
    try:
        found = study.scenario(name)
    except InputError as error:
        problems += error.problems
        return Scenario(name)
    last = study.time(study.horizon[1]) + 1
    problems += check_inputs(study.program, found.inputs, name, last)
    return found


def _write(table: pd.DataFrame, path: Path) -> None:
    from iskdyn.files import write_text_whole
    from iskdyn.shown import csv_text

    write_text_whole(path, csv_text(table) if path.suffix == ".csv" else _json(table) + "\n")


def _json(table: pd.DataFrame) -> str:
    return json.dumps(table.to_dict("records"), indent=1)
