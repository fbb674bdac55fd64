"""Ranges of elements in Vensim: 'age: young, old -> (group: children, adults)', '(a1-a9)', 'A <-> B'."""

from __future__ import annotations

import re

from iskdyn.model.reading.definitions import Range, RangeMap, Reading
from iskdyn.model.reading.text import ReadError

_PART = re.compile(r"""\s*(?:\(([^()]*)\)|("(?:\\.|[^"\\])*"|[\w$'\s]*[\w$']))\s*""")
_NUMBERED = re.compile(r"(.*?)(\d+)\s*-\s*(.*?)(\d+)\s*$", re.DOTALL)
_FROM_FILE = re.compile(r"\s*GET\s+(?:DIRECT|XLS)\s+SUBSCRIPT\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
N_WORDS = 5
"""Arguments of GET DIRECT SUBSCRIPT."""
MAX_NUMBERED = 20_000
"""Elements of one numbered range: more scalars than a model may have."""


def read_range(reading: Reading, name: str, plain: str, start: int, at: int) -> Range:
    """The range whose members stand from `start` on.

    Parameters
    ----------
    reading : to whose text the place belongs
    name : of the range
    plain : the whole equation without comments
    start : place in `plain` at which the members begin
    at : place of the equation in the model's text

    Raises
    ------
    ReadError : no elements, a number range that does not rise, or a mapping that cannot be read
    """
    members_text, *mapped = plain[start:].split("->")
    mappings = tuple(_mapping(*part) for text in mapped for part in _parts(text, at + start))
    if call := _FROM_FILE.fullmatch(members_text):
        return Range(name, at, reading.text, (), mappings, source=_source(name, call[1], at))
    members: list[str] = []
    for listed, word in _parts(members_text, at + start):
        if word:
            members.append(word)
        else:
            members += _numbered(listed, at + start)
    if not members:
        raise ReadError(at, f"the range {name!r} has no elements")
    return Range(name, at, reading.text, tuple(members), mappings)


def _source(name: str, written: str, at: int) -> tuple[str, ...]:
    words = tuple(re.findall(r"'([^']*)'", written))
    if len(words) != N_WORDS:
        raise ReadError(
            at, f"the range {name!r}: GET DIRECT SUBSCRIPT takes file, sheet, first and last cell and prefix"
        )
    return words


def read_alias(reading: Reading, name: str, plain: str, start: int, at: int) -> Range:
    """'A <-> B': two names of one range.

    Parameters
    ----------
    reading : to whose text the place belongs
    name : of the range
    plain : the whole equation without comments
    start : place in `plain` at which the other name begins
    at : place of the equation in the model's text

    Raises
    ------
    ReadError : no other name
    """
    other = " ".join(plain[start:].split())
    if not other:
        raise ReadError(at, f"the range {name!r} is equal to nothing")
    return Range(name, at, reading.text, (), (), alias_of=other)


def _parts(text: str, at: int) -> list[tuple[str, str]]:
    """(what stands in brackets, '') or ('', name) of each part between commas."""
    found, position = [], 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            if not text[position:].strip():
                break
            raise ReadError(at + position, f"unexpected {text[position:].strip()[:20]!r} in a range")
        found.append((match[1] or "", " ".join((match[2] or "").split())))
        position = match.end()
        if text[position : position + 1] not in ("", ","):
            raise ReadError(at + position, f"unexpected {text[position:].strip()[:20]!r} in a range")
        position += 1
    return found


def _mapping(listed: str, word: str) -> RangeMap:
    if word:
        return RangeMap(word)
    target, _, elements = listed.partition(":")
    return RangeMap(
        " ".join(target.split()), tuple(" ".join(e.split()) for e in elements.split(",") if e.strip())
    )


def _numbered(listed: str, at: int) -> list[str]:
    """'a1-a9' as its elements."""
    match = _NUMBERED.match(listed)
    if match is None or match[1].strip() != match[3].strip():
        raise ReadError(at, f"'({listed})' is no numbered range such as (a1-a9)")
    first, last = int(match[2]), int(match[4])
    if not 0 <= last - first < MAX_NUMBERED:
        raise ReadError(at, f"'({listed})' has {last - first + 1:,} elements; at most {MAX_NUMBERED:,}")
    stem = " ".join(match[1].split()) + (" " if match[1][-1:].isspace() else "")
    return [f"{stem}{i}" for i in range(first, last + 1)]
