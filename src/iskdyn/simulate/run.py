"""`simulate`: one call, one labelled result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from iskdyn.arrays import Array, Curve
from iskdyn.errors import InputError, ModelError, Problem
from iskdyn.model.program import Program, Variable
from iskdyn.simulate.clock import Clock
from iskdyn.simulate.cluster import members_on
from iskdyn.simulate.memory import check_memory, tell_time
from iskdyn.simulate.method import Method, integration, seed_of
from iskdyn.simulate.moving_clock import clock_of
from iskdyn.simulate.runner import Engine, Progress, Runner, choose, controls
from iskdyn.simulate.setup import Overrides, resolve, resolve_outputs

if TYPE_CHECKING:
    import pandas
    import xarray

    Labels: TypeAlias = pandas.Index[float] | pandas.RangeIndex

CHUNK_BYTES = 256 * 1024 * 1024
"""Results of this size are made at a time: large enough for all cores, small beside any machine's memory."""


class NonFiniteError(ModelError):
    """A run left the finite numbers; the message names variable, time and member."""


def simulate(
    program: Program,
    constants: Mapping[str, ArrayLike] | None = None,
    series: Mapping[str, Curve] | None = None,
    outputs: Sequence[str] | None = None,
    *,
    tables: Mapping[str, Curve] | None = None,
    final_time: float | None = None,
    time_step: float | None = None,
    save_every: float | None = None,
    method: Method | None = None,
    engine: Engine = "auto",
    progress: Progress | None = None,
    seed: int | None = None,
    nonfinite: Literal["raise", "keep"] = "raise",
    scheduler: str | None = None,
) -> xarray.Dataset:
    """Run a model once, or once per member where an override is an array.

    Parameters
    ----------
    constants : name -> number or (n,) array; a stock's name sets its initial value
    series : name -> pandas Series over model time, or (times, values); replaces that variable, its
        causes are cut. Linear between points, held at the ends. Values may be (n, n_times).
    outputs : names to keep; None keeps all except tables and controls
    tables : name -> (x, y), replaces the points of a named table
    final_time, time_step, save_every : replace the model's own, in its unit of time
    method : "euler", "rk2" or "rk4" (Runge-Kutta of second and fourth order), by default what the model's file
        asks for; events, samples, fixed delays and random functions are held within a step
    progress : called with (members done, members)
    seed : of the model's random functions; by default its NOISE SEED, else 1
    scheduler : address of a Dask scheduler whose workers run the members, with the same results

    Returns
    -------
    Dataset with dims ("time",), or ("draw", "time") where an override is an array; `attrs["units"]` each.

    Raises
    ------
    InputError : wrong names or arguments, all at once.
    NonFiniteError : a value that is not a finite number (unless `nonfinite="keep"`).
    """
    by = integration(program, method)
    if by != "euler" and engine == "pysd":
        raise InputError(Problem("method", f"PySD has only Euler; use one of our engines for '{by}'"))
    if scheduler is not None and engine == "pysd":
        raise InputError(Problem("scheduler", "PySD runs only here; use one of our engines on a cluster"))
    overrides = resolve(program, constants, series, tables)
    found = resolve_outputs(program, outputs)
    number = seed_of(program, seed, overrides.constants)
    clock = clock_of(program, controls(final_time, time_step, save_every), overrides, number, by)
    n_members = overrides.n_members()
    check_memory((n_members or 1) * len(found) * len(clock.times))
    target = "pysd" if engine == "pysd" else choose(engine, program, len(clock.steps), n_members or 1)
    tell_time(len(program.by_key), len(clock.steps) * (n_members or 1), target)
    if engine == "pysd":
        from iskdyn.simulate.pysd_runner import run_pysd

        values, used = run_pysd(program, overrides, found, clock, n_members or 1), "pysd"
    else:
        values, used = _run(
            program, overrides, found, clock, n_members or 1, engine, number, progress, by, scheduler
        )
    if nonfinite == "raise" and not np.isfinite(values).all():
        _explain(program, overrides, found, clock, values, number, by)
    return _label(program, found, clock, values, n_members, used, by)


