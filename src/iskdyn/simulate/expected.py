"""Expected outputs that stand beside a model: tables of numbers, with the precision they are printed in."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from iskdyn.arrays import Array
from iskdyn.model.reading.text import decode
from iskdyn.simulate.engines import match_key

_NUMBER = re.compile(r"^[+-]?(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$")


@dataclass(frozen=True)
class Expected:
    """A table: times, and per variable (by key) its values; of both the worth of the last printed digit."""

    path: Path
    times: Array
    time_digits: Array
    values: dict[str, tuple[Array, Array]]


def expected_beside(model: Path) -> list[Expected]:
    """The tables that go with a model: those of its own tool first."""
    files = sorted(p for p in model.parent.glob("output*") if p.suffix.lower() in (".csv", ".tab", ".txt"))
    if model.suffix.lower() != ".mdl":
        files = [p for p in files if "vensim" not in p.name.lower()]
        files.sort(key=lambda p: "stella" not in p.name.lower())
    else:
        files = [p for p in files if "stella" not in p.name.lower()]
    return [read_expected(path) for path in files]


def read_expected(path: Path) -> Expected:
    """A table with time in the first column."""
    text = decode(path.read_bytes())[0].replace("\r\n", "\n").replace("\r", "\n")
    rows = list(csv.reader(text.splitlines(), delimiter="," if path.suffix.lower() == ".csv" else "\t"))
    names, body = rows[0], [row for row in rows[1:] if row and _number(row[0]) is not None]
    times = np.array([_number(row[0]) for row in body], dtype=float)
    values = {}
    for column, name in enumerate(names[1:], start=1):
        cells = [row[column].strip() if column < len(row) else "" for row in body]
        numbers = np.array(
            [np.nan if _number(cell) is None else _number(cell) for cell in cells], dtype=float
        )
        if name.strip() and np.isfinite(numbers).any():
            values[match_key(name)] = (numbers, np.array([_last_digit(cell) for cell in cells]))
    return Expected(path, times, np.array([_last_digit(row[0].strip()) for row in body]), values)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _last_digit(cell: str) -> float:
    """The worth of one unit in the last printed place."""
    found = _NUMBER.match(cell)
    if not found or not cell:
        return 0.0
    decimals, exponent = len(found.group(2)), int(found.group(3) or 0)
    return float(10.0 ** (exponent - decimals)) if decimals or found.group(3) else 0.0
