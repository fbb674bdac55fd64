"""`prepare`: everything that does not depend on the inputs is done once, then the kernel is called."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from iskdyn.compile.evaluate import evaluate
from iskdyn.compile.graph import Node
from iskdyn.compile.kernels import Kernel, Layout, Target, compile_kernel, lower_program, table_arrays
from iskdyn.compile.lowered import Shape
from iskdyn.compile.rungekutta import TABLEAUS
from iskdyn.compile.runtime_numpy import lookup
from iskdyn.errors import InputError, ModelError, ModelWarning, Problem
from iskdyn.model.program import Program, Variable
from iskdyn.simulate.clock import EQUAL, Clock, make_clock
from iskdyn.simulate.memory import check_memory
from iskdyn.simulate.method import Method, integration, seed_of
from iskdyn.simulate.setup import Overrides, resolve, resolve_inputs, resolve_outputs

Engine = Literal["auto", "scalar", "ensemble", "numpy", "pysd"]
SMALL_WORK = 100_000
"""Below this many operations (variables x steps x members) compiling does not pay."""


def choose(engine: Engine, program: Program, n_steps: int, n_members: int) -> Target:
    """The kernel of a call: the one place where that is decided."""
    if engine in ("scalar", "numpy", "ensemble"):
        return engine
    work = len(program) * n_steps * max(n_members, 1)
    return "numpy" if work < SMALL_WORK or not _has_llvm() else "ensemble"


def _has_llvm() -> bool:
    from importlib.util import find_spec

    return find_spec("llvmlite") is not None


def n_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Runner:
    """A model ready to run for many values of its inputs.

    Attributes
    ----------
    inputs, outputs : names in the modeller's spelling, in the order of a call's columns and rows
    times : (n_times,) array, the model times that are kept
    """

    def __init__(
        self, program: Program, inputs: tuple[Variable, ...], outputs: tuple[Variable, ...],
        overrides: Overrides, clock: Clock, engine: Engine, seed: int, expected: int, method: Method,
        lapsing: bool = False,
    ) -> None:  # fmt: skip
        self.program = program
        self.inputs = tuple(variable.name for variable in inputs)
        self.outputs = tuple(variable.name for variable in outputs)
        self.clock = clock
        self.times = clock.times
        self.seed = seed
        self.method = method
        self.keep_nonfinite = False
        self.threads = n_cores()
        self._input_keys = tuple(variable.key for variable in inputs)
        self._output_keys = tuple(variable.key for variable in outputs)
        self._overrides = overrides
        self._series_keys = tuple(overrides.series)
        self._lapsing = lapsing
        self._target = choose(engine, program, len(clock.steps), expected)
        self._shared: dict[tuple[int, ...], tuple[Kernel, Any, Any, Any]] = {}
        self._start = lower_program(program, self._series_keys, lapsing=lapsing)
        self._series_rows()
        self._shape_nodes = [number for s in self._start.shapes for number in (s.order, s.time)]
        self._fixed_orders = None if self._orders_vary() else self._orders(np.zeros((1, 0)))[0]

    @property
    def engine(self) -> Target:
        """The kernel that runs."""
        return self._target

    def __call__(self, values: Any, *, first: int = 0) -> Any:
        """Run members.

        Parameters
        ----------
        values : (n, n_inputs) array, in the order of `inputs`
        first : number of the first member, for the streams of random functions and the rows of member series

        Returns
        -------
        (n, n_outputs, n_times) array; a run that leaves the finite numbers is all nan
        """
        check_memory(len(values) * (len(self.inputs) + len(self.outputs) * len(self.clock.times)))
        values = np.ascontiguousarray(values, dtype=float)
        if values.ndim != 2 or values.shape[1] != len(self.inputs):
            message = f"expected an array (n, {len(self.inputs)}), got {values.shape}"
            raise InputError(Problem("inputs", message))
        members = np.arange(first, first + len(values))
        if self._fixed_orders is not None:
            out = self._run(self._fixed_orders, values, members)
        else:
            out = self._run_groups(values, members)
        if not self.keep_nonfinite:
            out[~np.isfinite(out).all(axis=(1, 2))] = np.nan
        return out

    # -- what is the same in all calls

    def constant(self, key: str) -> float:
        """The value that all members share: given, else the model's; nan for a stock without one."""
        given = self._overrides.constants.get(key)
        variable = self.program.by_key[key]
        if given is not None:
            return given
        return variable.value if variable.kind == "constant" else np.nan

    def _series_rows(self) -> None:
        """Series at each step, and for Runge-Kutta at the middle and the end of each."""
        places = (0.0, 0.5, 1.0) if self.method in TABLEAUS else (0.0,)
        moments = [self.clock.steps + place * self.clock.time_step for place in places]
        count = len(self._series_keys)
        self._uniform_series = np.zeros((max(count * len(places), 1), len(self.clock.steps)))
        self._member_series: dict[str, Any] = {}
        for row, (key, (times, values)) in enumerate(self._overrides.series.items()):
            if values.ndim == 1:
                for i, moment in enumerate(moments):
                    self._uniform_series[row + i * count] = np.interp(moment, times, values)
            else:
                self._member_series[key] = np.stack(
                    [[np.interp(moment, times, one) for one in values] for moment in moments]
                )

    # -- orders of delays

    def _orders_vary(self) -> bool:
        graph = self._start.graph
        names = {number: key for key, number in self._start.params.items()}
        for number in graph.reachable(self._shape_nodes):
            node = graph[number]
            if node.op == "param" and names[int(node.data)] in self._input_keys:
                return True
            if node.op == "series_start" and self._series_keys[int(node.data)] in self._member_series:
                return True
        return False

    def _orders(self, values: Any) -> list[tuple[int, ...]]:
        """The orders of all delays for each member."""
        lowered = self._start
        if not lowered.shapes:
            return [()] * len(values)
        names = {number: key for key, number in lowered.params.items()}
        X, Y, O = table_arrays(lowered, self.uniform_tables())  # noqa: N806, E741

        def outside(node: Node) -> Any:
            if node.op == "clock":
                return self.clock.controls()[str(node.data)]
            if node.op == "param":
                key = names[int(node.data)]
                if key in self._input_keys and values.shape[1]:
                    return values[:, self._input_keys.index(key)]
                return self.constant(key)
            if node.op == "lookup":
                return lambda x: lookup(x, X, Y, O, int(node.data))
            return self._uniform_series[int(node.data), 0]

        found = evaluate(lowered.graph, self._shape_nodes, outside)
        columns = np.stack([np.broadcast_to(one, len(values)) for one in found], axis=1)
        return [self._order_row(row) for row in columns]

    def orders_of(self, values: Any) -> tuple[int, ...]:
        """The orders of all delays at one row of inputs."""
        return self._orders(values)[0]

    def _order_row(self, row: Any) -> tuple[int, ...]:
        step = self.clock.time_step
        orders, problems = [], []
        for i, shape in enumerate(self._start.shapes):
            order, time = float(row[2 * i]), float(row[2 * i + 1])
            if shape.function == "delay_fixed":
                orders.append(max(math.ceil(time / step - EQUAL), 1) if np.isfinite(time) else 0)
            elif shape.function == "delay_n":
                orders.append(self._lowered_order(shape, order, time))
            else:
                orders.append(int(order) if np.isfinite(order) else 0)
            if not 1 <= orders[-1] <= 100_000:
                message = f"a delay of order {order:g} and time {time:g} cannot run with TIME STEP {step:g}"
                problems.append(Problem(self.program.place(shape.name), f"{shape.name!r}: {message}"))
        if problems:
            raise ModelError(problems)
        return tuple(orders)

    def _lowered_order(self, shape: Shape, order: float, time: float) -> int:
        """A DELAY N has no stage shorter than a time step; it says so (vensim.com/documentation/fn_delay_n.html).

        DELAY1 and DELAY3 are not touched: with too long a step they are unstable, as in Vensim.
        """
        step = self.clock.time_step
        if not (np.isfinite(order) and np.isfinite(time)):
            return 0
        number = min(int(order), int(time / step + EQUAL))
        if number < int(order):
            message = f"DELAY N of {int(order)} stages in {time:g} runs with {number}: a stage is at least a TIME STEP"
            where = f"{self.program.place(shape.name)}: {shape.name!r}"
            warnings.warn(f"{where}: {message}, {step:g}", ModelWarning, stacklevel=2)
        return number

    # -- running

    def uniform_tables(self) -> dict[str, tuple[Any, Any]]:
        """Tables that the caller replaced, the same for all members."""
        return {key: (x, y) for key, (x, y) in self._overrides.tables.items() if y.ndim == 1}

    def _layout(self, orders: tuple[int, ...]) -> Layout:
        """What a kernel is made for; the scalar one takes any constants and gives any outputs."""
        lowered = lower_program(self.program, self._series_keys, orders, self.method, self._lapsing)
        generic = self._target == "scalar"
        return Layout(
            tuple(lowered.params) if generic else tuple(dict.fromkeys(self._input_keys)),
            _all_outputs(self.program) if generic else self._output_keys,
            self._series_keys,
            tuple(self._member_series),
            orders,
            self.method,
            self._lapsing,
        )

    def _compiled(self, orders: tuple[int, ...]) -> Kernel:
        return compile_kernel(self.program, self._layout(orders), self._target)

    def _prepared(self, orders: tuple[int, ...]) -> tuple[Kernel, Any, Any, Any]:
        """Kernel, what all members share, tables, and the row of parameters."""
        if orders not in self._shared:
            kernel = self._compiled(orders)
            check_memory(len(self.clock.steps) * (len(kernel.plan.clocked) + len(self._uniform_series) + 3))
            row = np.array([self.constant(key) for key in kernel.plan.lowered.params] or [0.0])
            tables = table_arrays(kernel.plan.lowered, self.uniform_tables())
            steps = self.clock.steps
            with np.errstate(all="ignore"):
                shared = kernel.uniform(
                    row, self.clock.controls(), steps, np.arange(len(steps)), self._uniform_series, *tables
                )
            self._shared[orders] = (kernel, shared, tables, row)
        return self._shared[orders]

    def _run_groups(self, values: Any, members: Any) -> Any:
        """Members whose delays have the same orders run together."""
        out = np.empty((len(values), len(self.outputs), len(self.times)))
        groups: dict[tuple[int, ...], list[int]] = {}
        for i, orders in enumerate(self._orders(values)):
            groups.setdefault(orders, []).append(i)
        for orders, rows in groups.items():
            out[rows] = self._run(orders, values[rows], members[rows])
        return out

    def _run(self, orders: tuple[int, ...], values: Any, members: Any) -> Any:
        kernel, shared, tables, row = self._prepared(orders)
        series = self._rows_of(members)
        save, seed = self.clock.save, self.seed
        if kernel.target == "ensemble":
            return kernel.run(values, *shared, series, tables, save, seed, members, self.threads)
        out = np.empty((len(values), len(self.outputs), len(self.times)))
        if kernel.target == "numpy":
            with np.errstate(all="ignore"):
                kernel.run(values.T, *shared, series, *tables, save, seed, members, out)
            return out
        params = np.tile(row, (len(values), 1))
        for column, key in enumerate(self._input_keys):
            params[:, kernel.plan.lowered.params[key]] = values[:, column]
        places = {key: i for i, key in enumerate(kernel.plan.outputs)}
        which = np.array([places[key] for key in self._output_keys], dtype=np.int64)
        once, clocked = shared
        kernel.run(params.ravel(), once, clocked.ravel(), series, *tables, save, seed, members, which, out)
        return out

    def _rows_of(self, members: Any) -> Any:
        """(n_series, n_members, n_steps) of the series that differ between members."""
        if not self._member_series:
            return np.zeros((1, 1, 1))
        rows = np.stack([values[:, members] for values in self._member_series.values()], axis=1)
        return rows.reshape(-1, *rows.shape[2:])


