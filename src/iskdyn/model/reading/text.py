"""A model file's text, and where each character of it stands."""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

MAX_BYTES = 20_000_000
"""Beyond this a file is no model: the largest public one has 6 MB."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w-]+)["']""")


class ReadError(Exception):
    """Something in the text that cannot be read: a message, and the offset at which it stands."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


@dataclass(frozen=True)
class Text:
    """A text whose offsets can be told as line and column, both from 1.

    Attributes
    ----------
    name : the file's, for messages
    text : line ends are '\\n'
    pieces : for a text taken out of a file, (offset in it, offset in the file) of each unbroken piece
    """

    name: str
    text: str
    whole: Text | None = None
    pieces: tuple[tuple[int, int], ...] = field(default=(), repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line_column(self, at: int) -> tuple[int, int]:
        """Line and column of an offset."""
        if self.whole is not None:
            piece = max(bisect_right(self.pieces, (at, len(self.whole.text))) - 1, 0)
            start, there = self.pieces[piece]
            return self.whole.line_column(there + at - start)
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    def place(self, at: int) -> str:
        """'file.mdl:12:5' of an offset."""
        line, column = self.line_column(at)
        return f"{self.name}:{line}:{column}"


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file and how it was encoded; no byte is dropped.

    UTF-8 where it is that, else what an XML file declares, else Windows-1252 (Vensim's and Stella's on Windows),
    whose five undefined bytes are taken as Latin-1.

    Errors
    ------
    ValueError : the first bytes say UTF-16, and it is not that.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _lines(_marked(data[len(mark) :], encoding)), encoding
    declared = _DECLARED.search(data[:200])
    for encoding in ("utf-8", *([declared[1].decode()] if declared else ()), "cp1252", "latin-1"):
        try:
            return _lines(data.decode(encoding)), codecs.lookup(encoding).name
        except (UnicodeError, LookupError):
            continue
    raise AssertionError("Latin-1 has a character for every byte")


def _marked(data: bytes, encoding: str) -> str:
    """UTF-8 keeps each byte that is none as a half character; UTF-16 has no way to."""
    try:
        return data.decode(encoding, errors="surrogateescape" if encoding == "utf-8" else "strict")
    except UnicodeDecodeError as error:
        where = f"the characters at byte {error.start + 2:,} cannot be read"
        raise ValueError(f"begins as {encoding.upper()}, but {where}; save it as UTF-8") from error


def _lines(text: str) -> str:
    """One kind of line end, and one of the two ways to write an accent, so that one name is one."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
