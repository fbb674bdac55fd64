"""A table of results as a file that says what it was made from and with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.calibration.store import plain, provenance
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_text_whole
from iskdyn.study.stamp import changed_since, stamp

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study

RESTS_ON = ("model", "drivers", "observations", "parameters")
"""The parts of a study that decide what a table of the calibration says."""


@dataclass(frozen=True)
class StoredTable:
    """A table read back.

    Attributes
    ----------
    rows : the table; a number that was not finite is NaN
    settings : what it was made with
    changed : parts of the study that have changed since; "content": the file itself
    """

    rows: pd.DataFrame
    settings: Mapping[str, object]
    changed: tuple[str, ...]


def store_table(
    rows: pd.DataFrame,
    settings: Mapping[str, object],
    path: Path,
    study: Study,
    parts: Sequence[str] = RESTS_ON,
) -> None:
    """Write a table, whole or not at all; `parts` of the study decide what it says."""
    content = {
        "made": stamp(study, parts),
        "settings": dict(settings),
        "versions": provenance(study)["versions"],
        "rows": plain(rows),
    }
    write_text_whole(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def load_table(study: Study, path: Path, verb: str) -> StoredTable:
    """A stored table of a study; `verb` is what makes it.

    Raises
    ------
    StudyError : the file is not there, is damaged, or holds something else
    """
    import pandas as pd

    if not path.is_file():
        raise StudyError(Problem(str(path), f"is not there; `iskdyn {verb}` writes it"))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = pd.DataFrame(content["rows"])
        changed = changed_since(study, path)
        if changed is None:
            raise ValueError("it does not say what it was made from")
        return StoredTable(rows, dict(content["settings"]), tuple(changed))
    except (ValueError, TypeError, KeyError) as error:
        message = f"is not a stored table ({type(error).__name__}: {error}); run `iskdyn {verb}` again"
        raise StudyError(Problem(str(path), message)) from error


def current_table(study: Study, path: Path, verb: str) -> StoredTable:
    """A stored table that belongs to the study as it is.

    Raises
    ------
    StudyError : the file is not there or is damaged, or what it was made from has changed
    """
    stored = load_table(study, path, verb)
    if stored.changed:
        changed = ", ".join(stored.changed)
        raise StudyError(Problem(str(path), f"was made before a change of {changed}; run `iskdyn {verb}`"))
    return stored
