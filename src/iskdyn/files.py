"""Files that are whole or absent, whatever happens while they are written, and the line that seals them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from iskdyn.cache import cache_folder
from iskdyn.errors import InputError, Problem

UNSEALED = "content 00000000"
"""The end of a stamp whose file is not yet written (see `iskdyn.study.stamp`)."""
_STAMP = re.compile(rb"iskdyn run ([0-9a-f]{12}): ((?:[a-z]+ [0-9a-f]{8}, )*)content ([0-9a-f]{8})")


@dataclass(frozen=True)
class Stamp:
    """What a file says of itself.

    Attributes
    ----------
    id : of the run that wrote it
    parts : what it was made from, and the start of the sha256 of each
    whole : whether its content is as it was written
    """

    id: str
    parts: Mapping[str, str]
    whole: bool


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write` on a temporary file beside the path and move it there: whole or not at all.

    A stamp in what was written is completed with the hash of the content.

    Raises
    ------
    InputError : the folder or file cannot be written
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=path.suffix, prefix=f".{path.stem}.", dir=path.parent)
        os.close(handle)
        part = Path(name)
        try:
            write(part)
            _seal(part)
            part.chmod(0o644)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be written: {error.strerror or error}")) from error


def write_text_whole(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all; see `write_whole`."""
    write_whole(path, lambda part: part.write_text(text, encoding="utf-8"))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Only one process at a time works towards this file; a second is refused before it begins.

    Where the system has no locks of files (Windows), nothing is refused, and files are still whole.

    Raises
    ------
    InputError : another process is at it
    """
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()
    lock = cache_folder() / "locks" / name
    with contextlib.ExitStack() as stack:
        try:
            import fcntl

            lock.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(lock.open("w"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "another process is at work on it; wait until it ends, or give another --out"
            raise InputError(Problem(str(path), message)) from None
        except (ImportError, OSError):
            pass
        yield


def read_stamp(path: Path) -> Stamp | None:
    """The first stamp in a file, None where it has none.

    Raises
    ------
    InputError : the file cannot be read
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    found = _STAMP.search(content)
    if found is None:
        return None
    parts = (part.split(" ") for part in found[2].decode().split(", ") if part)
    whole = found[3] == _digest(_unsealed(content))
    return Stamp(found[1].decode(), dict(parts), whole)


def _seal(path: Path) -> None:
    content = path.read_bytes()
    if UNSEALED.encode() in content and _STAMP.search(content):
        digest = _digest(_unsealed(content))
        path.write_bytes(_STAMP.sub(lambda one: one[0][: -len(digest)] + digest, content))


def _unsealed(content: bytes) -> bytes:
    """The content as it was before the hash of it was put in: as long, with zeros in that place."""
    return _STAMP.sub(lambda one: one[0][: -len(one[3])] + b"0" * len(one[3]), content)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:8].encode()
