"""The verbs of the command line: files, clocks, progress bars and exit codes.

Exit codes: 0 fine; 1 a check or a gate failed; 2 the input is wrong; 130 interrupted, with what was
reached saved.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iskdyn import __version__
from iskdyn.errors import GateError, InputError, IskdynError, Problem

if TYPE_CHECKING:
    import xarray as xr

    from iskdyn.calibration import FitResult
    from iskdyn.simulate.runner import Engine
    from iskdyn.study import Inputs, Study

# The kernels use the cores; threads of small matrix products only stand in their way. Before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

INTERRUPTED = 130
KEPT = 250
"""Draws of each run that are stored: small enough to commit."""
_JSON = "iskdyn.json"

ENGINES: dict[str, Engine] = {
    "compiled": "auto",
    "scalar": "scalar",
    "ensemble": "ensemble",
    "numpy": "numpy",
    "pysd": "pysd",
}
"""Engines by the name on the command line."""


class Verbs(click.Group):
    """Verbs whose errors become one message a problem and an exit code."""

    def invoke(self, context: click.Context) -> Any:
        """Run the verb."""
        try:
            return super().invoke(context)
        except IskdynError as error:
            _show_problems(error, as_json=bool(context.meta.get(_JSON)))
            context.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            context.exit(INTERRUPTED)


def _show_problems(error: IskdynError, *, as_json: bool) -> None:
    if as_json:
        problems = [{"place": one.place, "message": one.message} for one in error.problems]
        click.echo(json.dumps({"problems": problems}, indent=1))
    for problem in error.problems:
        click.echo(str(problem), err=True)


def _remember_json(context: click.Context, _: click.Parameter, value: bool) -> bool:
    context.meta[_JSON] = value
    return value


study_option = click.option(
    "--study",
    "study_path",
    type=click.Path(path_type=Path),
    help="Folder of the study; by default the nearest.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, callback=_remember_json, help="Print JSON for a machine to read."
)
quiet_option = click.option("--quiet", is_flag=True, help="Show no progress bar.")


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="iskdyn")
def main() -> None:
    """Run, fit, check and report a calibrated system-dynamics model of a conflict.

    Exit codes: 0 fine, 1 a check failed, 2 the input is wrong, 130 interrupted.
    """


@main.command()
@click.argument("model", required=False, type=click.Path(path_type=Path))
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change a constant or an initial stock."
)
@click.option(
    "--series", multiple=True, metavar="NAME=FILE.csv", help="Change a lever over time (columns time,value)."
)
@click.option("--scenario", metavar="NAME|FILE.toml", help="Change what a scenario says.")
@click.option(
    "--outputs", metavar="A,B", help="Variables to show; by default the headline ones, or the stocks."
)
@click.option("--until", metavar="YYYY-MM|TIME", help="Last month (of a study) or final time.")
@click.option("--engine", type=click.Choice(list(ENGINES)), default="compiled", show_default=True)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Run on the workers of this Dask scheduler (extra `cluster`)."
)
@click.option("--fitted", is_flag=True, help="Start from the stored fit, not from the values in the model.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write .csv, .nc or .json.")
@study_option
@json_option
def run(
    model: Path | None,
    settings: tuple[str, ...],
    series: tuple[str, ...],
    scenario: str | None,
    outputs: str | None,
    until: str | None,
    engine: str,
    scheduler: str | None,
    fitted: bool,
    out: Path | None,
    study_path: Path | None,
    as_json: bool,
) -> None:
    """Run the study's model, or any scalar Vensim or XMILE MODEL.

    A study's times are months (YYYY-MM, standing at the month's middle) or months since its start; a
    MODEL's are in its own time unit. Printed values are those at the start of each month.
    """
    from iskdyn.output import ENDINGS, result_json, result_table, write_result

    if out is not None and out.suffix not in ENDINGS:
        raise InputError(Problem(str(out), f"ends in '{out.suffix}'; expected {', '.join(ENDINGS)}"))
    names = [name.strip() for name in outputs.split(",")] if outputs else None
    if model is None:
        from iskdyn.study import open_study

        study = open_study(study_path)
        inputs = _inputs(settings, series, study)
        result = study.run(
            inputs.values, inputs.series, scenario, names, until, ENGINES[engine], fitted, scheduler
        )
        start = "the stored fit" if fitted else "the model file, before any fit; see --fitted"
        click.echo(f"values of {start}", err=True)
    else:
        if study_path is not None or fitted:
            raise InputError(Problem("--study, --fitted", "give a MODEL or a study, not both"))
        inputs = _inputs(settings, series, None)
        result = _run_model(model, inputs, scenario, names, until, ENGINES[engine], scheduler)
    if out is not None:
        write_result(result, out)
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


def _run_model(
    path: Path,
    inputs: Inputs,
    scenario: str | None,
    names: list[str] | None,
    until: str | None,
    engine: Engine,
    scheduler: str | None,
) -> xr.Dataset:
    """One run of a model without a study, in its own time unit."""
    from iskdyn.model import read_model
    from iskdyn.simulate import simulate
    from iskdyn.study import Inputs, check_inputs, check_outputs, read_scenario
    from iskdyn.study.tables import read_number

    program = read_model(path)
    problems: list[Problem] = []
    read = read_scenario(Path(scenario), scenario, None, problems) if scenario else None
    inputs = inputs.spelled(program).over((read.inputs if read else Inputs()).spelled(program))
    final_time = read_number(until) if until is not None else None
    first = program["INITIAL TIME"].value
    if until is not None and (final_time is None or final_time <= first):
        problems.append(Problem("--until", f"'{until}' is not a time after the start, {first:g}"))
    names = names or [variable.name for variable in program.stocks or program.auxiliaries]
    last = program["FINAL TIME"].value if final_time is None else final_time
    problems += check_inputs(program, inputs, last_time=last)
    problems += check_outputs(program, names, "--outputs")
    if problems:
        raise InputError(problems)
    return simulate(
        program,
        dict(inputs.values),
        dict(inputs.series),
        names,
        final_time=final_time,
        engine=engine,
        scheduler=scheduler,
    )


@main.command()
@click.option("--starts", type=click.IntRange(1), default=64, show_default=True, help="Points to start from.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--free", metavar="A,B", help="Parameters to fit; by default those marked free.")
@click.option("--method", type=click.Choice(["least_squares", "evolution"]), default="least_squares")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@study_option
@json_option
@quiet_option
def fit(
    starts: int,
    seed: int,
    free: str | None,
    method: str,
    out: Path | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fit the free parameters to the fitted observations, and store the result.

    Ctrl-C stores the best so far, marked interrupted.
    """
    from iskdyn.study import FIT, open_study
    from iskdyn.summaries import fit_text

    study = open_study(study_path)
    names = [name.strip() for name in free.split(",")] if free else None
    path = out or study.path_of("results") / FIT
    result, path = _fit(study, path, quiet=quiet, starts=starts, seed=seed, free=names, method=method)
    click.echo(path.read_text(encoding="utf-8") if as_json else fit_text(result, path))
    if result.status == "interrupted":
        sys.exit(INTERRUPTED)


