"""The four tables of a study: their columns, and what must hold inside and between them.

The fold of a row of evidence or of an observation says what it may be used for. fit: it is fitted; held: it is
kept out of the fit, and how well it is met is a prediction; seen: it shaped the model or is a bar that the model
had to pass, so that it is fitted, whatever its window, and meeting it is never called a prediction.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from iskdyn.errors import Problem
from iskdyn.model.names import suggest
from iskdyn.study.months import form_of, month_number
from iskdyn.study.readings import OBSERVED
from iskdyn.study.tables import Column

ASSUMPTION = "assumption"

YES_NO = ("yes", "no")

EVIDENCE = (
    Column("id"),
    Column("says"),
    Column("start", "month", required=False),
    Column("end", "month", required=False),
    Column("value", required=False),
    Column("low", "number", required=False),
    Column("high", "number", required=False),
    Column("unit", required=False),
    Column("who"),
    Column("bias", required=False),
    Column("role"),
    Column("core", choices=("0", "1")),
    Column("section"),
    Column("paragraph"),
    Column("fold", choices=("fit", "held", "seen", ""), required=False),
)

DRIVERS = (
    Column("driver"),
    Column("variable"),
    Column("month", "month"),
    Column("value", "number"),
    Column("unit"),
    Column("basis"),
    Column("spread", "number"),
)

OBSERVATIONS = (
    Column("id"),
    Column("evidence", required=False),
    Column("says"),
    Column("output"),
    Column("operation", choices=OBSERVED),
    Column("start", "month"),
    Column("end", "month"),
    Column("base_start", "month", required=False),
    Column("base_end", "month", required=False),
    Column("low", "number", required=False),
    Column("high", "number", required=False),
    Column("unit", required=False),
    Column(
        "form",
        choices=(
            "interval",
            "at_least",
            "at_most",
            "about",
            "order_lower",
            "order_higher",
            "count",
            "series",
        ),
    ),
    Column("scale", choices=("log", "linear", "logit")),
    Column("spread", "number"),
    Column("bias", required=False),
    Column("source"),
    Column("fold", choices=("fit", "held", "seen")),
    Column("headline", choices=YES_NO),
    Column("note", required=False),
    Column("series", required=False, optional=True),
)

PARAMETERS = (
    Column("name"),
    Column("kind", choices=("constant", "bias")),
    Column("unit", required=False),
    Column("lower", "number"),
    Column("upper", "number"),
    Column("prior", choices=("normal", "lognormal", "logitnormal", "uniform", "beta")),
    Column("a", "number", required=False),
    Column("b", "number", required=False),
    Column("free", choices=YES_NO),
    Column("source"),
    Column("note", required=False),
)


@dataclass(frozen=True)
class Record:
    """One row of a table with the way messages name its cells."""

    shown: str
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def problem(self, column: str, message: str) -> Problem:
        """A problem with this row's cell."""
        return Problem(f"{self.shown}:{self['line']}:{column}", message)


def records(frame: pd.DataFrame, shown: str) -> list[Record]:
    """The rows of a table that was read with `read_table`."""
    return [
        Record(shown, {str(name): cell for name, cell in row.items()}) for row in frame.to_dict("records")
    ]


def cited(text: str) -> list[str]:
    """The evidence ids of a cell, apart from the word assumption.

    >>> cited("D06; D09, assumption")
    ['D06', 'D09']
    """
    return [word for word in re.split(r"[;,\s]+", text) if word and word.casefold() != ASSUMPTION]


def check_range(row: Record, lower: str, upper: str, *, strict: bool = False) -> Iterable[Problem]:
    """A problem where the lower number stands above the upper one (or equals it, if strict).

    Parameters
    ----------
    lower, upper : names of the columns
    strict : whether equal numbers are a problem too
    """
    low, high = row[lower], row[upper]
    if low > high:
        yield row.problem(lower, f"{lower} {low:g} is above {upper} {high:g}; swap them")
    elif strict and low == high:
        yield row.problem(lower, f"{lower} and {upper} are both {low:g}; give a range")


def check_window(row: Record, first: str, last: str, horizon: tuple[str, str] | None) -> Iterable[Problem]:
    """Problems of a window of periods: reversed, half given, or outside the horizon (if any).

    Parameters
    ----------
    first, last : names of the columns; blank cells are no window
    horizon : first and last period of the study
    """
    if bool(row[first]) != bool(row[last]):
        yield row.problem(first if row[last] else last, f"give both {first} and {last}, or neither")
        return
    start, end = month_number(row[first]), month_number(row[last])
    if start is None or end is None:
        return
    if start > end:
        yield row.problem(first, f"{first} {row[first]} is after {last} {row[last]}; swap them")
    for column in (first, last) if horizon else ():
        yield from check_month(row, column, horizon)


def check_month(row: Record, column: str, horizon: tuple[str, str] | None) -> Iterable[Problem]:
    """A problem where a good period lies outside the horizon; one of another clock is told where it is read.

    Parameters
    ----------
    column : its name; a cell that is no period is told where the table is read
    horizon : first and last period of the study; None: nothing is checked
    """
    month = row[column]
    form = form_of(month)
    if form is None or horizon is None:
        return
    number, (first, last) = form.number(month), map(form.number, horizon)
    if None not in (number, first, last) and not first <= number <= last:  # type: ignore[operator]
        yield row.problem(column, f"{month} is outside of the study's horizon, {horizon[0]} to {horizon[1]}")


