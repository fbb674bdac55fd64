"""Text tables read strictly: every bad cell is a problem with its file, line and column."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from iskdyn.errors import Problem
from iskdyn.model.names import suggest
from iskdyn.regular import read_regular
from iskdyn.study.months import EXPECTED, Calendar, month_number

MAX_BYTES = 4_000_000
"""No table or setting of a study is near this; a larger file is a mistake."""


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, what its cells are, whether they may be empty, or the column left out."""

    name: str
    kind: Literal["text", "number", "month"] = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    optional: bool = False


def read_text(path: Path, shown: str, problems: list[Problem]) -> str | None:
    """The file's text (UTF-8, with or without a mark), or None with the problem added.

    Parameters
    ----------
    path : of the file; no folder, pipe or device
    shown : its name in problems
    problems : to which it is added if it is missing, empty, too large or not UTF-8
    """
    try:
        text = read_regular(path, MAX_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        problems.append(Problem(shown, "this file is missing"))
    except OSError as error:
        problems.append(Problem(shown, f"cannot be read: {error.strerror}"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(f"{shown}:{line}", "is not UTF-8 text"))
    else:
        if text.strip():
            return text
        problems.append(Problem(shown, "is empty"))
    return None


def read_table(
    path: Path,
    shown: str,
    columns: Sequence[Column],
    problems: list[Problem],
    key: Sequence[str] = (),
    calendar: Calendar | None = None,
) -> pd.DataFrame:
    """The table's rows as a frame with one more column, `line`; every problem is added to the list.

    Parameters
    ----------
    path, shown : the file, and how messages name it
    columns : what must stand in the first line, in any order; others are refused
    key : columns that together name a row: no two rows may share them
    calendar : of the cells that are periods; by default they are of any clock
    """
    frame = empty_table(columns)
    text = read_text(path, shown, problems)
    if text is None:
        return frame
    lines = text_rows(text, shown, problems)
    if not lines or not _header_fits(lines[0][1], shown, columns, problems):
        return frame
    if len(lines) == 1:
        problems.append(Problem(shown, "has a first line with the names of the columns, but no rows"))
        return frame
    header = lines[0][1]
    rows = []
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            problems.append(Problem(f"{shown}:{line}", f"has {len(cells)} cells; {len(header)} are expected"))
            continue
        texts = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        values = {
            column.name: _cell(texts.get(column.name, ""), column, shown, line, problems, calendar)
            for column in columns
        }
        rows.append({**values, "line": line})
    if rows:
        frame = pd.DataFrame(rows)
    _refuse_repeats(frame, key, shown, problems)
    return frame


def empty_table(columns: Sequence[Column]) -> pd.DataFrame:
    """A table without rows."""
    kinds = {"number": float, "month": object, "text": object}
    cells = {column.name: pd.Series(dtype=kinds[column.kind]) for column in columns}
    return pd.DataFrame({**cells, "line": pd.Series(dtype=int)})


def text_rows(text: str, shown: str, problems: list[Problem]) -> list[tuple[int, list[str]]]:
    """Each record with the line it starts on; blank lines are left out.

    Parameters
    ----------
    text : of a CSV file, quotes as in RFC 4180
    shown : its name in problems
    problems : to which a quote that is never closed is added

    Returns
    -------
    Line, from 1, and cells of each record; none where the text cannot be read.

    >>> text_rows("id,value\\n\\na,1\\n", "table.csv", [])
    [(1, ['id', 'value']), (3, ['a', '1'])]
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(f"{shown}:{reader.line_num}", f"is not comma-separated text: {error}"))
        return []
    return records


def _header_fits(header: list[str], shown: str, columns: Sequence[Column], problems: list[Problem]) -> bool:
    header[:] = [name.strip() for name in header]
    wanted = [column.name for column in columns]
    found = []
    if len(header) == 1 and ";" in header[0]:
        found.append(Problem(f"{shown}:1", "its cells are separated by ';'; separate them by ','"))
    else:
        for name in (column.name for column in columns if not column.optional):
            if name not in header:
                found.append(Problem(f"{shown}:1", f"the column '{name}' is missing"))
        for name in header:
            if name not in wanted:
                hint = suggest(name, wanted)
                found.append(Problem(f"{shown}:1", f"the column '{name}' is not known{hint}"))
        for name in sorted({name for name in header if header.count(name) > 1}):
            found.append(Problem(f"{shown}:1", f"the column '{name}' stands there twice"))
    problems.extend(found)
    return not found


def _cell(
    text: str, column: Column, shown: str, line: int, problems: list[Problem], calendar: Calendar | None
) -> str | float:
    """The cell's value; an empty number is NaN, and so is a bad one (with its problem added)."""
    place = f"{shown}:{line}:{column.name}"
    if not text:
        if column.required:
            problems.append(Problem(place, "is empty"))
        return math.nan if column.kind == "number" else ""
    if column.choices and text not in column.choices:
        expected = ", ".join(column.choices)
        hint = suggest(text, column.choices)
        problems.append(Problem(place, f"'{text}' is none of {expected}{hint}"))
    if column.kind == "month" and (calendar.number(text) if calendar else month_number(text)) is None:
        problems.append(Problem(place, f"'{text}' is not {calendar.expected if calendar else EXPECTED}"))
    if column.kind != "number":
        return text
    value = read_number(text)
    if value is None:
        problems.append(Problem(place, f"'{text}' is not a finite number"))
        return math.nan
    return value


def read_number(text: str) -> float | None:
    """The finite number written there, or None.

    >>> read_number("1e3"), read_number("nan"), read_number("1_0")
    (1000.0, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _refuse_repeats(frame: pd.DataFrame, key: Sequence[str], shown: str, problems: list[Problem]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    if not key or frame.empty:
        return
    for *values, line in frame[[*key, "line"]].itertuples(index=False):
        name = tuple(str(value) for value in values)
        first = seen.setdefault(name, line)
        if first != line:
            what = " ".join(name)
            problems.append(Problem(f"{shown}:{line}:{key[0]}", f"'{what}' already stands in line {first}"))
