"""The derivative of each operation, held against central differences of the operation itself."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable

import pytest

from iskdyn.compile import derivatives
from iskdyn.compile.derivatives import RULES, WITHOUT
from iskdyn.compile.graph import Graph

VALUE: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b if b else math.copysign(math.inf, a),
    "pow": lambda a, b: a**b, "mod": lambda a, b: a - b * math.floor(a / b), "min": min, "max": max,
    "neg": lambda a: -a, "abs": abs, "exp": math.exp, "log": lambda a: math.log(a) if a else -math.inf,
    "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos,
    "atan": math.atan, "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "lt": lambda a, b: a < b, "gt": lambda a, b: a > b, "eq": lambda a, b: a == b, "or": lambda a, b: a or b,
    "select": lambda a, b, c: b if a else c,
}  # fmt: skip


def value(graph: Graph, number: int, given: dict[int, float]) -> float:
    """The value of a node, with those of the leaves."""
    node = graph[number]
    if number in given:
        return given[number]
    if node.op == "const":
        return float(node.data)
    return float(VALUE[node.op](*(value(graph, one, given) for one in node.args)))


def slopes(op: str, at: tuple[float, ...], bar: float = 1.0, literal: tuple[int, ...] = ()) -> list[float]:
    """What flows to each argument that is no literal, at a point."""
    graph = Graph()
    leaves = [
        graph.const(x) if place in literal else graph.leaf("param", place) for place, x in enumerate(at)
    ]
    outer = graph.leaf("bar")
    number = graph.add(op, *leaves)
    given = {leaf: x for leaf, x in zip(leaves, at, strict=True) if graph[leaf].op == "param"} | {outer: bar}
    found = [
        derivatives.flow(graph, number, place, outer) for place in range(len(at)) if place not in literal
    ]
    return [0.0 if one is None else value(graph, one, given) for one in found]


def differences(op: str, at: tuple[float, ...]) -> list[float]:
    """Central differences of an operation at a point."""
    found = []
    for place in range(len(at)):
        above, below = list(at), list(at)
        above[place] += 1e-6
        below[place] -= 1e-6
        found.append((VALUE[op](*above) - VALUE[op](*below)) / 2e-6)
    return found


@pytest.fixture(autouse=True)
def anew() -> None:
    """The rules are put together again for every test."""
    importlib.reload(derivatives)


POINTS = {
    "asin": [(0.6,), (-0.3,)], "acos": [(0.6,), (-0.3,)], "log": [(0.4,), (3.0,)], "sqrt": [(0.4,), (3.0,)],
    "pow": [(2.5, 1.7), (0.3, -2.2), (0.3, 0.5)], "mod": [(7.3, 2.0), (-1.2, 0.5)],
    "select": [(1.0, 2.0, 3.0), (0.0, 2.0, 3.0)],
}  # fmt: skip
USUAL = {1: [(0.7,), (-1.3,)], 2: [(0.7, 2.1), (2.1, -0.7)]}


@pytest.mark.parametrize("op", RULES)
def test_what_flows_to_an_argument_is_the_bar_times_the_slope(op):
    for at in POINTS.get(op) or USUAL[len(RULES[op])]:
        expected = [
            0.0 if rule is None else one for rule, one in zip(RULES[op], differences(op, at), strict=True)
        ]
        assert slopes(op, at) == pytest.approx(expected, rel=1e-6, abs=1e-9)
        assert slopes(op, at, bar=-2.5) == pytest.approx([-2.5 * one for one in expected], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("op", sorted(WITHOUT))
def test_nothing_flows_through_what_is_flat(op):
    graph = Graph()
    one = graph.leaf("param")
    assert derivatives.flow(graph, graph.add(op, one, one), 0, one) is None


def test_the_condition_of_a_switch_gets_nothing():
    graph = Graph()
    one, other = graph.leaf("param", 0), graph.leaf("param", 1)
    assert derivatives.flow(graph, graph.add("select", one, one, other), 0, other) is None


def test_a_table_passes_on_its_own_slope():
    graph = Graph()
    x, bar = graph.leaf("param"), graph.leaf("bar")
    node = graph[derivatives.flow(graph, graph.add("lookup", x, data=3), 0, bar) or 0]
    assert (node.op, node.args[0]) == ("mul", bar)
    slope = graph[node.args[1]]
    assert (slope.op, slope.args, slope.data) == ("slope", (x,), 3)


@pytest.mark.parametrize(
    ("exponent", "slope"), [(0.0, 0.0), (0.5, math.inf), (1.0, 1.0), (1.5, 0.0), (2.0, 0.0), (3.0, 0.0)]
)
def test_the_slope_of_a_power_at_zero_is_its_limit(exponent, slope):
    assert slopes("pow", (0.0, exponent))[0] == slope
    if exponent != 1.0:
        assert slopes("pow", (0.0, exponent), literal=(1,)) == [slope]


@pytest.mark.parametrize("exponent", [-1.5, 0.5, 2.0, 3.0])
def test_a_power_with_a_literal_has_the_slope_of_any_power(exponent):
    (found,) = slopes("pow", (1.4, exponent), literal=(1,))
    assert found == pytest.approx(differences("pow", (1.4, exponent))[0], rel=1e-6)


def test_a_square_has_a_plain_slope():
    graph = Graph()
    x, bar = graph.leaf("param"), graph.leaf("bar")
    found = derivatives.flow(graph, graph.add("pow", x, graph.const(2.0)), 0, bar)
    assert graph[found or 0].args == (bar, graph.add("mul", graph.const(2.0), x))


def test_a_power_of_nothing_does_not_change_with_its_exponent():
    assert slopes("pow", (0.0, 1.7))[1] == 0.0


def test_the_exponent_of_a_negative_base_counts_by_its_size():
    """The value keeps its sign: (-2)^3 grows in size by ln 2."""
    assert slopes("pow", (-2.0, 3.0))[1] == pytest.approx(-8 * math.log(2))


def test_the_other_argument_gets_all_where_two_are_equal():
    assert slopes("min", (2.0, 2.0)) == slopes("max", (2.0, 2.0)) == [0.0, 1.0]
    assert slopes("abs", (0.0,)) == [1.0]
