"""Read a file only if it is one: no pipe that never ends, no device, no folder, nothing too large."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Without O_NONBLOCK, opening a pipe that nobody writes to waits for ever."""


def read_regular(path: Path, most: int, *, own: bool = False) -> bytes:
    """The bytes of a regular file.

    Parameters
    ----------
    most : bytes; a larger file is not read
    own : refuse links, and files that somebody else owns or can write

    Raises
    ------
    OSError : with `strerror` in plain words, also where the file is no regular file or too large
    """
    handle = os.open(path, _FLAGS | (getattr(os, "O_NOFOLLOW", 0) if own else 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, f"it is {_sort(status.st_mode)}, not a file", str(path))
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"has {status.st_size:,} bytes; at most {most:,} are read", str(path))
        if own and not is_own(status):
            raise OSError(errno.EPERM, "somebody else owns it or can write it", str(path))
        return file.read(most)


def is_own(status: os.stat_result) -> bool:
    """Whether only this user can change a file or folder; True where the system knows no owners."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _sort(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a device"
