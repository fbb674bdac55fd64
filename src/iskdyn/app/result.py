"""What a verb gives back: a table with units, the text that the command line prints, and both as HTML."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Generic, TypeVar

from iskdyn.errors import Problem
from iskdyn.output import number
from iskdyn.shown import plain_text

if TYPE_CHECKING:
    import pandas as pd

Found = TypeVar("Found", covariant=True)
Key = TypeVar("Key")
Progress = Callable[[int, "int | None", str], None]
"""Called with the steps done, all steps (None where that is not known) and what is being done."""


def silent(done: int, total: int | None, what: str) -> None:
    """Tell nobody how far a verb is."""


def stepwise(progress: Progress, total: int | None) -> Callable[[str], None]:
    """A progress for what only names each step that is done."""
    count = itertools.count(1)
    return lambda what: progress(next(count), total, what)


@dataclass(frozen=True, repr=False)
class Result(Generic[Found]):
    """What a verb found.

    Attributes
    ----------
    found : the same as typed objects, for whoever goes on from here
    table : a row for each thing found. Where rows differ in their unit a column `unit` has it; where columns do,
        `table.attrs["units"]` has it by column
    text : what the command line prints
    json : the same for a machine
    notes : what a reader must know of how it came about, such as which draws stood in for others
    problems : what failed, each with its place
    passed : whether every gate and check of the verb was passed; the command line exits with 1 where not
    """

    found: Found
    table: pd.DataFrame
    text: str
    json: str
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    passed: bool = True

    def to_html(self) -> str:
        """Notes and table as HTML that can be put into any page: no script, all text escaped."""
        units = self.table.attrs.get("units", {})
        headed = {name: f"{name} [{units[name]}]" if units.get(name) else str(name) for name in self.table}
        shown = self.table.map(_cell).rename(
            columns={name: plain_text(text) for name, text in headed.items()}
        )
        said = (*self.notes, *(str(problem) for problem in self.problems))
        told = "".join(f"<p>{escape(plain_text(text))}</p>" for text in said)
        return f'<div class="iskdyn">{told}{shown.to_html(index=False, border=0)}</div>'

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return self.text


def table_of(rows: Iterable[Mapping[Key, object]], units: Mapping[str, str] | None = None) -> pd.DataFrame:
    """A table of records; a record inside a record becomes columns of its own: {"a": {"b": 1}} is "a b".

    >>> list(table_of([{"a": {"b": 1, "c": 2}, "d": 3}], {"d": "people"}))
    ['a b', 'a c', 'd']
    """
    import pandas as pd

    table = pd.DataFrame([_flat(row) for row in rows])
    table.attrs["units"] = dict(units or {})
    return table


def _flat(row: Mapping[Key, object]) -> dict[str, object]:
    """The record with each record in it taken apart, in its order."""
    flat: dict[str, object] = {}
    for name, value in row.items():
        inside = _flat(value) if isinstance(value, Mapping) else {}
        flat |= {f"{name} {part}": cell for part, cell in inside.items()} or {str(name): value}
    return flat


def with_units(table: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """A copy of a table whose columns have these units."""
    table = table.copy()
    table.attrs["units"] = dict(units)
    return table


def as_json(content: object) -> str:
    """Content as text, an entry a line."""
    return json.dumps(content, indent=1)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float):
        return number(value)
    return plain_text(str(value))
