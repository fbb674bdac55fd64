"""Values of a few nodes without a kernel: a small interpreter on arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from iskdyn.arrays import Array, Value
from iskdyn.compile import runtime_numpy as runtime
from iskdyn.compile.graph import Graph, Node

_OPERATIONS: dict[str, Callable[..., Array]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "pow": np.power, "mod": np.remainder, "min": np.minimum, "max": np.maximum, "abs": np.abs,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
    "ne": np.not_equal, "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
    "select": np.where,
}  # fmt: skip


def evaluate(
    graph: Graph,
    roots: Sequence[int],
    leaf: Callable[[Node], Value],
    call: Callable[[Node, Sequence[Value]], Value],
) -> list[Value]:
    """Values of the roots; `leaf` gives those that come from outside, `call` those of tables and random numbers.

    Parameters
    ----------
    roots : numbers of nodes
    leaf : the value of a node without arguments, a number or an array over members or times
    call : the value of a lookup or random node, from those of its arguments
    """
    values: dict[int, Value] = {}
    with np.errstate(all="ignore"):
        for number in graph.reachable(roots):
            node = graph[number]
            arguments = [values[arg] for arg in node.args]
            if node.op == "const":
                values[number] = float(node.data)
            elif node.op == "float":
                values[number] = np.where(arguments[0], 1.0, 0.0)
            elif node.op in ("lookup", "random"):
                values[number] = call(node, arguments)
            elif not node.args:
                values[number] = leaf(node)
            else:
                operation = _OPERATIONS.get(node.op) or getattr(runtime, node.op)
                values[number] = operation(*arguments)
    return [values[root] for root in roots]
