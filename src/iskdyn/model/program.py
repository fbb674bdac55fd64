"""`Program`: a model as a frozen, ordered list of typed equations, with questions one may ask of it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from iskdyn.errors import InputError, Problem
from iskdyn.model.expression import Call, Expression, Number, references, walk
from iskdyn.model.names import name_key, suggest
from iskdyn.model.reading.ledger import Ledger
from iskdyn.model.units_algebra import Synonyms

Kind = Literal["stock", "auxiliary", "constant", "table", "control"]
Integration = Literal["euler", "rk2", "rk4", "rk2 auto", "rk4 auto", "difference"]
"""Methods of integration that a file may ask for; `simulate.method` says how each is run."""


def constant_value(expression: Expression) -> float:
    """The value of an expression of numbers, such as 1/12; nan if it names anything or divides by zero."""
    if isinstance(expression, Number):
        return expression.value
    if not isinstance(expression, Call) or expression.function not in _OPERATORS:
        return math.nan
    values = [constant_value(part) for part in expression.arguments]
    try:
        return float(_OPERATORS[expression.function](*values))
    except (ZeroDivisionError, OverflowError, TypeError):
        return math.nan


_OPERATORS: dict[str, Callable[..., float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "^": operator.pow, "negative": operator.neg, "min": min, "max": max,
}  # fmt: skip


@dataclass(frozen=True)
class Variable:
    """One equation of the model.

    Attributes
    ----------
    name : the modeller's spelling; `key` is the form under which others refer to it
    kind : a constant depends on numbers and other constants written as numbers only by its own text
    units : as written
    limits : (low, high) as written, None where open
    documentation : the modeller's words
    equation : text right of the name, spaces cleaned
    line : first line of the equation in the file, 0 where unknown
    expression : the tree; a stock's whole call, a table's `Table`
    hidden : made by expanding a macro
    array, elements : of a scalar of an array, the array's key and its own elements as spelled
    """

    name: str
    key: str
    kind: Kind
    units: str
    limits: tuple[float | None, float | None]
    documentation: str
    equation: str
    line: int
    expression: Expression
    hidden: bool = False
    array: str = ""
    elements: tuple[str, ...] = ()

    @property
    def initial(self) -> Expression | None:
        """A stock's initial value as a tree; None for other kinds."""
        if self.kind == "stock" and isinstance(self.expression, Call):
            return self.expression.arguments[1]
        return None

    @property
    def value(self) -> float:
        """The number of a constant; nan for other kinds."""
        return constant_value(self.expression)


@dataclass(frozen=True)
class Program:
    """A model read whole: names resolved, macros expanded, equations ordered.

    Attributes
    ----------
    path, digest : the file and the sha256 of its text, with that of what it takes from other files
    variables : in the order of the file; hidden ones (from macros) are in `hidden`
    start_order, step_order : keys in an order in which values can be computed, at the start and in a step
    synonyms : groups of spellings of one unit that the file declares
    method : the integration that the file asks for
    ledger : the account of everything in the file
    beside : (path below the model's folder, sha256) of each file that gave numbers
    dimensions : each range with its elements, as spelled
    """

    path: Path
    digest: str
    variables: tuple[Variable, ...]
    hidden: tuple[Variable, ...]
    start_order: tuple[str, ...]
    step_order: tuple[str, ...]
    synonyms: Synonyms = ()
    method: Integration = "euler"
    ledger: Ledger = ()
    beside: tuple[tuple[str, str], ...] = ()
    dimensions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @cached_property
    def by_key(self) -> dict[str, Variable]:
        """Every variable, hidden ones too, by key."""
        return {variable.key: variable for variable in (*self.variables, *self.hidden)}

    def __getitem__(self, name: str) -> Variable:
        variable = self.by_key.get(name_key(name))
        if variable is None:
            known = [other.name for other in self.variables]
            raise InputError(Problem(self.path.name, f"no variable {name!r}{suggest(name, known)}"))
        return variable

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name_key(name) in self.by_key

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def of_kind(self, kind: Kind) -> tuple[Variable, ...]:
        """The variables of one kind, in the order of the file."""
        return tuple(variable for variable in self.variables if variable.kind == kind)

    @property
    def stocks(self) -> tuple[Variable, ...]:
        """All stocks (INTEG)."""
        return self.of_kind("stock")

    @property
    def constants(self) -> tuple[Variable, ...]:
        """All constants."""
        return self.of_kind("constant")

    @property
    def auxiliaries(self) -> tuple[Variable, ...]:
        """All that is computed in each step and is no stock; flows are auxiliaries too."""
        return self.of_kind("auxiliary")

    @property
    def tables(self) -> tuple[Variable, ...]:
        """All named lookup tables."""
        return self.of_kind("table")

    def place(self, name: str) -> str:
        """'file.mdl:12' of a variable, for messages."""
        variable = self.by_key.get(name_key(name))
        return f"{self.path.name}:{variable.line}" if variable and variable.line else self.path.name

    def causes(self, name: str) -> tuple[Variable, ...]:
        """The variables that stand in the equation of `name`."""
        keys = references(self[name].expression)
        return tuple(self.by_key[key] for key in keys if key in self.by_key)

    def uses(self, name: str) -> tuple[Variable, ...]:
        """The variables whose equations name `name`."""
        key = self[name].key
        return tuple(v for v in self.by_key.values() if key in references(v.expression))

    def flows(self, stock: str) -> tuple[tuple[Expression, ...], tuple[Expression, ...]]:
        """The terms that a stock's equation adds and those that it takes away.

        A term is a `Reference` where the modeller named the flow, else the expression as written.
        """
        variable = self[stock]
        if variable.kind != "stock" or not isinstance(variable.expression, Call):
            raise InputError(Problem(self.place(stock), f"{variable.name!r} is not a stock"))
        inward: list[Expression] = []
        outward: list[Expression] = []
        _split_terms(variable.expression.arguments[0], False, inward, outward)
        return tuple(inward), tuple(outward)


def _split_terms(
    node: Expression, negative: bool, inward: list[Expression], outward: list[Expression]
) -> None:
    if isinstance(node, Call) and node.function in ("+", "-"):
        left, right = node.arguments
        _split_terms(left, negative, inward, outward)
        _split_terms(right, negative != (node.function == "-"), inward, outward)
    elif isinstance(node, Call) and node.function == "negative":
        _split_terms(node.arguments[0], not negative, inward, outward)
    elif not (isinstance(node, Number) and node.value == 0.0):
        (outward if negative else inward).append(node)


def is_fixed(program: Program, name: str) -> bool:
    """Whether a variable keeps one value through a run: it leads back to numbers only."""
    seen: set[str] = set()
    pending = [name_key(name)]
    while pending:
        key = pending.pop()
        if key in seen:
            continue
        seen.add(key)
        variable = program.by_key.get(key)
        if variable is None or variable.kind in ("stock", "table"):
            return False
        for node in walk(variable.expression):
            if isinstance(node, Call) and node.function not in _OPERATORS:
                return False
        pending.extend(references(variable.expression))
    return True
