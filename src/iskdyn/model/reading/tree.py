"""The tree of one equation as written: names with subscripts, calls, points, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Num:
    """A number."""

    value: float
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, range or element as spelled; `bang` where a '!' follows it, inside brackets."""

    text: str
    at: int
    subscripts: tuple[Tree, ...] = ()
    bang: bool = False


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator, or a function or table called by `name` (as spelled).

    outputs : names right of ':' in a call of a Vensim macro
    """

    name: str
    arguments: tuple[Tree, ...]
    at: int
    subscripts: tuple[Tree, ...] = ()
    outputs: tuple[Name, ...] = ()
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a table, in order of x.

    kind : '' linear and held at the ends, 'extend' the last slopes go on, 'step' the last point's value holds
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    at: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Numbers for the elements of an array: one list, or lists with ';' between them."""

    rows: tuple[tuple[float, ...], ...]
    at: int


@dataclass(frozen=True, slots=True)
class Words:
    """A text in quotes that is no name: a file, a sheet, a cell."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Wild:
    """The '*' of a subscript: all elements, or those of the range `within`."""

    at: int
    within: str = ""


Tree = Num | Name | Apply | Points | Rows | Words | Wild


def parts(tree: Tree) -> tuple[Tree, ...]:
    """The parts directly below."""
    if isinstance(tree, Apply):
        return (*tree.arguments, *tree.subscripts)
    return tree.subscripts if isinstance(tree, Name) else ()


def walk_tree(tree: Tree) -> Iterator[Tree]:
    """The tree and all its parts, parents first."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(parts(node)))
