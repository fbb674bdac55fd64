"""Vensim's ranges whose elements stand in a file beside the model: GET DIRECT SUBSCRIPT, GET XLS SUBSCRIPT."""

from __future__ import annotations

from collections.abc import Sequence

from iskdyn.model.reading.definitions import Range, Reading, replace
from iskdyn.model.write_out.beside import Beside, Cell, column_of, place_of


def fill(reading: Reading, files: Beside) -> None:
    """Give each such range its elements; what is wrong with a file goes to the reading."""
    for i, one in enumerate(reading.ranges):
        if one.source:
            reading.ranges[i] = replace(one, members=_members(reading, one, files), source=())


def _members(reading: Reading, one: Range, files: Beside) -> tuple[str, ...]:
    file, tab, first, last, prefix = one.source
    try:
        found = _names(files.sheet(file, tab), first, last)
        if not found:
            raise ValueError(f"no names from {first} on")
    except ValueError as error:
        reading.refuse(one.at, f"the range {one.name!r}: GET DIRECT SUBSCRIPT: {error}", one.text)
        return ()
    return tuple(prefix + name for name in found)


def _names(rows: Sequence[Sequence[Cell]], first: str, last: str) -> list[str]:
    """The cells that are not blank from `first` to `last`: a cell, or a whole column ('B') or row ('2')."""
    row, column, _ = place_of(first)
    word = last.strip()
    if word.isdigit():
        end_row, end_column = row, max((len(line) for line in rows), default=0)
    elif word.isalpha():
        end_row, end_column = len(rows) - 1, column_of(word)
    else:
        end_row, end_column, _ = place_of(word)
    cells = [
        str(rows[r][c]).strip()
        for r in range(row, min(end_row + 1, len(rows)))
        for c in range(column, min(end_column + 1, len(rows[r])))
        if rows[r][c] is not None
    ]
    return [cell for cell in cells if cell]
