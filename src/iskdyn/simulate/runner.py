"""`prepare`: everything that does not depend on the inputs is done once, then the kernel is called."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from iskdyn.arrays import Array, Curve, Numbers, Points, Tables
from iskdyn.compile.kernels import Kernel, Layout, Shared, Target, compile_kernel, lower_program, table_arrays
from iskdyn.compile.rungekutta import TABLEAUS
from iskdyn.errors import InputError, Problem
from iskdyn.model.program import Program, Variable
from iskdyn.simulate.at_start import AtStart
from iskdyn.simulate.clock import Clock, make_clock
from iskdyn.simulate.delays import Delays
from iskdyn.simulate.memory import COMPILING, SECONDS, check_memory
from iskdyn.simulate.method import Method, integration, seed_of
from iskdyn.simulate.setup import Overrides, resolve, resolve_inputs, resolve_outputs

if TYPE_CHECKING:
    from iskdyn.simulate.gradient import GradientRunner

Engine = Literal["auto", "ensemble", "numpy", "pysd"]
SMALL_WORK = 100_000
"""Below this many operations (variables x steps x members) compiling does not pay; in large models it takes longer."""


def choose(engine: Engine, program: Program, n_steps: int, n_members: int) -> Target:
    """The kernel of a call: the one place where that is decided.

    Parameters
    ----------
    engine : "numpy" and "ensemble" are taken as they are; "auto": by the work and the size of the model
    n_steps : of one member
    n_members : 0 counts as 1
    """
    if engine in ("numpy", "ensemble"):
        return engine
    work = len(program) * n_steps * max(n_members, 1)
    pays = max(SMALL_WORK, COMPILING / SECONDS["numpy"] * len(program) ** 2)
    return "numpy" if work < pays or not _has_llvm() else "ensemble"


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
    input_keys, output_keys, series_keys : keys of these, and of the variables that are given as series
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
        self.input_keys = tuple(variable.key for variable in inputs)
        self.output_keys = tuple(variable.key for variable in outputs)
        self._overrides = overrides
        self.series_keys = tuple(overrides.series)
        self._lapsing = lapsing
        self._target = choose(engine, program, len(clock.steps), expected)
        self._shared: dict[tuple[int, ...], tuple[Kernel[Array], Shared, Tables]] = {}
        self._series_rows()
        lowered = lower_program(program, self.series_keys, lapsing=lapsing)
        at_start = AtStart(
            program, lowered, self.input_keys, self.series_keys, overrides,
            self._uniform_series, self._member_series, clock.controls(), seed,
        )  # fmt: skip
        self._delays = Delays(program, at_start, clock.time_step)
        self._fixed_orders = None if self._delays.orders_vary else self.orders_of(np.zeros((1, 0)))

    def __getstate__(self) -> dict[str, object]:
        """Without kernels: code is made where it runs, also when one worker passes its runner on to another."""
        return {**self.__dict__, "_shared": {}}

    @property
    def engine(self) -> Target:
        """The kernel that runs."""
        return self._target

    def __call__(self, values: ArrayLike, *, first: int = 0) -> Array:
        """Run members.

        Parameters
        ----------
        values : (n, n_inputs) array, in the order of `inputs`
        first : number of the first member, for the streams of random functions and the rows of member series

        Returns
        -------
        (n, n_outputs, n_times) array; a run that leaves the finite numbers is all nan
        """
        values = np.ascontiguousarray(values, dtype=float)
        check_memory(len(values) * (len(self.inputs) + len(self.outputs) * len(self.clock.times)))
        if values.ndim != 2 or values.shape[1] != len(self.inputs):
            message = f"expected an array (n, {len(self.inputs)}), got {values.shape}"
            raise InputError(Problem("inputs", message))
        members = np.arange(first, first + len(values))
        self._delays.check_times(values, members)
        if self._fixed_orders is not None:
            out = self._run(self._fixed_orders, values, members)
        else:
            out = self._run_groups(values, members)
        if not self.keep_nonfinite:
            out[~np.isfinite(out.reshape(len(out), -1)).all(axis=1)] = np.nan
        return out

    def way_back(self, steps: int = 1) -> GradientRunner | None:
        """The same forward and back, by so many steps at once.

        None where an input sets the time of an event, such steps pass over a kept time or there is no compiler.
        """
        from iskdyn.simulate.gradient import events_that_move, with_way_back

        passed_over = self.clock.moving or (np.flatnonzero(self.clock.save >= 0) % steps).any()
        if passed_over or not _has_llvm() or events_that_move(self):
            return None
        return with_way_back(self if steps == 1 else self._coarser(steps))

    def _coarser(self, steps: int) -> Runner:
        """The same by so many steps at once."""
        program = self.program
        keys = self.input_keys, self.output_keys
        inputs, outputs = (tuple(program.by_key[key] for key in part) for part in keys)
        times = {**self.clock.controls(), "time_step": steps * self.clock.time_step}
        clock = make_clock(program, times, self._overrides.constants)
        found = Runner(
            program, inputs, outputs, self._overrides, clock, "ensemble", self.seed, 1000, self.method,
            self._lapsing,
        )  # fmt: skip
        found.threads = self.threads
        return found

    # -- what is the same in all calls

    def constant(self, key: str) -> float:
        """The value that all members share: given, else the model's; nan for a stock without one."""
        return self._overrides.shared_value(self.program.by_key[key])

    def _series_rows(self) -> None:
        """Series at each step, and for Runge-Kutta at the middle and the end of each."""
        places = (0.0, 0.5, 1.0) if self.method in TABLEAUS else (0.0,)
        moments = [self.clock.steps + place * self.clock.time_step for place in places]
        count = len(self.series_keys)
        self._uniform_series = np.zeros((max(count * len(places), 1), len(self.clock.steps)))
        self._member_series: dict[str, list[Array]] = {}
        for row, (key, (times, values)) in enumerate(self._overrides.series.items()):
            if values.ndim == 1:
                for i, moment in enumerate(moments):
                    self._uniform_series[row + i * count] = np.interp(moment, times, values)
            else:
                self._member_series[key] = [_at(moment, times, values) for moment in moments]

    def orders_of(self, values: Array) -> tuple[int, ...]:
        """The orders of all delays at one row of inputs."""
        return self._delays.orders(values, np.zeros(len(values), dtype=int))[0]

    # -- running

    def uniform_tables(self) -> dict[str, Points]:
        """Tables that the caller replaced, the same for all members."""
        return self._overrides.uniform_tables()

    def _layout(self, orders: tuple[int, ...]) -> Layout:
        """What a kernel is made for."""
        return Layout(
            tuple(dict.fromkeys(self.input_keys)),
            self.output_keys,
            self.series_keys,
            tuple(self._member_series),
            orders,
            self.method,
            self._lapsing,
        )

    def _compiled(self, orders: tuple[int, ...]) -> Kernel[Array]:
        return compile_kernel(self.program, self._layout(orders), self._target)

    def _prepared(self, orders: tuple[int, ...]) -> tuple[Kernel[Array], Shared, Tables]:
        """Kernel, what all members share, and tables."""
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
            self._shared[orders] = (kernel, shared, tables)
        return self._shared[orders]

    def _run_groups(self, values: Array, members: Numbers) -> Array:
        """Members whose delays have the same orders run together."""
        out = np.empty((len(values), len(self.outputs), len(self.times)))
        groups: dict[tuple[int, ...], list[int]] = {}
        for i, orders in enumerate(self._delays.orders(values, members)):
            groups.setdefault(orders, []).append(i)
        for orders, rows in groups.items():
            out[rows] = self._run(orders, values[rows], members[rows])
        return out

    def _run(self, orders: tuple[int, ...], values: Array, members: Numbers) -> Array:
        kernel, shared, tables = self._prepared(orders)
        series = self._rows_of(members)
        save, seed = self.clock.save, self.seed
        if kernel.target == "ensemble":
            return kernel.run(values, *shared, series, tables, save, seed, members, self.threads)
        out = np.empty((len(values), len(self.outputs), len(self.times)))
        shape = (len(members), len(save))
        rows = np.stack([np.broadcast_to(one, shape) for one in series]) if series else np.zeros((1, 1, 1))
        with np.errstate(all="ignore"):
            kernel.run(values.T, *shared, rows, *tables, save, seed, members, out)
        return out

    def _rows_of(self, members: Numbers) -> list[Array]:
        """(n_members, n_steps), or (n_members, 1), of each series that differs between members, place by place."""
        places = zip(*self._member_series.values(), strict=True)
        return [values[members] for place in places for values in place]


