"""A fit as a file: everything needed to say later whether it still belongs to the study."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from iskdyn.calibration.result import FitResult
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_text_whole

if TYPE_CHECKING:
    from iskdyn.study import Study


class Stored(Protocol):
    """A result that says what it was made from."""

    @property
    def provenance(self) -> Mapping[str, object]:
        """Hashes, versions and platform."""
        ...


TABLES = ("observations", "parameters", "drivers")
PACKAGES = ("iskdyn", "numpy", "scipy", "numba", "pysd", "pandas", "xarray")
_FRAMES = ("parameters", "rows", "starts")


def store_fit(result: FitResult, path: Path, study: Study) -> FitResult:
    """Write a fit with what it rests on, all at once or not at all; gives the result as stored."""
    result = replace(result, provenance=provenance(study))
    content = {
        field.name: plain(getattr(result, field.name)) for field in fields(result) if field.name != "seconds"
    }
    write_text_whole(path, json.dumps(content, indent=1, allow_nan=False) + "\n")
    return result


def load_fit(path: Path) -> FitResult:
    """A stored fit.

    Raises
    ------
    StudyError
        The file is not there, is damaged, or is not a fit.
    """
    import pandas as pd

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        for name in _FRAMES:
            content[name] = pd.DataFrame(content[name])
        content["rows"] = content["rows"].astype({"low": float, "high": float, "model": float})
        content["hessian"] = np.array(content["hessian"], dtype=float)
        return FitResult(**content)
    except FileNotFoundError:
        raise StudyError(Problem(str(path), "is not there; `iskdyn fit` writes it")) from None
    except (ValueError, TypeError, KeyError) as error:
        message = f"is not a stored fit ({type(error).__name__}: {error}); run `iskdyn fit` again"
        raise StudyError(Problem(str(path), message)) from error


def verify(study: Study, result: Stored, verb: str = "fit") -> list[Problem]:
    """What has changed in the study since a fit (or what `verb` names) was stored; empty if nothing has."""
    now = provenance(study)["hashes"]
    then = result.provenance.get("hashes")
    if not isinstance(now, dict) or not isinstance(then, dict):
        return [Problem(verb, "was never stored, so nothing says which study it belongs to")]
    return [
        Problem(
            name, f"has changed since the {verb} (sha256 {then.get(name)}, now {digest}); run `iskdyn {verb}`"
        )
        for name, digest in now.items()
        if then.get(name) != digest
    ]


def provenance(study: Study) -> dict[str, object]:
    """Hashes of the model and the tables, versions of what computes, and the platform."""
    hashes = {"model": study.program.digest}
    hashes |= {name: _sha256(study.path_of(name)) for name in TABLES}
    return {
        "hashes": hashes,
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "platform": f"{sys.platform} {platform.machine()}",
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def plain(value: Any) -> Any:
    """The value as JSON has it; a number that is not finite as null."""
    if hasattr(value, "to_dict"):
        return plain(value.to_dict("records"))
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
