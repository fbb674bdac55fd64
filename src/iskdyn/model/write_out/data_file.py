"""Series given for a model's data variables: a table with a column a variable, or Vensim's .dat."""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iskdyn.errors import InputError, ModelWarning, Problem
from iskdyn.model.names import name_key
from iskdyn.model.program import Variable
from iskdyn.model.reading.text import decode
from iskdyn.model.write_out.beside import MAX_BYTES, Series
from iskdyn.regular import read_regular

SUFFIXES = (".csv", ".tab", ".txt", ".dat")
NO_VALUE = frozenset({"", "na", "n/a", "nan", ":na:", "#n/a"})
"""What stands in a cell without a value."""
SHOWN = 20
"""Problems of one file that are told: what fits on a screen; the rest are counted."""
Point = tuple[int, str, str]
"""Line, time and value, as written."""


@dataclass(frozen=True)
class DataFile:
    """The series of one file.

    Attributes
    ----------
    name : of the file
    series : key -> (times, values), times rising
    spelled : key -> name as written
    is_table : whether each column was meant for the model; a .dat holds all of a run
    """

    name: str
    series: dict[str, Series]
    spelled: dict[str, str]
    is_table: bool


def read_data(path: Path) -> DataFile:
    """The series of a file: times in its first column or row (.csv, .tab, .txt), or Vensim's .dat.

    Raises
    ------
    InputError : no such file, no series in it, or cells that are no numbers, each with its line.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        message = f"expected a table of series ({', '.join(SUFFIXES)}), got {path.name!r}; save it as .csv"
        raise InputError(Problem(str(path), message))
    reader = _Reader(str(path))
    text = reader.text(path)
    columns = reader.dat(text) if suffix == ".dat" else reader.table(text, suffix)
    spelled: dict[str, str] = {}
    series: dict[str, Series] = {}
    for name, points in columns:
        key = name_key(name)
        if not key:
            reader.tell(1, "a column has numbers and no name")
        if key in spelled:
            reader.tell(points[0][0] if points else 0, f"{name!r} stands twice; keep one")
        spelled[key] = name
        if found := reader.series(name, points):
            series[key] = found
    if not series and not reader.problems:
        reader.tell(0, "expected a column of times and a column a variable; found no numbers")
    reader.fail()
    return DataFile(path.name, series, spelled, suffix != ".dat")


class _Reader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.problems: dict[Problem, None] = {}

    def tell(self, line: int, message: str) -> None:
        """One more problem; line 0 is the whole file."""
        self.problems[Problem(f"{self.place}:{line}" if line else self.place, message)] = None

    def fail(self) -> None:
        """InputError with all problems, if there are any."""
        problems = list(self.problems)
        if len(problems) > SHOWN:
            rest = Problem(self.place, f"and {len(problems) - SHOWN} more problems")
            problems = [*problems[:SHOWN], rest]
        if problems:
            raise InputError(problems)

    def text(self, path: Path) -> str:
        """The file's text."""
        try:
            text, _ = decode(read_regular(path, MAX_BYTES))
        except OSError as error:
            self.tell(0, f"cannot be read: {error.strerror}")
            text = ""
        except ValueError as error:
            self.tell(0, str(error))
            text = ""
        if "\0" in text:
            self.tell(0, "is not text; save it as .csv")
        self.fail()
        return text

    # -- tables

    def table(self, text: str, suffix: str) -> Iterator[tuple[str, list[Point]]]:
        """Name and points of each column; times may stand along the first row instead."""
        first = text.split("\n", 1)[0]
        delimiter = "\t" if suffix == ".tab" or "\t" in first else ","
        rows = self._rows(text, delimiter)
        if rows and len(rows[0][1]) < 2:
            way_on = "; it has ';' between, write ',' and decimal points" if ";" in first else ""
            self.tell(
                0, f"expected a column of times and a column a variable; the first line has one cell{way_on}"
            )
        elif rows and all(_is_number(word) for word in rows[0][1]):
            self.tell(rows[0][0], "expected names in the first line, a time and a name a column; got numbers")
        self.fail()
        return _columns(rows)

    def _rows(self, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
        """Line and cells of each row that is not blank; trailing empty cells are left away."""
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        rows: list[tuple[int, list[str]]] = []
        try:
            for cells in reader:
                while cells and not cells[-1].strip():
                    cells.pop()
                if cells:
                    rows.append((reader.line_num, [cell.strip() for cell in cells]))
                if rows and 1 < len(rows[0][1]) < len(cells):
                    much = f"{len(cells)} cells, the first line {len(rows[0][1])}"
                    self.tell(reader.line_num, f"has {much}; a decimal comma or a name is missing")
        except csv.Error as error:
            self.tell(reader.line_num, f"is no table: {error}")
        return rows

    # -- Vensim's .dat

    def dat(self, text: str) -> Iterator[tuple[str, list[Point]]]:
        """Name and points of each series: a name on a line, then lines of time and value."""
        name, points = "", list[Point]()
        for line, written in enumerate(text.split("\n"), start=1):
            words = [word.strip() for word in (written.split("\t") if "\t" in written else written.split())]
            numbers = len(words) >= 2 and _is_number(words[0]) and ("\t" in written or _is_number(words[1]))
            if numbers and not name:
                self.tell(line, "has a time and a value before any name")
            elif numbers:
                points.append((line, words[0], words[1]))
            elif written.strip():
                if points:
                    yield name, points
                name, points = written.strip(), []
        if points:
            yield name, points

    # -- series

    def series(self, name: str, points: Iterable[Point]) -> Series | None:
        """Times and values, times rising; None where there is no value."""
        lines: dict[float, int] = {}
        values: dict[float, float] = {}
        for line, time, value in points:
            if value.lower() in NO_VALUE:
                continue
            if not _is_number(time):
                self.tell(line, f"the time is {time[:20]!r}, expected a number")
            elif not _is_number(value):
                self.tell(line, f"{name!r} is {value[:20]!r}, expected a number or nothing")
            elif (at := float(time)) in values:
                self.tell(line, f"the time {at:g} of {name!r} stands in line {lines[at]} too; keep one")
            else:
                lines[at], values[at] = line, float(value)
        times = sorted(values)
        return (tuple(times), tuple(values[at] for at in times)) if times else None


def tell_of_data(data: DataFile, taken: Collection[str], variables: Mapping[str, Variable]) -> None:
    """ModelWarning for each series that changes nothing, and for each that does not cover the run.

    Parameters
    ----------
    taken : keys of the series that stand for a variable without an equation
    variables : of the model, by key
    """
    if not taken:
        _note(data, "none of its series is used; the model has no data variable that takes one")
        return
    start, end = (variables[key].value for key in ("initial_time", "final_time"))
    for key, name in data.spelled.items():
        if key in taken:
            first, *_, last = data.series[key][0] * 2
            if first > start or last < end:
                held = f"{name!r} has times {first:g} to {last:g}, the run {start:g} to {end:g}"
                _note(data, f"{held}; beyond its ends its first and last value are held")
        elif data.is_table and key in variables:
            _note(data, f"{name!r} has an equation, which is kept; to replace it, give it as --series")
        elif data.is_table:
            _note(data, f"{name!r} is not in the model; its series is not used")


def _note(data: DataFile, message: str) -> None:
    warnings.warn(f"{data.name}: {message}", ModelWarning, stacklevel=4)


def _columns(rows: Sequence[tuple[int, list[str]]]) -> Iterator[tuple[str, list[Point]]]:
    """Name and points of each variable, from columns or from rows."""
    if not rows:
        return
    _, head = rows[0]
    if len(head) > 2 and all(_is_number(word) for word in head[1:] if word):  # times along the first row
        for line, cells in rows[1:]:
            if cells[0]:
                yield (
                    cells[0],
                    [(line, time, value) for time, value in zip(head[1:], cells[1:], strict=False)],
                )
        return
    for place, name in enumerate(head[1:], start=1):
        if name or any(place < len(cells) and cells[place] for _, cells in rows[1:]):
            yield name, [(line, cells[0], cells[place]) for line, cells in rows[1:] if place < len(cells)]


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False
