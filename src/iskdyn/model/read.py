"""A model file -> `Program`."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from iskdyn.cache import entry
from iskdyn.errors import InputError, Problem
from iskdyn.model.kept import program_json, read_program
from iskdyn.model.limits import MAX_BYTES
from iskdyn.model.parse import TIME_LIMIT, Parser
from iskdyn.model.program import Program
from iskdyn.regular import read_regular

SUFFIXES = (".mdl", ".xmile", ".stmx", ".itmx", ".xml")


def read_model(path: str | Path, *, time_limit: float = TIME_LIMIT, parser: Parser | None = None) -> Program:
    """Read a Vensim (.mdl) or XMILE model; what was read before comes from the cache, without PySD.

    Parameters
    ----------
    time_limit : seconds for the parser
    parser : a running `Parser`, for many files

    Errors
    ------
    InputError : no such file, or not a model by its ending.
    ModelError : everything that is wrong with the model or cannot be run here, with file and line.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(Problem(str(path), f"expected a model ({', '.join(SUFFIXES)}), got {path.suffix!r}"))
    try:
        data = read_regular(path, MAX_BYTES)
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    key = _key(data, path.suffix.lower())
    text = entry("models", f"{key}.json", key, lambda: program_json(_parse(path, time_limit, parser)))
    return read_program(text, path)


def _parse(path: Path, time_limit: float, parser: Parser | None) -> Program:
    if parser is not None:
        return parser.read(path)
    with Parser(time_limit) as one:
        return one.read(path)


def _key(data: bytes, suffix: str) -> str:
    return hashlib.sha256(data + suffix.encode() + _version()).hexdigest()


@cache
def _version() -> bytes:
    """The code that makes a program; when it changes, models are read anew."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.digest()
