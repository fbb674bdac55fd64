"""`Program` -> graph of primitives: functions are spelled out, memory becomes states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from iskdyn.compile.functions import Functions
from iskdyn.compile.graph import BOOLEAN, Graph
from iskdyn.compile.lowered import Lowered, Ring, Shape, State
from iskdyn.compile.rungekutta import TABLEAUS, runge_kutta
from iskdyn.errors import InternalError, Problem
from iskdyn.model.expression import STATEFUL, Call, Expression, Lookup, Number, Reference, Table, walk
from iskdyn.model.program import Program, is_fixed

Stage = Literal["start", "step"]
CONTROLS = ("initial_time", "final_time", "time_step", "saveper")


class Lowering:
    """Builds a `Lowered`. Without `orders` only the start, whose `shapes` say which orders are asked.

    A series replaces its variable, whose equation is dropped; one that may be `lapsing` leaves the word to the
    equation wherever it is nan, so that one kernel serves calls that replace different variables.
    """

    def __init__(
        self,
        program: Program,
        *,
        series: Iterable[str] = (),
        lapsing: bool = False,
        free: Callable[[str], bool] = lambda key: True,
        orders: Sequence[int] | None = None,
        method: str = "euler",
    ) -> None:
        self.program = program
        self.graph = Graph()
        self.out = Lowered(self.graph)
        self.out.series = {key: i for i, key in enumerate(series)}
        tables = (key for key in self.out.series if isinstance(program.by_key[key].expression, Table))
        self.replaced = frozenset(tables if lapsing else self.out.series)
        self.free = free
        self.orders = orders
        self.slots: dict[int, list[int]] = {}
        self.streams: dict[tuple[str, str], int] = {}
        self.stage: Stage = "start"
        self.owner = ""
        self.rates: dict[int, int] = {}
        self._named_tables()
        self._start()
        if orders is not None:
            self._step()
            if method in TABLEAUS:
                runge_kutta(self.out, self.rates, TABLEAUS[method])

    # -- the two passes

    def _start(self) -> None:
        out = self.out
        for key in self.program.start_order:
            out.starts[key] = self._variable(key)
        for variable in self.program.by_key.values():
            self.owner = variable.key
            if variable.key in self.replaced:
                continue
            for node in walk(variable.expression):
                if isinstance(node, Call) and node.function in ("smooth", "delay", "delay_n", "delay_fixed"):
                    out.shapes.append(self._shape(node))

    def _shape(self, node: Call) -> Shape:
        named = self._named(node)
        name = self.program.by_key[self.owner].name
        time = self.expression(named["time"])
        order = self.expression(named["order"]) if "order" in named else self.graph.const(1.0)
        return Shape(name, node.function, order, time)

    def _step(self) -> None:
        out, program = self.out, self.program
        orders = iter(self.orders or ())
        pending: list[tuple[str, Call, list[int], int]] = []
        for variable in program.by_key.values():
            self.owner = variable.key
            if variable.key in self.replaced:
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
        if key not in self.out.series:
            return self._computed(key)
        given = self._series(key)
        if key in self.replaced:
            return given
        return self.graph.add("select", self.graph.add("eq", given, given), given, self._computed(key))

    def _computed(self, key: str) -> int:
        """What the variable's own equation gives, or the caller for a constant."""
        variable = self.program.by_key[key]
        if key in CONTROLS and variable.kind == "control" and is_fixed(self.program, key):
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
            return self.graph.leaf("ring", self.slots[id(node)][0])
        else:
            states = [self.graph.leaf("state", slot) for slot in self.slots[id(node)]]
        return self._reading(function, named, states)

    def _reading(self, function: str, named: dict[str, Expression], states: list[int]) -> int:
        graph = self.graph
        if function == "delay":
            return graph.add("div", states[-1], self._value(named["time"]))
        if function == "delay_n":
            half = len(states) // 2
            return graph.held(graph.add("div", states[half - 1], states[half]))
        if function == "sample_if_true":
            condition = self.truth(self.expression(named["condition"]))
            return graph.held(graph.add("select", condition, self._value(named["input"]), states[0]))
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
            following = self._euler(slots[0], self._value(named["flow"]))
            if function == "integ_non_negative":
                following = graph.add("max", following, graph.const(0.0))
            self._set(slots[0], following)
        elif function in ("trend", "forecast"):
            gap = graph.add("sub", self._value(named["input"]), states[0])
            self._set(slots[0], self._euler(slots[0], graph.add("div", gap, self._value(named["time"]))))
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
            self._set(slot, self._euler(slot, graph.add("div", gap, time)))

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
        for slot, more, less in zip(slots[:order], entering, leaving, strict=True):
            net = graph.add("mul", graph.add("sub", more, less), graph.const(order))
            self._set(slot, self._euler(slot, net, held=function == "delay_n"))

    def _euler(self, slot: int, rate: int, held: bool = False) -> int:
        """Euler's next value; a better method may replace it unless the state is `held` within a step."""
        if not held:
            self.rates[slot] = rate
        step = self.graph.leaf("clock", "time_step")
        return self.graph.add("add", self.graph.leaf("state", slot), self.graph.add("mul", rate, step))

    def _set(self, slot: int, following: int) -> None:
        state = self.out.states[slot]
        self.out.states[slot] = State(state.name, state.initial, following)
