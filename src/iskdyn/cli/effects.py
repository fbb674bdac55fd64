"""`iskdyn effects`: what each tactic does to each outcome."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import (
    draws_option,
    json_option,
    main,
    method_option,
    progress_of,
    quiet_option,
    seed_option,
    show,
    study_option,
    without_option,
)
from iskdyn.errors import InputError, Problem


@main.command()
@click.option(
    "--at", default="0", show_default=True, metavar="VALUES",
    help="Intensities of the tactics, separated by commas; 1 is history.",
)  # fmt: skip
@click.option("--frozen", is_flag=True, help="Hold every decision but the tactic's own at its own path.")
@click.option("--window", nargs=2, metavar="FIRST LAST", help="Months of what names none; the history.")
@click.option(
    "--outcome", "outcomes", multiple=True, metavar="NAME", help="Only this outcome, and the human cost."
)
@click.option("--prior", "before", is_flag=True, help="Draws before the evidence; they need no fit.")
@click.option("--structure", metavar="NAME", help="Draws of this rival structure.")
@without_option
@draws_option
@seed_option
@method_option
@study_option
@json_option
@quiet_option
def effects(
    at: str, frozen: bool, window: tuple[str, str] | None, outcomes: tuple[str, ...], before: bool,
    structure: str | None, without: str | None, draws: int, seed: int, method: str | None, study_path: Path | None,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """What each tactic does to each outcome, human cost first.

    Each draw of the model's numbers is run as in history and with one tactic at another intensity; shown is
    the difference, as a share of history's own value, with the shares of the draws in which the outcome is
    lower, the same and higher, and the same shares before the evidence. Who speaks in the sign of an effect is
    judged over all sampled structures: the equations (structure), the evidence, a judgement, or nobody (open);
    not where a source is struck out, since the nulls rest on it.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("effects", quiet=quiet) as progress:
        result = app.effects(
            study, _intensities(at), frozen=frozen, window=window, outcomes=outcomes, before=before,
            structure=structure, without=without, draws=draws, seed=seed, progress=progress,
        )  # fmt: skip
    show(result, as_json=as_json)


def _intensities(text: str) -> list[float]:
    from iskdyn.study.tables import read_number

    values = [read_number(one.strip()) for one in text.split(",")]
    if None in values:
        raise InputError(Problem("--at", f"'{text}' is not numbers separated by commas, such as 0,0.5,2"))
    return [value for value in values if value is not None]
