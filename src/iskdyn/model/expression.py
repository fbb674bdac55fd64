"""The tree of one equation: numbers, references, calls and tables.

Operators are calls too: '+', '-', '*', '/', '^', 'negative', '=', '<>', '<', '<=', '>', '>=',
'and', 'or', 'not'. Stocks and other functions with a memory are calls named in `STATEFUL`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

NOT_AVAILABLE = -(2.0**109)
"""What Vensim's :NA: stands for (vensim.com/documentation/na.html)."""


@dataclass(frozen=True)
class Number:
    """A number; :NA: is one too."""

    value: float


@dataclass(frozen=True)
class Reference:
    """The value of another variable, by its key (see `names.name_key`); 'time' is the model's clock."""

    name: str


@dataclass(frozen=True)
class Table:
    """A function given by points, linear between them.

    x, y : the points, x rising
    beyond : what happens outside of x: the last value is held, or the last slope goes on
    between : 'step' holds the value of the last point
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    beyond: Literal["hold", "extend"] = "hold"
    between: Literal["linear", "step"] = "linear"


@dataclass(frozen=True)
class Lookup:
    """A table read at an argument; `table` is the key of a table variable or the table itself."""

    table: str | Table
    argument: Expression


@dataclass(frozen=True)
class Call:
    """A function or operator applied to arguments."""

    function: str
    arguments: tuple[Expression, ...]


Expression = Number | Reference | Lookup | Call | Table

STATEFUL = {
    "integ": ("flow", "initial"),
    "integ_non_negative": ("flow", "initial"),
    "smooth": ("input", "time", "initial", "order"),
    "delay": ("input", "time", "initial", "order"),
    "delay_n": ("input", "time", "initial", "order"),
    "delay_fixed": ("input", "time", "initial"),
    "trend": ("input", "time", "initial"),
    "forecast": ("input", "time", "horizon", "initial"),
    "sample_if_true": ("condition", "input", "initial"),
    "initial": ("initial",),
    "active_initial": ("active", "initial"),
}
"""Functions with a memory and the names of their arguments."""

AT_START = {
    "integ": ("initial",),
    "integ_non_negative": ("initial",),
    "smooth": ("initial", "order"),
    "delay": ("time", "initial", "order"),
    "delay_n": ("time", "initial", "order"),
    "delay_fixed": ("time", "initial"),
    "trend": ("input", "time", "initial"),
    "forecast": ("input", "time", "horizon", "initial"),
    "sample_if_true": ("condition", "input", "initial"),
    "initial": ("initial",),
    "active_initial": ("initial",),
}
"""The arguments that the first value of a function with a memory needs."""

AT_ONCE = {
    "integ": (),
    "integ_non_negative": (),
    "smooth": (),
    "delay": ("time",),
    "delay_n": (),
    "delay_fixed": (),
    "trend": ("input", "time"),
    "forecast": ("input", "time", "horizon"),
    "sample_if_true": ("condition", "input"),
    "initial": (),
    "active_initial": ("active",),
}
"""The arguments on which its value depends within one step; the rest acts through the memory."""


def children(expression: Expression) -> tuple[Expression, ...]:
    """The parts directly below an expression."""
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, Lookup):
        return (expression.argument,)
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts, parents first."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def references(expression: Expression) -> tuple[str, ...]:
    """Keys of the variables and tables named anywhere in an expression, each once, in order.

    >>> births = Call("*", (Reference("people"), Call("max", (Reference("rate"), Reference("people")))))
    >>> references(births)
    ('people', 'rate')
    """
    found: dict[str, None] = {}
    for node in walk(expression):
        if isinstance(node, Reference):
            found[node.name] = None
        elif isinstance(node, Lookup) and isinstance(node.table, str):
            found[node.table] = None
    return tuple(found)


def needs(expression: Expression, stage: Literal["start", "step"]) -> tuple[str, ...]:
    """Keys whose value at the same moment must be known first, at the start or within a step."""
    which = AT_START if stage == "start" else AT_ONCE
    found: dict[str, None] = {}
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, Reference):
            found[node.name] = None
        elif isinstance(node, Call) and node.function in STATEFUL:
            named = dict(zip(STATEFUL[node.function], node.arguments, strict=True))
            stack.extend(named[name] for name in which[node.function])
        else:
            stack.extend(children(node))
    return tuple(found)
