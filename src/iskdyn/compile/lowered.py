"""What a program becomes when it is lowered: a graph, and where its variables and memory are in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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

    def with_constants(self, values: Mapping[str, float]) -> Lowered:
        """The same with these parameters, by key, as literals: an exponent of 3 becomes products.

        nan stays a parameter: it stands for a stock without a written initial value.
        """
        graph, new = Graph(), []
        fixed = {self.params[key]: value for key, value in values.items() if not math.isnan(value)}
        for node in self.graph.nodes:
            if node.op == "param" and node.data in fixed:
                new.append(graph.const(fixed[int(node.data)]))
            elif node.args:
                new.append(graph.add(node.op, *(new[arg] for arg in node.args), data=node.data))
            else:
                new.append(graph.leaf(node.op, node.data))
        return replace(
            self,
            graph=graph,
            values={key: new[number] for key, number in self.values.items()},
            starts={key: new[number] for key, number in self.starts.items()},
            states=[
                replace(one, initial=new[one.initial], following=new[one.following]) for one in self.states
            ],
            rings=[replace(one, initial=new[one.initial], input=new[one.input]) for one in self.rings],
            shapes=[replace(one, order=new[one.order], time=new[one.time]) for one in self.shapes],
        )
