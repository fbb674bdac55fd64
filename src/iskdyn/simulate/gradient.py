"""`prepare_gradient`: outputs, and the derivatives of any loss on them by all inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import local

import numpy as np
from numpy.typing import ArrayLike

from iskdyn.arrays import Array, Curve, Numbers
from iskdyn.compile.events import moving_events
from iskdyn.compile.kernels import Kernel
from iskdyn.errors import InputError, Problem
from iskdyn.model.program import Program
from iskdyn.simulate.method import Method
from iskdyn.simulate.runner import Runner, prepare

MEMBERS = 7
"""Place of the members' numbers among a kernel's arguments, as runner.py gives them."""


class _Call(local):
    """What a call of one thread hands to its kernels beside their arguments, and takes from them."""

    first: int
    bars: Array
    gradient: Array


class _BothWays(Runner):
    """A runner whose kernel goes back too: it takes the bars of the outputs and leaves the gradient."""

    call: _Call

    def _compiled(self, orders: tuple[int, ...]) -> Kernel[Array]:
        from iskdyn.compile.block_gradient import compile_gradient

        kernel, call = compile_gradient(self.program, self._layout(orders)), self.call

        def run(*arguments: Numbers) -> Array:
            rows = arguments[MEMBERS] - call.first
            outputs, call.gradient[rows] = kernel.run(*arguments, call.bars[rows])
            return outputs

        return Kernel(kernel.plan, kernel.target, kernel.uniform, run)


class GradientRunner:
    """A model ready to run, and to run forward and back, for many values of its inputs.

    Attributes
    ----------
    inputs, outputs : names in the modeller's spelling, in the order of the columns and of the rows
    times : (n_times,) array, the model times that are kept
    """

    def __init__(self, forward: Runner, both_ways: _BothWays) -> None:
        self._forward = forward
        self._both_ways = both_ways
        self.inputs, self.outputs, self.times = forward.inputs, forward.outputs, forward.times

    def values(self, values: ArrayLike, *, first: int = 0) -> Array:
        """(n, n_outputs, n_times) outputs of (n, n_inputs) inputs, by the ensemble kernel."""
        return self._forward(values, first=first)

    def vjp(self, values: ArrayLike, cotangent: ArrayLike, *, first: int = 0) -> tuple[Array, Array]:
        """Outputs, and the derivatives by the inputs of a loss given by its derivatives by the outputs.

        Parameters
        ----------
        values : (n, n_inputs) array, in the order of `inputs`
        cotangent : (n, n_outputs, n_times) array, d loss / d output of each member
        first : number of the first member, see `Runner`

        Returns
        -------
        outputs (n, n_outputs, n_times) and gradient (n, n_inputs), d loss / d input. At a kink (MIN, MAX,
        IF THEN ELSE, the points of a table) the derivative is that of the active branch. A run that leaves
        the finite numbers is all nan, and so is its gradient.
        """
        values = np.ascontiguousarray(values, dtype=float)
        bars = np.asarray(cotangent, dtype=float)
        shape = (len(values), len(self.outputs), len(self.times))
        if bars.shape != shape:
            raise InputError(Problem("cotangent", f"expected an array {shape}, got {bars.shape}"))
        call = self._both_ways.call
        call.first, call.bars = first, bars
        call.gradient = gradient = np.empty((len(values), len(self.inputs)))
        outputs = self._both_ways(values, first=first)
        gradient[np.isnan(outputs).any(axis=(1, 2))] = np.nan
        return outputs, gradient


def prepare_gradient(
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
    seed: int | None = None,
) -> GradientRunner:
    """A `GradientRunner`; arguments as for `prepare`.

    Parameters
    ----------
    inputs : names of constants, or of stocks (their initial values): the derivatives are by these
    outputs : names of variables to keep
    final_time, time_step, save_every : replace the model's own; in the model's unit of time
    series, constants, tables : the same in all calls, see `simulate`
    method : "euler" | "rk2" | "rk4"; by default what the model's file asks for
    seed : of the model's random functions; by default its NOISE SEED, else 1

    Raises
    ------
    InputError : unknown names and wrong arguments; an event whose time depends on an input (STEP, PULSE, RAMP,
        a comparison of time, the length of a DELAY FIXED, a SAMPLE IF TRUE ...), each with variable and line.
    """
    forward = prepare(
        program, inputs, outputs, final_time=final_time, time_step=time_step, save_every=save_every,
        series=series, constants=constants, tables=tables, method=method, engine="ensemble", seed=seed,
    )  # fmt: skip
    if problems := events_that_move(forward):
        raise InputError(problems)
    return with_way_back(forward)


def events_that_move(runner: Runner) -> tuple[Problem, ...]:
    """Why a prepared model has no derivatives: each event whose time depends on an input."""
    return moving_events(runner.program, runner.input_keys, runner.output_keys, runner.series_keys)


def with_way_back(runner: Runner) -> GradientRunner:
    """A prepared model whose events do not move, and the same forward and back."""
    both_ways = _BothWays.__new__(_BothWays)
    vars(both_ways).update(runner.__getstate__())
    both_ways.call = _Call()
    return GradientRunner(runner, both_ways)
