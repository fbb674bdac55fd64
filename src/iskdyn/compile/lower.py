"""`Program` -> graph of primitives: functions are spelled out, memory becomes states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from zlib import crc32

from iskdyn.compile.graph import BOOLEAN, Graph
from iskdyn.errors import InternalError, Problem
from iskdyn.model.expression import STATEFUL, Call, Expression, Lookup, Number, Reference, Table, walk
from iskdyn.model.program import Program

SMALL = 1e-6
"""What Vensim takes for zero in ZIDZ, XIDZ and QUANTUM."""

Stage = Literal["start", "step"]
CONTROLS = ("initial_time", "final_time", "time_step", "saveper")


@dataclass(frozen=True)
class State:
    """One number that lives from step to step."""

    name: str
    initial: int
    following: int


@dataclass(frozen=True)
class Ring:
    """A fixed delay: `length` values that move up one place a step."""

    name: str
    length: int
    initial: int
    input: int


@dataclass(frozen=True)
class Shape:
    """What fixes the number of states of one function with a memory: its order, or a fixed delay's length."""

    name: str
    function: str
    order: int
    time: int


@dataclass
class Lowered:
    """A program as a graph.

    Attributes
    ----------
    values : key of a variable -> node of its value in a step
    starts : key -> node of its value at the start
    params : keys of the constants and stocks (initial values) that node ("param", i) stands for
    series : keys of the variables that node ("series", i) stands for
    tables : what node ("lookup", i) reads; named tables by their key
    """

    graph: Graph
    values: dict[str, int] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    params: dict[str, int] = field(default_factory=dict)
    series: dict[str, int] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    table_names: dict[str, int] = field(default_factory=dict)
    stepwise: list[str] = field(default_factory=list)


