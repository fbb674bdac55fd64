"""What a reader sees of a built page: words in and out of folds, sentences, and where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

_VOID = {"meta", "br", "img", "input", "link", "hr", "wbr"}
_NOT_SEEN = {"style", "script", "title"}
_BLOCKS = {
    "p", "li", "td", "th", "dt", "dd", "figcaption", "h1", "h2", "h3", "h4", "summary", "button", "small", "text",
    "label", "div", "section", "tr", "svg",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """A run of text.

    Attributes
    ----------
    tags : the tags it stands in, outermost first
    section : id of the section it stands in, "" outside of all
    folded : whether it is out of sight until a fold is opened
    """

    text: str
    tags: tuple[str, ...]
    section: str
    folded: bool


class Surface(HTMLParser):
    """A page taken apart: `Surface(html).runs`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.runs: list[Words] = []
        self.blocks: list[Words] = []
        self._stack: list[str] = []
        self._section = ""
        self._open: list[str] = []
        self.feed(html)
        self._close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._close()
        if tag == "section":
            self._section = dict(attrs).get("id") or ""
        if tag not in _VOID:
            self._stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._close()
        while self._stack and self._stack.pop() != tag:
            pass
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if not _NOT_SEEN & set(self._stack):
            self._open.append(data)
            if data.strip():
                self.runs.append(self._words(data))

    def _words(self, text: str) -> Words:
        folds = self._stack.count("details") - ("summary" in self._stack)
        return Words(" ".join(text.split()), tuple(self._stack), self._section, folds > 0)

    def _close(self) -> None:
        if (text := " ".join("".join(self._open).split())) and self._stack:
            self.blocks.append(self._words(text))
        self._open = []

    def count(self, *, folded: bool) -> int:
        """Words outside folds; with folded, all."""
        return sum(len(one.text.split()) for one in self.runs if folded or not one.folded)


def sentences(blocks: list[Words]) -> list[str]:
    """The sentences of prose: what stands in paragraphs, lists, captions and explanations, tables left out."""
    prose = {"p", "li", "dd", "figcaption", "small"}
    told = [one.text for one in blocks if prose & set(one.tags) and not {"table", "svg"} & set(one.tags)]
    ends = re.compile(r"(?<=[.?!])\s+(?=[A-Z“])")
    return [one for text in told for one in ends.split(text) if len(one.split()) > 2]
