"""What the source claims, what the answers depend on, and what to ask of whom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iskdyn.app.answers import shown_draws
from iskdyn.app.result import Progress, Result, as_json, silent, stepwise, table_of
from iskdyn.app.whole import reads_whole
from iskdyn.draws import N_DRAWS, SEED
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.levers import Measure
    from iskdyn.levers.claims import Judgement
    from iskdyn.reports.questions import Worth
    from iskdyn.sensitivity.policy import Failure
    from iskdyn.sensitivity.study import Sensitivity
    from iskdyn.study import Study

N_SENSITIVITY = 1000
"""More than other surfaces show: an index of one number needs many."""
STANDS_IN = "no accepted posterior belongs to the study as it is: a normal approximation stands in"


@reads_whole
def claims(
    study: Study, ids: Sequence[str] = (), *, out: Path | None = None, progress: Progress = silent
) -> Result[Judgement]:
    """The source's claims as tests of the model: how often each holds before and after the evidence.

    Parameters
    ----------
    ids : only these, told with each of their parts
    out : where the result is written as JSON too
    """
    from iskdyn.levers.claims import chosen, judge, judgement_json, judgement_text, known_draws, read_claims

    asked = chosen(read_claims(study), ids)
    posterior, structures = known_draws(study)
    step = stepwise(progress, (2 + len(structures)) * len(asked.arms))
    found = judge(study, asked, posterior, structures, progress=step)
    content = judgement_json(found)
    if out is not None:
        _write(study, out, ("claims", tuple(ids)), content)
    text = judgement_text(found, parts=bool(ids))
    notes = () if posterior.kind == "posterior" else (STANDS_IN,)
    return Result(found, table_of(content["claims"]), text, as_json(content), notes)


@reads_whole
def ask(study: Study, *, draws: int = N_DRAWS, seed: int = SEED) -> Result[list[Worth]]:
    """The questions to people whose answers would settle most, the most telling first.

    Parameters
    ----------
    draws, seed : how many versions of the model are run, and which
    """
    from iskdyn.reports.questions import ask as run
    from iskdyn.reports.questions import questions_json, questions_text
    from iskdyn.reports.story import study_story

    story = study_story(study)
    shown = shown_draws(study, None, draws, seed)
    found = run(study, story, shown.spread, seed)
    n_effects = len(study.settings.tactics) * len(study.settings.headline)
    rows = [{**asdict(worth.question), "points": 100 * worth.points} for worth in found]
    table = table_of(rows, {"points": "hundredths of the chance that a sign is wrong"})
    return Result(found, table, questions_text(found, n_effects), questions_json(found), shown.notes)


@reads_whole
def sensitivity(
    study: Study,
    *,
    outcome: str | None = None,
    samples: int = 1024,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[Sensitivity]:
    """Which numbers the outcomes and the tactics' effects depend on, before and after the evidence.

    Parameters
    ----------
    outcome : only this one, with each tactic's effect on it
    samples : base rows of the Sobol design, a power of 2
    out : where everything is written as JSON too
    """
    from iskdyn.sensitivity import sensitivity as run
    from iskdyn.sensitivity.tell import sensitivity_json, sensitivity_text

    measures = _measures(study, outcome)
    spread = _draws_as_written(study)
    done: dict[str, int] = {}

    def tell(what: str, n_done: int, of: int) -> None:
        done[what] = done.get(what, 0) + n_done
        progress(done[what], of, what)

    found = run(study, spread, measures, n_base=samples, tell=tell)
    content = sensitivity_json(found)
    if out is not None:
        _write(study, out, ("sensitivity", outcome, samples, None), content)
    notes = () if spread.kind == "posterior" else (STANDS_IN,)
    text = sensitivity_text(found, every=len(measures) == 1)
    return Result(found, table_of(_indices(found)), text, as_json(content), notes)


def _indices(found: Sensitivity) -> list[dict[str, Any]]:
    """A row each question and number: its share of the variance before the evidence, and its weight after it."""
    total, first = (found.at_end(part) for part in (found.prior.total, found.prior.first))
    after = dict(zip(found.names, found.posterior.index, strict=True))
    return [
        {
            "outcome": question.output,
            "without": question.tactic or "",
            "number": name,
            "share": float(total[j, i]),
            "alone": float(first[j, i]),
            "now": float(after[name][i]) if name in after else None,
        }
        for i, question in enumerate(found.questions)
        for j, name in enumerate(found.factors)
    ]


@reads_whole
def failures(study: Study, scenario: str, *, out: Path | None = None) -> Result[list[Failure]]:
    """Where a scenario fails to do what it is expected to do.

    Parameters
    ----------
    scenario : name of the study's, or a TOML file
    out : where everything is written as JSON too
    """
    from iskdyn.levers import stored_draws
    from iskdyn.sensitivity import failures as run
    from iskdyn.sensitivity.tell import expected, failures_json, failures_text, limits

    spread = stored_draws(study, N_SENSITIVITY, SEED)
    found = run(study, spread, study.scenario(scenario), _measures(study))
    units = {
        variable.name: variable.units for variable in study.program if variable.units not in ("", "Dmnl")
    }
    content = failures_json(found)
    if out is not None:
        _write(study, out, ("sensitivity", None, 1024, scenario), content)
    rows = [
        {"expected": expected(failure.expectation), "fails": failure.share, "where": limits(region, units)}
        for failure in found
        for region in failure.boxes
    ]
    notes = () if spread.kind == "posterior" else (STANDS_IN,)
    text = failures_text(found, units)
    return Result(list(found), table_of(rows, {"fails": "share of draws"}), text, as_json(content), notes)


def _draws_as_written(study: Study) -> Spread:
    """Of the model as written, in which no number is fixed, for what is asked of each number."""
    from iskdyn.calibration import load_fit, load_variants, read_variants, spread
    from iskdyn.levers import structure_draws
    from iskdyn.study import FIT

    own = read_variants(study)[0].name
    if own in load_variants(study, 1):
        return structure_draws(study, own, N_SENSITIVITY, SEED)
    return spread(study, load_fit(study.stored(FIT), {}), N_SENSITIVITY, SEED)


def _measures(study: Study, outcome: str | None = None) -> dict[str, Measure]:
    """How each headline outcome, or the one that is asked for, is measured."""
    from iskdyn.model.names import suggest
    from iskdyn.reports.story import headline_measures, study_story

    found = headline_measures(study, study_story(study))
    if outcome is None:
        return found
    if outcome not in found:
        raise InputError(Problem("--outcome", f"'{outcome}' is no headline outcome{suggest(outcome, found)}"))
    return {outcome: found[outcome]}


def _write(study: Study, path: Path, asked: tuple[object, ...], content: dict[str, Any]) -> None:
    """The content as a file, with the run's id."""
    from iskdyn.files import write_text_whole
    from iskdyn.study.stamp import stamp

    line = stamp(study, asked=repr(asked))
    write_text_whole(path, json.dumps({"run": line, **content}, indent=1) + "\n")
