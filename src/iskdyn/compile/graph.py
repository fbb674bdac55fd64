"""A hash-consed graph of primitive operations: equal values are computed once."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

ARITHMETIC = ("add", "sub", "mul", "div", "pow", "mod", "min", "max")
COMPARE = ("lt", "le", "gt", "ge", "eq", "ne")
LOGIC = ("and", "or", "not")
UNARY = (
    "neg", "abs", "exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "trunc",
)  # fmt: skip
LEAVES = ("const", "clock", "time", "count", "param", "series", "series_start", "state", "ring")
BOOLEAN = (*COMPARE, *LOGIC)
HELD = "held"
"""What a node carries as its data whose value does not change within a step."""

_FOLD: dict[str, Callable[[float, float], float]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "min": min, "max": max,
}  # fmt: skip


@dataclass(frozen=True)
class Node:
    """One operation: `args` are node numbers, `data` what else it needs (a value, an index)."""

    op: str
    args: tuple[int, ...] = ()
    data: float | int | str = 0


@dataclass
class Graph:
    """All operations in an order in which they can be computed."""

    nodes: list[Node] = field(default_factory=list)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)

    def __getitem__(self, number: int) -> Node:
        return self.nodes[number]

    def __len__(self) -> int:
        return len(self.nodes)

    def leaf(self, op: str, data: float | int | str = 0) -> int:
        """A value that comes from outside."""
        return self._number(Node(op, (), data))

    def const(self, value: float) -> int:
        """A literal number."""
        return self._number(Node("const", (), float(value)))

    def add(self, op: str, *args: int, data: float | int | str = 0) -> int:
        """The number of an operation on earlier nodes; literals are folded.

        Parameters
        ----------
        op : of the primitives
        args : numbers of nodes that are there already
        data : what the operation needs beside them, such as the number of a table

        >>> graph = Graph()
        >>> graph[graph.add("add", graph.const(1.0), graph.const(2.0))]
        Node(op='const', args=(), data=3.0)
        """
        values = [self.value(arg) for arg in args]
        folded = _fold(op, values)
        if folded is not None:
            return self.const(folded)
        same = self._neutral(op, args, values)
        return self._number(Node(op, args, data)) if same is None else same

    def held(self, number: int) -> int:
        """The same value, marked as one that a Runge-Kutta step takes at its start and keeps."""
        node = self.nodes[number]
        if not node.args or node.op in ("random", "lookup"):
            return number
        return self._number(Node(node.op, node.args, HELD))

    def value(self, number: int) -> float | None:
        """The value of a literal, else None."""
        node = self.nodes[number]
        return float(node.data) if node.op == "const" else None

    def _neutral(self, op: str, args: tuple[int, ...], values: list[float | None]) -> int | None:
        """The operand that an operation leaves as it is: x*1, x+0, x^1, a select on a literal."""
        if op in ("mul", "div", "pow") and values[1] == 1.0:
            return args[0]
        if op == "mul" and values[0] == 1.0:
            return args[1]
        if op in ("add", "sub") and values[1] == 0.0:
            return args[0]
        if op == "add" and values[0] == 0.0:
            return args[1]
        if op == "select" and args[1] == args[2]:
            return args[1]
        if op == "truth" and self.nodes[args[0]].op == "float":
            return self.nodes[args[0]].args[0]
        return None

    def _number(self, node: Node) -> int:
        key = (node.op, node.args, repr(node.data))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.nodes)
            self.nodes.append(node)
        return number

    def reachable(self, roots: Iterable[int]) -> list[int]:
        """Numbers of all nodes that the roots need, in order."""
        seen: set[int] = set()
        stack = list(roots)
        while stack:
            number = stack.pop()
            if number not in seen:
                seen.add(number)
                stack.extend(self.nodes[number].args)
        return sorted(seen)


def _fold(op: str, values: list[float | None]) -> float | None:
    if op == "neg" and values[0] is not None:
        return -values[0]
    if op not in _FOLD or None in values:
        return None
    left, right = (float(value) for value in values if value is not None)
    if math.isnan(left) or math.isnan(right) or (op == "div" and right == 0.0):
        return None
    result = _FOLD[op](left, right)
    return result if math.isfinite(result) else None
