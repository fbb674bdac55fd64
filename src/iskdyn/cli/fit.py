"""`iskdyn fit`: the best fit, stored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iskdyn.cli.app import INTERRUPTED, json_option, main, method_option, quiet_option, study_option
from iskdyn.errors import IskdynError

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult
    from iskdyn.study import Study


@main.command()
# `STARTS` of calibration/fit.py, which is not imported for --help
@click.option("--starts", type=click.IntRange(1), default=24, show_default=True, help="Points to start from.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--free", metavar="A,B", help="Parameters to fit; by default those marked free.")
@click.option("--search", type=click.Choice(["least_squares", "evolution"]), default="least_squares")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def fit(
    starts: int,
    seed: int,
    free: str | None,
    search: str,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fit the free parameters to the fitted observations, and store the result.

    Ctrl-C stores the best so far, marked interrupted.
    """
    from iskdyn.study import FIT, open_study
    from iskdyn.summaries import fit_text

    study = open_study(study_path, method)
    names = [name.strip() for name in free.split(",")] if free else None
    path = out or study.path_of("results") / FIT
    result, path = fit_and_store(
        study, path, quiet=quiet, starts=starts, seed=seed, free=names, method=search
    )
    click.echo(path.read_text(encoding="utf-8") if as_json else fit_text(result, path))
    if result.status == "interrupted":
        sys.exit(INTERRUPTED)


def fit_and_store(study: Study, path: Path, *, quiet: bool, **options: Any) -> tuple[FitResult, Path]:
    """Fit with a progress bar and store what came out; an interrupted one beside a finished one."""
    from iskdyn.calibration import store_fit
    from iskdyn.calibration.budget import tell_fit
    from iskdyn.files import alone
    from iskdyn.output import progress_bar
    from iskdyn.simulate.memory import check_memory

    tell_fit(study, int(options.get("starts", 1)))
    check_memory(2 * int(options.get("starts", 1)) * len(study.parameters))
    with alone(path), progress_bar(None, "fit", quiet=quiet) as bar:

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
