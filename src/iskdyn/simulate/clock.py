"""The model's clock: steps and the times that are kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from iskdyn.errors import InputError, ModelError, Problem
from iskdyn.model.expression import Call, Expression, Number, Reference
from iskdyn.model.program import Program

LEAST_STEP = 1e-300
"""A smaller step is nothing once it is multiplied."""
PRECISION = 1e-5
"""Part of a time step within which two times are the same (as PySD has it)."""
MAX_STEPS = 10_000_000


@dataclass(frozen=True)
class Clock:
    """Times of all steps, and for each the row under which it is kept (-1 = not kept).

    `moving` names the controls that change during the run.
    """

    initial_time: float
    final_time: float
    time_step: float
    saveper: float
    steps: Any
    save: Any
    times: Any
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
    """The clock of one run: `given` controls by key, else what the model says, under the given constants."""
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
    steps = [start]
    while steps[-1] + step * PRECISION < end:
        steps.append(steps[-1] + step)
    instants = np.array(steps)
    since = instants - start
    kept = (np.remainder(since, every) < step * PRECISION) | (np.remainder(-since, every) < step * PRECISION)
    save = np.where(kept, np.cumsum(kept) - 1, -1)
    times = np.round(instants[kept], -int(math.log10(step * PRECISION)))
    return Clock(start, end, step, every, instants, save, times)


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
    if problems:
        raise InputError(problems)


def control_value(
    program: Program, key: str, given: dict[str, float], constants: dict[str, float], depth: int = 0
) -> float:
    """The value of a control or of a constant that a control names."""
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