def _run(
    program: Program, overrides: Overrides, outputs: tuple[Variable, ...], clock: Clock,
    n_members: int, engine: Engine, seed: int, progress: Progress | None, method: Method,
    scheduler: str | None,
) -> tuple[Array, str]:  # fmt: skip
    inputs = tuple(program.by_key[key] for key in overrides.members)
    columns = np.zeros((n_members, 0))
    if inputs:
        columns = np.stack([overrides.members[key] for key in overrides.members], axis=1)
    result = np.empty((n_members, len(outputs), len(clock.times)))
    own_tables = any(np.ndim(y) == 2 for _, y in overrides.tables.values())
    chunk = 1 if own_tables else max(1, CHUNK_BYTES // max(8 * len(outputs) * len(clock.times), 1))
    runner = None
    with members_on(scheduler) as send:
        for first in range(0, n_members, chunk):
            if runner is None or own_tables:
                runner = Runner(
                    program, inputs, outputs, overrides.of(first), clock, engine, seed, n_members, method
                )
                runner.keep_nonfinite = True
            result[first : first + chunk] = send(runner, columns[first : first + chunk], first)
            if progress is not None:
                progress(min(first + chunk, n_members), n_members)
    return result, choose(engine, program, len(clock.steps), n_members)


def _explain(
    program: Program, overrides: Overrides, outputs: tuple[Variable, ...], clock: Clock,
    values: Array, seed: int, method: Method,
) -> None:  # fmt: skip
    """Raise, naming the variable and the moment where a member first left the finite numbers."""
    member, row, column = (int(i) for i in np.argwhere(~np.isfinite(values))[0])
    name, time = _origin(program, overrides.single(member), clock, member, seed, method) or (
        outputs[row].name, clock.times[column],
    )  # fmt: skip
    message = f"{name!r} is not a finite number at time {time:g}"
    if len(values) > 1:
        message += f" of member {member}"
    if name != outputs[row].name:
        message += f"; from it {outputs[row].name!r} is not either"
    raise NonFiniteError(Problem(program.place(name), message + "; look at what its equation divides by"))


def _origin(
    program: Program, overrides: Overrides, clock: Clock, member: int, seed: int, method: Method
) -> tuple[str, float] | None:
    """Name and time of the first value that is not finite, among all variables and steps of one member."""
    keys = [key for key in program.step_order if not program.by_key[key].hidden]
    watched = tuple(program.by_key[key] for key in keys)
    every = replace(clock, save=np.arange(len(clock.steps)), times=clock.steps)
    runner = Runner(program, (), watched, overrides, every, "numpy", seed, 1, method)
    runner.keep_nonfinite = True
    bad = ~np.isfinite(runner(np.zeros((1, 0)), first=member)[0])
    if not bad.any():
        return None
    step = int(np.argmax(bad.any(axis=0)))
    wrong = {keys[i] for i in np.flatnonzero(bad[:, step])}
    # at the start the input of a delay is the cause of its output, later the other way round
    order = keys if step else [*program.start_order, *keys]
    return program.by_key[next(key for key in order if key in wrong)].name, float(clock.steps[step])


def _label(
    program: Program,
    outputs: tuple[Variable, ...],
    clock: Clock,
    values: Array,
    n_members: int | None,
    engine: str,
    method: str,
) -> xarray.Dataset:
    import pandas
    import xarray

    dims = ("time",) if n_members is None else ("draw", "time")

    def labelled(
        dims: tuple[str, ...], data: Array | Labels, units: dict[str, str] | None = None
    ) -> xarray.Variable:
        # without `fastpath` xarray looks whether the numbers are Dask's, and that import takes half of a cold run
        return xarray.Variable(dims, data, units, fastpath=True)

    arrays = {
        variable.name: labelled(
            dims, values[0, i] if n_members is None else values[:, i], {"units": variable.units}
        )
        for i, variable in enumerate(outputs)
    }
    coordinates = {"time": labelled(("time",), pandas.Index(clock.times))}
    if n_members is not None:
        coordinates["draw"] = labelled(("draw",), pandas.RangeIndex(n_members))
    attributes = {"model": program.digest, "time_step": clock.time_step, "engine": engine, "method": method}
    return xarray.Dataset(arrays, coords=coordinates, attrs=attributes)
