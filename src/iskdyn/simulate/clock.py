"""The model's clock: step k stands at start + k dt, and rows are kept by the number of their step.

A running sum of time steps drifts: 0 to 100 by 0.0001 loses a third of its rows and its last. Here nothing is
summed, and a time that the caller names is turned into the number of a step once.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from iskdyn.arrays import Array, Numbers
from iskdyn.errors import InputError, ModelError, ModelWarning, Problem
from iskdyn.model.expression import Call, Expression, Number, Reference
from iskdyn.model.program import Program

LEAST_STEP = 1e-300
"""A smaller step is nothing once it is multiplied."""
EQUAL = 1e-6
"""Part of a time step within which two times are the same: rounding is far below it, a modeller's choice above."""
NEAR = 0.01
"""Part of a time step by which the last step may miss FINAL TIME: 0.0833333 is written for a twelfth."""
DIGITS = 12
"""Digits of a row's time that are kept, so that 3 steps of 0.1 stand at 0.3; a double has 15 to 17."""
MAX_STEPS = 10_000_000
"""A run's times alone then take 80 MB; a slip of a power of ten in TIME STEP ends here and not in the machine's
memory."""


@dataclass(frozen=True)
class Clock:
    """Times of all steps, and for each the row under which it is kept (-1 = not kept).

    `moving` names the controls that change during the run.
    """

    initial_time: float
    final_time: float
    time_step: float
    saveper: float
    steps: Array
    save: Numbers
    times: Array
    moving: tuple[str, ...] = ()

    def controls(self) -> dict[str, float]:
        """The four control values by key."""
        return {
            "initial_time": self.initial_time,
            "final_time": self.final_time,
            "time_step": self.time_step,
            "saveper": self.saveper,
        }


def make_clock(program: Program, given: dict[str, float], constants: dict[str, float]) -> Clock:
    """The clock of one run: `given` controls by key, else what the model says, under the given constants.

    Parameters
    ----------
    given : values by key: initial_time, final_time, time_step, saveper; in the model's unit of time
    constants : values by key, for equations of the clock that name them

    Raises
    ------
    InputError : a step that is not above 0 or is lost beside the start, an end before the start or between two steps,
        more than `MAX_STEPS` steps
    ModelError : the model gives no fixed value for a control
    """
    known = {key: value for key, value in given.items() if value is not None}
    values: dict[str, float] = {}
    for key in ("initial_time", "final_time", "time_step", "saveper"):
        if key in known:
            values[key] = float(known[key])
        elif key not in program and key == "saveper":
            values[key] = known.get("time_step", control_value(program, "time_step", known, constants))
        else:
            values[key] = control_value(program, key, known, constants)
    _check(program, values)
    start, end, step, every = values.values()
    n_steps = round((end - start) / step)
    steps = start + step * np.arange(n_steps + 1, dtype=float)
    save = saved_rows(n_steps, every / step)
    if not np.isclose(every / step, round(every / step), rtol=0, atol=EQUAL * max(1.0, every / step)):
        message = (
            f"SAVEPER {every:g} is no whole number of TIME STEPs {step:g}; each row is the nearest step's"
        )
        warnings.warn(f"{program.place('saveper')}: {message}", ModelWarning, stacklevel=2)
    return Clock(start, end, step, every, steps, save, row_times(steps[save >= 0]))


def saved_rows(n_steps: int, ratio: float) -> Numbers:
    """(n_steps + 1,) row of each step, -1 where it is not kept: every `ratio` steps, the first and the last.

    >>> saved_rows(4, 2.0)
    array([ 0, -1,  1, -1,  2])
    """
    wanted = np.arange(math.floor(n_steps / ratio + 0.5) + 1) * ratio
    kept = np.zeros(n_steps + 1, dtype=bool)
    kept[np.minimum(np.floor(wanted + 0.5).astype(np.int64), n_steps)] = True
    kept[[0, n_steps]] = True
    return np.where(kept, np.cumsum(kept) - 1, -1)


