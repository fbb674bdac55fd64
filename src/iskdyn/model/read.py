"""A model file -> `Program`."""

from __future__ import annotations

import contextlib
import hashlib
import pickle
from dataclasses import replace
from functools import cache
from pathlib import Path

from iskdyn.cache import cache_folder, write_once
from iskdyn.errors import InputError, Problem
from iskdyn.model.assemble import assemble
from iskdyn.model.program import Program
from iskdyn.model.write_out.beside import digest_of, read_data

SUFFIXES = (".mdl", ".xmile", ".stmx", ".itmx", ".xml")


def read_model(path: str | Path, data: str | Path | None = None) -> Program:
    """Read a Vensim (.mdl) or XMILE model; what was read before comes from the cache.

    Parameters
    ----------
    data : a table of series for data variables that have no equation: times in the first column (.csv, .tab), or
        Vensim's .dat

    Errors
    ------
    InputError : no such file, or not a model by its ending.
    ModelError : everything that is wrong with the model or cannot be run here, with file, line and column.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(Problem(str(path), f"expected a model ({', '.join(SUFFIXES)}), got {path.suffix!r}"))
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    series = read_data(Path(data)) if data is not None else {}
    kept = cache_folder() / "models" / f"{_key(text + repr(series).encode(), path.suffix.lower())}.pickle"
    program = _load(kept)
    if program is None or any(digest_of(path.parent / name) != digest for name, digest in program.beside):
        program = assemble(path, text, series)
        kept.unlink(missing_ok=True)
        with contextlib.suppress(InputError):  # what cannot be kept is read again next time
            write_once(kept, pickle.dumps(program))
    return replace(program, path=path)


def _key(data: bytes, suffix: str) -> str:
    return hashlib.sha256(data + suffix.encode() + _version()).hexdigest()


@cache
def _version() -> bytes:
    """The code that makes a program; when it changes, models are read anew."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.digest()


def _load(kept: Path) -> Program | None:
    try:
        program = pickle.loads(kept.read_bytes())  # noqa: S301 - the user's own cache
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, ValueError):
        return None
    return program if isinstance(program, Program) else None
