"""A fit as a file: everything needed to say later whether it still belongs to the study."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iskdyn.calibration.result import FitResult
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_text_whole
from iskdyn.study.sealed import made_line, provenance, read_result

if TYPE_CHECKING:
    from iskdyn.study import Study


KIND = "fit"
_FRAMES = ("parameters", "rows", "starts")


def store_fit(result: FitResult, path: Path, study: Study) -> FitResult:
    """Write a fit with what it rests on, all at once or not at all; gives the result as stored.

    Parameters
    ----------
    result : whose provenance is filled in here
    path : of the JSON file
    study : to which it belongs from now on

    Raises
    ------
    InputError : the file cannot be written
    """
    result = replace(result, provenance=provenance(study))
    content = {"made": made_line(KIND, result.provenance, result.fixed)} | {
        field.name: plain(getattr(result, field.name)) for field in fields(result) if field.name != "seconds"
    }
    write_text_whole(path, json.dumps(content, indent=1, allow_nan=False) + "\n")
    return result


def load_fit(path: Path, fixed: Mapping[str, float] | None = None) -> FitResult:
    """A stored fit.

    Parameters
    ----------
    fixed : constants that the structure fixes, {} for the study's own; None: of any structure

    Raises
    ------
    StudyError
        The file is not there, is damaged, is not a fit, or is that of another structure.
    """
    import pandas as pd

    text, _ = read_result(path, KIND, fixed)
    try:
        content = json.loads(text)
        del content["made"]
        for name in _FRAMES:
            content[name] = pd.DataFrame(content[name])
        content["rows"] = content["rows"].astype({"low": float, "high": float, "model": float})
        content["hessian"] = np.array(content["hessian"], dtype=float)
        return FitResult(**content)
    except (ValueError, TypeError, KeyError) as error:
        message = f"is not a stored fit ({type(error).__name__}: {error}); run `iskdyn fit` again"
        raise StudyError(Problem(str(path), message)) from error


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
