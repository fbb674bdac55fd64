"""Values of a few nodes without a kernel: a small interpreter on arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from iskdyn.compile import runtime_numpy as runtime
from iskdyn.compile.graph import Graph, Node

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "pow": np.power, "mod": np.remainder, "min": np.minimum, "max": np.maximum, "abs": np.abs,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
    "ne": np.not_equal, "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
    "select": np.where,
}  # fmt: skip


def evaluate(graph: Graph, roots: Sequence[int], outside: Callable[[Node], Any]) -> list[Any]:
    """Values of the roots; `outside` gives those of leaves, and tables and random numbers as functions.

    Parameters
    ----------
    roots : numbers of nodes
    outside : called with a leaf (its value), or with a lookup or random node (a function of its arguments' values)
    """
    values: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for number in graph.reachable(roots):
            node = graph[number]
            arguments = [values[arg] for arg in node.args]
            if node.op == "const":
                values[number] = float(node.data)
            elif node.op == "float":
                values[number] = np.where(arguments[0], 1.0, 0.0)
            elif node.op in ("lookup", "random"):
                values[number] = outside(node)(*arguments)
            elif not node.args:
                values[number] = outside(node)
            else:
                operation = _OPERATIONS.get(node.op) or getattr(runtime, node.op)
                values[number] = operation(*arguments)
    return [values[root] for root in roots]
