"""What must hold of a model, a study, its results and the engines."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.app.result import Progress, Result, silent, table_of
from iskdyn.app.whole import reads_whole
from iskdyn.draws import SEED
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iskdyn.confidence import Check
    from iskdyn.confidence.battery import Row as TestRow
    from iskdyn.confidence.idle import Move
    from iskdyn.confidence.provenance import Verdict
    from iskdyn.model import Program
    from iskdyn.simulate.conformance import Row
    from iskdyn.simulate.judgements import Judgement
    from iskdyn.study import Study

N_DRAWS = 1000
"""More than other surfaces show: tests turn on shares near nine in ten, which so many give to a hundredth."""


@reads_whole
def check(study: Study, *, progress: Progress = silent) -> Result[list[Check]]:
    """Every check on the model and the study; a row a check, and a problem for each thing that fails."""
    from iskdyn.confidence import run_checks

    return _of_checks(run_checks(study, progress))


def check_model(program: Program) -> Result[list[Check]]:
    """The checks of a model that need no study, on units and hidden numbers; a row a check."""
    from iskdyn.confidence import run_model_checks

    return _of_checks(run_model_checks(program))


def _of_checks(checks: list[Check]) -> Result[list[Check]]:
    from iskdyn.output import text_table

    rows = [["pass" if one.passed else "FAIL", one.name, one.figure, one.bar] for one in checks]
    header = ["", "check", "found", "bar"]
    records = [check.as_dict() for check in checks]
    table = table_of(
        {**record, "problems": len(check.problems)} for check, record in zip(checks, records, strict=True)
    )
    problems = tuple(problem for check in checks if not check.passed for problem in check.problems)
    json_text = json.dumps(records, indent=1, allow_nan=False)
    return Result(
        checks, table, text_table(header, rows, left=2), json_text, problems=problems, passed=not problems
    )


@reads_whole
def idle(study: Study) -> Result[list[Move]]:
    """How far each constant with a prior and each stock moves a headline outcome, the least first."""
    from iskdyn.confidence.idle import check_idle, moves
    from iskdyn.output import text_table
    from iskdyn.reports.story import headline_measures, study_story
    from iskdyn.study import FIT

    fitted = (study.path_of("results") / FIT).is_file()
    measures = headline_measures(study, study_story(study))
    found = moves(study, measures, study.fitted_values() if fitted else {})
    result = check_idle(study, found)
    rows = [
        ["IDLE" if move.idle else "", move.kind, move.name, f"{move.share:.1%}", move.outcome, move.until]
        for move in found
    ]
    records = [move.record() for move in found]
    text = text_table(["", "part", "name", "moves", "most", "to"], rows, left=3)
    json_text = json.dumps(records, indent=1, allow_nan=False)
    table = table_of(records, {"share": "of the outcome as it is"})
    return Result(found, table, text, json_text, problems=tuple(result.problems), passed=result.passed)


@reads_whole
def confidence(study: Study, *, progress: Progress = silent) -> Result[list[TestRow]]:
    """The confidence tests of system dynamics on the fitted study: green, judged or red; a row a check of a test.

    Needs the stored fit. It is passed where no test is red.
    """
    from iskdyn.calibration import current_posterior, load_fit, spread
    from iskdyn.confidence.battery import run_battery
    from iskdyn.confidence.behaviour import Subject
    from iskdyn.study import FIT

    fit = load_fit(study.stored(FIT), {})
    subject = Subject(study, fit, spread(study, fit, N_DRAWS, SEED, current_posterior(study)))
    rows = run_battery(subject, progress)
    red = [row for row in rows if row.verdict == "red"]
    problems = tuple(problem for row in red for check in row.checks for problem in check.problems)
    json_text = json.dumps([row.as_dict() for row in rows], indent=1, allow_nan=False)
    table = table_of(
        {"verdict": row.verdict, "test": row.test.name, "check": name, "found": figure, "bar": bar}
        for row in rows
        for name, figure, bar in _figures(row)
    )
    return Result(rows, table, _battery_text(rows), json_text, problems=problems, passed=not red)


def _figures(row: TestRow) -> list[tuple[str, str, str]]:
    """What each check of a test found; one line where only a person can judge."""
    return [(check.name, check.figure, check.bar) for check in row.checks] or [
        ("a person's judgement", "", "")
    ]


def _battery_text(rows: Sequence[TestRow]) -> str:
    from iskdyn.output import text_table

    cells = [
        [row.verdict if i == 0 else "", row.test.name if i == 0 else "", *figures]
        for row in rows
        for i, figures in enumerate(_figures(row))
    ]
    return text_table(["", "test", "check", "found", "bar"], cells, left=3)


def verify(study: Study, file: Path | None = None) -> Result[list[Verdict]]:
    """What has changed since a file was written, or since all results and reports were; a row a file.

    Raises
    ------
    InputError : the file is not one that this tool writes
    """
    from iskdyn.confidence.provenance import verify_file, written_files
    from iskdyn.output import text_table

    found = [verify_file(study, path) for path in ([file] if file else written_files(study))]
    records = [{"file": str(one.path), "run": one.run, "changed": list(one.changed)} for one in found]
    cells = [[str(one.path), one.run or "-", "changed" if one.changed else "same"] for one in found]
    text = text_table(["file", "run", "since then"], cells, left=3)
    problems = tuple(problem for one in found for problem in one.problems)
    json_text = json.dumps(records, indent=1)
    return Result(found, table_of(records), text, json_text, problems=problems, passed=not problems)


def conformance(
    folder: Path, judged: Path | None = None, *, progress: Progress = silent
) -> Result[list[Row]]:
    """Every model under a folder in every engine at hand, beside its published output; a row a model and engine.

    Parameters
    ----------
    judged : who is right in a dispute, and why; by default judgements.csv of the folder

    Raises
    ------
    InputError : the folder holds no model
    """
    from iskdyn.simulate.conformance import by_model, summary
    from iskdyn.simulate.conformance import conformance as run
    from iskdyn.simulate.judgements import FILE, read_judgements

    beside = folder / FILE
    lines = read_judgements(judged or beside) if judged or beside.is_file() else []
    rows = run(folder, judgements=lines, progress=lambda done, total: progress(done, total, "conformance"))
    if not rows:
        raise InputError(Problem(str(folder), "holds no model (.mdl, .xmile, .stmx, .itmx)"))
    records = [{name: _finite(value) for name, value in vars(row).items()} for row in rows]
    notes = tuple(f"note: {problem}" for problem in _unneeded(rows, lines, judged or beside))
    text = f"{_conformance_text(rows)}\n{summary(rows)}"
    passed = not {"disputed", "failed"} & set(by_model(rows).values())
    json_text = json.dumps(records, indent=1, allow_nan=False)
    return Result(rows, table_of(map(vars, rows)), text, json_text, notes, passed=passed)


def _finite(value: object) -> object:
    """JSON has no infinity: a number beside none is told as text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _conformance_text(rows: list[Row]) -> str:
    """A line for each model: its outcome, how far each engine is from another, and every remark."""
    from iskdyn.output import difference, text_table
    from iskdyn.simulate.conformance import by_model
    from iskdyn.simulate.engines import TARGETS
    from iskdyn.simulate.judgements import PARTIES

    cells = []
    for model, outcome in by_model(rows).items():
        its = [row for row in rows if row.model == model]
        shown = {"ours" if row.engine == TARGETS[0] else row.engine: row for row in its}
        figures = [
            "" if row is None else "refused" if row.outcome == "refused" else difference(row.difference)
            for row in (shown.get(party) for party in PARTIES)
        ]
        remarks = dict.fromkeys(f"{row.engine}: {row.remark}" for row in its if row.remark)
        cells.append([model, outcome, *figures, "; ".join(remarks)])
    columns = ["model", "outcome", *PARTIES, "remarks"]
    return text_table(columns, cells, left=len(columns))


def _unneeded(rows: list[Row], lines: list[Judgement], path: Path) -> list[Problem]:
    """Judgements of what is no dispute (any more): they would hide the next one."""
    judged = {row.model for row in rows if row.outcome in ("judged", "failed")}
    return [
        Problem(f"{path}:{line.line}", f"'{line.model}' has no such dispute; take the line out")
        for line in lines
        if line.model not in judged
    ]
