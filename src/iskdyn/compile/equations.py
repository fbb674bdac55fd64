"""Single equations as graphs: what stands in them is a leaf, not followed further."""

from __future__ import annotations

from iskdyn.compile.graph import Graph
from iskdyn.compile.lower import Lowering
from iskdyn.compile.lowered import Lowered
from iskdyn.errors import InternalError, Problem
from iskdyn.model.expression import Call, Expression
from iskdyn.model.program import Program


class Equations(Lowering):
    """Equations one by one; a variable in one is a leaf ("param", key) and `Time` a leaf ("time")."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.graph = Graph()
        self.out = Lowered(self.graph)
        self.stage = "step"
        self.owner = next(iter(program.by_key))
        self.streams = {}
        self._named_tables()

    def root(self, expression: Expression) -> int:
        """The node of an equation's value."""
        return self._float(self.expression(expression))

    def _reference(self, key: str) -> int:
        return self.graph.leaf("time") if key == "time" else self.graph.leaf("param", key)

    def _memory(self, node: Call) -> int:
        raise InternalError(Problem(node.function, "an equation with a memory cannot be read by itself"))
