"""Runs of a study and of any model, and what a model's file holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.app.result import Progress, Result, as_json, silent, table_of
from iskdyn.app.whole import reads_whole
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from iskdyn.model import Program
    from iskdyn.simulate.runner import Engine
    from iskdyn.study import Study


def run(
    study: Study,
    set: Mapping[str, float] | None = None,
    series: Mapping[str, pd.Series] | None = None,
    *,
    scenario: str | None = None,
    outputs: Sequence[str] | None = None,
    until: str | float | None = None,
    engine: Engine = "auto",
    fitted: bool = False,
    scheduler: str | None = None,
    seed: int | None = None,
    out: Path | None = None,
) -> Result[xr.Dataset]:
    """One run of the study's model, the human cost first; a column of the table each output.

    Parameters
    ----------
    out : where the run is written too, as .csv, .nc or .json; all others are those of `Study.run`
    """
    from iskdyn.output import write_result

    check_ending(out)
    found = study.run(set, series, scenario, outputs, until, engine, fitted, scheduler, seed)
    if out is not None:
        rest = (None if outputs is None else list(outputs), until, engine, seed)
        found.attrs["run"] = _stamp(study, set or {}, series or {}, scenario, fitted, rest)
        write_result(found, out)
    start = "the stored fit" if fitted else "the model file, before any fit; see --fitted"
    return _of_run(found, f"values of {start}")


def check_ending(out: Path | None) -> None:
    """Refuse a file whose ending no run can be written to, before anything is run."""
    from iskdyn.output import ENDINGS

    if out is not None and out.suffix not in ENDINGS:
        raise InputError(Problem(str(out), f"ends in '{out.suffix}'; expected {', '.join(ENDINGS)}"))


def _of_run(found: xr.Dataset, *notes: str) -> Result[xr.Dataset]:
    from iskdyn.output import result_json, result_table

    frame = found.to_dataframe().reset_index()
    first = [name for name in ("time", "month") if name in frame]
    table = frame[[*first, *found.data_vars]]
    table.attrs["units"] = {
        str(name): array.attrs.get("units", "") for name, array in found.data_vars.items()
    }
    return Result(found, table, result_table(found), result_json(found), notes)


def _stamp(
    study: Study,
    values: Mapping[str, float],
    series: Mapping[str, pd.Series],
    scenario: str | None,
    fitted: bool,
    rest: object,
) -> str:
    """The run's id, with what it was made from."""
    from iskdyn.study.stamp import stamp

    file = Path(scenario or "")
    said = file.read_text(encoding="utf-8") if file.is_file() else scenario
    timed = {name: over_time.to_dict() for name, over_time in series.items()}
    parts = ("model", "settings", *(("fit",) if fitted else ()), *(("scenarios",) if scenario else ()))
    return stamp(study, parts, repr((dict(values), timed, said, rest)))


def run_model(
    program: Program,
    set: Mapping[str, float] | None = None,
    series: Mapping[str, pd.Series] | None = None,
    *,
    scenario: str | None = None,
    outputs: Sequence[str] | None = None,
    until: str | None = None,
    engine: Engine = "auto",
    scheduler: str | None = None,
    seed: int | None = None,
    out: Path | None = None,
) -> Result[xr.Dataset]:
    """One run of a model without a study, in its own time unit; by default its stocks are shown.

    Parameters
    ----------
    program : as `iskdyn.model.read_model` gives it
    set : values of constants or initial stocks, in the model's units; over the scenario's
    series : levers over model time
    scenario : TOML file of changes
    until : final time, as text
    scheduler : address of a Dask scheduler whose workers run it
    out : where the run is written too, as .csv, .nc or .json

    Raises
    ------
    InputError : with every unknown name, value out of range and time outside of the run
    """
    from iskdyn.model.elements import elements_named, of_elements
    from iskdyn.simulate import simulate
    from iskdyn.simulate.method import warn_of_steps
    from iskdyn.study import Inputs, Setting, check_inputs, check_outputs, read_scenario
    from iskdyn.study.own import along_own_paths

    check_ending(out)
    problems: list[Problem] = []
    given = Inputs(of_elements(program, set or {}), series or {})
    read = read_scenario(Path(scenario), scenario, Setting(program), problems) if scenario else None
    inputs = given.spelled(program).over((read.inputs if read else Inputs()).spelled(program))
    final_time = _final_time(program, until, problems)
    names = elements_named(program, list(outputs)) if outputs else _shown(program)
    last = program["FINAL TIME"].value if final_time is None else final_time
    problems += check_inputs(program, inputs, last_time=last)
    problems += check_outputs(program, names, "--outputs")
    if problems:
        raise InputError(problems)
    inputs = along_own_paths(program, inputs, Inputs(), final_time)
    simulated = partial(
        simulate, program, dict(inputs.values), dict(inputs.series), names,
        final_time=final_time, engine=engine, scheduler=scheduler, seed=seed,
    )  # fmt: skip
    found = simulated()
    warn_of_steps(program, found, simulated)
    if out is not None:
        _write_model_run(program, found, out)
    return _of_run(found)


