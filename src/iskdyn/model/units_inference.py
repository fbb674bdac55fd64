"""The unit of every expression of a model, and where two units that must be equal are not.

A number is of any unit where it is added or compared (MAX(0, stock)) and a pure number where it
multiplies. What has no unit, or stands above an error, is not known and raises no further error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from iskdyn.model.expression import Call, Expression, Lookup, Number, Reference, Table
from iskdyn.model.program import Program, Variable, constant_value
from iskdyn.model.units_algebra import Unit


class Open(Enum):
    """What stands where there is no unit to compare."""

    NUMBER = "of any unit"
    UNKNOWN = "not known"


Found = Unit | Open

_ANY_ONE, _PURE, _FUNCTION_OF_TWO = ("x", "x"), ("d", "d"), ("xx", "x")
RULES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("negative", "abs", "integer", "floor", "initial"), _ANY_ONE),
    **dict.fromkeys(("+", "-", "min", "max", "quantum", "modulo", "floored_mod", "active_initial"), _FUNCTION_OF_TWO),
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), ("xx", "d")),
    **dict.fromkeys(("and", "or", "log"), ("dd", "d")),
    **dict.fromkeys(("not", "exp", "ln", "sin", "cos", "tan", "arcsin", "arccos", "arctan"), _PURE),
    **dict.fromkeys(("sinh", "cosh", "tanh"), _PURE),
    **dict.fromkeys(("pi", "random_0_1"), ("", "d")),
    "if_then_else": ("dxx", "x"),
    "step": ("xt", "x"), "step_at": ("xt", "x"), "ramp": ("rtt", "x"), "ramp_without_end": ("rt", "x"),
    "pulse": ("tt", "d"), "pulse_train": ("tttt", "d"),
    "pulse_magnitude": ("at", "x"), "pulse_train_magnitude": ("att", "x"),
    "random_uniform": ("xx*", "x"), "random_normal": ("xxxx*", "x"), "random_exponential": ("xxxx*", "x"),
    "integ": ("rx", "x"), "integ_non_negative": ("rx", "x"),
    "smooth": ("xtxd", "x"), "delay": ("xtxd", "x"), "delay_n": ("xtxd", "x"), "delay_fixed": ("xtx", "x"),
    "trend": ("*tp", "p"), "forecast": ("xttp", "x"), "sample_if_true": ("dxx", "x"),
}  # fmt: skip
"""Arguments and result of a function: x one and the same unit, r that unit per time, a that unit times time,
t time, p per time, d a pure number, * any."""


@dataclass(frozen=True)
class Mismatch:
    """Two units that must be equal and are not.

    variable : whose equation
    whole, part : the sub-expression, and its part with the unit `found` where `expected` is needed
    """

    variable: str
    whole: Expression
    part: Expression
    found: Unit
    expected: Unit


@dataclass
class Inference:
    """Works out units with given units of the variables.

    units : key -> unit of each variable that has one; 'time_step' gives the unit of time
    """

    program: Program
    units: Mapping[str, Unit]
    mismatches: list[Mismatch] = field(default_factory=list)
    _variable: str = ""
    _hidden: dict[str, Found] = field(default_factory=dict)

    @property
    def time(self) -> Found:
        """The unit of time."""
        return self.units.get("time_step", Open.UNKNOWN)

    def equation(self, variable: Variable) -> None:
        """Compare both sides of one equation; what is wrong is added to `mismatches`."""
        self._variable = variable.key
        expression = variable.expression
        if isinstance(expression, Table):
            return
        own = self.units.get(variable.key, Open.UNKNOWN)
        if variable.kind == "control":
            self._require(expression, expression, own, self.time)
        if variable.kind == "stock" and isinstance(expression, Call):
            self._by_rule(expression, own)
        else:
            self._require(expression, expression, self.unit(expression), own)

    def unit(self, node: Expression) -> Found:
        """The unit of an expression."""
        if isinstance(node, (Number, Table)):
            return Open.NUMBER
        if isinstance(node, Reference):
            return self._reference(node.name)
        if isinstance(node, Lookup):
            return self._lookup(node)
        if node.function in ("*", "/", "zidz") or (node.function == "safediv" and len(node.arguments) == 2):
            return self._product(node, [self.unit(part) for part in node.arguments])
        if node.function in ("^", "power", "sqrt"):
            return self._power(node)
        if node.function in ("xidz", "safediv"):
            *ratio, otherwise = node.arguments
            return self.unit(Call("max", (Call("/", tuple(ratio)), otherwise)))
        return self._by_rule(node)

    def _reference(self, key: str) -> Found:
        if key == "time":
            return self.time
        variable = self.program.by_key.get(key)
        if variable is None or not variable.hidden:
            return self.units.get(key, Open.UNKNOWN)
        if key not in self._hidden:
            self._hidden[key] = Open.UNKNOWN
            self._hidden[key] = self.unit(variable.expression)
        return self._hidden[key]

    def _lookup(self, node: Lookup) -> Found:
        """A table's unit is that of its y; its x is a pure number, or the time itself."""
        if node.argument != Reference("time"):
            self._require(node, node.argument, self.unit(node.argument), Unit())
        return self.units.get(node.table, Open.UNKNOWN) if isinstance(node.table, str) else Open.NUMBER

    def _product(self, node: Call, found: list[Found]) -> Found:
        if Open.UNKNOWN in found:
            return Open.UNKNOWN
        if set(found) == {Open.NUMBER}:
            return Open.NUMBER
        left, right = (unit if isinstance(unit, Unit) else Unit() for unit in found)
        return left * right if node.function == "*" else left / right

    def _power(self, node: Call) -> Found:
        base = node.arguments[0]
        found = self.unit(base)
        exponent: Expression = Number(0.5) if node.function == "sqrt" else node.arguments[1]
        value = constant_value(exponent)
        if math.isfinite(value):
            return found ** Fraction(value).limit_denominator(1000) if isinstance(found, Unit) else found
        self._require(node, exponent, self.unit(exponent), Unit())
        self._require(node, base, found, Unit())
        return Unit()

    def _by_rule(self, node: Call, shared: Found = Open.NUMBER) -> Found:
        """By the table of rules; `shared` is the unit of its x where that is known beforehand."""
        kinds, result = RULES[node.function]
        found = [self.unit(part) for part in node.arguments]
        scales = {"x": Unit(), "r": self.time, "a": _per(self.time)}
        n_mismatches = len(self.mismatches)
        for part, unit, kind in sorted(
            zip(node.arguments, found, kinds, strict=True), key=lambda one: one[2] != "x"
        ):
            if kind in scales:
                whole = _times(unit, scales[kind])
                if isinstance(shared, Unit):
                    self._require(node, part, unit, _divided(shared, scales[kind]))
                elif shared is Open.NUMBER or isinstance(whole, Unit):
                    shared = whole
            elif kind != "*":
                self._require(node, part, unit, {"t": self.time, "p": _per(self.time)}.get(kind, Unit()))
        if len(self.mismatches) > n_mismatches:
            return Open.UNKNOWN
        return {"x": shared, "d": Unit(), "p": _per(self.time)}[result]

    def _require(self, whole: Expression, part: Expression, found: Found, expected: Found) -> None:
        if isinstance(found, Unit) and isinstance(expected, Unit) and found != expected:
            self.mismatches.append(Mismatch(self._variable, whole, part, found, expected))


def _times(unit: Found, scale: Found) -> Found:
    if isinstance(unit, Unit) and isinstance(scale, Unit):
        return unit * scale
    return unit if isinstance(unit, Open) else Open.UNKNOWN


def _divided(unit: Unit, scale: Found) -> Found:
    return unit / scale if isinstance(scale, Unit) else Open.UNKNOWN


def _per(unit: Found) -> Found:
    return Unit() / unit if isinstance(unit, Unit) else unit
