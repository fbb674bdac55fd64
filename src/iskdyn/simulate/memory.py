"""How much memory a result takes and how long a run lasts, known before it starts."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.errors import InputError, ModelWarning, Problem

if TYPE_CHECKING:
    from iskdyn.model import Program

SHARE = 0.6
"""Part of the available memory that one result may take; the rest is for its making and its use."""

NOT_ASKED = 32_000_000
"""Bytes for which nothing is read from the system: thousands of small calls would ask each time."""

_MEMINFO = Path("/proc/meminfo")
_OWN_GROUPS = Path("/proc/self/cgroup")
_GROUPS = Path("/sys/fs/cgroup")
_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""A group's limit, its use, and what of the use is files that Linux gives back: control groups 2 and 1."""

SECONDS = {"pysd": 3e-6, "numpy": 3e-6, "ensemble": 2e-9}
"""Time for one variable in one step of one member, roughly (see benchmarks); of other engines the last one's."""
COMPILING = 1e-6
"""Seconds to make machine code, by the square of the variables: 2,500 took 6 s, 10,000 a minute and more."""
LONG = 60.0
"""Seconds from which on a run says how long it may take: whoever waits for less needs no word."""


def available_bytes() -> int | None:
    """Memory that a process can still get: what is free or can be freed, and what its container leaves.

    None where neither can be asked.
    """
    known = [one for one in (_machine(), _container()) if one is not None]
    return min(known) if known else None


def check_memory(n_numbers: int, available: int | None = None) -> None:
    """An `InputError` that says what to do, if a result of so many numbers would not fit."""
    needed = 8 * n_numbers
    if available is None and needed <= NOT_ASKED:
        return
    available = available_bytes() if available is None else available
    if available is not None and needed > SHARE * available:
        gigabytes, most = needed / 1e9, SHARE * available / 1e9
        message = f"the result would take {gigabytes:.1f} GB, of {most:.1f} GB that may be used"
        raise InputError(Problem("memory", f"{message}; keep fewer outputs or times, or run fewer members"))


def _machine() -> int | None:
    """Linux counts as available what it holds of files and gives back; elsewhere only what is free is known."""
    try:
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _container() -> int | None:
    """The least that any control group of this process leaves; None without a limit."""
    try:
        lines = _OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    left = []
    for line in lines:
        _, kinds, place = line.split(":", 2)
        if kinds in ("", "memory"):
            folder = _GROUPS / kinds / place.lstrip("/")
            for group in (folder, *folder.parents):
                if group.is_relative_to(_GROUPS):
                    left += [found for names in _FILES if (found := _left(group, *names)) is not None]
    return min(left) if left else None


def _left(group: Path, limit: str, used: str, given_back: str) -> int | None:
    """Bytes that a group's limit leaves; None where it has none ("max", or a number beyond all memory)."""
    try:
        most = int((group / limit).read_text(encoding="ascii"))
        taken = int((group / used).read_text(encoding="ascii"))
        rows = (line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
        taken -= sum(int(row[1]) for row in rows if row[0] == given_back)
    except (OSError, ValueError, IndexError):
        return None
    return None if most >= 2**60 else max(most - taken, 0)


def tell_runs(program: Program, n_runs: int, final_time: float) -> None:
    """`tell_time` of so many runs of a model by machine code, each from its INITIAL TIME to `final_time`.

    Parameters
    ----------
    n_runs : of all members together
    final_time : model time, in the model's unit
    """
    length = final_time - program["INITIAL TIME"].value
    n_steps = round(length / program["TIME STEP"].value)
    tell_time(len(program.by_key), n_steps * n_runs, "ensemble")


def tell_time(n_variables: int, n_steps: int, engine: str) -> None:
    """A `ModelWarning` before a long run, of so many steps of all members together: about how long it may take.

    The NumPy engine works on all members at once, so that this is its time for few of them.

    Parameters
    ----------
    n_variables : of the model, arrays written out
    n_steps : of all members together
    engine : a key of `SECONDS`
    """
    n_values = n_variables * n_steps
    seconds = n_values * SECONDS[engine] + (COMPILING * n_variables**2 if engine == "ensemble" else 0.0)
    if seconds > LONG:
        message = f"{n_values:.1e} values of {n_variables:,} variables may take {seconds / 60:,.0f} minutes"
        warnings.warn(f"{message}; a shorter run or a larger step takes less", ModelWarning, stacklevel=2)
