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
"""What Vensim takes for zero in ZIDZ, XIDZ and QUANTUM."""

_DIRECT = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow", "power": "pow", "negative": "neg",
    "min": "min", "max": "max", "abs": "abs", "exp": "exp", "ln": "log", "sqrt": "sqrt",
    "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "integer": "trunc",
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
        return method(*arguments)

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

    def _quantum(self, value: int, step: int) -> int:
        graph = self.graph
        whole = graph.add("mul", step, graph.add("trunc", graph.add("div", value, step)))
        return graph.add("select", graph.add("lt", step, graph.const(SMALL)), value, whole)

    def _modulo(self, value: int, step: int) -> int:
        return self.graph.add("sub", value, self._quantum(value, step))

    # -- functions of the clock

    def _time(self) -> int:
        start = self.lowering.stage == "start"
        return self.graph.leaf("clock", "initial_time") if start else self.graph.leaf("time")

    def _time_step(self) -> int:
        return self.graph.leaf("clock", "time_step")

    def _step(self, height: int, at: int) -> int:
        self.lowering.by_steps("STEP")
        graph = self.graph
        half = graph.add("div", self._time_step(), graph.const(2.0))
        on = graph.add("gt", graph.add("add", self._time(), half), at)
        return graph.add("mul", height, graph.add("float", on))

    def _ramp(self, slope: int, start: int, end: int) -> int:
        return self._ramp_to(slope, start, self.graph.add("min", end, self._time()))

    def _ramp_without_end(self, slope: int, start: int) -> int:
        return self._ramp_to(slope, start, self._time())

    def _ramp_to(self, slope: int, start: int, final: int) -> int:
        graph = self.graph
        on = graph.add("gt", graph.add("add", self._time(), graph.const(SMALL)), start)
        height = graph.add("mul", graph.add("float", on), slope)
        return graph.add("mul", height, graph.add("sub", final, start))

    def _pulse(self, start: int, width: int) -> int:
        return self._pulse_of(start, width, self.graph.const(1.0))

    def _pulse_magnitude(self, start: int, magnitude: int) -> int:
        width = self.graph.add("mul", self.graph.const(0.5), self._time_step())
        return self._pulse_of(start, width, self.graph.add("div", magnitude, self._time_step()))

    def _pulse_of(self, start: int, width: int, height: int) -> int:
        self.lowering.by_steps("PULSE")
        graph, time = self.graph, self._time()
        begun = graph.add("le", graph.add("sub", start, graph.const(SMALL)), time)
        running = graph.add("lt", time, graph.add("add", start, width))
        return graph.add("select", graph.add("and", begun, running), height, graph.const(0.0))

    def _pulse_train(self, start: int, every: int, width: int, end: int) -> int:
        return self._train(start, every, width, self.graph.const(1.0), end)

    def _pulse_train_magnitude(self, start: int, every: int, magnitude: int) -> int:
        width = self.graph.add("mul", self.graph.const(0.5), self._time_step())
        return self._train(start, every, width, self.graph.add("div", magnitude, self._time_step()), None)

    def _train(self, start: int, every: int, width: int, height: int, end: int | None) -> int:
        """Pulses again and again; with an interval of zero, one."""
        single = self._pulse_of(start, width, height)
        graph, time = self.graph, self._time()
        since = graph.add("add", graph.add("sub", time, start), graph.const(SMALL))
        on = graph.add("lt", graph.add("mod", since, every), width)
        on = graph.add("and", graph.add("le", start, time), on)
        if end is not None:
            on = graph.add("and", on, graph.add("lt", time, end))
        many = graph.add("select", on, height, graph.const(0.0))
        return graph.add("select", graph.add("eq", every, graph.const(0.0)), single, many)

    # -- random functions: one stream for each place in the model

    def _uniform(self) -> int:
        self.lowering.by_steps("a random function")
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
