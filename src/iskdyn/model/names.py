"""Names of variables: the modeller's spelling outside, one key inside."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

_SPACES = re.compile(r"[\s_\u00a0]+")
_NOT_IDENTIFIER = re.compile(r"\W")


# Every name of a large model, in all its spellings: names are looked up far more often than there are any.
@lru_cache(maxsize=100_000)
def name_key(name: str) -> str:
    """The form under which two spellings of one name are equal.

    Case, spaces, underscores and the two ways of Unicode to write an accent do not count.

    >>> name_key("Net  Birth_rate ")
    'net_birth_rate'
    >>> name_key("Population[ North, young ]")
    'population[north,young]'
    """
    text = unicodedata.normalize("NFC", name.strip())
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    if not quoted and text.endswith("]") and "[" in text:
        base, _, elements = text[:-1].partition("[")
        return f"{name_key(base)}[{','.join(name_key(element) for element in elements.split(','))}]"
    if quoted:
        text = text[1:-1]
    elif '"' in text:
        text = ".".join(part.strip('"') for part in text.split("."))
    return _SPACES.sub("_", text.strip().lower())


def identifier(key: str, taken: set[str]) -> str:
    """A legal and unused identifier for Python and JavaScript; added to `taken`."""
    base = _NOT_IDENTIFIER.sub("_", key)
    base = base.encode("ascii", "replace").decode().replace("?", "_")
    if not base or base[0].isdigit() or keyword.iskeyword(base):
        base = f"v_{base}"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name


def suggest(name: str, known: Iterable[str]) -> str:
    """'; did you mean ...?' with the closest known names, or an empty string."""
    spelling = {name_key(other): other for other in known}
    # the library's own: a slip of a letter or two in a word passes, another word does not
    close = get_close_matches(name_key(name), spelling, n=3, cutoff=0.6)
    return f"; did you mean {', '.join(repr(spelling[key]) for key in close)}?" if close else ""