class Lowering:
    """Builds a `Lowered`. Without `orders` only the start is built, and `shapes` says which orders are asked."""

    def __init__(
        self,
        program: Program,
        *,
        series: Iterable[str] = (),
        free: Callable[[str], bool] = lambda key: True,
        orders: Sequence[int] | None = None,
    ) -> None:
        self.program = program
        self.graph = Graph()
        self.out = Lowered(self.graph)
        self.out.series = {key: i for i, key in enumerate(series)}
        self.free = free
        self.orders = orders
        self.slots: dict[int, list[int]] = {}
        self.streams: dict[tuple[str, str], int] = {}
        self.stage: Stage = "start"
        self.owner = ""
        self._named_tables()
        self._start()
        if orders is not None:
            self._step()

    # -- the two passes

    def _start(self) -> None:
        out = self.out
        for key in self.program.start_order:
            out.starts[key] = self._variable(key)
        for variable in self.program.by_key.values():
            self.owner = variable.key
            if variable.key in out.series:
                continue
            for node in walk(variable.expression):
                if isinstance(node, Call) and node.function in ("smooth", "delay", "delay_n", "delay_fixed"):
                    out.shapes.append(self._shape(node))

    def _shape(self, node: Call) -> Shape:
        named = self._named(node)
        name = self.program.by_key[self.owner].name
        time = self.expression(named["time"]) if node.function != "smooth" else self.graph.const(0.0)
        order = self.expression(named["order"]) if "order" in named else self.graph.const(1.0)
        return Shape(name, node.function, order, time)

    def _step(self) -> None:
        out, program = self.out, self.program
        orders = iter(self.orders or ())
        pending: list[tuple[str, Call, list[int], int]] = []
        for variable in program.by_key.values():
            self.owner = variable.key
            if variable.key in out.series:
                continue
            for node in walk(variable.expression):
                if isinstance(node, Call) and node.function in STATEFUL:
                    shaped = node.function in ("smooth", "delay", "delay_n", "delay_fixed")
                    pending.append((variable.key, node, *self._allocate(node, next(orders) if shaped else 1)))
        self.stage = "step"
        for key in program.step_order:
            out.values[key] = self._variable(key)
        for key, node, slots, order in pending:
            self.owner = key
            self._advance(node, slots, order)
        if any(state.following < 0 for state in out.states):
            raise InternalError(Problem(program.path.name, "a state was left without its next value"))

    def _variable(self, key: str) -> int:
        self.owner = key
        variable = self.program.by_key[key]
        if key in self.out.series:
            return self._series(key)
        if key in CONTROLS and variable.kind == "control":
            return self.graph.leaf("clock", key)
        if variable.kind == "constant" and self.free(key):
            return self._param(key)
        if variable.kind == "stock" and self.stage == "start":
            return self._stock_start(key, variable.expression)
        return self._float(self.expression(variable.expression))

    def _series(self, key: str) -> int:
        return self.graph.leaf("series" if self.stage == "step" else "series_start", self.out.series[key])

    def _stock_start(self, key: str, expression: Expression) -> int:
        if not isinstance(expression, Call):
            raise InternalError(Problem(key, "a stock without INTEG"))
        return self._initial_of(key, expression)

    def _initial_of(self, key: str, node: Call) -> int:
        """A stock's first value: what the caller gave, else what the equation says (nan = not given)."""
        written = self._float(self.expression(node.arguments[1]))
        top = self.program.by_key[key]
        if top.kind != "stock" or top.expression is not node or not self.free(key):
            return written
        given = self._param(key)
        return self.graph.add("select", self.graph.add("eq", given, given), given, written)

    def _param(self, key: str) -> int:
        return self.graph.leaf("param", self.out.params.setdefault(key, len(self.out.params)))

    def _named_tables(self) -> None:
        for variable in self.program.by_key.values():
            if isinstance(variable.expression, Table):
                self.out.table_names[variable.key] = len(self.out.tables)
                self.out.tables.append(variable.expression)

    # -- expressions

    def expression(self, node: Expression) -> int:
        """The node of an expression at the current stage."""
        if isinstance(node, Number):
            return self.graph.const(node.value)
        if isinstance(node, Reference):
            return self._reference(node.name)
        if isinstance(node, Lookup):
            return self._lookup(node)
        if isinstance(node, Table):
            raise InternalError(Problem(self.owner, "a table has no value without an argument"))
        if node.function in STATEFUL:
            return self._memory(node)
        return self._call(node)

    def _reference(self, key: str) -> int:
        if key == "time":
            return (
                self.graph.leaf("clock", "initial_time") if self.stage == "start" else self.graph.leaf("time")
            )
        known = self.out.starts if self.stage == "start" else self.out.values
        if key not in known:
            owner = self.owner
            known[key] = self._variable(key)
            self.owner = owner
        return known[key]

    def _lookup(self, node: Lookup) -> int:
        argument = self._float(self.expression(node.argument))
        if isinstance(node.table, str):
            if node.table in self.out.series:
                return self._series(node.table)
            number = self.out.table_names[node.table]
        else:
            if node.table not in self.out.tables:
                self.out.tables.append(node.table)
            number = self.out.tables.index(node.table)
        return self.graph.add("lookup", argument, data=number)

    def _call(self, node: Call) -> int:
        arguments = [self.expression(argument) for argument in node.arguments]
        return Functions(self).call(node.function, arguments)

    def _float(self, number: int) -> int:
        return self.graph.add("float", number) if self.graph[number].op in BOOLEAN else number

    def truth(self, number: int) -> int:
        """A node as a condition."""
        if self.graph[number].op in BOOLEAN:
            return number
        return self.graph.add("ne", number, self.graph.const(0.0))

    # -- memory

    def _named(self, node: Call) -> dict[str, Expression]:
        return dict(zip(STATEFUL[node.function], node.arguments, strict=True))

    def _value(self, expression: Expression) -> int:
        return self._float(self.expression(expression))

    def _allocate(self, node: Call, order: int) -> tuple[list[int], int]:
        """Give a function with a memory its states, with their first values."""
        named, function = self._named(node), node.function
        owner = self.program.by_key[self.owner].name
        if function in ("initial", "active_initial"):
            slots = [self._value(named["initial"])] if function == "initial" else []
        elif function == "delay_fixed":
            self.out.rings.append(Ring(owner, order, self._value(named["initial"]), -1))
            slots = [len(self.out.rings) - 1]
        else:
            firsts = self._firsts(node, named, order)
            base = len(self.out.states)
            self.out.states.extend(State(owner, first, -1) for first in firsts)
            slots = list(range(base, base + len(firsts)))
        self.slots[id(node)] = slots
        return slots, order

    def _firsts(self, node: Call, named: dict[str, Expression], order: int) -> list[int]:
        graph, function = self.graph, node.function
        if function in ("integ", "integ_non_negative"):
            return [self._initial_of(self.owner, node)]
        first = self._value(named["initial"])
        if function in ("delay", "delay_n"):
            time = self._value(named["time"])
            contents = [graph.add("mul", first, time)] * order
            return contents + ([time] * order if function == "delay_n" else [])
        if function == "trend":
            slope = graph.add("mul", first, self._value(named["time"]))
            return [graph.add("div", self._value(named["input"]), graph.add("add", graph.const(1.0), slope))]
        if function == "forecast":
            return [graph.add("div", self._value(named["input"]), graph.add("add", graph.const(1.0), first))]
        return [first] * (order if function == "smooth" else 1)

    def _memory(self, node: Call) -> int:
        """The present value of a function with a memory."""
        named, function = self._named(node), node.function
        start = self.stage == "start"
        if function == "active_initial":
            return self._value(named["initial" if start else "active"])
        if function == "initial":
            return self._value(named["initial"]) if start else self.slots[id(node)][0]
        if start:
            states = (
                self._firsts(node, named, 1) if function != "delay_fixed" else [self._value(named["initial"])]
            )
        elif function == "delay_fixed":
            self.out.stepwise.append(self.program.by_key[self.owner].name)
            return self.graph.leaf("ring", self.slots[id(node)][0])
        else:
            states = [self.graph.leaf("state", slot) for slot in self.slots[id(node)]]
        return self._reading(function, named, states)

    def _reading(self, function: str, named: dict[str, Expression], states: list[int]) -> int:
        graph = self.graph
        if function == "delay":
            return graph.add("div", states[-1], self._value(named["time"]))
        if function == "delay_n":
            return graph.add("div", states[len(states) // 2 - 1], states[len(states) // 2])
        if function == "sample_if_true":
            self.out.stepwise.append(self.program.by_key[self.owner].name)
            condition = self.truth(self.expression(named["condition"]))
            return graph.add("select", condition, self._value(named["input"]), states[0])
        if function in ("trend", "forecast"):
            return self._slope(function, named, states[0])
        return states[-1]

    def _slope(self, function: str, named: dict[str, Expression], average: int) -> int:
        graph, call = self.graph, Functions(self).call
        value, time = self._value(named["input"]), self._value(named["time"])
        change = graph.add("sub", value, average)
        if function == "trend":
            return call("zidz", [change, graph.add("mul", time, graph.add("abs", average))])
        rate = call("zidz", [change, graph.add("mul", time, average)])
        ahead = graph.add("mul", rate, self._value(named["horizon"]))
        return graph.add("mul", value, graph.add("add", graph.const(1.0), ahead))

    def _advance(self, node: Call, slots: list[int], order: int) -> None:
        """Write the next value of each state of a function with a memory."""
        named, function, graph = self._named(node), node.function, self.graph
        if function in ("initial", "active_initial"):
            return
        if function == "delay_fixed":
            ring = self.out.rings[slots[0]]
            self.out.rings[slots[0]] = Ring(ring.name, ring.length, ring.initial, self._value(named["input"]))
            return
        states = [graph.leaf("state", slot) for slot in slots]
        if function == "sample_if_true":
            self._set(slots[0], self._memory(node))
        elif function in ("integ", "integ_non_negative"):
            following = self._euler(states[0], self._value(named["flow"]))
            if function == "integ_non_negative":
                following = graph.add("max", following, graph.const(0.0))
            self._set(slots[0], following)
        elif function in ("trend", "forecast"):
            gap = graph.add("sub", self._value(named["input"]), states[0])
            self._set(slots[0], self._euler(states[0], graph.add("div", gap, self._value(named["time"]))))
        elif function == "smooth":
            self._advance_smooth(named, slots, states, order)
        else:
            self._advance_delay(function, named, slots, states, order)

    def _advance_smooth(
        self, named: dict[str, Expression], slots: list[int], states: list[int], order: int
    ) -> None:
        graph = self.graph
        time = self._value(named["time"])
        for slot, state, target in zip(
            slots, states, [self._value(named["input"]), *states[:-1]], strict=True
        ):
            gap = graph.add("mul", graph.add("sub", target, state), graph.const(order))
            self._set(slot, self._euler(state, graph.add("div", gap, time)))

    def _advance_delay(
        self, function: str, named: dict[str, Expression], slots: list[int], states: list[int], order: int
    ) -> None:
        graph = self.graph
        time = self._value(named["time"])
        times = [time] * order
        if function == "delay_n":
            times = [time, *states[order:-1]] if order > 1 else [time]
            for slot, value in zip(slots[order:], times, strict=True):
                self._set(slot, value)
        leaving = [graph.add("div", state, one) for state, one in zip(states[:order], times, strict=True)]
        entering = [self._value(named["input"]), *leaving[:-1]]
        for slot, state, more, less in zip(slots[:order], states[:order], entering, leaving, strict=True):
            net = graph.add("mul", graph.add("sub", more, less), graph.const(order))
            self._set(slot, self._euler(state, net))

    def _euler(self, state: int, rate: int) -> int:
        step = self.graph.leaf("clock", "time_step")
        return self.graph.add("add", state, self.graph.add("mul", rate, step))

    def _set(self, slot: int, following: int) -> None:
        state = self.out.states[slot]
        self.out.states[slot] = State(state.name, state.initial, following)


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

    def _stepwise(self) -> None:
        self.lowering.out.stepwise.append(self.lowering.program.by_key[self.lowering.owner].name)

    def _step(self, height: int, at: int) -> int:
        self._stepwise()
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
        self._stepwise()
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
        self._stepwise()
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
            self._normal_cdf(graph.add("div", graph.add("sub", end, mean), deviation)) for end in (low, high)
        )
        share = graph.add("add", below, graph.add("mul", graph.add("sub", above, below), self._uniform()))
        value = graph.add("add", mean, graph.add("mul", deviation, self._normal_quantile(share)))
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

    def _polynomial(self, coefficients: Sequence[float], x: int) -> int:
        """Horner's rule, the highest power first."""
        graph = self.graph
        value = graph.const(coefficients[0])
        for coefficient in coefficients[1:]:
            value = graph.add("add", graph.add("mul", value, x), graph.const(coefficient))
        return value

    def _normal_cdf(self, x: int) -> int:
        """Share of a standard normal below x (Hart 1968, as given by West 2005; error below 1e-14)."""
        graph = self.graph
        size = graph.add("abs", x)
        bell = graph.add("exp", graph.add("mul", graph.add("mul", size, size), graph.const(-0.5)))
        above, below = self._polynomial(_HART_ABOVE, size), self._polynomial(_HART_BELOW, size)
        near = graph.add("mul", bell, graph.add("div", above, below))
        fraction = graph.add("add", size, graph.const(0.65))
        for number in (4.0, 3.0, 2.0, 1.0):
            fraction = graph.add("add", size, graph.add("div", graph.const(number), fraction))
        far = graph.add("div", graph.add("div", bell, fraction), graph.const(2.506628274631))
        tail = graph.add("select", graph.add("lt", size, graph.const(7.07106781186547)), near, far)
        tail = graph.add("select", graph.add("gt", size, graph.const(37.0)), graph.const(0.0), tail)
        positive = graph.add("gt", x, graph.const(0.0))
        return graph.add("select", positive, graph.add("sub", graph.const(1.0), tail), tail)

    def _normal_quantile(self, p: int) -> int:
        """Inverse of the normal distribution (Acklam 2003; relative error below 1.2e-9)."""
        graph, one = self.graph, self.graph.const(1.0)
        upper = graph.add("gt", p, graph.const(0.5))
        tail = graph.add("select", upper, graph.add("sub", one, p), p)
        root = graph.add("mul", graph.const(-2.0), graph.add("log", tail))
        q = graph.add("sqrt", root)
        outer = graph.add("div", self._polynomial(_ACKLAM_C, q), self._polynomial((*_ACKLAM_D, 1.0), q))
        outer = graph.add("select", upper, graph.add("neg", outer), outer)
        centre = graph.add("sub", p, graph.const(0.5))
        square = graph.add("mul", centre, centre)
        ratio = graph.add(
            "div", self._polynomial(_ACKLAM_A, square), self._polynomial((*_ACKLAM_B, 1.0), square)
        )
        return graph.add(
            "select", graph.add("lt", tail, graph.const(0.02425)), outer, graph.add("mul", ratio, centre)
        )


_HART_ABOVE = (
    3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
    221.213596169931, 220.206867912376,
)  # fmt: skip
_HART_BELOW = (
    8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
    637.333633378831, 793.826512519948, 440.413735824752,
)  # fmt: skip
_ACKLAM_A = (
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.383577518672690e2,
    -3.066479806614716e1, 2.506628277459239,
)  # fmt: skip
_ACKLAM_B = (
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
)  # fmt: skip
_ACKLAM_C = (
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
    4.374664141464968, 2.938163982698783,
)  # fmt: skip
_ACKLAM_D = (7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416)
