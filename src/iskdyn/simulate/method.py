"""How a model is integrated: what its file asks for, unless the caller asks for something else."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from iskdyn.errors import InputError, ModelWarning, Problem
from iskdyn.model.program import Program

if TYPE_CHECKING:
    import xarray

Method = Literal["euler", "rk2", "rk4"]
METHODS: tuple[Method, ...] = ("euler", "rk2", "rk4")
"""Euler's step, the second-order Runge-Kutta step by the middle, and the classical fourth-order one."""

RUN_AS: Mapping[str, Method] = {
    **{method: method for method in METHODS}, "rk2 auto": "rk2", "rk4 auto": "rk4", "difference": "euler",
}  # fmt: skip
"""What a file asks for -> what is run: steps that adapt are run fixed (see `warn_of_steps`)."""

NAMES: Mapping[Method, str] = {
    "euler": "Euler's method", "rk2": "the second-order Runge-Kutta method",
    "rk4": "the fourth-order Runge-Kutta method",
}  # fmt: skip

TOLERANCE = 0.001
"""Vensim's relative tolerance of steps that adapt (vensim.com/documentation/specialvariables.html)."""

NOISE_SEED = "noise_seed"
"""Key of the constant with which a Vensim model chooses its random numbers."""
DEFAULT_SEED = 1
"""A model that names no seed gives the same numbers in every run."""


def integration(program: Program, asked: str | None = None) -> Method:
    """The method of a run: the one asked for, else the file's.

    Raises
    ------
    InputError : a method that is not known.
    """
    if asked is None:
        return RUN_AS[program.method]
    if asked not in METHODS:
        raise InputError(Problem("method", f"expected {', '.join(METHODS)}, got {asked!r}"))
    return asked


def with_method(program: Program, asked: str | None) -> Program:
    """The program as one whose file asks for the method; results of another method are then another model's."""
    if asked is None or program.method == integration(program, asked):
        return program
    digest = hashlib.sha256(f"{program.digest} by {asked}".encode()).hexdigest()
    return replace(program, method=integration(program, asked), digest=digest)


def seed_of(program: Program, asked: int | None, constants: Mapping[str, float]) -> int:
    """The seed of the random functions: the one asked for, else the model's NOISE SEED, else 1.

    The seed chooses among our streams: no seed gives the numbers of Vensim's own generator.

    Parameters
    ----------
    asked : the caller's seed; 0 is one
    constants : values by key; a NOISE SEED among them replaces the model's
    """
    if asked is not None:
        return asked
    if NOISE_SEED not in program.by_key:
        return DEFAULT_SEED
    value = constants.get(NOISE_SEED, program.by_key[NOISE_SEED].value)
    return int(value) if value == value else DEFAULT_SEED


def warn_of_steps(program: Program, result: xarray.Dataset, again: Callable[..., xarray.Dataset]) -> None:
    """Say how far a run with fixed steps may be from the steps that the file asks for.

    Parameters
    ----------
    result : of the model's own TIME STEP
    again : runs the same with another `time_step`
    """
    place = program.path.name
    if program.method == "difference":
        message = (
            "asks for difference equations and is run by Euler's method; auxiliaries stand a step earlier"
        )
        warnings.warn(f"{place}: {message}", ModelWarning, stacklevel=2)
    if not program.method.endswith("auto"):
        return
    step = result.attrs["time_step"]
    finer = again(time_step=step / 2).sel(time=result["time"], method="nearest")
    gaps = {str(name): float(abs(result[name] - finer[name]).max()) for name in result}
    shares = {name: gap / (float(abs(finer[name]).max()) or 1.0) for name, gap in gaps.items()}
    name = max(shares, key=lambda one: shares[one])
    message = (
        f"asks for steps that adapt to a tolerance of {TOLERANCE:g}; they are fixed at {step:g}, and half of it "
        f"changes {name!r} most, by {shares[name]:.2g}"
    )
    warnings.warn(f"{place}: {message}", ModelWarning, stacklevel=2)
