"""`iskdyn run`: one run of the study, or of any model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from iskdyn.cli.app import json_option, main, method_option, show, study_option
from iskdyn.cli.cluster import scheduler_option
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from iskdyn.model import Program
    from iskdyn.simulate.runner import Engine
    from iskdyn.study import Inputs, Study

ENGINES: dict[str, Engine] = {
    "compiled": "auto",
    "ensemble": "ensemble",
    "numpy": "numpy",
    "pysd": "pysd",
}
"""Engines by the name on the command line."""


@main.command()
@click.argument("model", required=False, type=click.Path(path_type=Path))
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change a constant or an initial stock."
)
@click.option(
    "--series", multiple=True, metavar="NAME=FILE.csv", help="Change a lever over time (columns time,value)."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Series for a MODEL's data variables (.csv, .tab, .txt, .dat).",
)
@click.option("--scenario", metavar="NAME|FILE.toml", help="Change what a scenario says.")
@click.option(
    "--outputs", metavar="A,B", help="Variables to show; by default the headline ones, or the stocks."
)
@click.option("--until", metavar="PERIOD|TIME", help="Last month (of a study) or final time.")
@click.option("--engine", type=click.Choice(list(ENGINES)), default="compiled", show_default=True)
@scheduler_option
@click.option("--fitted", is_flag=True, help="Start from the stored fit, not from the values in the model.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write .csv, .nc or .json.")
@click.option(
    "--seed", type=click.IntRange(0), help="Of random functions; by default the model's NOISE SEED, else 1."
)
@method_option
@study_option
@json_option
def run(
    model: Path | None,
    settings: tuple[str, ...],
    series: tuple[str, ...],
    data: Path | None,
    scenario: str | None,
    outputs: str | None,
    until: str | None,
    engine: str,
    scheduler: str | None,
    fitted: bool,
    out: Path | None,
    seed: int | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
) -> None:
    """Run the study's model, or any Vensim or XMILE MODEL that `iskdyn read` accounts for.

    A study's times are periods of its clock (such as months, YYYY-MM, standing at the month's middle) or model
    time; a MODEL's are in its own time unit. Printed values are those at the start of each period.
    """
    from iskdyn import app
    from iskdyn.app.running import check_ending
    from iskdyn.model.elements import split_names
    from iskdyn.study import open_study

    check_ending(out)
    _check_arguments(model, data, study_path, engine, fitted=fitted)
    study = None if model else open_study(study_path, method)
    inputs = _inputs(settings, series, study)
    asked: _Asked = {
        "scenario": scenario, "outputs": split_names(outputs) if outputs else None, "until": until,
        "engine": ENGINES[engine], "scheduler": scheduler, "seed": seed, "out": out,
    }  # fmt: skip
    if study is not None:
        result = app.run(study, inputs.values, inputs.series, fitted=fitted, **asked)
    elif model is not None:
        result = app.run_model(_read(model, data, method), inputs.values, inputs.series, **asked)
    show(result, as_json=as_json)


class _Asked(TypedDict):
    """What a run of a study and one of a model have in common."""

    scenario: str | None
    outputs: list[str] | None
    until: str | None
    engine: Engine
    scheduler: str | None
    seed: int | None
    out: Path | None


def _check_arguments(
    model: Path | None, data: Path | None, study_path: Path | None, engine: str, *, fitted: bool
) -> None:
    """Refuse options that do not go together."""
    if model is None and data is not None:
        message = "gives series to a MODEL; for the study use --series NAME=FILE.csv"
        raise InputError(Problem("--data", message))
    if model is not None and (study_path is not None or fitted):
        raise InputError(Problem("--study, --fitted", "give a MODEL or a study, not both"))
    if data is not None and engine == "pysd":
        raise InputError(Problem("--data", "PySD reads the file by itself, without it; use another engine"))


def _read(model: Path, data: Path | None, method: str | None) -> Program:
    from iskdyn.model import read_model
    from iskdyn.simulate.method import with_method

    return with_method(read_model(model, data), method)


def _inputs(settings: tuple[str, ...], series: tuple[str, ...], study: Study | None) -> Inputs:
    """The changes on the command line; InputError with every one that cannot be read."""
    from iskdyn.study import Inputs, read_series
    from iskdyn.study.tables import read_number

    problems: list[Problem] = []
    values, timed = {}, {}
    for text in settings:
        name, equals, number = (part.strip() for part in text.rpartition("="))
        value = read_number(number)
        if not equals or not name or value is None:
            problems.append(Problem("--set", f"'{text}' is not NAME=VALUE with a finite number"))
        else:
            values[name] = value
    for text in series:
        name, _, file = (part.strip() for part in text.partition("="))
        if not name or not file:
            problems.append(Problem("--series", f"'{text}' is not NAME=FILE.csv"))
        else:
            timed[name] = read_series(Path(file), study.calendar if study else None, problems)
    if problems:
        raise InputError(problems)
    return Inputs(values, timed)