def _fit(study: Study, path: Path, *, quiet: bool, **options: Any) -> tuple[FitResult, Path]:
    """Fit with a progress bar and store what came out; an interrupted one beside a finished one."""
    from iskdyn.calibration import store_fit
    from iskdyn.output import progress_bar

    with progress_bar(None, "fit", quiet=quiet) as bar:

        def progress(done: int, total: int, best: float) -> None:
            bar.total = total
            bar.set_postfix_str(f"best {best:.2f}", refresh=False)
            bar.update(done - bar.n)

        result = study.fit(progress=progress, **options)
    if result.status == "interrupted" and _is_finished(study, path):
        path = path.with_stem(f"{path.stem}-interrupted")
        click.echo(f"the finished fit stays; what was reached is in {path}", err=True)
    return store_fit(result, path, study), path


def _is_finished(study: Study, path: Path) -> bool:
    """Whether a fit that was not interrupted is stored there and still belongs to the study."""
    from iskdyn.calibration import load_fit, verify

    if not path.is_file():
        return False
    try:
        stored = load_fit(path)
    except IskdynError:
        return False
    return stored.status != "interrupted" and not verify(study, stored)


@main.command()
@click.option("--draws", type=click.IntRange(2), default=24000, show_default=True, help="Draws of each run.")
@click.option("--runs", type=click.IntRange(2), default=4, show_default=True, help="Independent runs.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@study_option
@json_option
@quiet_option
def posterior(
    draws: int, runs: int, seed: int, out: Path | None, study_path: Path | None, as_json: bool, quiet: bool
) -> None:
    """Sample every number of the study given the fitted observations, and store the draws.

    Takes some minutes. A run that was stopped goes on where it was; a result that misses a gate is stored,
    marked, and exits with 1.
    """
    from iskdyn.calibration import Sampling, every_number, sample_posterior, store_posterior
    from iskdyn.output import progress_bar
    from iskdyn.study import POSTERIOR, open_study
    from iskdyn.summaries import posterior_json, posterior_text

    study = open_study(study_path)
    path = out or study.path_of("results") / POSTERIOR
    sampling = Sampling(n_draws=draws, runs=runs, seed=seed, kept=min(draws, KEPT))
    with progress_bar(runs, "posterior", quiet=quiet) as bar:

        def progress(i_run: int, _: int, beta: float) -> None:
            bar.set_postfix_str(f"run {i_run + 1} at {beta:.0%} of the evidence", refresh=False)
            bar.update(round(i_run + beta, 2) - bar.n)

        found = sample_posterior(
            every_number(study),
            sampling,
            folder=path.with_suffix(".runs"),
            model_digest=study.program.digest,
            progress=progress,
        )
    store_posterior(found, sampling, path, study)
    shutil.rmtree(path.with_suffix(".runs"), ignore_errors=True)
    click.echo(posterior_json(found) if as_json else posterior_text(found, path))
    if not found.accepted:
        sys.exit(1)


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="By default the study's report folder."
)
@study_option
@json_option
@quiet_option
def report(out: Path | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Build the report as one page; fits first where no stored fit belongs to the study as it is."""
    from iskdyn.calibration import load_fit, verify
    from iskdyn.output import progress_bar
    from iskdyn.reports import build
    from iskdyn.study import FIT, open_study

    study = open_study(study_path)
    stored = study.path_of("results") / FIT
    if not stored.is_file() or verify(study, load_fit(stored)):
        click.echo("no stored fit belongs to the study as it is: fitting first", err=True)
        if _fit(study, stored, quiet=quiet)[0].status == "interrupted":
            sys.exit(INTERRUPTED)
    with progress_bar(None, "report", quiet=quiet) as bar:

        def progress(what: str) -> None:
            bar.set_postfix_str(what, refresh=False)
            bar.update()

        page = build(study, out or study.path_of("report"), progress)
    click.echo(json.dumps({"report": str(page)}) if as_json else str(page))


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


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@quiet_option
def conformance(folder: Path, as_json: bool, quiet: bool) -> None:
    """Run every model under FOLDER in every engine, beside its expected output, PySD and pysimlin.

    Exit code 1 where a model fails; a model that is refused is named with the reason.
    """
    from iskdyn.output import difference, progress_bar, text_table
    from iskdyn.simulate.conformance import conformance as compare
    from iskdyn.simulate.conformance import summary

    with progress_bar(None, "conformance", quiet=quiet) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        table = compare(folder, progress=progress)
    if table.empty:
        raise InputError(Problem(str(folder), "holds no model (.mdl, .xmile, .stmx)"))
    rows = table.to_dict("records")
    if as_json:
        click.echo(table.to_json(orient="records", indent=1))
    else:
        columns = ["model", "target", "outcome", "to_pysd", "to_pysimlin", "to_expected", "remark"]
        cells = [[difference(row[name]) for name in columns] for row in rows]
        click.echo(text_table(columns, cells, left=len(columns)))
        click.echo(summary(table))
    if (table["outcome"] == "failed").any():
        sys.exit(GateError.exit_code)


if __name__ == "__main__":
    main()
