"""Files that are whole or absent, whatever happens while they are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from iskdyn.errors import InputError, Problem


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write` on a temporary file beside the path and move it there: whole or not at all.

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
