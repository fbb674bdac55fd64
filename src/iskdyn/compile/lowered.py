"""What a program becomes when it is lowered: a graph, and where its variables and memory are in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from iskdyn.compile.graph import Graph
from iskdyn.model.expression import Table


@dataclass(frozen=True)
class State:
    """One number that lives from step to step."""

    name: str
    initial: int
    following: int


@dataclass(frozen=True)
class Ring:
    """A fixed delay: `length` values that move up one place a step."""

    name: str
    length: int
    initial: int
    input: int


@dataclass(frozen=True)
class Shape:
    """Order and time at the start of one SMOOTH or DELAY: they fix the number of its states, and must be possible."""

    name: str
    function: str
    order: int
    time: int


@dataclass
class Lowered:
    """A program as a graph.

    Attributes
    ----------
    values : key of a variable -> node of its value in a step
    starts : key -> node of its value at the start
    params : keys of the constants and stocks (initial values) that node ("param", i) stands for
    series : keys of the variables that node ("series", i) stands for
    tables : what node ("lookup", i) reads; named tables by their key
    """

    graph: Graph
    values: dict[str, int] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    params: dict[str, int] = field(default_factory=dict)
    series: dict[str, int] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    table_names: dict[str, int] = field(default_factory=dict)
