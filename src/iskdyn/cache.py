"""Where generated code and read models are kept between runs."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from iskdyn.errors import InputError, Problem

ENVIRONMENT = "ISKDYN_CACHE"


@functools.cache
def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="iskdyn-cache-"))


def cache_folder() -> Path:
    """The cache: $ISKDYN_CACHE, else the user's; a temporary folder where that cannot be written."""
    given = os.environ.get(ENVIRONMENT)
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or base)
    folder = Path(given) if given else base / "iskdyn"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return _temporary()


def write_once(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all; an existing one stays, so that two processes may do it at once.

    Raises
    ------
    InputError : it cannot be written
    """
    if path.exists():
        return path
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        _place(temporary, path)
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}; set {ENVIRONMENT} to a folder with room"
        raise InputError(Problem(str(path), message)) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
    return path


def _place(temporary: str, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:
        os.replace(temporary, path)


@functools.cache
def load_source(source: str, kind: str) -> ModuleType:
    """The module of a generated source; its file is named by the source's hash."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:24]
    name = f"iskdyn_{kind}_{digest}"
    path = write_once(cache_folder() / "kernels" / f"{name}.py", source.encode())
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
