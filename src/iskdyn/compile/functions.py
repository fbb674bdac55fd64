"""Functions without a memory, spelled out in primitives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from zlib import crc32

from iskdyn.compile.graph import BOOLEAN
from iskdyn.compile.normal import normal_cdf, normal_quantile

if TYPE_CHECKING:
    from iskdyn.compile.lower import Lowering

SMALL = 1e-6
"""What Vensim takes for zero in ZIDZ and XIDZ (vensim.com/documentation/fn_zidz.html)."""

EQUAL = 1e-6
"""Part of a time step within which two times are the same: rounding is far below it, a modeller's choice above."""

BY_STEPS = ("step", "ramp", "pulse", "random")
"""Beginnings of the names of functions that change from step to step only, whatever the method: the manuals of
STEP, RAMP, PULSE and PULSE TRAIN say so (vensim.com/documentation/rungekutta.html)."""

_DIRECT = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow", "power": "pow", "negative": "neg",
    "min": "min", "max": "max", "abs": "abs", "exp": "exp", "ln": "log", "sqrt": "sqrt",
    "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "integer": "trunc", "floored_mod": "mod",
    "=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge",
}  # fmt: skip


class Functions:
    """Functions without a memory, spelled out in primitives."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering = lowering
        self.graph = lowering.graph

    def call(self, function: str, arguments: list[int]) -> int:
        """The node of a function applied to nodes."""
        if function in ("and", "or", "not"):
            return self.graph.add(function, *(self.lowering.truth(argument) for argument in arguments))
        if function == "if_then_else":
            condition = self.lowering.truth(arguments[0])
            return self.graph.add("select", condition, *(self._float(a) for a in arguments[1:]))
        arguments = [self._float(argument) for argument in arguments]
        if function in _DIRECT:
            return self.graph.add(_DIRECT[function], *arguments)
        method: Callable[..., int] = getattr(self, f"_{function}")
        number = method(*arguments)
        return self.graph.held(number) if function.startswith(BY_STEPS) else number

    def _float(self, number: int) -> int:
        return self.graph.add("float", number) if self.graph[number].op in BOOLEAN else number

    def _pi(self) -> int:
        return self.graph.const(3.141592653589793)

    def _log(self, value: int, base: int) -> int:
        return self.graph.add("div", self.graph.add("log", value), self.graph.add("log", base))

    def _zidz(self, numerator: int, denominator: int) -> int:
        return self._xidz(numerator, denominator, self.graph.const(0.0))

    def _xidz(self, numerator: int, denominator: int, otherwise: int) -> int:
        graph = self.graph
        zero = graph.add("lt", graph.add("abs", denominator), graph.const(SMALL))
        return graph.add("select", zero, otherwise, graph.add("div", numerator, denominator))

    def _safediv(self, numerator: int, denominator: int, otherwise: int | None = None) -> int:
        """isee's SAFEDIV: only an exact zero counts as zero."""
        graph = self.graph
        none = graph.const(0.0)
        instead = none if otherwise is None else otherwise
        zero = graph.add("eq", denominator, none)
        return graph.add("select", zero, instead, graph.add("div", numerator, denominator))

    def _floor(self, value: int) -> int:
        """XMILE's INT: the next lower whole number."""
        return self.graph.add("sub", value, self.graph.add("mod", value, self.graph.const(1.0)))

    def _quantum(self, value: int, step: int) -> int:
        """The multiple of `step` nearest to zero; the value itself where `step` is not above zero."""
        graph = self.graph
        whole = graph.add("mul", step, graph.add("trunc", graph.add("div", value, step)))
        return graph.add("select", graph.add("le", step, graph.const(0.0)), value, whole)

    def _modulo(self, value: int, step: int) -> int:
        return self.graph.add("sub", value, self._quantum(value, step))

    # -- functions of the clock

    def _time(self) -> int:
        start = self.lowering.stage == "start"
        return self.graph.leaf("clock", "initial_time") if start else self.graph.leaf("time")

    def _time_step(self) -> int:
        return self.graph.leaf("clock", "time_step")

    def _sum(self, *terms: int) -> int:
        total = terms[0]
        for term in terms[1:]:
            total = self.graph.add("add", total, term)
        return total

    def _part_of_step(self, part: float) -> int:
        return self.graph.add("mul", self.graph.const(part), self._time_step())

    def _after(self, time: int, moment: int) -> int:
        """Whether a time is later than a moment: equal ones are equal however they were rounded."""
        return self.graph.add("gt", self.graph.add("sub", time, moment), self._part_of_step(EQUAL))

    def _reached(self, moment: int) -> int:
        """Whether the step begins at a moment or later."""
        return self.graph.add("not", self._after(moment, self._time()))

    def _time_plus(self) -> int:
        """The middle of the step, with which Vensim compares the times of events."""
        return self._sum(self._time(), self._part_of_step(0.5))

    def _while(self, on: int, height: int) -> int:
        return self.graph.add("select", on, height, self.graph.const(0.0))

    def _step(self, height: int, at: int) -> int:
        return self._while(self._after(self._time_plus(), at), height)

    def _step_at(self, height: int, at: int) -> int:
        """XMILE's STEP: from the first step at or after the moment."""
        return self._while(self._reached(at), height)

    def _ramp(self, slope: int, start: int, end: int) -> int:
        return self._ramp_to(slope, start, self.graph.add("min", end, self._time()))

    def _ramp_without_end(self, slope: int, start: int) -> int:
        return self._ramp_to(slope, start, self._time())

    def _ramp_to(self, slope: int, start: int, final: int) -> int:
        rise = self.graph.add("mul", slope, self.graph.add("sub", final, start))
        return self._while(self._after(self._time(), start), rise)

    def _pulse(self, start: int, width: int) -> int:
        graph, plus = self.graph, self._time_plus()
        none = graph.add("eq", width, graph.const(0.0))
        width = graph.add("select", none, self._time_step(), width)
        ended = self._after(graph.add("add", start, width), plus)
        return self._while(graph.add("and", self._after(plus, start), ended), graph.const(1.0))

    def _pulse_magnitude(self, start: int, magnitude: int) -> int:
        """XMILE's PULSE without an interval: all of the volume in the first step at or after `start`."""
        graph = self.graph
        over = graph.add("not", self._after(self._sum(start, self._time_step()), self._time()))
        once = graph.add("and", self._reached(start), graph.add("not", over))
        return self._while(once, graph.add("div", magnitude, self._time_step()))

    def _pulse_train(self, start: int, every: int, width: int, end: int) -> int:
        """At least a step wide; the step of `end` counts; with gaps shorter than the pulse, on throughout."""
        graph, plus = self.graph, self._time_plus()
        width = graph.add("max", width, self._time_step())
        on = graph.add("or", graph.add("lt", every, width), self._repeats(plus, start, every, width))
        begun = graph.add("and", self._after(plus, start), on)
        last = self._sum(end, self._part_of_step(0.5))
        return self._while(graph.add("and", begun, self._after(last, self._time())), graph.const(1.0))

    def _pulse_train_magnitude(self, start: int, every: int, magnitude: int) -> int:
        """XMILE's PULSE with an interval; 0 is none."""
        graph, step = self.graph, self._time_step()
        again = graph.add("and", self._reached(start), self._repeats(self._time(), start, every, step))
        many = self._while(again, graph.add("div", magnitude, step))
        none = graph.add("eq", every, graph.const(0.0))
        return graph.add("select", none, self._pulse_magnitude(start, magnitude), many)

    def _repeats(self, time: int, start: int, every: int, width: int) -> int:
        """Whether less than `width` has passed since the last of the moments start, start + every, ..."""
        graph = self.graph
        since = self._sum(graph.add("sub", time, start), self._part_of_step(EQUAL))
        return graph.add("lt", graph.add("mod", since, every), width)

    # -- random functions: one stream for each place in the model

    def _uniform(self) -> int:
        lowering = self.lowering
        place = (lowering.stage, lowering.owner)
        number = lowering.streams[place] = lowering.streams.get(place, -1) + 1
        counter = self.graph.const(0.0) if lowering.stage == "start" else self.graph.leaf("count")
        return self.graph.add("random", counter, data=crc32(f"{lowering.owner}:{number}".encode()))

    def _random_0_1(self) -> int:
        return self._uniform()

    def _random_uniform(self, low: int, high: int, seed: int) -> int:
        graph = self.graph
        return graph.add("add", low, graph.add("mul", graph.add("sub", high, low), self._uniform()))

    def _random_normal(self, low: int, high: int, mean: int, deviation: int, seed: int) -> int:
        """Normal, cut at both ends, by the inverse of its distribution."""
        graph = self.graph
        below, above = (
            normal_cdf(graph, graph.add("div", graph.add("sub", end, mean), deviation)) for end in (low, high)
        )
        share = graph.add("add", below, graph.add("mul", graph.add("sub", above, below), self._uniform()))
        value = graph.add("add", mean, graph.add("mul", deviation, normal_quantile(graph, share)))
        none = graph.add("lt", graph.add("abs", deviation), graph.const(SMALL))
        return graph.add("select", none, mean, graph.add("min", graph.add("max", value, low), high))

    def _random_exponential(self, low: int, high: int, shift: int, scale: int, seed: int) -> int:
        """Exponential from max(low, shift), cut at the high end."""
        graph, one = self.graph, self.graph.const(1.0)
        first = graph.add("max", low, shift)
        width = graph.add("div", graph.add("sub", high, first), scale)
        mass = graph.add("sub", one, graph.add("exp", graph.add("neg", width)))
        tail = graph.add("log", graph.add("sub", one, graph.add("mul", self._uniform(), mass)))
        return graph.add("sub", first, graph.add("mul", scale, tail))
