"""What every stored result has in common: what it rests on, and the one check before it is read."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from iskdyn.errors import Problem, StudyError
from iskdyn.regular import read_regular
from iskdyn.seal import KIND, MAX_BYTES, STRUCTURE, Stamp, find_stamp, read_stamp, short_hash
from iskdyn.study.stamp import RESTS_ON, hashes, stamp_line

if TYPE_CHECKING:
    from iskdyn.study import Study

PACKAGES = ("iskdyn", "numpy", "scipy", "numba", "pysd", "pandas", "xarray")
VERBS = {
    "fit": "fit", "posterior": "posterior", "trial": "recover", "profile table": "profile", "score table": "score",
    "cut table": "cuts", "null table": "nulls", "rule table": "rules", "weight table": "weights",
    "screen table": "variants --screen", "frozen model": "freeze", "assimilated posterior": "assimilate",
}  # fmt: skip
"""What makes each kind of result."""


class Stored(Protocol):
    """A result that says what it was made from."""

    @property
    def provenance(self) -> Mapping[str, object]:
        """Hashes, versions and platform."""
        ...


def provenance(study: Study, parts: Sequence[str] = RESTS_ON) -> dict[str, object]:
    """Hashes of the model and the tables, versions of what computes, and the platform."""
    return {
        "hashes": hashes(study, parts),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "platform": f"{sys.platform} {platform.machine()}",
    }


def made_line(kind: str, made: Mapping[str, object], fixed: Mapping[str, float] | None = None) -> str:
    """The stamp of a result of this kind, of the structure that fixes these constants, made from this provenance.

    Parameters
    ----------
    kind : of `VERBS`
    made : as of `provenance`
    fixed : constants that the structure fixes; None for a kind that belongs to no structure
    """
    found = made.get("hashes")
    parts = {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else {}
    role = {KIND: _hash(kind)} | ({} if fixed is None else {STRUCTURE: structure_hash(fixed)})
    return stamp_line(role | parts)


def structure_hash(fixed: Mapping[str, float]) -> str:
    """The start of the sha256 of the constants that a structure fixes."""
    return _hash(json.dumps(sorted((name, float(value)) for name, value in fixed.items())))


def read_result(path: Path, kind: str, fixed: Mapping[str, float] | None = None) -> tuple[bytes, Stamp]:
    """The bytes of a stored result, whole and made for this place.

    Parameters
    ----------
    kind : of `VERBS`
    fixed : constants that the structure fixes, {} for the study's own; None: of any structure

    Raises
    ------
    StudyError : it is not there, is damaged, was edited, or is another result
    """
    verb = f"iskdyn {VERBS[kind]}"
    try:
        content = read_regular(path, MAX_BYTES)
    except FileNotFoundError:
        raise StudyError(Problem(str(path), f"is not there; `{verb}` writes it")) from None
    except OSError as error:
        raise StudyError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    found = find_stamp(content)
    if found is None or not found.whole:
        message = f"is not a stored {kind} as it was written (damaged, or edited); run `{verb}` again"
        raise StudyError(Problem(str(path), message))
    if _kind(found) != kind:
        what = f"a stored {_kind(found)}" if _kind(found) else "another file of this tool"
        raise StudyError(Problem(str(path), f"is not a stored {kind} but {what}; run `{verb}` again"))
    if fixed is not None and found.parts.get(STRUCTURE) != structure_hash(fixed):
        message = f"is the {kind} of another structure; run `{verb}` again"
        raise StudyError(Problem(str(path), message))
    return content, found


def kind_of(path: Path) -> str:
    """The kind of a stored result, "" if it is none."""
    found = read_stamp(path)
    return "" if found is None else _kind(found)


def _kind(found: Stamp) -> str:
    return next((name for name in VERBS if found.parts.get(KIND) == _hash(name)), "")


def verify(study: Study, result: Stored, verb: str = "fit") -> list[Problem]:
    """What has changed in the study since a fit (or what `verb` names) was stored; empty if nothing has.

    Parameters
    ----------
    study : as it is now
    result : as it was loaded or made
    verb : for the words, and for the command that makes it again
    """
    return changed_hashes(study, result.provenance.get("hashes"), verb)


def changed_hashes(study: Study, then: object, verb: str = "fit") -> list[Problem]:
    """The same for the hashes themselves, by part of the study."""
    if not isinstance(then, dict) or not then:
        return [Problem(verb, "was never stored, so nothing says which study it belongs to")]
    now = hashes(study, tuple(then))
    return [
        Problem(name, f"has changed since the {verb} (was {digest}, is {now.get(name)}); run `iskdyn {verb}`")
        for name, digest in then.items()
        if now.get(name) != digest
    ]


def _hash(text: str) -> str:
    return short_hash(text.encode())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
