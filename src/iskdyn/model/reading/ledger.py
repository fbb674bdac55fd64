"""The account of a model file: everything that stands in it, and what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["used", "kept", "approximated", "refused"]
"""used: acts on the numbers here; kept: cannot act on numbers; approximated: acts, not exactly as in its author's
tool; refused: would act and is not run, so that there are no numbers."""


@dataclass(frozen=True)
class Row:
    """One thing in the file.

    Attributes
    ----------
    line, column : of its first occurrence, from 1
    what : 'equation People', 'settings line 15', 'tag doc'
    words : why it is kept, how it is approximated, what to do where it is refused
    count : how often it stands there
    """

    line: int
    column: int
    what: str
    verdict: Verdict
    words: str = ""
    count: int = 1


Ledger = tuple[Row, ...]


class Account:
    """Collects rows; the same thing met again is counted."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], Row] = {}

    def add(self, place: tuple[int, int], what: str, verdict: Verdict, words: str = "") -> None:
        """Note one thing at (line, column).

        Parameters
        ----------
        place : line and column, from 1
        what : the construct, as a modeller knows it
        verdict : "used", "kept", "approximated" or "refused"
        words : why, or what that means for the numbers
        """
        key = (what, verdict, words)
        known = self._rows.get(key)
        first = known or Row(*place, what, verdict, words, 0)
        self._rows[key] = Row(first.line, first.column, what, verdict, words, first.count + 1)

    def ledger(self) -> Ledger:
        """All rows by their place in the file."""
        return tuple(sorted(self._rows.values(), key=lambda row: (row.line, row.column, row.what)))
