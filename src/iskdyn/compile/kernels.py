"""Kernels of a program, each compiled once: (program, layout, target) -> callables."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeAlias, TypeVar

import numpy as np

from iskdyn.arrays import Array, Points, Tables
from iskdyn.cache import load_source
from iskdyn.compile.lower import Lowering
from iskdyn.compile.lowered import Lowered
from iskdyn.compile.plan import Plan, make_plan
from iskdyn.compile.rungekutta import TABLEAUS
from iskdyn.compile.target_numpy import print_numpy, print_uniform
from iskdyn.model.program import Program

Target = Literal["numpy", "ensemble"]
Ran = TypeVar("Ran")
Shared: TypeAlias = tuple[Array, Array]
"""What all members share: (n_once,) values, and (n_clocked, n_steps) values that change with the time only."""


@dataclass(frozen=True)
class Layout:
    """What a kernel is made for.

    Attributes
    ----------
    inputs : keys of the constants and stocks (initial values) that differ between members, in order
    outputs : keys, in order
    series : keys of the variables that are given as series; `member_series` those that differ between members
    orders : the number of stages of each SMOOTH and DELAY and the length of each DELAY FIXED, in order
    method : "euler", "rk2" or "rk4"
    lapsing : whether the equation speaks where a series is nan
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    series: tuple[str, ...] = ()
    member_series: tuple[str, ...] = ()
    orders: tuple[int, ...] = ()
    method: str = "euler"
    lapsing: bool = False


@dataclass(frozen=True)
class Kernel(Generic[Ran]):
    """A compiled plan: `uniform` gives what all members share, `run` runs members.

    An ensemble's `run` gives their outputs; that of "numpy" writes them into its last argument.
    """

    plan: Plan
    target: Target
    uniform: Callable[..., Shared]
    run: Callable[..., Ran]


def lower_program(
    program: Program,
    series: tuple[str, ...] = (),
    orders: tuple[int, ...] | None = None,
    method: str = "euler",
    lapsing: bool = False,
) -> Lowered:
    """The program's graph; without `orders` only the start of it.

    Parameters
    ----------
    series : keys of the variables that are given as series; their equations fall away, unless series may lapse
    orders : as of `Layout`
    method : "euler", "rk2" or "rk4"
    lapsing : whether the equation speaks where a series is nan

    Raises
    ------
    ModelError : an equation that cannot be spelled out in primitives
    """
    return _lower(program.digest, _Held(program), series, orders, method, lapsing)


class _Held:
    """A program as an argument that does not count for a cache (its digest does)."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


# more than a study with all its structures and scenarios asks for in one process
@functools.lru_cache(maxsize=256)
def _lower(
    digest: str,
    held: _Held,
    series: tuple[str, ...],
    orders: tuple[int, ...] | None,
    method: str,
    lapsing: bool,
) -> Lowered:
    return Lowering(held.program, series=series, orders=orders, method=method, lapsing=lapsing).out


def series_rows(lowered: Lowered, keys: tuple[str, ...], method: str) -> tuple[int, ...]:
    """Numbers of the series of some variables; Runge-Kutta reads each at three places of a step.

    Parameters
    ----------
    lowered : with the numbers of all its series
    keys : of variables that are given as series
    method : "euler", "rk2" or "rk4"
    """
    places = range(3 if method in TABLEAUS else 1)
    return tuple(lowered.series[key] + place * len(lowered.series) for place in places for key in keys)


def compile_kernel(program: Program, layout: Layout, target: Target) -> Kernel[Array]:
    """The kernel of a program for one layout; compiled once and kept on disk.

    Parameters
    ----------
    program : the same program and layout give the kernel that was made before
    layout : what differs between members, what is kept, and how steps are made
    target : "numpy" or "ensemble"
    """
    return _compile(program.digest, _Held(program), layout, target)


@functools.lru_cache(maxsize=256)
def _compile(digest: str, held: _Held, layout: Layout, target: Target) -> Kernel[Array]:
    lowered = lower_program(held.program, layout.series, layout.orders, layout.method, layout.lapsing)
    member_series = series_rows(lowered, layout.member_series, layout.method)
    plan = make_plan(lowered, layout.inputs, layout.outputs, member_series)
    if target == "numpy":
        module = load_source(print_numpy(plan, _stamp(digest, "numpy")), "numpy")
        return Kernel(plan, target, module.uniform, module.run)
    from iskdyn.compile.block import make_block_kernel

    module = load_source(print_uniform(plan, _stamp(digest, "numpy")), "numpy")
    return Kernel(plan, target, module.uniform, make_block_kernel(plan, _stamp(digest, "llvm")))


@functools.cache
def _stamp(digest: str, runtime: str) -> str:
    """Model and runtime, so that a changed runtime makes a new kernel."""
    source = Path(__file__).with_name(f"runtime_{runtime}.py").read_bytes()
    return f"{digest[:16]} (runtime {hashlib.sha256(source).hexdigest()[:8]})"


def table_arrays(lowered: Lowered, given: Mapping[str, Points]) -> Tables:
    """All tables end to end: x, y, and per table (first, last, mode)."""
    modes = {("hold", "linear"): 0, ("extend", "linear"): 1, ("hold", "step"): 2, ("extend", "step"): 2}
    names = {number: key for key, number in lowered.table_names.items()}
    xs: list[float] = []
    ys: list[float] = []
    places = np.zeros((max(len(lowered.tables), 1), 3), dtype=np.int64)
    for number, table in enumerate(lowered.tables):
        x, y = given.get(names.get(number, ""), (table.x, table.y))
        places[number] = len(xs), len(xs) + len(x) - 1, modes[table.beyond, table.between]
        xs.extend(x)
        ys.extend(y)
    return np.array(xs or [0.0]), np.array(ys or [0.0]), places
