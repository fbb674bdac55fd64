"""The derivative of each operation, as more nodes of the same graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from iskdyn.compile.graph import BOOLEAN, Graph

Rule = Callable[[Graph, tuple[int, ...], int, int], int]
"""(graph, arguments, value, bar) -> what flows to one argument, where bar is d loss / d value."""

WITHOUT = frozenset({*BOOLEAN, "float", "random", "trunc"})
"""Operations that are flat wherever they have a derivative; what they switch counts by its active branch."""

SINGULAR = frozenset({"div", "pow", "log", "exp", "tan", "sinh", "cosh"})
"""Operations whose value may be infinite."""

STEEP = frozenset({"pow", "sqrt", "asin", "acos"})
"""Operations whose derivative may be infinite where their value is not."""

SHIELDED: Mapping[str, tuple[int, ...]] = {
    "select": (1, 2), "min": (0, 1), "max": (0, 1), "lookup": (0,), "div": (1,), "exp": (0,), "pow": (0, 1),
    "tanh": (0,), "atan": (0,), **dict.fromkeys(BOOLEAN, (0, 1)),
}  # fmt: skip
"""Places of arguments that may be infinite while the value is not."""


def _times(partial: Callable[[Graph, tuple[int, ...], int], int]) -> Rule:
    return lambda g, a, value, bar: g.add("mul", bar, partial(g, a, value))


def _first(op: str) -> tuple[Rule, Rule]:
    """Rules of MIN and MAX: all flows to the argument that is the value."""

    def wins(g: Graph, a: tuple[int, ...]) -> int:
        return g.add(op, *a)

    return (
        lambda g, a, value, bar: g.add("select", wins(g, a), bar, g.const(0.0)),
        lambda g, a, value, bar: g.add("select", wins(g, a), g.const(0.0), bar),
    )


def _quotient(g: Graph, a: tuple[int, ...], value: int, bar: int) -> int:
    return g.add("mul", bar, g.add("div", g.const(1.0), a[1]))


def _divisor(g: Graph, a: tuple[int, ...], value: int, bar: int) -> int:
    return g.add("neg", g.add("mul", _quotient(g, a, value, bar), value))


def _base(g: Graph, a: tuple[int, ...], value: int) -> int:
    """b a^(b-1), from the value a^b; at a = 0 as its limit."""
    base, exponent = a
    number = g.value(exponent)
    if number == 2.0:
        return g.add("mul", g.const(2.0), base)
    zero, one = g.const(0.0), g.const(1.0)
    infinite = g.add("div", one, zero)
    slope = g.add("div", g.add("mul", exponent, value), base)
    if number is not None:
        limit = zero if number > 1.0 or number == 0.0 else infinite
    else:
        flat = g.add("or", g.add("gt", exponent, one), g.add("eq", exponent, zero))
        limit = g.add("select", flat, zero, infinite)
        limit = g.add("select", g.add("eq", exponent, one), one, limit)
    return g.add("select", g.add("eq", base, zero), limit, slope)


def _exponent(g: Graph, a: tuple[int, ...], value: int) -> int:
    """a^b ln a; 0 at a = 0."""
    grown = g.add("mul", value, g.add("log", g.add("abs", a[0])))
    return g.add("select", g.add("eq", a[0], g.const(0.0)), g.const(0.0), grown)


def _absolute(g: Graph, a: tuple[int, ...], value: int, bar: int) -> int:
    return g.add("select", g.add("lt", a[0], g.const(0.0)), g.add("neg", bar), bar)


def _remainder(g: Graph, a: tuple[int, ...], value: int) -> int:
    """d mod(a, b) / db = -floor(a / b)."""
    return g.add("div", g.add("sub", value, a[0]), a[1])


def _circle(g: Graph, a: tuple[int, ...], value: int) -> int:
    """1 / sqrt(1 - x^2)."""
    rest = g.add("sub", g.const(1.0), g.add("mul", a[0], a[0]))
    return g.add("div", g.const(1.0), g.add("sqrt", rest))


def _square(g: Graph, number: int, sign: str) -> int:
    return g.add(sign, g.const(1.0), g.add("mul", number, number))


def _pass(g: Graph, a: tuple[int, ...], value: int, bar: int) -> int:
    return bar


def _minus(g: Graph, a: tuple[int, ...], value: int, bar: int) -> int:
    return g.add("neg", bar)


RULES: Mapping[str, tuple[Rule | None, ...]] = {
    "add": (_pass, _pass),
    "sub": (_pass, _minus),
    "neg": (_minus,),
    "mul": (_times(lambda g, a, v: a[1]), _times(lambda g, a, v: a[0])),
    "div": (_quotient, _divisor),
    "pow": (_times(_base), _times(_exponent)),
    "mod": (_pass, _times(_remainder)),
    "min": _first("lt"),
    "max": _first("gt"),
    "abs": (_absolute,),
    "select": (
        None,
        lambda g, a, v, bar: g.add("select", a[0], bar, g.const(0.0)),
        lambda g, a, v, bar: g.add("select", a[0], g.const(0.0), bar),
    ),
    "exp": (_times(lambda g, a, v: v),),
    "log": (_times(lambda g, a, v: g.add("div", g.const(1.0), a[0])),),
    "sqrt": (_times(lambda g, a, v: g.add("div", g.const(0.5), v)),),
    "sin": (_times(lambda g, a, v: g.add("cos", a[0])),),
    "cos": (_times(lambda g, a, v: g.add("neg", g.add("sin", a[0]))),),
    "tan": (_times(lambda g, a, v: _square(g, v, "add")),),
    "asin": (_times(_circle),),
    "acos": (_times(lambda g, a, v: g.add("neg", _circle(g, a, v))),),
    "atan": (_times(lambda g, a, v: g.add("div", g.const(1.0), _square(g, a[0], "add"))),),
    "sinh": (_times(lambda g, a, v: g.add("cosh", a[0])),),
    "cosh": (_times(lambda g, a, v: g.add("sinh", a[0])),),
    "tanh": (_times(lambda g, a, v: _square(g, v, "sub")),),
}
"""Operation -> a rule for each argument; a table's is in `flow`, since it needs the table's number."""


def flow(graph: Graph, number: int, place: int, bar: int) -> int | None:
    """What flows from a node's bar to its argument at `place`; None where nothing can.

    Parameters
    ----------
    number : of the node
    place : of the argument among the node's, from 0
    bar : number of d loss / d node

    Returns
    -------
    Number of a node of the same graph, to which what the rule needs has been added.
    """
    node = graph[number]
    if node.op in WITHOUT:
        return None
    if node.op == "lookup":
        return graph.add("mul", bar, graph.add("slope", node.args[0], data=node.data))
    rule = RULES[node.op][place]
    return None if rule is None else rule(graph, node.args, number, bar)