def row_times(times: Array) -> Array:
    """Times as they are shown: the digits that a product of step and number leaves exact.

    >>> row_times(np.array([0.1, 3 * 0.1])).tolist()
    [0.1, 0.3]
    """
    largest = float(np.max(np.abs(times), initial=0.0))
    return np.round(times, DIGITS - math.ceil(math.log10(largest))) if largest > 0.0 else times


def _check(program: Program, values: dict[str, float]) -> None:
    problems = []
    for key in ("time_step", "saveper"):
        if not (values[key] >= LEAST_STEP and math.isfinite(values[key])):
            message = f"{key.upper().replace('_', ' ')} must be above 0, is {values[key]}"
            problems.append(Problem(program.place(key), message))
    span = values["final_time"] - values["initial_time"]
    if not (math.isfinite(span) and span >= 0):
        message = f"FINAL TIME {values['final_time']} is before INITIAL TIME {values['initial_time']}"
        problems.append(Problem(program.place("final_time"), message))
    elif not problems and span / values["time_step"] > MAX_STEPS:
        problems.append(
            Problem(program.place("time_step"), f"more than {MAX_STEPS} steps; make TIME STEP larger")
        )
    elif not problems and values["initial_time"] + values["time_step"] == values["initial_time"]:
        message = f"TIME STEP {values['time_step']:g} is lost beside INITIAL TIME {values['initial_time']:g}"
        problems.append(Problem(program.place("time_step"), f"{message}; begin nearer to 0"))
    elif not problems and abs(span / values["time_step"] - round(span / values["time_step"])) > NEAR:
        problems.append(Problem(program.place("final_time"), _unreached(values)))
    if problems:
        raise InputError(problems)


def _unreached(values: dict[str, float]) -> str:
    """What to do about a FINAL TIME at which no step stands."""
    start, end, step = values["initial_time"], values["final_time"], values["time_step"]
    last = start + step * math.floor((end - start) / step)
    return (
        f"no step of {step:g} from {start:g} reaches FINAL TIME {end:g}; the nearest are at {last:g} and "
        f"{last + step:g}: end there, or choose a TIME STEP that divides {end - start:g}"
    )


def control_value(
    program: Program, key: str, given: dict[str, float], constants: dict[str, float], depth: int = 0
) -> float:
    """The value of a control or of a constant that a control names.

    Parameters
    ----------
    key : of a control or a constant
    given, constants : values by key, taken before the model's
    depth : of constants that name constants, to stop at a circle

    Raises
    ------
    ModelError : there is no such constant, or the equation needs more than constants
    """
    if key in given:
        return float(given[key])
    if key in constants:
        return float(constants[key])
    if key not in program.by_key or depth > 50:
        raise ModelError(
            Problem(program.path.name, f"{key!r} is needed for the clock and has no fixed value")
        )
    variable = program.by_key[key]
    if variable.kind in ("stock", "table"):
        message = (
            f"the clock depends on {variable.name!r}, which changes during the run; give it a fixed value"
        )
        raise ModelError(Problem(program.place(key), message))
    return _evaluate(program, variable.expression, given, constants, depth + 1)


_OPERATIONS: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "^": lambda a, b: a**b, "negative": lambda a: -a, "min": min, "max": max,
}  # fmt: skip


def _evaluate(
    program: Program, node: Expression, given: dict[str, float], constants: dict[str, float], depth: int
) -> float:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Reference) and node.name != "time":
        return control_value(program, node.name, given, constants, depth)
    if isinstance(node, Call) and node.function in _OPERATIONS:
        arguments = [_evaluate(program, one, given, constants, depth) for one in node.arguments]
        try:
            return float(_OPERATIONS[node.function](*arguments))
        except (ZeroDivisionError, OverflowError) as error:
            raise ModelError(Problem(program.path.name, f"a control cannot be computed: {error}")) from error
    raise ModelError(
        Problem(program.path.name, "a control (TIME STEP, FINAL TIME ...) changes during the run")
    )
