"""What a table of a TOML file must hold: every key that is missing, unknown or of a wrong kind at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iskdyn.errors import Problem
from iskdyn.model.names import suggest
from iskdyn.study.months import EXPECTED, month_number
from iskdyn.study.settings import toml_place


@dataclass(frozen=True)
class Kind:
    """What a value may be: in words, and whether it is that."""

    words: str
    fits: Callable[[Any], bool]
    required: bool = False

    @property
    def needed(self) -> Kind:
        """The same, and it may not be missing."""
        return Kind(self.words, self.fits, True)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _lists(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(holds, value))


def _tables(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(holds, value.values()))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_month(value: Any) -> bool:
    return isinstance(value, str) and month_number(value) is not None


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


TEXT = Kind("a text", _is_text)
TEXTS = Kind("a list of texts", _lists(_is_text))
NAMED_TEXTS = Kind("a table of texts", _tables(_is_text))
NAMED_NUMBERS = Kind("a table of numbers", _tables(_is_number))
DIGITS = Kind("a whole number from 0 to 9", lambda value: type(value) is int and 0 <= value <= 9)
WINDOW = Kind(f"two times {EXPECTED}", lambda value: _lists(_is_month)(value) and len(value) == 2)
PAIR = Kind("two texts", lambda value: _lists(_is_text)(value) and len(value) == 2)
TABLE = Kind("a table", _is_table)
TABLES = Kind("a list of tables", _lists(_is_table))
NAMED_TABLES = Kind("a table of tables", _tables(_is_table))


def one_of(*choices: str) -> Kind:
    """A text among these."""
    return Kind(f"one of {', '.join(choices)}", lambda value: isinstance(value, str) and value in choices)


def misfits(
    found: Mapping[str, Any], kinds: Mapping[str, Kind], where: str, text: str, shown: str
) -> Iterator[Problem]:
    """A problem for each key of a table that is missing, not known, or of a wrong kind.

    Parameters
    ----------
    where : the table's heading, for messages
    text, shown : the file's text, and how messages name it
    """
    heading = f"[{where}] " if where else ""
    for key, kind in kinds.items():
        if kind.required and key not in found:
            yield Problem(shown, f"{heading}the key '{key}' is missing")
    for key, value in found.items():
        place = toml_place(text, shown, key)
        if key not in kinds:
            yield Problem(place, f"{heading}the key '{key}' is not known{suggest(key, kinds)}")
        elif not kinds[key].fits(value):
            yield Problem(place, f"{heading}expected {kinds[key].words}, got {str(value)[:60]!r}")
