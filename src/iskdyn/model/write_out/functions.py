"""The functions of both dialects in terms of ours; what needs the tree itself is in `special`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from iskdyn.model.expression import Call, Expression, Lookup, Number, Reference

Builder = Callable[..., Expression]
Known = Mapping[str, Mapping[int, Builder]]
"""name -> number of arguments -> builder."""

ZERO, ONE, THREE = Number(0.0), Number(1.0), Number(3.0)
"""Numbers that stand in what is written out, each made once."""
STEP_OF_TIME = Reference("time_step")
FAR = Number(1e30)
"""An end of a random function that has none: beyond every value, and its exponential is still a number."""


def call(function: str, *arguments: Expression) -> Call:
    """A call of one of our functions."""
    return Call(function, arguments)


def _same(function: str, *counts: int) -> dict[int, Builder]:
    return {count: lambda *arguments: Call(function, arguments) for count in counts}


def _folded(function: str) -> Builder:
    def build(*arguments: Expression) -> Expression:
        result = arguments[0]
        for argument in arguments[1:]:
            result = Call(function, (result, argument))
        return result

    return build


def mean(*values: Expression) -> Expression:
    """Of some values."""
    return call("/", balanced("+", values), Number(float(len(values))))


def balanced(function: str, values: Sequence[Expression]) -> Expression:
    """Terms joined by a function of two as a tree that is as flat as can be."""
    terms = list(values)
    while len(terms) > 1:
        pairs: list[Expression] = [
            Call(function, tuple(terms[i : i + 2])) for i in range(0, len(terms) - 1, 2)
        ]
        terms = pairs + ([terms[-1]] if len(terms) % 2 else [])
    return terms[0]


_BOTH: dict[str, dict[int, Builder]] = {
    name: _same(name, 1)
    for name in (
        "abs",
        "exp",
        "ln",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
    )
} | {
    "if_then_else": _same("if_then_else", 3),
    "initial": {1: lambda x: call("initial", x)},
    "active_initial": _same("active_initial", 2),
    "integ": _same("integ", 2),
    "trend": {3: lambda x, t, i: call("trend", x, t, i)},
}

VENSIM: Known = {
    **_BOTH,
    **{name: _same(name, 2) for name in ("min", "max", "log", "power", "modulo", "quantum", "zidz", "step", "pulse")},
    "integer": _same("integer", 1), "xidz": _same("xidz", 3), "ramp": _same("ramp", 3),
    "pulse_train": {4: lambda start, width, every, end: call("pulse_train", start, every, width, end)},
    "smooth": {2: lambda x, t: call("smooth", x, t, fresh(x), ONE)},
    "smoothi": {3: lambda x, t, i: call("smooth", x, t, i, ONE)},
    "smooth3": {2: lambda x, t: call("smooth", x, t, fresh(x), THREE)},
    "smooth3i": {3: lambda x, t, i: call("smooth", x, t, i, THREE)},
    "smooth_n": _same("smooth", 4),
    "delay1": {2: lambda x, t: call("delay", x, t, fresh(x), ONE)},
    "delay1i": {3: lambda x, t, i: call("delay", x, t, i, ONE)},
    "delay3": {2: lambda x, t: call("delay", x, t, fresh(x), THREE)},
    "delay3i": {3: lambda x, t, i: call("delay", x, t, i, THREE)},
    "delay_n": _same("delay_n", 4),
    "delay_fixed": _same("delay_fixed", 3),
    "forecast": {3: lambda x, t, h: call("forecast", x, t, h, ZERO)},
    "sample_if_true": _same("sample_if_true", 3),
    "game": {1: lambda x: x},
    "reinitial": {1: lambda x: call("initial", x)},
    "time_base": {2: lambda start, slope: call("+", start, call("*", slope, Reference("time")))},
    "gamma_ln": {1: lambda x: _gamma_ln(x)},
    "random_0_1": _same("random_0_1", 0),
    "random_uniform": _same("random_uniform", 3),
    "random_normal": _same("random_normal", 5),
    "random_exponential": _same("random_exponential", 5),
}  # fmt: skip

XMILE: Known = {
    **_BOTH,
    "init": {1: lambda x: call("initial", x)},
    "int": _same("floor", 1),
    "mod": _same("floored_mod", 2),
    "modulo": _same("floored_mod", 2),
    "round": {1: lambda x: call("floor", call("+", x, Number(0.5)))},
    "log10": {1: lambda x: call("log", x, Number(10.0))},
    "log": _same("log", 2),
    "safediv": _same("safediv", 2, 3),
    "pi": {0: lambda: call("pi")},
    "percent": {1: lambda x: call("*", x, Number(100.0))},
    "sinwave": {2: lambda size, period: call("*", size, call("sin", _angle(period)))},
    "coswave": {2: lambda size, period: call("*", size, call("cos", _angle(period)))},
    "step": _same("step_at", 2),
    "ramp": {2: lambda slope, start: call("ramp_without_end", slope, start), 3: lambda a, b, c: call("ramp", a, b, c)},
    "pulse": {
        2: lambda volume, first: call("pulse_magnitude", first, volume),
        3: lambda volume, first, every: call("pulse_train_magnitude", first, every, volume),
    },
    "delay": {2: lambda x, t: call("delay_fixed", x, t, fresh(x)), 3: lambda x, t, i: call("delay_fixed", x, t, i)},
    "delay1": {2: lambda x, t: call("delay", x, t, fresh(x), ONE), 3: lambda x, t, i: call("delay", x, t, i, ONE)},
    "delay3": {
        2: lambda x, t: call("delay", x, _of_steps(t), fresh(x), THREE),
        3: lambda x, t, i: call("delay", x, _of_steps(t), i, THREE),
    },
    "delayn": {
        3: lambda x, t, n: call("delay_n", x, t, fresh(x), n),
        4: lambda x, t, n, i: call("delay_n", x, t, i, n),
    },
    "smth1": {2: lambda x, t: call("smooth", x, t, fresh(x), ONE), 3: lambda x, t, i: call("smooth", x, t, i, ONE)},
    "smth3": {2: lambda x, t: call("smooth", x, t, fresh(x), THREE), 3: lambda x, t, i: call("smooth", x, t, i, THREE)},
    "smthn": {3: lambda x, t, n: call("smooth", x, t, fresh(x), n), 4: lambda x, t, n, i: call("smooth", x, t, i, n)},
    "trend": {2: lambda x, t: call("trend", x, t, ZERO), 3: lambda x, t, i: call("trend", x, t, i)},
    "forcst": {3: lambda x, t, h: call("forecast", x, t, h, ZERO), 4: lambda x, t, h, i: call("forecast", x, t, h, i)},
    "previous": {2: lambda x, first: call("delay_fixed", x, STEP_OF_TIME, first)},
    "random": {2: lambda a, b: call("random_uniform", a, b, ZERO), 3: lambda a, b, s: call("random_uniform", a, b, s)},
    "uniform": {2: lambda a, b: call("random_uniform", a, b, ZERO), 3: lambda a, b, s: call("random_uniform", a, b, s)},
    "normal": {
        2: lambda m, d: call("random_normal", call("negative", FAR), FAR, m, d, ZERO),
        3: lambda m, d, s: call("random_normal", call("negative", FAR), FAR, m, d, s),
        5: lambda m, d, s, low, high: call("random_normal", low, high, m, d, s),
    },
    "exprnd": {
        1: lambda m: call("random_exponential", ZERO, FAR, ZERO, m, ZERO),
        2: lambda m, s: call("random_exponential", ZERO, FAR, ZERO, m, s),
    },
}  # fmt: skip

MANY: Mapping[str, Builder] = {"min": _folded("min"), "max": _folded("max"), "mean": mean}
"""XMILE's functions of any number of values."""

