"""A model as its author wrote it: definitions with subscripts, ranges, macros, settings, all with places."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from iskdyn.errors import Problem
from iskdyn.model.names import name_key
from iskdyn.model.reading.ledger import Account
from iskdyn.model.reading.lexer import Dialect
from iskdyn.model.reading.text import ReadError, Text
from iskdyn.model.reading.tree import Name, Tree

Integration = Literal["euler", "rk2", "rk4", "rk2 auto", "rk4 auto", "difference"]
Limits = tuple[float | None, float | None]


@dataclass(frozen=True)
class Flows:
    """The flows of a stock that may not go below zero, as keys, in the order written."""

    inward: tuple[str, ...]
    outward: tuple[str, ...]


@dataclass(frozen=True)
class Definition:
    """One equation: a left side, perhaps of many elements, and what stands on the right.

    Attributes
    ----------
    name : as spelled; with 'module.' before it inside a module
    scope : the module whose names the right side uses: '' or 'module.'
    subscripts, exceptions : of the left side
    right : None where there is no equation
    mode : how a data variable is read between its points
    nonnegative : the flows of a stock that may not go below zero
    dimensions : XMILE's declaration, where `subscripts` may be elements
    line_at : line and column of the variable, where the equation stands elsewhere
    """

    name: str
    text: Text
    at: int
    right: Tree | None
    subscripts: tuple[Name, ...] = ()
    exceptions: tuple[tuple[Name, ...], ...] = ()
    scope: str = ""
    units: str = ""
    limits: Limits = (None, None)
    documentation: str = ""
    equation: str = ""
    mode: str = ""
    nonnegative: Flows | None = None
    dimensions: tuple[Name, ...] = ()
    line_at: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        """The form under which others refer to it."""
        return name_key(self.name)

    @property
    def line(self) -> int:
        """First line in the file, from 1."""
        return (self.line_at or self.text.line_column(self.at))[0]


@dataclass(frozen=True)
class RangeMap:
    """'-> target', with the target's element (or range) for each element where they are listed."""

    target: str
    listed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Range:
    """A range of elements (a dimension): members are elements or other ranges.

    Attributes
    ----------
    source : file, sheet, first and last cell and prefix, where the elements stand in a file
    """

    name: str
    at: int
    text: Text
    members: tuple[str, ...]
    mappings: tuple[RangeMap, ...] = ()
    alias_of: str = ""
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class Macro:
    """A macro: its name is its first output."""

    name: str
    parameters: tuple[str, ...]
    outputs: tuple[str, ...]
    definitions: tuple[Definition, ...]
    defaults: tuple[Tree | None, ...] = ()


@dataclass
class Reading:
    """What a reader has gathered from one file, its problems too.

    Attributes
    ----------
    data_files : 'tag' -> file, from a Vensim settings line
    inputs : keys of what modules take from outside
    """

    text: Text
    dialect: Dialect
    definitions: list[Definition] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    macros: dict[str, Macro] = field(default_factory=dict)
    method: Integration = "euler"
    synonyms: tuple[tuple[str, ...], ...] = ()
    data_files: dict[str, str] = field(default_factory=dict)
    inputs: set[str] = field(default_factory=set)
    account: Account = field(default_factory=Account)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, at: int, message: str, text: Text | None = None) -> None:
        """Note a problem at an offset.

        Parameters
        ----------
        at : offset in the text
        text : in which the offset is; by default the whole file
        """
        problem = Problem((text or self.text).place(at), message)
        if problem not in self.problems:
            self.problems.append(problem)

    def fault(self, fault: ReadError, text: Text | None = None) -> None:
        """Note what a parser could not read."""
        self.refuse(fault.at, f"cannot be parsed: {fault.message}", text)

    def kept(self, at: int, what: str, words: str, text: Text | None = None) -> None:
        """Note something that cannot act on numbers.

        Parameters
        ----------
        at : offset in the text
        what : the thing, as a modeller knows it
        words : why it cannot act
        text : in which the offset is; by default the whole file
        """
        self.account.add((text or self.text).line_column(at), what, "kept", words)

    def approximated(self, at: int, what: str, words: str, text: Text | None = None) -> None:
        """Note something that is not run exactly as in its author's tool.

        Parameters
        ----------
        at : offset in the text
        what : the thing, as a modeller knows it
        words : how what is run differs
        text : in which the offset is; by default the whole file
        """
        self.account.add((text or self.text).line_column(at), what, "approximated", words)

    def used(self, at: int, what: str, text: Text | None = None) -> None:
        """Note something that acts on the numbers.

        Parameters
        ----------
        at : offset in the text
        what : the thing, as a modeller knows it
        text : in which the offset is; by default the whole file
        """
        self.account.add((text or self.text).line_column(at), what, "used")


__all__ = ["Definition", "Flows", "Integration", "Limits", "Macro", "Range", "RangeMap", "Reading", "replace"]
