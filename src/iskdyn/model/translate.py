"""PySD's abstract model -> our equations. What cannot be said in a `Program` is refused by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from iskdyn.errors import Problem
from iskdyn.model.expression import STATEFUL, Call, Expression, Lookup, Number, Reference, Table
from iskdyn.model.functions import FUNCTIONS, RENAMED, SUBSCRIPTED
from iskdyn.model.limits import MAX_DEPTH, depth
from iskdyn.model.names import name_key, suggest
from iskdyn.model.program import Kind, Variable
from iskdyn.model.source import Entry, Index

_CONTROLS = ("initial_time", "final_time", "time_step", "saveper")
_MEMORY = {
    "DelayStructure": ("delay", ("input", "delay_time", "initial", "order")),
    "DelayNStructure": ("delay_n", ("input", "delay_time", "initial", "order")),
    "DelayFixedStructure": ("delay_fixed", ("input", "delay_time", "initial")),
    "SmoothStructure": ("smooth", ("input", "smooth_time", "initial", "order")),
    "SmoothNStructure": ("smooth", ("input", "smooth_time", "initial", "order")),
    "TrendStructure": ("trend", ("input", "average_time", "initial_trend")),
    "ForecastStructure": ("forecast", ("input", "average_time", "horizon", "initial_trend")),
    "SampleIfTrueStructure": ("sample_if_true", ("condition", "input", "initial")),
    "InitialStructure": ("initial", ("initial",)),
}
_REFUSED = {
    "AllocateAvailableStructure": "ALLOCATE AVAILABLE (allocation)",
    "AllocateByPriorityStructure": "ALLOCATE BY PRIORITY (allocation)",
    "GetLookupsStructure": "GET ... LOOKUPS (external data)",
    "GetDataStructure": "GET ... DATA (external data)",
    "GetConstantsStructure": "GET ... CONSTANTS (external data)",
    "DataStructure": "a data variable (external data)",
    "SubscriptsReferenceStructure": "subscripts",
    "ndarray": "an array of numbers (subscripts)",
}


_NEGATIVE_BASE = re.compile(
    r"(?P<open>\(\s*)?(?<![\w)\]]\s)(?<![\w)\]])-\s*"
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<close>\))?\s*\^"
)
"""A number with a minus of its own before '^', in brackets or not."""


@dataclass
class Scope:
    """Where names of one section (the model or one call of a macro) are looked up."""

    prefix: str
    macro: str
    tables: set[str]
    names: dict[str, str]
    """key -> the modeller's spelling"""