STARTS_WITH_INPUT = frozenset(
    {"smooth", "smooth3", "delay1", "delay3", "delay", "delayn", "smth1", "smth3", "smthn"}
)
"""Functions whose first value may be their input's."""


WRITTEN_TWICE = {"delay3": 1, "gamma_ln": 0}
"""Functions one of whose arguments stands at several places of what is written for them."""


def fresh(expression: Expression) -> Expression:
    """The same expression with calls of its own: each call with a memory stands at one place only."""
    if isinstance(expression, Call):
        return Call(expression.function, tuple(fresh(argument) for argument in expression.arguments))
    if isinstance(expression, Lookup):
        return Lookup(expression.table, fresh(expression.argument))
    return expression


_LANCZOS = (
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
)  # fmt: skip
"""Lanczos' approximation of the gamma function, g = 7: about 15 digits above 0 (Numerical Recipes, 6.1)."""


def _gamma_ln(x: Expression) -> Expression:
    """The logarithm of the gamma function of a number above 0."""
    terms: list[Expression] = [Number(_LANCZOS[0])]
    for i, weight in enumerate(_LANCZOS[1:]):
        terms.append(call("/", Number(weight), call("+", fresh(x), Number(float(i)))))
    shifted = call("+", fresh(x), Number(6.5))
    head = call("*", call("-", fresh(x), Number(0.5)), call("ln", shifted))
    tail = call("+", Number(0.5 * math.log(2 * math.pi)), call("ln", balanced("+", terms)))
    return call("+", call("-", head, shifted), tail)


def _of_steps(time: Expression) -> Expression:
    """The time of a DELAY3 whose stages last a step at least; a time that is none (0 or below) stays so."""
    least = call("if_then_else", call(">", fresh(time), ZERO), call("*", THREE, STEP_OF_TIME), fresh(time))
    return call("max", time, least)


def _angle(period: Expression) -> Expression:
    turn = call("*", Number(2.0), call("pi"))
    return call("/", call("*", turn, Reference("time")), period)


def chain(index: Expression, values: list[Expression], otherwise: Expression) -> Expression:
    """The value whose number (from 0) the index is, by halves; `otherwise` where it is none of them.

    Parameters
    ----------
    index : an expression, rounded to a whole number
    values : at least one
    otherwise : for an index below the first or above the last
    """

    def pick(first: int, last: int) -> Expression:
        if first == last:
            return values[first]
        middle = (first + last + 1) // 2
        return call(
            "if_then_else", call("<", index, _half(middle)), pick(first, middle - 1), pick(middle, last)
        )

    inside = call("and", call(">", index, _half(0)), call("<", index, _half(len(values))))
    return Call("if_then_else", (inside, pick(0, len(values) - 1), otherwise))


def _half(number: int) -> Expression:
    """Just below a whole number: an index that is off by a rounding counts as that number."""
    return Number(number - 0.5)
