"""Values of a lowered program's nodes at the start, for each member, before any kernel runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from iskdyn.arrays import Array, Numbers, Value
from iskdyn.compile.evaluate import evaluate
from iskdyn.compile.graph import Node
from iskdyn.compile.kernels import table_arrays
from iskdyn.compile.lowered import Lowered
from iskdyn.compile.runtime_numpy import lookup, random
from iskdyn.model.program import Program
from iskdyn.simulate.setup import Overrides


@dataclass(frozen=True)
class AtStart:
    """What the start of a run rests on.

    Attributes
    ----------
    inputs : keys of what differs between members, in the order of a call's columns
    series : keys of the given series
    uniform_series : (n_series, n_steps) array, rows in the order of `series`
    member_series : key -> by place (n_members, n_steps), or (n_members, 1), for the series that differ between members
    controls : key -> value of the clock's controls
    """

    program: Program
    lowered: Lowered
    inputs: tuple[str, ...]
    series: tuple[str, ...]
    overrides: Overrides
    uniform_series: Array
    member_series: Mapping[str, list[Array]]
    controls: Mapping[str, float]
    seed: int

    def vary(self, nodes: Sequence[int]) -> bool:
        """Whether a value may differ between members: by an input, by a member's series, or by chance."""
        graph = self.lowered.graph
        return any(self._varies(graph[number]) for number in graph.reachable(nodes))

    def _varies(self, node: Node) -> bool:
        if node.op == "param":
            return self._names[int(node.data)] in self.inputs
        if node.op == "series_start":
            return self.series[int(node.data)] in self.member_series
        return node.op == "random"

    @property
    def _names(self) -> dict[int, str]:
        return {number: key for key, number in self.lowered.params.items()}

    def values(self, nodes: Sequence[int], columns: Array, members: Numbers) -> list[Value]:
        """A number, or an (n,) array, for each node.

        Parameters
        ----------
        columns : (n, n_inputs) array; (n, 0) where nothing asked for varies
        members : (n,) array, the numbers of the members
        """
        names = self._names
        points = table_arrays(self.lowered, self.overrides.uniform_tables())

        def leaf(node: Node) -> Value:
            if node.op == "clock":
                return self.controls[str(node.data)]
            if node.op == "param":
                key = names[int(node.data)]
                if key in self.inputs and columns.shape[1]:
                    return columns[:, self.inputs.index(key)]
                return self.overrides.shared_value(self.program.by_key[key])
            return self._series(int(node.data), members)

        def call(node: Node, arguments: Sequence[Value]) -> Value:
            if node.op == "lookup":
                return lookup(np.asarray(arguments[0], dtype=float), *points, int(node.data))
            return random(self.seed, members, int(node.data), int(arguments[0]))

        return evaluate(self.lowered.graph, nodes, leaf, call)

    def _series(self, row: int, members: Numbers) -> Value:
        own = self.member_series.get(self.series[row])
        return self.uniform_series[row, 0] if own is None else own[0][members, 0]