@dataclass
class Translator:
    """Walks the sections of an abstract model; collects variables and problems."""

    file: str
    index: Index
    macros: dict[str, Any]
    variables: list[Variable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _place: str = ""
    _equation: str = ""
    _calls: int = 0
    _depth: int = 0

    def section(self, section: Any, prefix: str = "", macro: str = "") -> None:
        """Translate all elements of a section under a prefix of their keys."""
        scope = _scope_of(section, prefix, macro)
        seen: set[str] = set()
        for element in section.elements:
            key = name_key(element.name)
            entry = self.index.get((macro, key), Entry(0, ""))
            self._place = f"{self.file}:{entry.line}" if entry.line else self.file
            self._equation = entry.equation
            if key in seen:
                self.refuse(f"{element.name!r} is defined more than once; keep one equation")
                continue
            seen.add(key)
            self._element(element, key, entry, scope)

    def refuse(self, message: str) -> Expression:
        """Note a problem at the current place; returns a stand-in so that the walk goes on."""
        problem = Problem(self._place, message)
        if problem not in self.problems:
            self.problems.append(problem)
        return Number(math.nan)

    def _element(self, element: Any, key: str, entry: Entry, scope: Scope) -> None:
        problem = _component_problem(element)
        if problem:
            self.refuse(f"{element.name!r}: {problem}")
            return
        component = element.components[0]
        expression = self.expression(component.ast, element.name, scope)
        if depth(expression) > MAX_DEPTH:
            self.refuse(f"{element.name!r} has more than {MAX_DEPTH} operations inside one another; split it")
            return
        self.variables.append(
            Variable(
                name=" ".join(element.name.split()),
                key=scope.prefix + key,
                kind=_kind(element, expression, scope),
                units=(element.units or "").strip(),
                limits=_limits(element.limits),
                documentation=" ".join((element.documentation or "").split()),
                equation=entry.equation,
                line=entry.line,
                expression=expression,
                hidden=bool(scope.prefix),
            )
        )

    def expression(self, node: Any, owner: str, scope: Scope) -> Expression:
        """One node of PySD's tree as ours."""
        kind = type(node).__name__
        if isinstance(node, (bool, int, float)) or kind in ("int64", "float64"):
            return self._number(node, owner)
        if kind in _MEMORY:
            name, fields = _MEMORY[kind]
            values = (getattr(node, one) for one in fields)
            return Call(name, tuple(self.expression(value, owner, scope) for value in values))
        if kind in _REFUSED:
            return self.refuse(
                f"{owner!r}: {_REFUSED[kind]} cannot be run here; models must be scalar and whole"
            )
        handler: Callable[[Any, str, Scope], Expression] | None = getattr(self, f"_{_snake(kind)}", None)
        if handler is None:
            return self.refuse(f"{owner!r}: {kind or type(node)} is not known")
        return handler(node, owner, scope)

    def _number(self, written: Any, owner: str) -> Number:
        try:
            value = float(written)
        except OverflowError:
            value = math.inf
        if math.isinf(value):
            self.refuse(f"{owner!r}: a number is too large")
            value = math.nan
        return Number(value)

    def _arithmetic_structure(self, node: Any, owner: str, scope: Scope) -> Expression:
        arguments = [self.expression(argument, owner, scope) for argument in node.arguments]
        operators = list(node.operators)
        if operators == ["negative"]:
            return _negative(arguments[0])
        if operators[0] == "^":
            return _power(arguments, self._bracketed(arguments[0], owner))
        result = arguments[0]
        for operator, argument in zip(operators, arguments[1:], strict=True):
            result = Call(operator, (result, argument))
        return result

    def _bracketed(self, base: Expression, owner: str) -> bool:
        """Whether a negative number under a power stands in brackets; PySD's tree has (-2)^2 and -2^2 alike."""
        if not isinstance(base, Number) or math.copysign(1.0, base.value) > 0:
            return False
        written = {True: False, False: False}
        for match in _NEGATIVE_BASE.finditer(self._equation):
            if float(match.group("number")) == -base.value:
                written[match.group("open") is not None and match.group("close") is not None] = True
        if all(written.values()):
            self.refuse(
                f"{owner!r} has both (-2)^ and -2^ of one number, which cannot be told apart; write 0-2^"
            )
        return written[True]

    def _logic_structure(self, node: Any, owner: str, scope: Scope) -> Expression:
        arguments = [self.expression(argument, owner, scope) for argument in node.arguments]
        operators = [operator.strip(":").lower() for operator in node.operators]
        if operators == ["not"]:
            return Call("not", (arguments[0],))
        if not set(operators) <= {"and", "or"}:
            result = arguments[0]
            for operator, argument in zip(operators, arguments[1:], strict=True):
                result = Call(operator, (result, argument))
            return result
        groups = [[arguments[0]]]
        for operator, argument in zip(operators, arguments[1:], strict=True):
            if operator == "or":
                groups.append([argument])
            else:
                groups[-1].append(argument)
        return _chain("or", [_chain("and", group) for group in groups])

    def _reference_structure(self, node: Any, owner: str, scope: Scope) -> Expression:
        key = name_key(node.reference)
        if node.subscripts is not None:
            return self.refuse(f"{owner!r}: {node.reference!r} has subscripts; models must be scalar")
        if key in scope.tables:
            return self.refuse(f"{owner!r}: the table {node.reference!r} needs an argument in brackets")
        if key in scope.names:
            return Reference(scope.prefix + key)
        if key == "pi":
            return Call("pi", ())
        if key == "time" or (scope.prefix and key in _CONTROLS):
            return Reference(key)
        close = suggest(node.reference, scope.names.values())
        return self.refuse(f"{owner!r} names {node.reference!r}, which has no equation{close}")

    def _game_structure(self, node: Any, owner: str, scope: Scope) -> Expression:
        return self.expression(node.expression, owner, scope)

    def _integ_structure(self, node: Any, owner: str, scope: Scope) -> Expression:
        name = "integ_non_negative" if node.non_negative else "integ"
        parts = (self.expression(node.flow, owner, scope), self.expression(node.initial, owner, scope))
        return Call(name, parts)

    def _lookups_structure(self, node: Any, owner: str, scope: Scope) -> Expression:
        return self._table(node, owner)

    def _inline_lookups_structure(self, node: Any, owner: str, scope: Scope) -> Expression:
        table = self._table(node.lookups, owner)
        return Lookup(table, self.expression(node.argument, owner, scope))

    def _table(self, node: Any, owner: str) -> Table:
        x, y = (tuple(self._number(value, owner).value for value in values) for values in (node.x, node.y))
        if len(x) != len(y) or not x:
            self.refuse(
                f"{owner!r}: a table needs as many x as y, at least one; it has {len(x)} and {len(y)}"
            )
            return Table((0.0,), (0.0,))
        if any(not later > earlier for earlier, later in pairwise(x)):
            self.refuse(f"{owner!r}: the x of a table must all differ")
        beyond = "extend" if node.type == "extrapolate" else "hold"
        between = "step" if node.type == "hold_backward" else "linear"
        return Table(x, y, beyond, between)  # type: ignore[arg-type]

    def _call_structure(self, node: Any, owner: str, scope: Scope) -> Expression:
        key = name_key(node.function.reference)
        if node.function.subscripts is not None:
            return self.refuse(
                f"{owner!r}: {node.function.reference!r} has subscripts; models must be scalar"
            )
        if key in self.macros:
            return self._macro_call(key, node, owner, scope)
        if key in scope.tables and len(node.arguments) == 1:
            return Lookup(scope.prefix + key, self.expression(node.arguments[0], owner, scope))
        name = RENAMED.get(key, key)
        if key in scope.names or (name not in FUNCTIONS and name != "active_initial"):
            return self._unknown_call(key, node, owner, scope)
        fewest, most = FUNCTIONS.get(name, (2, 2))
        if not fewest <= len(node.arguments) <= most:
            return self.refuse(
                f"{owner!r}: {_spelling(key)} takes {fewest} arguments, {len(node.arguments)} given"
            )
        return Call(name, tuple(self.expression(argument, owner, scope) for argument in node.arguments))

    def _unknown_call(self, key: str, node: Any, owner: str, scope: Scope) -> Expression:
        if key == "get_time_value":
            relative, offset, measure = (self.expression(a, owner, scope) for a in node.arguments)
            if relative == measure == Number(0.0):
                return Call("+", (Reference("time"), offset))
        if key == "a_function_of":
            return self.refuse(f"{owner!r} has no equation yet (A FUNCTION OF)")
        if key in SUBSCRIPTED:
            return self.refuse(f"{owner!r}: {_spelling(key)} works on subscripts; models must be scalar")
        if key in scope.names:
            return self.refuse(f"{owner!r}: {key!r} is called like a table but is none")
        return self.refuse(f"{owner!r}: the function {_spelling(key)} is not supported")

    def _macro_call(self, key: str, node: Any, owner: str, scope: Scope) -> Expression:
        section = self.macros[key]
        arguments = [self.expression(argument, owner, scope) for argument in node.arguments]
        if len(arguments) != len(section.params):
            return self.refuse(f"{owner!r}: the macro {section.name} takes {len(section.params)} arguments")
        if key not in {name_key(element.name) for element in section.elements}:
            return self.refuse(f"{owner!r}: the macro {section.name} has no equation for {section.name}")
        if self._depth > 20:
            return self.refuse(f"{owner!r}: the macro {section.name} calls itself")
        self._calls += 1
        prefix = f"{scope.prefix}{key}#{self._calls}."
        for name, argument in zip(section.params, arguments, strict=True):
            self.variables.append(_parameter(prefix + name_key(name), name, argument))
        place, self._depth = self._place, self._depth + 1
        self.section(section, prefix, key)
        self._place, self._depth = place, self._depth - 1
        return Reference(prefix + key)


def _scope_of(section: Any, prefix: str, macro: str) -> Scope:
    tables = {
        name_key(element.name)
        for element in section.elements
        if element.components and type(element.components[0]).__name__ == "AbstractLookup"
    }
    names = {name_key(name): name for name in section.params}
    names |= {name_key(element.name): element.name for element in section.elements}
    return Scope(prefix, macro, tables, names)


def _component_problem(element: Any) -> str:
    """Why an element cannot be translated, or an empty string."""
    if not element.components:
        return "it has no equation"
    if any(any(component.subscripts) for component in element.components):
        return "it has subscripts; models must be scalar"
    if len(element.components) > 1:
        return "it is defined more than once; keep one equation"
    if type(element.components[0]).__name__ == "AbstractData":
        return "it is a data variable; external data cannot be read here, use a table over Time"
    return ""


def _kind(element: Any, expression: Expression, scope: Scope) -> Kind:
    if isinstance(expression, Table):
        return "table"
    if not scope.prefix and name_key(element.name) in _CONTROLS:
        return "control"
    if isinstance(expression, Call) and expression.function.startswith("integ"):
        return "stock" if expression.function in STATEFUL else "auxiliary"
    return "constant" if _is_numeric(expression) else "auxiliary"


def _is_numeric(expression: Expression) -> bool:
    if isinstance(expression, Call):
        operators = ("+", "-", "*", "/", "^", "negative")
        return expression.function in operators and all(_is_numeric(part) for part in expression.arguments)
    return isinstance(expression, Number)


def _parameter(key: str, name: str, expression: Expression) -> Variable:
    return Variable(name, key, "auxiliary", "", (None, None), "", "", 0, expression, hidden=True)


def _limits(limits: Any) -> tuple[float | None, float | None]:
    if not isinstance(limits, (tuple, list)) or len(limits) != 2:
        return None, None
    return _limit(limits[0]), _limit(limits[1])


def _limit(value: Any) -> float | None:
    number = math.nan if value is None else float(value)
    return None if math.isnan(number) else number


def _negative(argument: Expression) -> Expression:
    return Number(-argument.value) if isinstance(argument, Number) else Call("negative", (argument,))


def _power(arguments: list[Expression], bracketed: bool) -> Expression:
    """From right to left; the minus of a leading number is of the whole power, as in Vensim (-2^2 = -4)."""
    first = arguments[0]
    minus = isinstance(first, Number) and math.copysign(1.0, first.value) < 0 and not bracketed
    if minus and isinstance(first, Number):
        arguments = [Number(-first.value), *arguments[1:]]
    result = arguments[-1]
    for argument in reversed(arguments[:-1]):
        result = Call("^", (argument, result))
    return Call("negative", (result,)) if minus else result


def _chain(operator: str, arguments: list[Expression]) -> Expression:
    result = arguments[0]
    for argument in arguments[1:]:
        result = Call(operator, (result, argument))
    return result


def _spelling(key: str) -> str:
    return key.upper().replace("_", " ")


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
