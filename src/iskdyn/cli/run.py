"""`iskdyn run`: one run of the study, or of any model."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main, method_option, study_option
from iskdyn.cli.cluster import scheduler_option
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    import xarray as xr

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
    from iskdyn.model import read_model
    from iskdyn.model.elements import split_names, with_dimensions
    from iskdyn.output import ENDINGS, result_json, result_table, write_result
    from iskdyn.simulate.method import with_method

    if out is not None and out.suffix not in ENDINGS:
        raise InputError(Problem(str(out), f"ends in '{out.suffix}'; expected {', '.join(ENDINGS)}"))
    if data is not None and model is None:
        raise InputError(
            Problem("--data", "gives series to a MODEL; for the study use --series NAME=FILE.csv")
        )
    names = split_names(outputs) if outputs else None
    program = None
    if model is None:
        from iskdyn.study import open_study

        study = open_study(study_path, method)
        inputs = _inputs(settings, series, study)
        result = study.run(
            inputs.values, inputs.series, scenario, names, until, ENGINES[engine], fitted, scheduler, seed
        )
        if out is not None:
            result.attrs["run"] = _stamp(study, inputs, scenario, fitted, (names, until, engine, seed))
        start = "the stored fit" if fitted else "the model file, before any fit; see --fitted"
        click.echo(f"values of {start}", err=True)
    else:
        if study_path is not None or fitted:
            raise InputError(Problem("--study, --fitted", "give a MODEL or a study, not both"))
        if data is not None and engine == "pysd":
            raise InputError(
                Problem("--data", "PySD reads the file by itself, without it; use another engine")
            )
        program = with_method(read_model(model, data), method)
        inputs = _inputs(settings, series, None)
        result = _run_model(program, inputs, scenario, names, until, ENGINES[engine], scheduler, seed)
    if out is not None:
        write_result(with_dimensions(program, result) if program and out.suffix == ".nc" else result, out)
    click.echo(result_json(result) if as_json else result_table(result))


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


def _shown(program: Program) -> list[str]:
    """What is shown of a model where nothing is named: its stocks, else what is computed, else its constants."""
    from iskdyn.model.assemble import CONTROLS

    kinds = (program.stocks, program.auxiliaries, program.constants)
    names = ([one.name for one in kind if one.key not in CONTROLS] for kind in kinds)
    return next((found for found in names if found), [])


def _stamp(study: Study, inputs: Inputs, scenario: str | None, fitted: bool, rest: object) -> str:
    """The run's id, with what it was made from."""
    from iskdyn.study.stamp import stamp

    file = Path(scenario or "")
    said = file.read_text(encoding="utf-8") if file.is_file() else scenario
    series = {name: one.to_dict() for name, one in inputs.series.items()}
    parts = ("model", "settings", *(("fit",) if fitted else ()), *(("scenarios",) if scenario else ()))
    return stamp(study, parts, repr((dict(inputs.values), series, said, rest)))


def _run_model(
    program: Program,
    inputs: Inputs,
    scenario: str | None,
    names: list[str] | None,
    until: str | None,
    engine: Engine,
    scheduler: str | None,
    seed: int | None,
) -> xr.Dataset:
    """One run of a model without a study, in its own time unit."""
    from dataclasses import replace

    from iskdyn.model.elements import elements_named, of_elements
    from iskdyn.simulate import simulate
    from iskdyn.simulate.method import warn_of_steps
    from iskdyn.study import Inputs, Setting, check_inputs, check_outputs, read_scenario
    from iskdyn.study.own import along_own_paths
    from iskdyn.study.tables import read_number

    problems: list[Problem] = []
    inputs = replace(inputs, values=of_elements(program, inputs.values))
    read = read_scenario(Path(scenario), scenario, Setting(program), problems) if scenario else None
    inputs = inputs.spelled(program).over((read.inputs if read else Inputs()).spelled(program))
    final_time = read_number(until) if until is not None else None
    first = program["INITIAL TIME"].value
    if until is not None and (final_time is None or final_time <= first):
        problems.append(Problem("--until", f"'{until}' is not a time after the start, {first:g}"))
    names = elements_named(program, names) if names else _shown(program)
    last = program["FINAL TIME"].value if final_time is None else final_time
    problems += check_inputs(program, inputs, last_time=last)
    problems += check_outputs(program, names, "--outputs")
    if problems:
        raise InputError(problems)
    inputs = along_own_paths(program, inputs, Inputs(), final_time)
    run = partial(
        simulate, program, dict(inputs.values), dict(inputs.series), names,
        final_time=final_time, engine=engine, scheduler=scheduler, seed=seed,
    )  # fmt: skip
    result = run()
    warn_of_steps(program, result, run)
    return result
