"""`iskdyn effects`: what each tactic does to each outcome."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
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
from iskdyn.cli.shown_draws import marked, shown_draws, under, without_option
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from iskdyn.calibration import Part
    from iskdyn.levers import Effect, Shares


SPEAKS = """\
  structure  the equations: the sign was put in, it is the same in nearly all draws before any evidence
  evidence   the facts, not the author: they at least trebled its odds, and speak against a model without this path
  judgement  neither decides: it rests on the ranges that we gave the numbers
  open       fewer than nine draws of ten agree on it, over all structures or in a part of some weight"""


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
    from iskdyn.levers import effects as run
    from iskdyn.levers import (
        prior_draws,
        prior_spread,
        readings_of,
        stored_parts,
        structure_draws,
        with_marks,
    )
    from iskdyn.model.names import suggest
    from iskdyn.output import progress_bar
    from iskdyn.reports.story import headline_measures, study_story
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    if not study.settings.tactics:
        raise InputError(Problem("study.toml", "names no tactics, so that nothing has an effect to tell"))
    values = _intensities(at)
    readings = readings_of(study, headline_measures(study, study_story(study)), window)
    problems = [
        Problem(
            "--outcome",
            f"there is no outcome '{name}'{suggest(name, readings)}; there are {', '.join(readings)}",
        )
        for name in outcomes
        if name not in readings
    ]
    if without and (before or structure):
        message = "goes with draws of all structures after the evidence; leave out --prior and --structure"
        problems.append(Problem("--without", message))
    if problems:
        raise InputError(problems)
    wanted = {*outcomes, *study.settings.human_cost} if outcomes else set(readings)
    readings = {name: one for name, one in readings.items() if name in wanted}
    prior = prior_spread(study, draws, seed, structure) if structure else prior_draws(study, draws, seed)
    spread, banner = prior, ""
    if structure and not before:
        spread = structure_draws(study, structure, draws, seed)
    elif not before:
        spread, banner = shown_draws(study, without, draws, seed, quiet=quiet)
    parts = () if before or structure or without else stored_parts(study, draws, seed)
    judged = spread.structures if parts else ()
    n_runs = (1 + len(study.settings.tactics) * len(values)) * (1 if before else 2 + len(judged))
    with progress_bar(n_runs, "effects", quiet=quiet) as bar:

        def progress(_: str) -> None:
            bar.update()

        found = run(
            study, spread, readings, values, frozen=frozen, prior=None if before else prior,
            progress=progress,
        )  # fmt: skip
        if judged:
            found = with_marks(study, found, readings, judged, seed, frozen=frozen, progress=progress)
    if as_json:
        click.echo(json.dumps(marked(banner, [one.record() for one in found]), indent=1))
    else:
        click.echo(under(banner, effects_text(found, weights_words(parts))))


def _intensities(text: str) -> list[float]:
    from iskdyn.study.tables import read_number

    values = [read_number(one.strip()) for one in text.split(",")]
    if None in values:
        raise InputError(Problem("--at", f"'{text}' is not numbers separated by commas, such as 0,0.5,2"))
    return [one for one in dict.fromkeys(values) if one is not None]


def weights_words(parts: Sequence[Part]) -> str:
    """How much the evidence gives to which structures; empty where fewer than two are sampled."""
    told = ", ".join(f"{one.weight:.0%} {one.name}" for one in parts)
    return f"draws: each structure as often as the evidence weighs it: {told}" if parts else ""


def effects_text(found: Sequence[Effect], weights: str = "") -> str:
    """A table a tactic: a row an outcome and an intensity."""
    from iskdyn.levers.measured import chance_words
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
    notes += [weights] if weights else []
    medians = [(one.median_error, one.low, one.high) for one in found if one.median_error is not None]
    notes.append(chance_words(found[0].shares.n, medians))
    if found[0].speaks:
        notes.append(f"speaks: who decides the sign:\n{SPEAKS}")
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