def check_cited(
    row: Record, column: str, evidence: Mapping[str, str] | None, *, held: str | None = None
) -> Iterable[Problem]:
    """Problems of the evidence a cell names: ids unknown, or held out where `held` says what they may not be.

    Parameters
    ----------
    evidence : fold of every evidence id; None where the evidence itself could not be read, and all may be there
    held : what a held-out row must not be, in words; None where it may
    """
    if evidence is None:
        return
    for word in cited(row[column]):
        if word not in evidence:
            yield row.problem(column, f"there is no evidence '{word}'{suggest(word, evidence)}")
        elif held and evidence[word] == "held":
            yield row.problem(column, f"evidence {word} is held out: it must not be {held}")


def check_evidence(rows: Iterable[Record]) -> Iterable[Problem]:
    """What must hold inside the evidence."""
    for row in rows:
        yield from check_range(row, "low", "high")
        if row["start"] and row["end"]:
            yield from check_window(row, "start", "end", None)


def check_drivers(
    rows: Iterable[Record], evidence: Mapping[str, str] | None, horizon: tuple[str, str]
) -> Iterable[Problem]:
    """What must hold inside the drivers: one variable and unit a driver, months inside the horizon.

    Parameters
    ----------
    evidence : fold by id
    horizon : first and last period of the study
    """
    first: dict[str, Record] = {}
    for row in rows:
        if not cited(row["basis"]) and ASSUMPTION not in row["basis"].casefold():
            yield row.problem("basis", f"name evidence ids or the word '{ASSUMPTION}'")
        yield from check_cited(row, "basis", evidence)
        yield from check_month(row, "month", horizon)
        if row["spread"] < 0:
            yield row.problem("spread", f"spread {row['spread']:g} is below 0")
        model = first.setdefault(row["driver"], row)
        for column in ("variable", "unit"):
            if row[column] != model[column]:
                message = f"'{row[column]}' differs from '{model[column]}' in line {model['line']}"
                yield row.problem(column, message)


def check_observations(
    rows: Iterable[Record], evidence: Mapping[str, str] | None, horizon: tuple[str, str], split: str = ""
) -> Iterable[Problem]:
    """What must hold inside the observations; the forms' own demands are checked where they are built.

    A row of which any window opens after the split (a month; '' for none), its base too, must be held out,
    unless it was seen.

    Parameters
    ----------
    evidence : fold by id
    horizon : first and last period of the study
    split : last period that is fitted
    """
    for row in rows:
        opens = max(row["start"], row["base_start"], key=lambda period: month_number(period) or 0)
        if split and row["fold"] == "fit" and (month_number(opens) or 0) > (month_number(split) or 0):
            message = f"a window opens after the split, {split}: {opens}"
            yield row.problem(
                "fold", f"{message}; set the fold to held, or to seen if the model was shaped by it"
            )
        held = None if row["fold"] == "held" else "fitted; set the fold to held"
        yield from check_cited(row, "evidence", evidence, held=held)
        for word in cited(row["evidence"]) if row["fold"] == "held" else ():
            if evidence is not None and evidence.get(word) == "seen":
                message = f"evidence {word} was seen while the model was made: it predicts nothing"
                yield row.problem("fold", f"{message}; set the fold to seen")
        yield from check_range(row, "low", "high")
        yield from check_window(row, "start", "end", horizon)
        yield from check_window(row, "base_start", "base_end", horizon)
        if row["spread"] < 0 or (row["spread"] == 0 and row["form"] != "count"):
            yield row.problem("spread", f"spread {row['spread']:g} is not above 0")
        needs_base = row["operation"] == "ratio" or row["form"].startswith("order_")
        if needs_base and not row["base_start"]:
            yield row.problem(
                "base_start", "this row compares with a base window; give base_start and base_end"
            )


def check_parameters(rows: Iterable[Record], evidence: Mapping[str, str] | None) -> Iterable[Problem]:
    """What must hold inside the parameters: ranges, and priors that lie in them and rest on fitted rows."""
    for row in rows:
        yield from check_range(row, "lower", "upper", strict=True)
        yield from check_cited(row, "source", evidence, held="the basis of a prior or default")
        if row["prior"] == "uniform":
            continue
        missing = [column for column in ("a", "b") if math.isnan(row[column])]
        for column in missing:
            yield row.problem(column, f"a {row['prior']} prior needs a and b")
        inside = not row["lower"] <= row["a"] <= row["upper"]
        if row["prior"] in ("normal", "lognormal", "logitnormal") and not missing and inside:
            expected = f"{row['lower']:g} to {row['upper']:g}"
            yield row.problem("a", f"the prior's centre {row['a']:g} is outside of its range, {expected}")
        if row["b"] <= 0:
            yield row.problem("b", f"{row['b']:g} is not above 0")
