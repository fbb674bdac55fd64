"""Numbers that a model takes from files beside it: cells of tables, and series in their rows and columns."""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iskdyn.model.reading.text import decode

MAX_BYTES = 50_000_000
"""A larger table is not read."""
_CELL = re.compile(r"([A-Za-z]{1,3})(\d+)(\*?)$")
Series = tuple[tuple[float, ...], tuple[float, ...]]


class Beside:
    """Tables in a model's own folder; each is read once.

    Attributes
    ----------
    used : (path below the folder, sha256) of every file that was read
    """

    def __init__(self, folder: Path, names: dict[str, str]) -> None:
        self.folder, self.names = folder.resolve(), names
        self.used: dict[str, str] = {}
        self._sheets: dict[tuple[str, str], list[list[Any]]] = {}

    def sheet(self, file: str, tab: str) -> list[list[Any]]:
        """Rows of a sheet; of a text file, `tab` is the delimiter.

        Errors
        ------
        ValueError : says what is wrong with the file.
        """
        named = self.names.get(file, file) if file.startswith("?") else file
        if (named, tab) not in self._sheets:
            path = (self.folder / named.replace("\\", "/")).resolve()
            if not path.is_relative_to(self.folder):
                raise ValueError(f"the file '{named}' is not in the model's folder; put it there")
            if not path.is_file():
                raise ValueError(f"the file '{named}' is not beside the model")
            if path.stat().st_size > MAX_BYTES:
                raise ValueError(f"the file '{named}' has more than {MAX_BYTES:,} bytes")
            self.used[path.relative_to(self.folder).as_posix()] = digest_of(path)
            self._sheets[named, tab] = _rows(path, tab)
        return self._sheets[named, tab]


def digest_of(path: Path) -> str:
    """sha256 of a file; '' where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _rows(path: Path, tab: str) -> list[list[Any]]:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        from openpyxl import load_workbook  # type: ignore[import-untyped]

        book = load_workbook(path, read_only=True, data_only=True)
        if tab not in book.sheetnames:
            raise ValueError(
                f"the file '{path.name}' has no sheet '{tab}'; it has {', '.join(book.sheetnames)}"
            )
        rows = [list(row) for row in book[tab].iter_rows(values_only=True)]
        book.close()
        return rows
    if path.suffix.lower() in (".csv", ".txt", ".tab", ".dat"):
        text, _ = decode(path.read_bytes())
        delimiter = (
            "\t" if path.suffix.lower() in (".tab", ".dat") or tab in ("\t", "\\t") else (tab or ",")[:1]
        )
        return [list(row) for row in csv.reader(text.splitlines(), delimiter=delimiter)]
    raise ValueError(f"the file '{path.name}' is not read here; save it as .csv or .xlsx")


def place_of(cell: str) -> tuple[int, int, bool]:
    """Row, column (from 0) and whether a cell such as 'B2*' turns the table.

    >>> place_of("B2")
    (1, 1, False)
    """
    match = _CELL.match(cell.strip())
    if match is None:
        raise ValueError(f"'{cell}' is no cell such as B2")
    return int(match[2]) - 1, column_of(match[1]), bool(match[3])


def column_of(letters: str) -> int:
    """Number of a column, from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def value_at(rows: Sequence[Sequence[Any]], row: int, column: int) -> float:
    """The number of a cell; nan where it is empty or none."""
    if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
        return math.nan
    try:
        return float(rows[row][column])
    except (TypeError, ValueError):
        return math.nan


def series_at(rows: Sequence[Sequence[Any]], line: str, cell: str, shift: int) -> Series:
    """x and y of a series: x in the row or column `line`, y from `cell` on, `shift` lines further."""
    row, column, _ = place_of(cell)
    pairs = []
    if line.strip().isdigit():
        x_row = int(line) - 1
        last = max((len(rows[i]) for i in (x_row, row + shift) if i < len(rows)), default=0)
        pairs = [(value_at(rows, x_row, c), value_at(rows, row + shift, c)) for c in range(column, last)]
    else:
        x_column = column_of(line.strip())
        pairs = [
            (value_at(rows, r, x_column), value_at(rows, r, column + shift)) for r in range(row, len(rows))
        ]
    return _points(pairs)


def _points(pairs: Sequence[tuple[float, float]]) -> Series:
    known = sorted({x: y for x, y in pairs if math.isfinite(x) and math.isfinite(y)}.items())
    if not known:
        raise ValueError("holds no numbers there")
    return tuple(x for x, _ in known), tuple(y for _, y in known)