def _at(moment: Array, times: Array, values: Array) -> Array:
    """(n, n_moments) values of (n, n_times) series, linear between their times and level beyond; (n, 1) of one time."""
    if len(times) == 1:
        return values
    if np.array_equal(times, moment):
        return values
    return np.array([np.interp(moment, times, row) for row in values])


def prepare(
    program: Program,
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    final_time: float | None = None,
    time_step: float | None = None,
    save_every: float | None = None,
    series: Mapping[str, Curve] | None = None,
    constants: Mapping[str, float] | None = None,
    tables: Mapping[str, Curve] | None = None,
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
    engine : "auto" | "ensemble" | "numpy"
    seed : of the model's random functions; by default its NOISE SEED, else 1
    lapsing : whether a series may be nan, where the variable's own equation speaks (not of a table); Runners
        that differ only in which series are nan share one kernel

    Raises
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
    """The clock arguments that were given, by the key of the control that each replaces.

    Parameters
    ----------
    final_time, time_step, save_every : in the model's unit of time; None keeps the model's own

    >>> controls(None, 0.25, None)
    {'time_step': 0.25}
    """
    given = {"final_time": final_time, "time_step": time_step, "saveper": save_every}
    return {key: float(value) for key, value in given.items() if value is not None}


Progress = Callable[[int, int], None]
