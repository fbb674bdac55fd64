"""How much memory a result takes and how long a run lasts, known before it starts."""

from __future__ import annotations

import os
import warnings

from iskdyn.errors import InputError, ModelWarning, Problem

SHARE = 0.6
"""Part of the free memory that one result may take; the rest is for its making and its use."""

SECONDS = {"pysd": 3e-6, "numpy": 3e-6, "scalar": 2e-9}
"""Time for one variable in one step of one member, roughly (see benchmarks); of other engines the last one's."""
LONG = 60.0
"""Seconds from which on a run says how long it may take."""


def free_bytes() -> int | None:
    """Free memory of this machine, None where it cannot be asked."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def check_memory(n_numbers: int, free: int | None = None) -> None:
    """An `InputError` that says what to do, if a result of so many numbers would not fit."""
    free = free_bytes() if free is None else free
    needed = 8 * n_numbers
    if free is not None and needed > SHARE * free:
        gigabytes, most = needed / 1e9, SHARE * free / 1e9
        message = f"the result would take {gigabytes:.1f} GB, of {most:.1f} GB that may be used"
        raise InputError(Problem("memory", f"{message}; keep fewer outputs or times, or run fewer members"))


def tell_time(n_values: int, engine: str) -> None:
    """A `ModelWarning` before a long run, of so many values in all: about how long it may take.

    The NumPy engine works on all members at once, so that this is its time for few of them.
    """
    seconds = n_values * SECONDS.get(engine, SECONDS["scalar"])
    if seconds > LONG:
        message = f"{n_values:.1e} values in all may take {seconds / 60:,.0f} minutes"
        warnings.warn(f"{message}; a shorter run or a larger step takes less", ModelWarning, stacklevel=2)
