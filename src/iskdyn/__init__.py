"""A calibrated system-dynamics model of a conflict: read it, run it, fit it, report it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from iskdyn.study import Study

__version__ = "0.1.0"
__all__ = ["__version__", "open_study"]


def open_study(path: str | Path | None = None, method: str | None = None) -> Study:
    """A study folder, read and checked whole.

    Parameters
    ----------
    path : its folder or its study.toml; by default the nearest study.toml upward from the working
        folder, else the study that came with the package.
    method : "euler", "rk2" or "rk4"; by default what the model's file asks for. Stored results of another
        method do not belong to the study.

    Raises
    ------
    StudyError : with every problem found, each at its file, line and column.
    """
    from iskdyn.study import open_study as read

    return read(path, method)
