"""Files that are whole or absent, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from iskdyn.errors import InputError, Problem
from iskdyn.seal import sealed

PART, LOCK = ".part", ".lock"
"""Endings of the hidden files beside a result: one that is being written, and the lock of who works towards it."""
ABANDONED = 86_400.0
"""Seconds after which a part of another machine counts as left behind: longer than any write takes."""
_MACHINE = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
_WRITING: set[Path] = set()
"""Parts that this process is writing."""


def write_whole(path: Path, write: Callable[[Path], object], mode: int = 0o644) -> None:
    """Call `write` on a temporary file beside the path and move it there: whole or not at all.

    A stamp in what was written is completed with the hash of the content (see `iskdyn.seal`). The file is on
    the disk before its name appears. What killed processes left in the folder is removed.

    Raises
    ------
    InputError : the folder or file cannot be written
    """
    with _beside(path, _empty_file) as part:
        write(part)
        _finish(part, mode)
        os.replace(part, path)


def write_folder_whole(folder: Path, write: Callable[[Path], object]) -> None:
    """Call `write` on a temporary folder beside a new one and move it there: whole or not at all; see `write_whole`.

    Raises
    ------
    InputError : the folder cannot be written, or is there and holds something
    """
    with _beside(folder, tempfile.mkdtemp) as part:
        write(part)
        for path in part.rglob("*"):
            if path.is_file():
                _sync(path)
        part.chmod(0o755)
        os.rename(part, folder)


@contextmanager
def _beside(path: Path, make: Callable[[str, str, Path], str]) -> Iterator[Path]:
    """A part beside the path, of whatever sort is made; gone in the end if it was not moved."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path.parent)
        part = Path(make(PART, f".{path.name}.{_MACHINE}.{os.getpid()}.", path.parent))
        _WRITING.add(part)
        try:
            yield part
            _sync_folder(path.parent)
        finally:
            _remove(part)
            _WRITING.discard(part)
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be written: {error.strerror or error}")) from error


def _empty_file(suffix: str, prefix: str, folder: Path) -> str:
    handle, name = tempfile.mkstemp(suffix, prefix, folder)
    os.close(handle)
    return name


def _remove(part: Path) -> None:
    """Remove a part, a file or a folder; one that was moved is none any more."""
    if part.is_dir() and not part.is_symlink():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)


def write_bytes_whole(path: Path, content: bytes | memoryview, mode: int = 0o644) -> None:
    """Write bytes, whole or not at all; see `write_whole`.

    NetCDF is made in memory and written here: on a full disk HDF5 itself breaks off with pages of its own words.
    """
    write_whole(path, lambda part: part.write_bytes(content), mode)


def write_text_whole(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all; see `write_whole`."""
    write_bytes_whole(path, text.encode())


def remove_leftovers(folder: Path) -> None:
    """Remove files and folders that a killed process was writing there; what a living one writes stays.

    The name of a part tells machine and process. Whether a process of another machine lives cannot be known: its
    parts go when they are older than `ABANDONED`.
    """
    for part in folder.glob(f".*{PART}"):
        *_, machine, process, _, _ = ("", "", "", *part.name.split("."))
        with contextlib.suppress(OSError, ValueError):
            ours = machine == _MACHINE and sys.platform != "win32"
            dead = not _lives(part, int(process)) if ours else time.time() - part.stat().st_mtime > ABANDONED
            if dead:
                _remove(part)


def _lives(part: Path, process: int) -> bool:
    """Whether the process of this machine that began a part can still be at it."""
    if process == os.getpid():
        return part in _WRITING
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Only one process at a time works towards this file; a second is refused before it begins.

    The lock stands beside the file, so that it holds for every user of the folder. Where the system has no locks
    of files (Windows), nothing is refused, and files are still whole.

    Raises
    ------
    InputError : another process is at it, or the folder cannot be written
    """
    lock = path.with_name(f".{path.name}{LOCK}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = _locked(lock)
        remove_leftovers(path.parent)
    except BlockingIOError:
        message = "another process is at work on it; wait until it ends, or give another --out"
        raise InputError(Problem(str(path), message)) from None
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be written: {error.strerror or error}")) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink(missing_ok=True)  # while it is held: who waits for it sees that its file is gone
        held.close()


def _locked(lock: Path) -> IO[Any]:
    """The open and locked file of this name; BlockingIOError if another process holds it."""
    while True:
        held = lock.open("ab")
        if not _lock(held):
            held.close()
            raise BlockingIOError
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(held.fileno()), lock.stat()):
                return held
        held.close()


def _lock(held: IO[Any]) -> bool:
    """Whether the open file is ours until it is closed, or nobody can say; False if another process has it."""
    try:
        import fcntl

        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):  # Windows, or a file system without locks
        return True
    return True


def _finish(part: Path, mode: int) -> None:
    """Seal what was written and have it on the disk."""
    content = part.read_bytes()
    done = sealed(content)
    if done != content:
        part.write_bytes(done)
    part.chmod(mode)
    _sync(part)


def _sync(path: Path) -> None:
    """Have a file on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
