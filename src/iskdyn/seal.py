"""Seals: what is read back from disk is used only if it is what was written, and written for that place.

Two forms. A *stamp* is one line inside a file that others read too (JSON, NetCDF, HTML, CSV, Markdown):
`iskdyn run 0a1b2c3d4e5f: kind 01234567, model 89abcdef, …, content fedcba98`. An *envelope* is one line before
the bytes of a file that only this tool reads (caches, runs that were stopped): kind, role, length, sha256.
Both find accidents: a cut, a changed byte, a file in the place of another. Neither stops a forger, who can
write a seal too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from iskdyn.errors import InputError, Problem
from iskdyn.regular import read_regular

UNSEALED = "content 00000000"
"""The end of a stamp whose file is not yet written (see `iskdyn.study.stamp`)."""
KIND, STRUCTURE = "kind", "structure"
"""Parts of a stamp that say what a file is for: they never go stale, a file with others is a foreign one."""
MAX_BYTES = 1_000_000_000
"""No file that this tool writes is near this."""
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


def short_hash(content: bytes, length: int = 8) -> str:
    """The start of the sha256, as the parts of a stamp have it."""
    return hashlib.sha256(content).hexdigest()[:length]


def find_stamp(content: bytes) -> Stamp | None:
    """The first stamp in the bytes of a file, None where they have none."""
    found = _STAMP.search(content)
    if found is None:
        return None
    parts = (part.split(" ") for part in found[2].decode().split(", ") if part)
    whole = found[3].decode() == short_hash(_unsealed(content))
    return Stamp(found[1].decode(), dict(parts), whole)


def read_stamp(path: Path) -> Stamp | None:
    """The first stamp in a file, None where it has none.

    Raises
    ------
    InputError : the file cannot be read
    """
    try:
        return find_stamp(read_regular(path, MAX_BYTES))
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error


def sealed(content: bytes) -> bytes:
    """The bytes with the hash of them in their stamp, as long as before; unchanged where they have none."""
    if UNSEALED.encode() not in content or _STAMP.search(content) is None:
        return content
    digest = short_hash(_unsealed(content)).encode()
    return _STAMP.sub(lambda match: match[0][: -len(digest)] + digest, content)


def _unsealed(content: bytes) -> bytes:
    """The content as it was before the hash of it was put in: as long, with zeros in that place."""
    return _STAMP.sub(lambda match: match[0][: -len(match[3])] + b"0" * len(match[3]), content)


def enclose(kind: str, role: str, content: bytes) -> bytes:
    """The content in an envelope: what it is, what it is for, how long it is and its hash, in a first line.

    Parameters
    ----------
    kind : what it is, on one line
    role : what it is for, of any length; only its hash is written
    content : any bytes
    """
    role = hashlib.sha256(role.encode()).hexdigest()
    head = f"iskdyn {kind} {role} {len(content)} {hashlib.sha256(content).hexdigest()}\n"
    return head.encode() + content


def disclose(enclosed: bytes, kind: str, role: str) -> bytes | None:
    """The content of an envelope; None if it is damaged, of another kind or for another role.

    Parameters
    ----------
    enclosed : as of `enclose`
    kind, role : what it must have been enclosed for

    >>> kept = enclose("run", "model 1", b"numbers")
    >>> disclose(kept, "run", "model 1"), disclose(kept, "run", "model 2"), disclose(kept[:-1], "run", "model 1")
    (b'numbers', None, None)
    """
    content = enclosed.partition(b"\n")[2]
    return content if enclosed == enclose(kind, role, content) else None
