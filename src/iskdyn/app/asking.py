"""What the source claims, what the answers depend on, and what to ask of whom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.app.answers import Shown, shown_draws
from iskdyn.app.result import Progress, Result, as_json, silent, stepwise, table_of
from iskdyn.app.whole import reads_whole
from iskdyn.draws import N_DRAWS, SEED
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from iskdyn.levers.claims import Judgement
    from iskdyn.levers.claims.known import Structures
    from iskdyn.reports.questions import Worth
    from iskdyn.sensitivity.policy import Failure
    from iskdyn.sensitivity.study import Sensitivity
    from iskdyn.study import Study
    from iskdyn.study.readings import Statistic

N_SENSITIVITY = 1000
"""More than other surfaces show: an index of one number needs many."""


@reads_whole
def claims(
    study: Study,
    ids: Sequence[str] = (),
    *,
    without: str | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[Judgement]:
    """The source's claims as tests of the model: how often each holds before and after the evidence.

    Parameters
    ----------
    ids : only these, told with each of their parts
    without : source or id of a fact that is struck out; a claim that rests on it is called fitted still
    out : where the result is written as JSON too

    Raises
    ------
    InputError : a claim is not known, or no fitted fact has this source or id
    """
    from iskdyn.levers.claims import chosen, judge, judgement_json, judgement_text, read_claims

    asked = chosen(read_claims(study), ids)
    shown, structures = _judging_draws(study, without, progress)
    step = stepwise(progress, (2 + len(structures)) * len(asked.arms))
    found = judge(study, asked, shown.spread, structures, progress=step)
    judged = judgement_json(found)
    content = shown.marked(judged)
    if out is not None:
        _write(study, out, ("claims", tuple(ids), without), content)
    text = shown.under(judgement_text(found, parts=bool(ids)))
    return Result(found, table_of(shown.in_each(judged["claims"])), text, as_json(content), shown.notes)


def _judging_draws(study: Study, without: str | None, progress: Progress) -> tuple[Shown, Structures]:
    """The draws on which claims are judged, and those of each structure."""
    from iskdyn.levers.claims import draws_left, known_draws

    if without is None:
        spread, structures = known_draws(study)
        return Shown.of_evidence(spread), structures
    banner, (spread, structures) = draws_left(study, without, stepwise(progress, None))
    return Shown(spread, banner), structures


@reads_whole
def ask(
    study: Study,
    *,
    without: str | None = None,
    draws: int = N_DRAWS,
    seed: int = SEED,
    progress: Progress = silent,
) -> Result[list[Worth]]:
    """The questions to people whose answers would settle most, the most telling first.

    Parameters
    ----------
    without : source or id of a fact that is struck out
    draws, seed : how many versions of the model are run, and which
    """
    from iskdyn.reports.questions import ask as run
    from iskdyn.reports.questions import questions_records, questions_text
    from iskdyn.reports.story import study_story

    story = study_story(study)
    shown = shown_draws(study, without, draws, seed, progress)
    found = run(study, story, shown.spread, seed)
    n_effects = len(study.settings.tactics) * len(study.settings.headline)
    rows = [{**asdict(worth.question), "points": 100 * worth.points} for worth in found]
    table = table_of(shown.in_each(rows), {"points": "hundredths of the chance that a sign is wrong"})
    text = shown.under(questions_text(found, n_effects))
    return Result(found, table, text, as_json(shown.in_each(questions_records(found))), shown.notes)


@reads_whole
def sensitivity(
    study: Study,
    *,
    outcome: str | None = None,
    samples: int = 1024,
    without: str | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[Sensitivity]:
    """Which numbers the outcomes and the tactics' effects depend on, before and after the evidence.

    Parameters
    ----------
    outcome : only this one, with each tactic's effect on it
    samples : base rows of the Sobol design, a power of 2
    without : source or id of a fact that is struck out
    out : where everything is written as JSON too
    """
    from iskdyn.sensitivity import sensitivity as run
    from iskdyn.sensitivity.tell import sensitivity_json, sensitivity_text

    measures = _measures(study, outcome)
    shown = _draws_as_written(study, without, progress)
    done: dict[str, int] = {}

    def tell(what: str, n_done: int, of: int) -> None:
        done[what] = done.get(what, 0) + n_done
        progress(done[what], of, what)

    found = run(study, shown.spread, measures, n_base=samples, tell=tell)
    content = shown.marked(sensitivity_json(found))
    if out is not None:
        _write(study, out, ("sensitivity", outcome, samples, None, without), content)
    text = shown.under(sensitivity_text(found, every=len(measures) == 1))
    return Result(found, table_of(shown.in_each(_indices(found))), text, as_json(content), shown.notes)


def _indices(found: Sensitivity) -> list[dict[str, object]]:
    """A row each question and number: its share of the variance before the evidence, and its weight after it."""
    total, first = (found.at_end(part) for part in (found.prior.total, found.prior.first))
    after = dict(zip(found.names, found.posterior.index, strict=True))
    return [
        {
            "outcome": question.output,
            "tactic": question.tactic or "",
            "number": name,
            "share": float(total[j, i]),
            "alone": float(first[j, i]),
            "now": float(after[name][i]) if name in after else None,
        }
        for i, question in enumerate(found.questions)
        for j, name in enumerate(found.factors)
    ]


@reads_whole
def failures(
    study: Study,
    scenario: str,
    *,
    without: str | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[list[Failure]]:
    """Where a scenario fails to do what it is expected to do.

    Parameters
    ----------
    scenario : name of the study's, or a TOML file
    without : source or id of a fact that is struck out
    out : where everything is written as JSON too
    """
    from iskdyn.sensitivity import failures as run
    from iskdyn.sensitivity.tell import expected, failures_json, failures_text, limits

    shown = shown_draws(study, without, N_SENSITIVITY, SEED, progress)
    found = run(study, shown.spread, study.scenario(scenario), _measures(study))
    units = {
        variable.name: variable.units for variable in study.program if variable.units not in ("", "Dmnl")
    }
    content = shown.marked(failures_json(found))
    if out is not None:
        _write(study, out, ("sensitivity", None, 1024, scenario, without), content)
    rows = [
        {
            "expected": expected(failure.expectation),
            "fails": failure.share,
            "error": failure.error,
            "where": limits(region, units),
        }
        for failure in found
        for region in failure.boxes
    ]
    table = table_of(shown.in_each(rows), dict.fromkeys(("fails", "error"), "share of draws"))
    text = shown.under(failures_text(found, units))
    return Result(list(found), table, text, as_json(content), shown.notes)


def _draws_as_written(study: Study, without: str | None, progress: Progress) -> Shown:
    """Of the model as written, in which no number is fixed, for what is asked of each number."""
    from iskdyn.calibration import load_fit, load_variants, read_variants, spread
    from iskdyn.levers import structure_draws
    from iskdyn.study import FIT

    own = read_variants(study)[0].name
    if without is not None:
        return shown_draws(study, without, N_SENSITIVITY, SEED, progress, structure=own)
    if own in load_variants(study, 1):
        return Shown(structure_draws(study, own, N_SENSITIVITY, SEED))
    return Shown.of_evidence(spread(study, load_fit(study.stored(FIT), {}), N_SENSITIVITY, SEED))


def _measures(study: Study, outcome: str | None = None) -> dict[str, Statistic]:
    """How each headline outcome, or the one that is asked for, is measured."""
    from iskdyn.model.names import suggest
    from iskdyn.reports.story import headline_measures, study_story

    found = headline_measures(study, study_story(study))
    if outcome is None:
        return found
    if outcome not in found:
        raise InputError(Problem("--outcome", f"'{outcome}' is no headline outcome{suggest(outcome, found)}"))
    return {outcome: found[outcome]}


def _write(study: Study, path: Path, asked: tuple[object, ...], content: dict[str, object]) -> None:
    """The content as a file, with the run's id."""
    from iskdyn.files import write_text_whole
    from iskdyn.study.stamp import stamp

    line = stamp(study, asked=repr(asked))
    write_text_whole(path, json.dumps({"run": line, **content}, indent=1) + "\n")
