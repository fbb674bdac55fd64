"""Numbers that a model takes from files beside it: cells of tables, and series in their rows and columns."""

from __future__ import annotations

import csv
import datetime
import hashlib
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from iskdyn.model.reading.text import decode

MAX_BYTES = 50_000_000
"""A larger table is not read: read as cells it would take many times its size in memory."""
_CELL = re.compile(r"([A-Za-z]{1,3})(\d+)(\*?)$")
_COLUMN = re.compile(r"[A-Za-z]{1,3}")
Series = tuple[tuple[float, ...], tuple[float, ...]]
Cell: TypeAlias = str | float | datetime.date | datetime.time | datetime.timedelta | None
"""What stands in a cell of a text file or a workbook."""


class Beside:
    """Tables in a model's own folder; each is read once.

    Attributes
    ----------
    used : (path below the folder, sha256) of every file that was read
    """

    def __init__(self, folder: Path, names: dict[str, str]) -> None:
        self.folder, self.names = folder.resolve(), names
        self.used: dict[str, str] = {}
        self._sheets: dict[tuple[str, str], list[list[Cell]]] = {}
        self._names: dict[str, dict[str, str]] = {}

    def sheet(self, file: str, tab: str) -> list[list[Cell]]:
        """Rows of a sheet; of a text file, `tab` is the delimiter.

        Raises
        ------
        ValueError : says what is wrong with the file.
        """
        if (file, tab) not in self._sheets:
            path = self._path(file)
            self.used[path.relative_to(self.folder).as_posix()] = digest_of(path)
            self._sheets[file, tab] = _rows(path, tab)
        return self._sheets[file, tab]

    def _path(self, file: str) -> Path:
        named = self.names.get(file, file) if file.startswith("?") else file
        path = (self.folder / named.replace("\\", "/")).resolve()
        if not path.is_relative_to(self.folder):
            raise ValueError(f"the file '{named}' is not in the model's folder; put it there")
        if not path.is_file():
            raise ValueError(f"the file '{named}' is not beside the model")
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"the file '{named}' has more than {MAX_BYTES:,} bytes")
        return path

    def cell(self, file: str, written: str) -> str:
        """A cell such as 'B2' or 'B2*'; of the name of a range in a workbook, its first cell.

        Raises
        ------
        ValueError : neither a cell nor such a name.
        """
        plain = written.strip()
        if _CELL.match(plain):
            return plain
        name, star = plain.rstrip("*"), "*" if plain.endswith("*") else ""
        return self._range(file, name)[0] + star

    def line(self, file: str, written: str) -> str:
        """A row ('4') or a column ('B'); of the name of a range in a workbook, the one in which it lies."""
        plain = written.strip()
        if plain.isdigit() or _COLUMN.fullmatch(plain):
            return plain
        first, last = self._range(file, plain)
        row, column, _ = place_of(first)
        return str(row + 1) if place_of(last)[0] == row and place_of(last)[1] != column else _letters(first)

    def _range(self, file: str, name: str) -> tuple[str, str]:
        """First and last cell of a named range."""
        if file not in self._names:
            self._names[file] = _named_ranges(self._path(file))
        found = self._names[file].get(name.lower())
        if found is None:
            raise ValueError(f"'{name}' is neither a cell such as B2 nor the name of a range in '{file}'")
        first, _, last = found.partition(":")
        return first, last or first


def digest_of(path: Path) -> str:
    """sha256 of a file; '' where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _named_ranges(path: Path) -> dict[str, str]:
    """Name in small letters -> 'B2' or 'B2:B9', of a workbook's and its sheets' names."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return {}
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    book = load_workbook(path, data_only=True)
    holders = [book.defined_names, *(sheet.defined_names for sheet in book.worksheets)]
    found = {}
    for holder in holders:
        for name, defined in holder.items():
            cells = str(defined.attr_text).rpartition("!")[2].replace("$", "")
            if all(_CELL.match(cell) for cell in cells.split(":")):
                found[name.lower()] = cells
    book.close()
    return found


def _letters(cell: str) -> str:
    return "".join(character for character in cell if character.isalpha())


def _rows(path: Path, tab: str) -> list[list[Cell]]:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        from openpyxl import load_workbook

        book = load_workbook(path, read_only=True, data_only=True)
        if tab not in book.sheetnames:
            raise ValueError(
                f"the file '{path.name}' has no sheet '{tab}'; it has {', '.join(book.sheetnames)}"
            )
        rows = [list(row) for row in book[tab].iter_rows(values_only=True)]
        book.close()
        return rows
    if path.suffix.lower() in (".csv", ".txt", ".tab", ".dat"):
        try:
            text, _ = decode(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"the file '{path.name}' {error}") from error
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
    """Number of a column, from 0.

    >>> column_of("A"), column_of("aa")
    (0, 26)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def value_at(rows: Sequence[Sequence[Cell]], row: int, column: int) -> float:
    """The number of a cell; nan where it is empty or none.

    Parameters
    ----------
    rows : of a sheet, each as long as it is
    row, column : from 0
    """
    if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
        return math.nan
    cell = rows[row][column]
    if not isinstance(cell, str | float | int):
        return math.nan
    try:
        return float(cell)
    except ValueError:
        return math.nan


def series_at(rows: Sequence[Sequence[Cell]], line: str, cell: str, shift: int) -> Series:
    """x and y of a series: x in the row or column `line`, y from `cell` on, `shift` lines further.

    Parameters
    ----------
    rows : of a sheet
    line : number of a row, from 1, or letters of a column
    cell : the first y, such as "B2"
    shift : rows or columns further, from 0: the place of an element in its range
    """
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
