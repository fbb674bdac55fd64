"""Facts that come after a model: a table in the form of the observations, checked against the study that meets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.calibration.operators import Reader
from iskdyn.calibration.sheet import FIT, HELD, SEEN, Sheet, read_sheet
from iskdyn.errors import InputError, IskdynError, Problem
from iskdyn.study import links, records
from iskdyn.study.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study


def read_facts(study: Study, path: Path) -> pd.DataFrame:
    """The facts in a file with the columns of the observations; all are held, whatever the file says.

    The evidence that they name need not be the study's.

    Raises
    ------
    InputError : with every problem of the file: cells, names, windows, forms, and facts that are fitted already
    """
    problems: list[Problem] = []
    facts = read_table(path, path.name, records.OBSERVATIONS, problems, ("id",)).assign(fold=HELD)
    if len(facts):
        problems += _misfits(study, facts, path.name)
    if problems:
        raise InputError(dict.fromkeys(problems))
    return facts


def with_facts(study: Study, facts: pd.DataFrame) -> Study:
    """The study with its fitted observations and these facts, held, in place of its own held ones."""
    import pandas as pd

    fitted = study.observations[study.observations["fold"].isin([FIT, SEEN])]
    return replace(study, observations=pd.concat([fitted, facts], ignore_index=True))


def _misfits(study: Study, facts: pd.DataFrame, shown: str) -> Iterator[Problem]:
    rows = records.records(facts, shown)
    cited = {word: HELD for row in rows for word in records.cited(row["evidence"])}
    yield from records.check_observations(rows, cited, study.horizon)
    yield from links.check_observed(study.program, rows, records.records(study.parameters, shown))
    fitted = study.observations[study.observations["fold"].isin([FIT, SEEN])]
    for row in rows:
        if row["id"] in set(fitted["id"]):
            yield row.problem("id", f"'{row['id']}' is fitted already: what made a model cannot test it")
    try:
        _check_windows(study, read_sheet(facts, study.time, shown))
    except IskdynError as error:
        yield from error.problems


def _check_windows(study: Study, sheet: Sheet) -> None:
    """InputError where a window has no length or leaves the model's time."""
    outputs = tuple(dict.fromkeys(reading.output for reading in sheet.readings))
    first = study.program["INITIAL TIME"].value
    Reader(sheet.readings, outputs, np.array([first, study.end_time(study.horizon[1])]))
