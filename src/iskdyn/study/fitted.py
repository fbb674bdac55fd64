"""The constants of a stored fit, for a run that starts from them: read without anything that fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.errors import Problem, StudyError
from iskdyn.study.sealed import changed_hashes, read_result

if TYPE_CHECKING:
    from iskdyn.study.study import Study


def fitted_values(study: Study, path: Path) -> dict[str, float]:
    """The fitted values of the parameters that the model has, by name.

    `iskdyn.calibration.load_fit` reads the whole of such a file; this much of it any run may need.

    Raises
    ------
    StudyError : there is no such fit, it is damaged, or it belongs to another state of the study
    """
    text, _ = read_result(path, "fit", {})
    try:
        content = json.loads(text)
        made_from = content["provenance"]["hashes"]
        values = {str(row["name"]): float(row["value"]) for row in content["parameters"] if row["in_model"]}
    except (ValueError, TypeError, KeyError) as error:
        message = f"is not a stored fit ({type(error).__name__}: {error}); run `iskdyn fit` again"
        raise StudyError(Problem(str(path), message)) from error
    if problems := changed_hashes(study, made_from):
        raise StudyError(problems)
    return values
