"""How the model answers each item of the reporting standards: by itself, by its author, or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Literal

from iskdyn.errors import Problem, StudyError
from iskdyn.reports.answers import Answer, answers
from iskdyn.reports.document import Document
from iskdyn.study.tables import Column, read_table

if TYPE_CHECKING:
    from iskdyn.study import Study

FILE = "reports/compliance.csv"
"""The author's answers, beside the study's other files."""
Status = Literal["auto", "manual", "not applicable", "missing"]
_COLUMNS = (
    Column("standard"),
    Column("item"),
    Column("status", choices=("manual", "not applicable")),
    Column("answer"),
)


@dataclass(frozen=True)
class Item:
    """One thing that a standard asks for, in our words.

    Attributes
    ----------
    from_memory : its wording was not at hand when the item was written down
    auto : key of the answer that the document gives by itself; empty where only the author can
    """

    standard: str
    item: str
    asks: str
    from_memory: bool
    auto: str


@dataclass(frozen=True)
class Row:
    """An item and its answer; `anchor` is a place in the document, or empty."""

    item: Item
    status: Status
    answer: str
    anchor: str = ""


def read_items() -> tuple[Item, ...]:
    """Every item of every standard, in order."""
    text = (resources.files("iskdyn.reports") / "templates" / "reporting_items.csv").read_text("utf-8")
    return tuple(
        Item(row["standard"], row["item"], row["asks"], row["wording"] == "memory", row["auto"])
        for row in csv.DictReader(text.splitlines())
    )


def compliance(document: Document) -> tuple[Row, ...]:
    """A row for each item; the author's answer goes before the document's own.

    Raises
    ------
    StudyError : the author's answers cannot be read, or name an item that no standard has
    """
    given, found = read_answers(document.study), answers(document)
    return tuple(
        _row(item, given.get((item.standard, item.item)), found.get(item.auto)) for item in read_items()
    )


def missing(rows: Iterable[Row]) -> list[Problem]:
    """A problem for each item without an answer."""
    return [
        Problem(f"{FILE}:{row.item.standard} {row.item.item}", f"has no answer: {row.item.asks}")
        for row in rows
        if row.status == "missing"
    ]


def _row(item: Item, given: Mapping[str, str] | None, found: Answer | None) -> Row:
    if given is not None:
        status: Status = "manual" if given["status"] == "manual" else "not applicable"
        return Row(item, status, given["answer"])
    if found is not None:
        return Row(item, "auto", found.text, found.anchor)
    return Row(item, "missing", "")


def read_answers(study: Study) -> dict[tuple[str, str], Mapping[str, str]]:
    """The author's answers by standard and item; none where there is no such file.

    Raises
    ------
    StudyError : the file is wrong, with every problem
    """
    problems: list[Problem] = []
    path = study.root / FILE
    if not path.is_file():
        return {}
    table = read_table(path, FILE, _COLUMNS, problems, key=("standard", "item"))
    known = {(one.standard, one.item) for one in read_items()}
    rows = {(str(row["standard"]), str(row["item"])): row for row in table.to_dict("records")}
    problems += [
        Problem(f"{FILE}:{row['line']}:item", f"no standard has an item '{' '.join(key)}'")
        for key, row in rows.items()
        if key not in known
    ]
    if problems:
        raise StudyError(problems)
    return {key: {str(name): str(cell) for name, cell in row.items()} for key, row in rows.items()}
