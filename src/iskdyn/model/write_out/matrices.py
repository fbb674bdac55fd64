"""INVERT MATRIX of Vensim, written out by minors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iskdyn.model.expression import Expression, Number
from iskdyn.model.names import name_key
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name
from iskdyn.model.write_out.functions import balanced, call
from iskdyn.model.write_out.scope import Here
from iskdyn.model.write_out.sorting import named

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

MOST = 5
"""Rows of a matrix: each of its cells is written out with all its minors."""


def invert(writer: Writer, node: Apply, here: Here) -> Expression:
    """INVERT MATRIX(matrix[..., row, column], size): the present cell of the inverse over the last two subscripts."""
    matrix = node.arguments[0] if len(node.arguments) == 2 else None
    if not isinstance(matrix, Name) or len(matrix.subscripts) < 2:
        raise ReadError(node.at, "INVERT MATRIX takes a variable with two subscripts at least, and its size")
    rows, columns = (_range(writer, node, sub) for sub in matrix.subscripts[-2:])
    row_at, column_at = (
        writer.dimensions.bound(key, here.cell.left, int(place == 1 and columns[0] == rows[0]))
        for place, (key, _) in enumerate((rows, columns))
    )
    n = len(rows[1])
    if row_at is None or column_at is None or n != len(columns[1]):
        raise ReadError(node.at, "INVERT MATRIX: the last two ranges must be on the left too, and be as long")
    if n > MOST:
        raise ReadError(node.at, f"INVERT MATRIX of {n} rows; at most {MOST} can be written out")
    cells = [
        [named(writer, writer.expression(_cell(matrix, row, column), here), here) for column in columns[1]]
        for row in rows[1]
    ]
    minors = _Minors(writer, here, cells)
    i, j = rows[1].index(row_at), columns[1].index(column_at)
    everything = tuple(range(n))
    whole = minors.of(everything, everything)
    own = minors.of(_without(everything, j), _without(everything, i))
    return call("/", call("negative", own) if (i + j) % 2 else own, whole)


def _range(writer: Writer, node: Apply, sub: object) -> tuple[str, tuple[str, ...]]:
    key = name_key(sub.text) if isinstance(sub, Name) else ""
    if key not in writer.dimensions.elements:
        raise ReadError(node.at, "INVERT MATRIX: the last two subscripts must be ranges")
    return key, writer.dimensions.elements[key]


def _cell(matrix: Name, row: str, column: str) -> Name:
    ends = (Name(row, matrix.at), Name(column, matrix.at))
    return Name(matrix.text, matrix.at, (*matrix.subscripts[:-2], *ends))


def _without(places: tuple[int, ...], left_out: int) -> tuple[int, ...]:
    return tuple(place for place in places if place != left_out)


class _Minors:
    """Determinants of parts of a matrix; each is written out once."""

    def __init__(self, writer: Writer, here: Here, cells: list[list[Expression]]) -> None:
        self.writer, self.here, self.cells = writer, here, cells
        self.known: dict[tuple[tuple[int, ...], tuple[int, ...]], Expression] = {}

    def of(self, rows: tuple[int, ...], columns: tuple[int, ...]) -> Expression:
        """The determinant of some rows and columns, by its first row."""
        if not rows:
            return Number(1.0)
        if (rows, columns) not in self.known:
            terms = [self._term(rows, columns, place) for place in range(len(columns))]
            self.known[rows, columns] = named(self.writer, balanced("+", terms), self.here)
        return self.known[rows, columns]

    def _term(self, rows: tuple[int, ...], columns: tuple[int, ...], place: int) -> Expression:
        rest = self.of(rows[1:], _without(columns, columns[place]))
        term = call("*", self.cells[rows[0]][columns[place]], rest)
        return call("negative", term) if place % 2 else term
