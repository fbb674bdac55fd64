"""An XML text as elements that know their place; nothing outside of the text is ever read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from iskdyn.model.reading.text import ReadError, Text

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROL_REFERENCE = re.compile(r"&#(?:x0*(?:[0-8bcBC]|[eE]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2\d|3[01]));")


@dataclass
class Element:
    """One element: `tag` with its prefix as written, `at` its offset in the file."""

    tag: str
    attributes: dict[str, str]
    at: int
    children: list[Element] = field(default_factory=list)
    chunks: list[tuple[str, int]] = field(default_factory=list)

    def find(self, tag: str) -> Element | None:
        """The first child of a tag."""
        return next(self.all(tag), None)

    def all(self, tag: str) -> Iterator[Element]:
        """The children of a tag."""
        return (child for child in self.children if child.tag == tag)

    @property
    def text(self) -> str:
        """Its own text."""
        return "".join(chunk for chunk, _ in self.chunks)

    def words(self, whole: Text) -> Text:
        """Its own text, whose offsets lead back to the file."""
        pieces, length = [], 0
        for chunk, at in self.chunks:
            pieces.append((length, at))
            length += len(chunk)
        return Text(whole.name, self.text, whole, tuple(pieces) or ((0, self.at),))


def read_xml(text: Text) -> Element:
    """The root of an XML text.

    Old Stella files use a prefix without declaring it and have '--' in comments; both are harmless, so prefixes
    are not resolved and comments are blanked before the parser sees them.

    Raises
    ------
    ReadError : the text is no XML, or declares entities.
    """
    return _Builder(text).root()


class _Builder:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer("\n", text.text))]
        self.top: list[Element] = []
        self.open: list[Element] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = self._entity

    def root(self) -> Element:
        source = _COMMENT.sub(_blank, self.text.text)
        source = _CONTROL_REFERENCE.sub(lambda match: " " * len(match[0]), _CONTROL.sub(" ", source))
        try:
            self.parser.Parse(source, True)
        except expat.ExpatError as error:
            at = self.starts[min(error.lineno, len(self.starts)) - 1] + error.offset
            what = expat.ErrorString(error.code)
            if "mismatched" in what and self.open:
                line = self.text.line_column(self.open[-1].at)[0]
                what = f"<{self.open[-1].tag}> of line {line} is not closed before another tag ends"
            raise ReadError(at, f"not XML: {what}") from None
        return self.top[0]

    def _at(self) -> int:
        return self.starts[self.parser.CurrentLineNumber - 1] + self.parser.CurrentColumnNumber

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes, self._at())
        (self.open[-1].children if self.open else self.top).append(element)
        self.open.append(element)

    def _end(self, tag: str) -> None:
        self.open.pop()

    def _characters(self, data: str) -> None:
        if self.open:
            self.open[-1].chunks.append((data, self._at()))

    def _entity(self, *_: object) -> None:
        raise ReadError(self._at(), "declares an entity, which is not read; write its text out")


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
