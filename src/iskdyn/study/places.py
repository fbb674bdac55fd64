"""The line of each key and list entry of a TOML file, so that a problem deep inside has its true place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from iskdyn.errors import Problem

Path = tuple[str | int, ...]
"""Keys, and places in lists from 0, from the top of the file down."""
_BLANK = " \t\r\n"


def toml_lines(text: str) -> dict[Path, int]:
    """The line, from 1, on which each key, table and list entry of a TOML text first stands.

    The text must be one that `tomllib` reads; of any other the result means nothing.

    >>> toml_lines('a = 1\\n[[b]]\\nc = [2,\\n 3]\\n')[("b", 0, "c", 1)]
    4
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.read()
    return scanner.lines


def place_of(lines: dict[Path, int], path: Path, shown: str) -> str:
    """'file:line:key' of a path, of the nearest thing around it where the path itself is not there."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            keys = [part for part in path[:end] if isinstance(part, str)]
            return f"{shown}:{lines[path[:end]]}:{keys[-1]}"
    return shown


@dataclass
class Page:
    """A file while it is read: its text, its name in messages, and what is wrong with it."""

    text: str
    shown: str
    problems: list[Problem] = field(default_factory=list)

    def say(self, path: Path, message: str) -> None:
        """One more problem, at the line of a path."""
        self.problems.append(Problem(place_of(self._lines, path, self.shown), message))

    @cached_property
    def _lines(self) -> dict[Path, int]:
        return toml_lines(self.text)


@dataclass
class _Scanner:
    text: str
    at: int = 0
    lines: dict[Path, int] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)
    """How many tables each list of tables has so far."""
    line: int = 1
    counted: int = 0
    """Up to where the line ends have been counted."""

    def read(self) -> None:
        table: Path = ()
        while self.skip():
            if self.text.startswith("[[", self.at):
                self.at += 2
                table = self.header(self.key("]"), many=True)
                self.at += 2
            elif self.text[self.at] == "[":
                self.at += 1
                table = self.header(self.key("]"), many=False)
                self.at += 1
            else:
                self.pair(table)

    def header(self, keys: Sequence[str], *, many: bool) -> Path:
        """The table that a heading begins: the last one of each list of tables on the way to it."""
        path: Path = ()
        for i, key in enumerate(keys):
            path = (*path, key)
            self.mark(path)
            if many and i == len(keys) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
                self.mark(path)
        return path

    def pair(self, table: Path) -> None:
        path = table
        for key in self.key("="):
            path = (*path, key)
            self.mark(path)
        self.at += 1
        self.skip()
        self.value(path)

    def key(self, end: str) -> list[str]:
        """The parts of a dotted key, up to what ends it."""
        parts: list[str] = []
        while self.text[self.at] != end:
            if self.text[self.at] in " \t.":
                self.at += 1
            elif self.text[self.at] in "\"'":
                start = self.at
                self.string()
                parts.append(_plain(self.text[start : self.at]))
            else:
                start = self.at
                while self.text[self.at] not in f" \t.{end}":
                    self.at += 1
                parts.append(self.text[start : self.at])
        return parts

    def value(self, path: Path) -> None:
        opened = self.text[self.at]
        if opened in "\"'":
            self.string()
        elif opened in "[{":
            self.at += 1
            i = 0
            while self.skip(",") and self.text[self.at] not in "]}":
                if opened == "{":
                    self.pair(path)
                else:
                    self.mark((*path, i))
                    self.value((*path, i))
                    i += 1
            self.at += 1
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def string(self) -> None:
        mark = self.text[self.at]
        long = self.text.startswith(3 * mark, self.at)
        end = 3 * mark if long else mark
        self.at += len(end)
        while not self.text.startswith(end, self.at):
            self.at += 2 if self.text[self.at] == "\\" and mark == '"' else 1
        self.at += len(end)
        while long and self.at < len(self.text) and self.text[self.at] == mark:
            self.at += 1  # up to two marks more belong to what a long text says

    def skip(self, more: str = "") -> bool:
        """Pass blanks and comments; whether anything follows."""
        while self.at < len(self.text) and self.text[self.at] in f"{_BLANK}{more}#":
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                self.at += 1
        return self.at < len(self.text)

    def mark(self, path: Path) -> None:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        self.lines.setdefault(path, self.line)


def _plain(quoted: str) -> str:
    """The key that a quoted one says."""
    import tomllib

    return str(*tomllib.loads(f"{quoted} = 1"))