def _write_model_run(program: Program, found: xr.Dataset, out: Path) -> None:
    """The run as a file; NetCDF has the elements of an array along a dimension."""
    from iskdyn.model.elements import with_dimensions
    from iskdyn.output import write_result

    write_result(with_dimensions(program, found) if out.suffix == ".nc" else found, out)


def _final_time(program: Program, until: str | None, problems: list[Problem]) -> float | None:
    from iskdyn.study.tables import read_number

    if until is None:
        return None
    final_time = read_number(until)
    first = program["INITIAL TIME"].value
    if final_time is None or final_time <= first:
        problems.append(Problem("--until", f"'{until}' is not a time after the start, {first:g}"))
    return final_time


def _shown(program: Program) -> list[str]:
    """What is shown of a model where nothing is named: its stocks, else what is computed, else its constants."""
    from iskdyn.model.assemble import CONTROLS

    kinds = (program.stocks, program.auxiliaries, program.constants)
    names = ([variable.name for variable in kind if variable.key not in CONTROLS] for kind in kinds)
    return next((found for found in names if found), [])


@reads_whole
def ensemble(
    study: Study,
    draws: int,
    out: Path,
    *,
    scenario: str | None = None,
    until: str | None = None,
    seed: int = 1,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> Result[Path]:
    """Very many versions of the model, each number drawn from its prior, written in parts; a row a file.

    Parameters
    ----------
    draws, seed : how many versions, and which
    out : folder of the results; what was stopped there goes on
    scenario : run on the same draws beside history
    until : last period or model time; by default the end of the history
    scheduler : address of a Dask scheduler whose workers run it
    """
    from iskdyn.reports.story import headline_measures, study_story
    from iskdyn.sensitivity import Ensemble, run_ensemble

    arms = {scenario: study.scenario(scenario).inputs} if scenario else {}
    asked = Ensemble(headline_measures(study, study_story(study)), draws, seed, arms, until)
    done = 0

    def tell(n_draws: int) -> None:
        nonlocal done
        done += n_draws
        progress(done, draws, "draws")

    run_ensemble(study, asked, out, scheduler, tell)
    files = [str(part) for part in sorted(out.glob("*.nc"))]
    n_files = len(list(asked.parts()))
    text = f"{draws:,} draws in {n_files:,} file{'s' * (n_files > 1)} of {out}"
    return Result(
        out, table_of({"file": file} for file in files), text, as_json({"draws": draws, "files": files})
    )


def read(path: Path, data: Path | None = None) -> Result[Program]:
    """What a model's file holds, and what is done with each thing in it; nothing is run.

    Parameters
    ----------
    data : file with series for data variables
    """
    from iskdyn.model import read_model
    from iskdyn.output import text_table

    program = read_model(path, data)
    account = [asdict(row) for row in program.ledger]
    summary = _summary(program)
    rows = [
        [f"{row.line}:{row.column}", row.verdict, row.what, str(row.count), row.words]
        for row in program.ledger
    ]
    said = [f"{name}: {value}" for name, value in summary.items()]
    text = "\n".join([*said, text_table(["place", "verdict", "what", "times", "why"], rows, left=3)])
    return Result(program, table_of(account), text, as_json({**summary, "account": account}))


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


def init(model: Path, folder: Path | None = None, data: Path | None = None) -> Result[Path]:
    """A complete study written from a model; a row of the table for each thing that was left out.

    Parameters
    ----------
    folder : new one for the study; by default named as the model, in the working folder
    data : times in the first column, each other one named as a variable of the model
    """
    from iskdyn.study.new import new_study

    folder = folder or Path(model.stem)
    left = new_study(model, data, folder)
    return Result(
        folder,
        table_of({"left out": words} for words in left),
        f"{folder}\nnext: iskdyn fit --study {folder}",
        json.dumps({"study": str(folder), "left_out": left}, indent=1),
        tuple(f"left out: {words}" for words in left),
    )
