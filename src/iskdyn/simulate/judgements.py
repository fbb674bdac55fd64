"""Who is right where two engines differ: a table of lines, each with its reason."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from iskdyn.errors import InputError, Problem

FILE = "judgements.csv"
"""Name of the table in a folder of models."""
COLUMNS = ("model", "right", "wrong", "why")
PARTIES = ("ours", "pysd", "pysimlin", "published")


@dataclass(frozen=True)
class Judgement:
    """One line: of a model (its path in the folder), which parties are right, which wrong, and why."""

    model: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    why: str
    line: int

    def settles(self, model: str, first: str, second: str) -> bool:
        """Whether it says who of two parties is right.

        Parameters
        ----------
        model : its path under the folder that is compared
        first, second : engines, or the published output; the order does not matter
        """
        pairs = {(first, second), (second, first)}
        return self.model == model and any((r, w) in pairs for r in self.right for w in self.wrong)


def read_judgements(path: Path) -> list[Judgement]:
    """The lines of a table.

    Raises
    ------
    InputError : no such file, other columns, an unknown party or a line without a reason, all at once.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise InputError(Problem(f"{path}:1", f"expected the columns {', '.join(COLUMNS)}"))
    found, problems = [], []
    for row in rows:
        right, wrong = (tuple((row[side] or "").split()) for side in ("right", "wrong"))
        unknown = [party for party in (*right, *wrong) if party not in PARTIES]
        place = f"{path}:{rows.line_num}"
        if unknown or not right or not wrong or set(right) & set(wrong):
            message = f"'right' and 'wrong' each name some of {', '.join(PARTIES)}, none of them twice"
            problems.append(Problem(place, message))
        if not (row["why"] or "").strip():
            problems.append(Problem(place, "'why' is empty; say by which manual, output or calculation"))
        found.append(Judgement(row["model"], right, wrong, row["why"] or "", rows.line_num))
    if problems:
        raise InputError(problems)
    return found
