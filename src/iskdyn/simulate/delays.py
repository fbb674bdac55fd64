"""Delays at the start of a run: whether their times are times, and how many stages each has."""

from __future__ import annotations

import math
import warnings

import numpy as np

from iskdyn.arrays import Array, Flags, Numbers
from iskdyn.compile.lowered import Shape
from iskdyn.errors import ModelError, ModelWarning, Problem
from iskdyn.model.program import Program
from iskdyn.simulate.at_start import AtStart
from iskdyn.simulate.clock import EQUAL

MAX_STAGES = 100_000
"""Stages of one delay; more are a slip in its time or order, and each is a state."""
LENGTH_BY_TIME = ("delay_fixed", "delay_n")
"""Kinds whose number of stages depends on their time."""


class Delays:
    """All SMOOTHs and DELAYs of a program, asked of the values at the start.

    Attributes
    ----------
    orders_vary : whether members may differ in the number of stages of a delay
    """

    def __init__(self, program: Program, at_start: AtStart, time_step: float) -> None:
        self.program, self.time_step = program, time_step
        self._at_start = at_start
        self._shapes = at_start.lowered.shapes
        self._times_vary = at_start.vary([shape.time for shape in self._shapes])
        self.orders_vary = at_start.vary([node for shape in self._shapes for node in _deciding(shape)])
        if not self._times_vary:
            self._check(np.zeros((1, 0)), np.zeros(1, dtype=int))

    def check_times(self, columns: Array, members: Numbers) -> None:
        """Refuse members with a delay whose time is not positive; ModelError with each such delay.

        Parameters
        ----------
        columns : (n, n_inputs) array
        members : (n,) array, the numbers of the members
        """
        if self._times_vary:
            self._check(columns, members)

    def orders(self, columns: Array, members: Numbers) -> list[tuple[int, ...]]:
        """Member by member the number of stages of each delay; ModelError where one cannot run."""
        if not self._shapes:
            return [()] * len(columns)
        found = self._evaluated([node for shape in self._shapes for node in (shape.order, shape.time)],
                                columns, members)  # fmt: skip
        return [self._row(row) for row in np.stack(found, axis=1)]

    def _evaluated(self, nodes: list[int], columns: Array, members: Numbers) -> list[Array]:
        values = self._at_start.values(nodes, columns, members)
        return [np.broadcast_to(value, len(columns)) for value in values]

    # -- times

    def _check(self, columns: Array, members: Numbers) -> None:
        times = self._evaluated([shape.time for shape in self._shapes], columns, members)
        wrong = [
            (shape, time, ~self._is_time(shape, time))
            for shape, time in zip(self._shapes, times, strict=True)
        ]
        if any(bad.any() for _, _, bad in wrong):
            raise ModelError(self._problem(*one, columns, members) for one in wrong if one[2].any())

    def _is_time(self, shape: Shape, time: Array) -> Flags:
        return time >= 0.0 if self._may_be_zero(shape) else time > 0.0

    @staticmethod
    def _may_be_zero(shape: Shape) -> bool:
        """A fixed delay lasts a TIME STEP at least, by Vensim's manual and by published output of Stella.

        vensim.com/documentation/fn_delay_fixed.html; climateinteractive/SDEverywhere, models/delayfixed
        """
        return shape.function == "delay_fixed"

    def _problem(self, shape: Shape, time: Array, bad: Flags, columns: Array, members: Numbers) -> Problem:
        first = int(np.argmax(bad))
        order = self._evaluated([shape.order], columns, members)[0][first]
        kind = "smooth" if shape.function == "smooth" else "delay"
        start = "at the start"
        if self._times_vary:
            more = int(bad.sum()) - 1
            start += f" of member {int(members[first])}" + (f" and of {more} more" if more else "")
        expected = "a time from 0" if self._may_be_zero(shape) else "a time above 0"
        message = f"a {kind} of order {order:g} and time {time[first]:g} {start}; expected {expected}"
        way_on = "where nothing is late, use the input itself"
        return Problem(self.program.place(shape.name), f"{shape.name!r}: {message}; {way_on}")

    # -- stages

    def _row(self, row: Array) -> tuple[int, ...]:
        orders, problems = [], []
        for i, shape in enumerate(self._shapes):
            order, time = float(row[2 * i]), float(row[2 * i + 1])
            orders.append(self._n_stages(shape, order, time))
            if not 1 <= orders[-1] <= MAX_STAGES:
                message = f"a delay of order {order:g} and time {time:g} cannot run with TIME STEP {self.time_step:g}"
                problems.append(Problem(self.program.place(shape.name), f"{shape.name!r}: {message}"))
        if problems:
            raise ModelError(problems)
        return tuple(orders)

    def _n_stages(self, shape: Shape, order: float, time: float) -> int:
        """The stages of one delay, 0 where they cannot be counted."""
        if shape.function == "delay_fixed":
            return _steps_of_fixed(time / self.time_step)
        if shape.function == "delay_n":
            return self._stages_of_delay_n(shape, order, time)
        return int(order) if np.isfinite(order) else 0

    def _stages_of_delay_n(self, shape: Shape, order: float, time: float) -> int:
        """A DELAY N has no stage shorter than a time step; it says so (vensim.com/documentation/fn_delay_n.html).

        DELAY1 and DELAY3 are not touched: with too long a step they are unstable, as in Vensim.
        """
        step = self.time_step
        if not (np.isfinite(order) and np.isfinite(time)):
            return 0
        number = min(int(order), int(time / step + EQUAL))
        if number < int(order):
            message = f"DELAY N of {int(order)} stages in {time:g} runs with {number}: a stage is at least a TIME STEP"
            where = f"{self.program.place(shape.name)}: {shape.name!r}"
            warnings.warn(f"{where}: {message}, {step:g}", ModelWarning, stacklevel=2)
        return number


def _steps_of_fixed(steps: float) -> int:
    """The nearest number of steps, halves up, at least one; 0 where it cannot be counted.

    Published output of Vensim: SDXorg/test-models, tests/delay_fixed, where 1.2 is one step, 1.5 two and 3.7 four.
    """
    return max(math.floor(steps + 0.5 + EQUAL), 1) if np.isfinite(steps) else 0


def _deciding(shape: Shape) -> tuple[int, ...]:
    """What decides the number of stages."""
    return (shape.order, shape.time) if shape.function in LENGTH_BY_TIME else (shape.order,)
