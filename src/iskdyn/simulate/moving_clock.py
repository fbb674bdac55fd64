"""A clock that the model itself moves: FINAL TIME or SAVEPER that change during the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from iskdyn.arrays import Array
from iskdyn.errors import ModelError, Problem
from iskdyn.model.program import Program, is_fixed
from iskdyn.simulate.clock import EQUAL, MAX_STEPS, Clock, control_value, make_clock, row_times
from iskdyn.simulate.method import Method
from iskdyn.simulate.runner import Runner
from iskdyn.simulate.setup import Overrides

FIRST_TRIAL = 1000
"""Steps of the first trial run, ten times as many in each further one: most models end within it."""


def clock_of(
    program: Program, given: dict[str, float], overrides: Overrides, seed: int, method: Method
) -> Clock:
    """The clock of a call; where the model moves it, a trial run finds when it stops and what it keeps.

    Parameters
    ----------
    given : controls by key, as of `make_clock`; what is given does not move
    overrides : of one run, as of `resolve`
    seed, method : of the trial run, as of the run itself

    Raises
    ------
    ModelError : members would need clocks of their own, or the end is not reached in `MAX_STEPS` steps
    """
    moving = [
        key
        for key in ("final_time", "saveper")
        if key not in given and key in program and not is_fixed(program, key)
    ]
    if not moving:
        return make_clock(program, given, overrides.constants)
    if overrides.n_members() is not None:
        place = program.place(moving[0])
        raise ModelError(
            Problem(place, "the clock changes during the run, so members cannot share it; run one")
        )
    constants = overrides.constants
    known = dict(given)
    for key in ("initial_time", "time_step", "final_time", "saveper"):
        if key not in moving and key in program and key not in known:
            known[key] = control_value(program, key, given, constants)
    n_steps = FIRST_TRIAL
    while n_steps <= MAX_STEPS:
        horizon = known.get("final_time", known["initial_time"] + n_steps * known["time_step"])
        every_step = known | {"final_time": horizon, "saveper": known["time_step"]}
        clock = _trial(
            program, make_clock(program, every_step, constants), overrides, moving, known, seed, method
        )
        if clock is not None:
            return replace(clock, moving=tuple(moving))
        n_steps *= 10
    raise ModelError(Problem(program.place("final_time"), f"FINAL TIME is not reached in {MAX_STEPS} steps"))


def _trial(
    program: Program,
    trial: Clock,
    overrides: Overrides,
    moving: list[str],
    known: dict[str, float],
    seed: int,
    method: Method,
) -> Clock | None:
    """The clock, if the run ends within the trial's steps."""
    watched = tuple(program[key] for key in moving)
    runner = Runner(program, (), watched, overrides, trial, "numpy", seed, 1, method)
    runner.keep_nonfinite = True
    values = dict(zip(moving, runner(np.zeros((1, 0)))[0], strict=True))
    last = len(trial.steps) - 1
    if "final_time" in moving:
        over = ~(trial.steps + trial.time_step * EQUAL < values["final_time"])
        if not over.any():
            return None
        last = int(np.argmax(over))
    every = values.get("saveper", known.get("saveper", trial.time_step))
    return _cut(trial, last, np.broadcast_to(every, len(trial.steps)))


def _cut(trial: Clock, last: int, every: Array) -> Clock:
    """The trial's clock up to its last step, keeping what SAVEPER says at each."""
    steps, ratio = trial.steps[: last + 1], every[: last + 1] / trial.time_step
    number = np.arange(last + 1)
    past = np.remainder(number, ratio)
    kept = (past < EQUAL * ratio) | (ratio - past < EQUAL * ratio)
    kept[[0, last]] = True
    save = np.where(kept, np.cumsum(kept) - 1, -1)
    return replace(trial, final_time=float(steps[-1]), steps=steps, save=save, times=row_times(steps[kept]))
