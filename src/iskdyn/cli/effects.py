"""`iskdyn effects`: what each tactic does to each outcome."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.levers import Effect, Shares
    from iskdyn.study import Inputs, Study


SPEAKS = """\
  structure  the equations: the sign was put in, it is the same in nearly all draws before any evidence
  evidence   the facts, not the author: they at least trebled its odds, and speak against a model without this path
  judgement  neither decides: it rests on the ranges that we gave the numbers
  open       fewer than nine draws of ten agree on it, over all structures or in the one shown"""


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
@click.option("--draws", type=click.IntRange(10, 100_000), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@method_option
@study_option
@json_option
@quiet_option
def effects(
    at: str, frozen: bool, window: tuple[str, str] | None, outcomes: tuple[str, ...], before: bool,
    structure: str | None, draws: int, seed: int, method: str | None, study_path: Path | None,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """What each tactic does to each outcome, human cost first.

    Each draw of the model's numbers is run as in history and with one tactic at another intensity; shown is
    the difference, as a share of history's own value, with the shares of the draws in which the outcome is
    lower, the same and higher, and the same shares before the evidence. Who speaks in the sign of an effect is
    judged over all sampled structures: the equations (structure), the evidence, a judgement, or nobody (open).
    """
    from iskdyn.cli.sensitivity import headline_measures
    from iskdyn.levers import effects as run
    from iskdyn.levers import readings_of, told_structures, with_marks
    from iskdyn.levers.draws import prior_spread
    from iskdyn.model.names import suggest
    from iskdyn.output import progress_bar
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    if not study.settings.tactics:
        raise InputError(Problem("study.toml", "names no tactics, so that nothing has an effect to tell"))
    values = _intensities(at)
    readings = readings_of(study, headline_measures(study), window)
    problems = [
        Problem(
            "--outcome",
            f"there is no outcome '{name}'{suggest(name, readings)}; there are {', '.join(readings)}",
        )
        for name in outcomes
        if name not in readings
    ]
    if problems:
        raise InputError(problems)
    wanted = {*outcomes, *study.settings.human_cost} if outcomes else set(readings)
    readings = {name: one for name, one in readings.items() if name in wanted}
    spread, base = _draws(study, structure, draws, seed, before=before)
    prior = prior_spread(study, draws, seed)
    told = () if before or structure else told_structures(study, draws, seed)
    n_runs = (1 + len(study.settings.tactics) * len(values)) * (1 if before else 2 + 2 * len(told))
    with progress_bar(n_runs, "effects", quiet=quiet) as bar:

        def progress(_: str) -> None:
            bar.update()

        found = run(
            study, prior if before else spread, readings, values, frozen=frozen, base=base,
            prior=None if before else prior, progress=progress,
        )  # fmt: skip
        found = with_marks(study, found, readings, told, seed, frozen=frozen, progress=progress)
    click.echo(json.dumps([one.record() for one in found], indent=1) if as_json else effects_text(found))


def _intensities(text: str) -> list[float]:
    from iskdyn.study.tables import read_number

    values = [read_number(one.strip()) for one in text.split(",")]
    if None in values:
        raise InputError(Problem("--at", f"'{text}' is not numbers separated by commas, such as 0,0.5,2"))
    return [one for one in dict.fromkeys(values) if one is not None]


def _draws(
    study: Study, structure: str | None, n_draws: int, seed: int, *, before: bool
) -> tuple[Spread, Inputs]:
    """The draws, and what their structure fixes."""
    from iskdyn.levers.draws import prior_spread, stored_draws, structure_draws
    from iskdyn.study import Inputs

    if before:
        from iskdyn.calibration import variant_named

        fixed = Inputs(variant_named(study, structure).set) if structure else Inputs()
        return prior_spread(study, n_draws, seed), fixed
    if structure is not None:
        return structure_draws(study, structure, n_draws, seed)
    spread = stored_draws(study, n_draws, seed)
    if spread.kind != "posterior":
        message = "no stored posterior belongs to the study as it is: draws of a normal approximation instead"
        click.echo(message, err=True)
    return spread, Inputs()


def effects_text(found: Sequence[Effect]) -> str:
    """A table a tactic: a row an outcome and an intensity."""
    from iskdyn.output import text_table
    from iskdyn.reports.effect_words import change

    header = [
        "outcome",
        "window",
        "at",
        "change",
        "90 % of draws",
        "lower",
        "same",
        "higher",
        "before",
        "speaks",
    ]
    tables = []
    for tactic, rows in groupby(found, key=lambda one: one.tactic):
        cells, last = [], ""
        for one in rows:
            name = "" if one.outcome == last else one.outcome
            speaks = one.speaks or ""
            row = [name, one.window if name else "", f"{one.at:g}", *change(one), *_shares(one), speaks]
            cells.append(row)
            last = one.outcome
        tables.append(f"{tactic}\n{text_table(header, cells, left=2)}")
    notes = ["before: lower, same and higher in draws before the evidence"] if found[0].prior else []
    if found[0].speaks:
        structures = f"{len(found[0].structures)} sampled structures, weighted by their evidence"
        notes.append(f"speaks: who decides the sign, over {structures}:\n{SPEAKS}")
        if all(one.null is None for one in found):
            notes.append(
                "no null of the study as it stands is stored, so that nothing is the facts': iskdyn nulls"
            )
    return "\n\n".join([*tables, *filter(None, ["\n".join(notes)])])


def _shares(one: Effect) -> tuple[str, str, str, str]:
    def percent(shares: Shares) -> tuple[str, str, str]:
        lower, same, higher = (f"{100 * one:.0f} %" for one in (shares.lower, shares.same, shares.higher))
        return lower, same, higher

    return *percent(one.shares), ", ".join(percent(one.prior)) if one.prior else ""
