"""Observations that are a whole column of data: one row of the table stands for many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd

from iskdyn.errors import Problem
from iskdyn.model.names import suggest
from iskdyn.study.months import Calendar
from iskdyn.study.records import Record, records
from iskdyn.study.tables import read_number, read_text, text_rows

SERIES = "series"


@dataclass(frozen=True)
class Datum:
    """One cell of a column of data: its line in the file, its period, and the number as it is written."""

    line: int
    period: str
    text: str


def expand_series(
    root: Path, shown: str, table: pd.DataFrame, calendar: Calendar, problems: list[Problem]
) -> pd.DataFrame:
    """The observations with each row of the form 'series' replaced by a row of the form 'about' per number.

    The row's cell `series` names a file of the study and a column, 'data/counts.csv: in bed'. The file's first
    column holds periods; those from `start` to `end` of the row are taken, an empty cell is no number. A number
    is known to half of its last written digit.

    Parameters
    ----------
    shown : the observation table, for messages; problems of the data are added at the data's own place
    """
    rows: list[dict[str, Any]] = []
    for row in records(table, shown):
        if row["form"] == SERIES:
            rows += _expanded(root, row, calendar, problems)
        else:
            if row[SERIES]:
                problems.append(row.problem(SERIES, "is of use to the form 'series' only"))
            rows.append(dict(row.values))
    if not (table["form"] == SERIES).any():
        return table.drop(columns=SERIES)
    return pd.DataFrame(rows, columns=list(table.columns)) if rows else table.iloc[:0]


def _expanded(
    root: Path, row: Record, calendar: Calendar, problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    first, last = calendar.number(row["start"]), calendar.number(row["end"])
    if first is None or last is None:
        return
    data = [
        datum
        for datum in _data(root, row, calendar, problems)
        if first <= (calendar.number(datum.period) or 0) <= last
    ]
    if not data and not problems:
        message = f"'{row[SERIES]}' has no number from {row['start']} to {row['end']}"
        problems.append(row.problem(SERIES, message))
    file = row[SERIES].partition(":")[0].strip()
    for datum in data:
        low, high = rounding(datum.text)
        if row["scale"] == "log" and low <= 0:
            message = f"{datum.text} on the log scale is not far from nothing; make the scale of '{row['id']}' linear"
            problems.append(Problem(f"{file}:{datum.line}", message))
            continue
        yield {
            **row.values,
            "id": f"{row['id']}.{datum.period}",
            "says": f"{row['says']}, {calendar.words(datum.period)}",
            "start": datum.period,
            "end": datum.period,
            "low": low,
            "high": high,
            "form": "about",
        }


def rounding(text: str) -> tuple[float, float]:
    """The edges between which a number as written may lie: half of its last digit to either side.

    >>> rounding("225"), rounding("48.6")
    ((224.5, 225.5), (48.55, 48.65))
    """
    number = Decimal(text)
    half = Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
    low, high = float(number - half), float(number + half)
    return (low, high) if low < high else (math.nextafter(low, -math.inf), math.nextafter(high, math.inf))


def _data(root: Path, row: Record, calendar: Calendar, problems: list[Problem]) -> list[Datum]:
    """The numbers of the column that a row names."""
    file, colon, column = (part.strip() for part in row[SERIES].partition(":"))
    if not (file and colon and column):
        problems.append(
            row.problem(SERIES, f"'{row[SERIES]}' is not FILE: COLUMN, such as data/counts.csv: in bed")
        )
        return []
    path = root / file
    if not path.resolve().is_relative_to(root.resolve()):
        problems.append(row.problem(SERIES, f"'{file}' is outside of the study's folder"))
        return []
    text = read_text(path, file, problems)
    lines = text_rows(text, file, problems) if text is not None else []
    if not lines:
        return []
    header = [name.strip() for name in lines[0][1]]
    if column not in header[1:]:
        problems.append(row.problem(SERIES, f"{file} has no column '{column}'{suggest(column, header[1:])}"))
        return []
    return list(_numbers(lines[1:], header.index(column), file, calendar, problems))


def _numbers(
    lines: list[tuple[int, list[str]]], at: int, file: str, calendar: Calendar, problems: list[Problem]
) -> Iterator[Datum]:
    for line, cells in lines:
        period = cells[0].strip()
        number = cells[at].strip() if at < len(cells) else ""
        if calendar.number(period) is None:
            problems.append(Problem(f"{file}:{line}", f"'{period}' is not {calendar.expected}"))
        elif number and not _is_written(number):
            problems.append(Problem(f"{file}:{line}", f"'{number}' is not a finite number"))
        elif number:
            yield Datum(line, period, number)


def _is_written(text: str) -> bool:
    try:
        return read_number(text) is not None and Decimal(text).is_finite()
    except InvalidOperation:
        return False
