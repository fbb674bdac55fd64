"""Where compiled code and read models are kept between runs; what does not fit is made anew, without a word.

An entry is used only if this user alone could have written it, and its envelope (see `iskdyn.seal`) says that it
is whole and was made for this role. Nothing in the cache is unpickled, and no Python text in it is executed.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import linecache
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from iskdyn.errors import InputError
from iskdyn.files import write_bytes_whole
from iskdyn.regular import is_own, read_regular
from iskdyn.seal import disclose, enclose

ENVIRONMENT = "ISKDYN_CACHE"
MAX_BYTES = 200_000_000
"""No entry is near this: the machine code of a large model has some megabytes."""


@functools.cache
def _temporary() -> Path:
    """A folder that is this process's alone and goes with it."""
    folder = tempfile.mkdtemp(prefix="iskdyn-cache-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def cache_folder(part: str = "") -> Path:
    """The cache, or a folder in it: $ISKDYN_CACHE, else the user's.

    A temporary folder, private to this process, where that cannot be written, or where others can write it.

    Raises
    ------
    OSError : a temporary folder cannot be made either
    """
    given = os.environ.get(ENVIRONMENT)
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or base)
    folder = Path(given) if given else base / "iskdyn"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for one in (folder, folder / part):
            # what is read back from a cache is run as machine code: nobody else may write there
            one.mkdir(mode=0o700, exist_ok=True)
            if not is_own(one.stat()):
                raise PermissionError(str(one))
        with tempfile.TemporaryFile(dir=folder / part):
            return folder / part
    except OSError:
        private = _temporary() / part
        # nor here, in a folder that everybody shares
        private.mkdir(mode=0o700, exist_ok=True)
        return private


def entry(part: str, name: str, role: str, make: Callable[[], bytes]) -> bytes:
    """What is kept under this name for this role; made and kept where it is not there or does not fit.

    Parameters
    ----------
    part : folder of the cache, and kind of its entries
    role : everything that decides the content; hashed into the envelope
    """
    path = None
    with contextlib.suppress(OSError):
        path = cache_folder(part) / name
        content = disclose(read_regular(path, MAX_BYTES, own=True), part, role)
        if content is not None:
            return content
    content = make()
    if path is not None:
        with contextlib.suppress(InputError):  # what cannot be kept is made again next time
            # its owner's alone, as the folder is
            write_bytes_whole(path, enclose(part, role, content), mode=0o600)
    return content


@functools.cache
def load_source(source: str, kind: str) -> ModuleType:
    """The module of a generated source, named by the source's hash; tracebacks show its lines."""
    name = f"iskdyn_{kind}_{hashlib.sha256(source.encode()).hexdigest()[:24]}"
    shown = f"<{name}>"
    module = ModuleType(name)
    module.__file__ = shown
    sys.modules[name] = module
    linecache.cache[shown] = (len(source), None, source.splitlines(keepends=True), shown)
    exec(compile(source, shown, "exec"), module.__dict__)  # noqa: S102 - our own text, made in this process
    return module
