"""Values of a lowered program's nodes at the start, for each member, before any kernel runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    uniform_series: Any
    member_series: Mapping[str, Any]
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

    def values(self, nodes: Sequence[int], columns: Any, members: Any) -> list[Any]:
        """A number, or an (n,) array, for each node.

        Parameters
        ----------
        columns : (n, n_inputs) array; (n, 0) where nothing asked for varies
        members : (n,) array, the numbers of the members
        """
        names = self._names
        points = table_arrays(self.lowered, self.overrides.uniform_tables())

        def outside(node: Node) -> Any:
            if node.op == "clock":
                return self.controls[str(node.data)]
            if node.op == "param":
                key = names[int(node.data)]
                if key in self.inputs and columns.shape[1]:
                    return columns[:, self.inputs.index(key)]
                return self.overrides.shared_value(self.program.by_key[key])
            if node.op == "lookup":
                return lambda x: lookup(x, *points, int(node.data))
            if node.op == "random":
                return lambda count: random(self.seed, members, int(node.data), int(count))
            return self._series(int(node.data), members)

        return evaluate(self.lowered.graph, nodes, outside)

    def _series(self, row: int, members: Any) -> Any:
        own = self.member_series.get(self.series[row])
        return self.uniform_series[row, 0] if own is None else own[0][members, 0]
