"""Text from files made harmless where it is shown: no control of a terminal, no formula in a spreadsheet."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_KEPT = "\n\t"
_FORMULA = "=+-@\t\r"
"""First characters by which a spreadsheet takes a cell for a formula (OWASP, CSV injection)."""


def plain_text(text: str) -> str:
    r"""The text with every character that controls a terminal or turns the direction of writing spelled out.

    >>> plain_text("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(one) if _controls(one) else one for one in text)


def plain_cell(cell: object) -> object:
    """A cell of a table for others: a text that a spreadsheet would compute gets an apostrophe before it.

    >>> plain_cell("=1+1"), plain_cell("a=1"), plain_cell(-1.5)
    ("'=1+1", 'a=1', -1.5)
    """
    if not isinstance(cell, str):
        return cell
    text = plain_text(cell)
    return f"'{text}" if text.startswith(tuple(_FORMULA)) else text


def csv_text(table: pd.DataFrame) -> str:
    """The table as comma-separated text without formulas, in its cells and its header."""
    named = table.rename(columns=lambda name: str(plain_cell(str(name))))
    return named.map(plain_cell).to_csv(index=False)


def _controls(character: str) -> bool:
    """Whether it is a control (Cc), a format such as those of direction (Cf), or half a character (Cs)."""
    return character not in _KEPT and unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _spelled(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
