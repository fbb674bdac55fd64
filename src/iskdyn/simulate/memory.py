"""How much memory a result takes, known before the run."""

from __future__ import annotations

import os

from iskdyn.errors import InputError, Problem

SHARE = 0.6
"""Part of the free memory that one result may take; the rest is for its making and its use."""


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
