"""What tactics and scenarios change, draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iskdyn.app.result import Progress, Result, as_json, silent, stepwise, table_of
from iskdyn.app.whole import reads_whole
from iskdyn.draws import N_DRAWS, SEED
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration import Part, Spread
    from iskdyn.levers import Before, Effect, Shares
    from iskdyn.study import Scenario, Study
    from iskdyn.study.readings import Reading

ENDINGS = (".csv", ".json")
STANDS_IN = "no stored posterior belongs to the study as it is: draws of a normal approximation instead"


@dataclass(frozen=True)
class Shown:
    """The draws that a verb shows.

    Attributes
    ----------
    banner : stands above what they say; empty where no source is struck out
    notes : which draws stand in for others
    """

    spread: Spread
    banner: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of_evidence(cls, spread: Spread) -> Shown:
        """Draws that should be a posterior's, with a note where they are not."""
        return cls(spread, notes=() if spread.kind == "posterior" else (STANDS_IN,))

    def under(self, text: str) -> str:
        """What a verb prints, below the banner if there is one."""
        return "\n\n".join(filter(None, [self.banner, text]))

    def in_each(self, records: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
        """The records, the banner in every one as `without`."""
        return [{**record, **self._mark} for record in records]

    def marked(self, content: Mapping[str, object]) -> dict[str, object]:
        """What a verb gives a machine as a whole, the banner before it as `without`."""
        return {**self._mark, **content}

    @property
    def _mark(self) -> dict[str, str]:
        return {"without": self.banner} if self.banner else {}


def shown_draws(
    study: Study,
    without: str | None,
    n_draws: int,
    seed: int,
    progress: Progress = silent,
    structure: str | None = None,
) -> Shown:
    """Draws after the evidence, of all structures, or without a source.

    Parameters
    ----------
    without : source or id of a fact that is struck out
    structure : where a source is struck out, only draws of this one
    """
    from iskdyn.levers.draws import draws_without, stored_draws

    if without is None:
        return Shown.of_evidence(stored_draws(study, n_draws, seed))
    return Shown(*draws_without(study, without, n_draws, seed, stepwise(progress, None), structure))


@reads_whole
def effects(
    study: Study,
    at: Sequence[float] = (0.0,),
    *,
    frozen: bool = False,
    window: tuple[str, str] | None = None,
    outcomes: Sequence[str] = (),
    before: bool = False,
    structure: str | None = None,
    without: str | None = None,
    draws: int = N_DRAWS,
    seed: int = SEED,
    progress: Progress = silent,
) -> Result[list[Effect]]:
    """What each tactic does to each outcome, human cost first; a row of the table a tactic, outcome and intensity.

    Parameters
    ----------
    at : intensities of the tactics; 1 is history
    frozen : hold every decision but the tactic's own at its own path
    window : first and last period of what names none; by default the history
    outcomes : only these, and the human cost
    before : draws before the evidence; they need no fit
    structure : name of the rival structure whose draws are shown
    without : source or id of a fact that is struck out
    draws, seed : how many versions of the model are run, and which

    Raises
    ------
    InputError : the study has no tactics, an outcome is not known, or `without` goes with `before` or `structure`
    """
    from iskdyn.levers import effects as run
    from iskdyn.levers import prior_draws, prior_spread, stored_parts, structure_draws, with_marks

    readings = _readings(study, outcomes, window, without=without, alone=before or structure is not None)
    prior = prior_spread(study, draws, seed, structure) if structure else prior_draws(study, draws, seed)
    shown = Shown(prior)
    if structure and not before:
        shown = Shown(structure_draws(study, structure, draws, seed))
    elif not before:
        shown = shown_draws(study, without, draws, seed, progress)
    parts = () if before or structure or without else stored_parts(study, draws, seed)
    judged = shown.spread.structures if parts else ()
    values = list(dict.fromkeys(at))
    n_runs = (1 + len(study.settings.tactics) * len(values)) * (1 if before else 2 + len(judged))
    step = stepwise(progress, n_runs)
    found = run(
        study, shown.spread, readings, values, frozen=frozen, prior=None if before else prior, progress=step
    )
    if judged:
        found = with_marks(study, found, readings, judged, seed, frozen=frozen, progress=step)
    records = shown.in_each(effect.record() for effect in found)
    text = shown.under(effects_text(found, weights_words(parts)))
    return Result(found, table_of(map(_flat, records)), text, as_json(records), shown.notes)


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record of an effect with a column for each edge of history's range."""
    low, high = record["base_range"]
    return {**record, "base_range": {"low": low, "high": high}}


def _readings(
    study: Study, outcomes: Sequence[str], window: tuple[str, str] | None, *, without: str | None, alone: bool
) -> Mapping[str, Reading]:
    """What is read of each outcome; every problem of the arguments at once."""
    from iskdyn.levers import readings_of
    from iskdyn.model.names import suggest
    from iskdyn.reports.story import headline_measures, study_story

    if not study.settings.tactics:
        raise InputError(Problem("study.toml", "names no tactics, so that nothing has an effect to tell"))
    readings = readings_of(study, headline_measures(study, study_story(study)), window)
    problems = [
        Problem(
            "--outcome",
            f"there is no outcome '{name}'{suggest(name, readings)}; there are {', '.join(readings)}",
        )
        for name in outcomes
        if name not in readings
    ]
    if without and alone:
        message = "goes with draws of all structures after the evidence; leave out --prior and --structure"
        problems.append(Problem("--without", message))
    if problems:
        raise InputError(problems)
    wanted = {*outcomes, *study.settings.human_cost} if outcomes else set(readings)
    return {name: reading for name, reading in readings.items() if name in wanted}


def weights_words(parts: Sequence[Part]) -> str:
    """How much the evidence gives to which structures; empty where fewer than two are sampled."""
    told = ", ".join(f"{part.weight:.0%} {part.name}" for part in parts)
    return f"draws: each structure as often as the evidence weighs it: {told}" if parts else ""


def effects_text(found: Sequence[Effect], weights: str = "") -> str:
    """A table a tactic: a row an outcome and an intensity."""
    from iskdyn.levers.measured import chance_words
    from iskdyn.output import text_table
    from iskdyn.reports.effect_words import change
    from iskdyn.telling import mark_words

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
    for tactic, rows in groupby(found, key=lambda effect: effect.tactic):
        cells, last = [], ""
        for effect in rows:
            name = "" if effect.outcome == last else effect.outcome
            window, speaks = effect.window if name else "", mark_words(effect.speaks)
            cells.append([name, window, f"{effect.at:g}", *change(effect), *_shares(effect), speaks])
            last = effect.outcome
        tables.append(f"{tactic}\n{text_table(header, cells, left=2)}")
    notes = ["before: lower, same and higher in draws before the evidence"] if found[0].prior else []
    notes += [weights] if weights else []
    medians = [
        (effect.median_error, effect.low, effect.high) for effect in found if effect.median_error is not None
    ]
    notes.append(chance_words(found[0].shares.n, medians))
    if found[0].speaks:
        notes.append(speaks_text())
        if all(effect.null is None for effect in found):
            notes.append(
                "no null of the study as it stands is stored, so that nothing is the facts': iskdyn nulls"
            )
    return "\n\n".join([*tables, *filter(None, ["\n".join(notes)])])


def speaks_text() -> str:
    """What each mark means, a line each."""
    from iskdyn.telling import mark_meanings

    meanings = mark_meanings()
    width = max(map(len, meanings))
    return "\n".join(
        ["speaks: who decides the sign:", *(f"  {one:<{width}}  {means}" for one, means in meanings.items())]
    )


def _shares(effect: Effect) -> tuple[str, str, str, str]:
    def percent(shares: Shares) -> tuple[str, str, str]:
        lower, same, higher = (f"{100 * share:.0f} %" for share in (shares.lower, shares.same, shares.higher))
        return lower, same, higher

    return *percent(effect.shares), ", ".join(percent(effect.prior)) if effect.prior else ""


@reads_whole
def compare(
    study: Study,
    *scenarios: str,
    until: str | None = None,
    without: str | None = None,
    draws: int = N_DRAWS,
    seed: int = SEED,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[pd.DataFrame]:
    """Scenarios against the first one, draw by draw; one alone against history, or what it names.

    Parameters
    ----------
    scenarios : names of the study's, or TOML files
    until : last period of one window, instead of three
    without : source or id of a fact that is struck out
    draws, seed : how many versions of the model are run, and which
    out : where the table is written too, as .csv or .json

    Raises
    ------
    InputError : with every scenario that is not known or is wrong, and every other wrong argument; the study
        has no story
    """
    from iskdyn.levers import (
        before_evidence,
        difference_table,
        idle_changes,
        measure_arms,
        stored_parts,
        windows,
    )
    from iskdyn.levers.measured import chance_words
    from iskdyn.output import stamped
    from iskdyn.reports.compared import compare_text
    from iskdyn.reports.story import study_story
    from iskdyn.study.stamp import stamp

    found = _contenders(study, scenarios, until, out)
    ends = windows(study) if until is None else {"to the month asked for": until}
    story = study_story(study)
    if story is None:
        message = "names no `story`, whose measures and words a comparison takes"
        raise InputError(Problem("study.toml", message))
    shown = shown_draws(study, without, draws, seed, progress)
    times = sorted(study.time(month) + 1 for month in ends.values())
    arms = {name: scenario.inputs for name, scenario in found.items()}
    judged = not without and bool(stored_parts(study, draws, seed))
    step: Callable[[str], None] = stepwise(progress, (len(found) + 1) * (2 if judged else 1))
    measured = measure_arms(study, shown.spread, arms, story.measures, times, progress=step)
    against, *others = found
    pairs = [(name, against) for name in others]
    idle = idle_changes(study, shown.spread, {name: arms[name] for name in others}, story.measures, times)
    before = before_evidence(study, arms, pairs, story.measures, times, seed, step) if judged else None
    table = difference_table(study, measured, pairs, ends, idle, before)
    if shown.banner:
        table = table.assign(without=shown.banner)
    if out is not None:
        asked = repr(("compare", list(found), until, without, draws, seed))
        _write(stamped(table, stamp(study, asked=asked)), out)
    titles = {name: scenario.title for name, scenario in found.items()}
    medians = zip(table["median_error"], table["low_90"], table["high_90"], strict=True)
    by_chance = chance_words(len(shown.spread.draws), medians)
    notes = [by_chance] if before is None else [by_chance, *before_notes(before, pairs)]
    text = shown.under("\n\n".join([compare_text(story, table, titles), "\n".join(notes)]))
    units = {name: outcome.unit for name, outcome in story.outcomes.items()}
    with_units = table.assign(unit=table["outcome"].map(units))
    return Result(table, with_units, text, as_json(table.to_dict("records")), shown.notes)


def before_notes(before: Before, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """What the columns on the time before the evidence say, and of which comparisons no null is sampled."""
    n_draws = len(next(iter(before.measured.values.values()))) - 1
    asked = {(arm, against) for arm, against, _ in before.nulls}
    without = [f"'{arm}'" for arm, against in pairs if (arm, against) not in asked]
    told = [f"before: lower, same and higher in {n_draws:,} draws before the evidence", speaks_text()]
    if without:
        told.append(
            f"no null is sampled of {', '.join(without)}: not one tactic alone makes the difference, so that nothing "
            "of it is told as the facts'"
        )
    return told


def _contenders(
    study: Study, names: Sequence[str], until: str | None, out: Path | None
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

    json = as_json(table.to_dict("records")) + "\n"
    write_text_whole(path, csv_text(table) if path.suffix == ".csv" else json)
