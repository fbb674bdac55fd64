"""Each construct means what its manual says, or is refused: the table of meanings in every engine."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from table import Row, read_rows

from iskdyn.errors import IskdynError, ModelWarning
from iskdyn.model import Program
from iskdyn.model.expression import STATEFUL
from iskdyn.model.functions import FUNCTIONS
from iskdyn.simulate import simulate, to_javascript
from iskdyn.simulate.node import node_command, run_in_node

ROWS = read_rows()
ENGINES = ("numpy", pytest.param("ensemble", marks=pytest.mark.slow))
Read = Callable[[Path], Program]
CLOSE = 1e-9
"""Beyond what the last bits of a few operations can do."""


def parameters(rows: list[Row]) -> list[object]:
    """Rows as parameters; what awaits something must fail, so that the word goes when it is mended."""
    return [
        pytest.param(
            row,
            id=f"{row.dialect}-{row.function}-{row.y}",
            marks=[pytest.mark.xfail(reason=row.awaits, strict=True)] if row.awaits else [],
        )
        for row in rows
    ]


def outcome(row: Row, read: Read, folder: Path, engine: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Times and values of what the row looks at, and the notes that the run gave."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ModelWarning)
        program = read(row.write(folder))
        if engine == "javascript":
            times, values = run_in_node(
                to_javascript(program, [], [row.variable], method=row.method),  # type: ignore[arg-type]
                np.zeros((1, 0)),
                1,
            )
            return times, values[0, 0], [str(one.message) for one in caught]
        data = simulate(program, outputs=[row.variable], method=row.method, engine=engine)  # type: ignore[arg-type]
    return data["time"].values, data[row.variable].values, [str(one.message) for one in caught]


def judge(row: Row, read: Read, folder: Path, engine: str) -> None:
    """Fail unless the row's construct is right, or refused where that is as good."""
    if row.refused:
        with pytest.raises(IskdynError, match=row.refused):
            outcome(row, read, folder, engine)
        return
    try:
        times, values, notes = outcome(row, read, folder, engine)
    except IskdynError:
        if row.may_refuse:
            return
        raise
    for time, value in row.equals:
        at = int(np.argmin(np.abs(times - time)))
        assert times[at] == pytest.approx(time, abs=1e-6), f"no row at {time}"
        assert values[at] == pytest.approx(value, rel=CLOSE, abs=CLOSE), f"{row.rule} At {time}"
    if row.within is not None:
        low, high = row.within
        assert ((values >= low) & (values <= high)).all()
        assert len(np.unique(values)) > 1
    if row.rows is not None:
        assert len(times) == row.rows
        assert times[-1] == row.clock[1]
    assert bool(row.told) == bool(notes), notes
    assert not row.told or re.search(re.escape(row.told), notes[0])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("row", parameters(ROWS))
def test_a_construct_is_right_or_refused(row: Row, engine: str, read: Read, tmp_path: Path) -> None:
    judge(row, read, tmp_path, engine)


IN_TIME = [row for row in ROWS if row.function in STATEFUL or "pulse" in row.function]
"""What depends on more than the values of one moment."""
LONG = 5000
"""Rows of a run that are no use in text."""


@pytest.mark.slow
@pytest.mark.skipif(node_command() is None, reason="node is not installed")
@pytest.mark.parametrize("row", parameters([row for row in ROWS if (row.rows or 0) < LONG]))
def test_a_construct_is_right_or_refused_in_javascript(row: Row, read: Read, tmp_path: Path) -> None:
    judge(row, read, tmp_path, "javascript")


def test_every_function_of_the_language_has_a_row() -> None:
    assert {*FUNCTIONS, *STATEFUL, "lookup"} - {row.function for row in ROWS} == set()


def test_every_row_says_its_rule_and_where_it_stands() -> None:
    assert all(row.rule and row.source.startswith("https://") for row in ROWS)
    assert all(row.equals or row.within or row.refused for row in ROWS)
