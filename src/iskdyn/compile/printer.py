"""One expression printer; targets override the templates of a few operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from iskdyn.compile.graph import BOOLEAN, Graph, Node
from iskdyn.compile.plan import Plan
from iskdyn.model.names import identifier

PYTHON: dict[str, str] = {
    "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "div": "({0} / {1})",
    "neg": "(-{0})", "pow": "({0} ** {1})", "mod": "({0} % {1})",
    "lt": "({0} < {1})", "le": "({0} <= {1})", "gt": "({0} > {1})", "ge": "({0} >= {1})",
    "eq": "({0} == {1})", "ne": "({0} != {1})",
    "and": "({0} and {1})", "or": "({0} or {1})", "not": "(not {0})",
    "float": "(1.0 if {0} else 0.0)", "select": "({1} if {0} else {2})",
    "state": "s{data}", "param": "p{data}",
}  # fmt: skip
"""Operations as Python expressions on numbers; what is missing is called by its name."""


class Printer:
    """Prints nodes of a plan's graph; `names` are the nodes that have a name where the text stands."""

    templates: Mapping[str, str] = PYTHON

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.graph: Graph = plan.graph
        self.names: dict[int, str] = {}
        self._uses = _count_uses(plan)
        self._labels = _labels(plan)

    def literal(self, value: float) -> str:
        """A number."""
        return "nan" if value != value else repr(float(value)) if value >= 0 else f"({float(value)!r})"

    def text(self, number: int) -> str:
        """A node as an expression: its name, a literal, or the operation written out."""
        if number in self.names:
            return self.names[number]
        node = self.graph[number]
        if node.op == "const":
            return self.literal(float(node.data))
        return self.operation(node)

    def operation(self, node: Node) -> str:
        """The operation of a node on the texts of its arguments."""
        arguments = [self.text(arg) for arg in node.args]
        template = self.templates.get(node.op)
        if template is None:
            return f"{node.op}({', '.join(arguments)})"
        return template.format(*arguments, data=node.data)

    def inlined(self, number: int) -> bool:
        """Whether a node is written where it is used, without a name of its own."""
        node = self.graph[number]
        single = self._uses[number] <= 1 and number not in self._labels
        return node.op in ("state", "ring", "param", "const", "count", "time") or single

    def statements(self, numbers: Iterable[int]) -> list[str]:
        """Assignments for the nodes that need a name, in order; they get it for what follows."""
        lines = []
        for number in numbers:
            if not self.inlined(number):
                name = self._labels.get(number) or f"n{number}"
                lines.append(self.assign(name, number))
                self.names[number] = name
        return lines

    def assign(self, name: str, number: int) -> str:
        """One assignment."""
        return f"{name} = {self.text(number)}"

    def is_boolean(self, number: int) -> bool:
        """Whether a node is a condition."""
        return self.graph[number].op in BOOLEAN


def _count_uses(plan: Plan) -> list[int]:
    """How often each node is read; nodes read across a border of levels count twice, to get a name."""
    graph = plan.graph
    uses = [0] * len(graph)
    phases = [set(plan.begin), set(plan.step), set(plan.report)]
    for numbers in phases:
        for number in numbers:
            for arg in graph[number].args:
                uses[arg] += 1 if arg in numbers else 2
    for number in [*plan.following(), *plan.values(), *plan.initial()]:
        uses[number] += 2
    return uses


def _labels(plan: Plan) -> dict[int, str]:
    """A readable name for the nodes that are variables."""
    taken = {
        "k",
        "m",
        "t",
        "n",
        "P",
        "R",
        "U",
        "M",
        "X",
        "Y",
        "O",
        "save",
        "out",
        "seed",
        "first",
        "select",
        "row",
    }
    taken |= {f"{letter}{i}" for letter in "srupm" for i in range(len(plan.graph))}
    labels: dict[int, str] = {}
    for key, number in plan.lowered.values.items():
        if number not in labels and plan.levels[number] == 3:
            labels[number] = identifier(key + "_", taken).strip("_") + "_"
    return labels