def _all_outputs(program: Program) -> tuple[str, ...]:
    return tuple(variable.key for variable in program.by_key.values() if variable.kind != "table")


def prepare(
    program: Program,
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    final_time: float | None = None,
    time_step: float | None = None,
    save_every: float | None = None,
    series: Mapping[str, Any] | None = None,
    constants: Mapping[str, float] | None = None,
    tables: Mapping[str, Any] | None = None,
    method: Method | None = None,
    engine: Engine = "auto",
    seed: int | None = None,
    lapsing: bool = False,
) -> Runner:
    """A `Runner` for thousands of calls.

    Parameters
    ----------
    inputs : names of constants, or of stocks (their initial values), that each call sets
    outputs : names of variables to keep
    final_time, time_step, save_every : replace the model's own; in the model's unit of time
    series, constants, tables : the same in all calls, see `simulate`
    method : "euler" | "rk2" | "rk4"; by default what the model's file asks for
    engine : "auto" | "scalar" | "ensemble" | "numpy"
    seed : of the model's random functions; by default its NOISE SEED, else 1
    lapsing : whether a series may be nan, where the variable's own equation speaks (not of a table); Runners
        that differ only in which series are nan share one kernel

    Errors
    ------
    InputError : unknown names and wrong arguments, all at once.
    """
    overrides = resolve(program, constants, series, tables, lapsing=lapsing)
    found_inputs, found_outputs = resolve_inputs(program, inputs), resolve_outputs(program, outputs)
    clock = make_clock(program, controls(final_time, time_step, save_every), overrides.constants)
    return Runner(
        program, found_inputs, found_outputs, overrides, clock, engine,
        seed_of(program, seed, overrides.constants), 1000, integration(program, method), lapsing,
    )  # fmt: skip


def controls(final_time: float | None, time_step: float | None, save_every: float | None) -> dict[str, float]:
    """The clock arguments that were given, by the key of the control that each replaces."""
    given = {"final_time": final_time, "time_step": time_step, "saveper": save_every}
    return {key: float(value) for key, value in given.items() if value is not None}


Progress = Callable[[int, int], None]
