"""A table of results as a file that says what it was made from and with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.calibration.store import plain
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_text_whole
from iskdyn.study.sealed import VERBS, made_line, provenance, read_result
from iskdyn.study.stamp import RESTS_ON, changed_parts

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study


@dataclass(frozen=True)
class StoredTable:
    """A table read back.

    Attributes
    ----------
    rows : the table; a number that was not finite is NaN
    settings : what it was made with
    changed : parts of the study that have changed since
    """

    rows: pd.DataFrame
    settings: Mapping[str, object]
    changed: tuple[str, ...]


def store_table(
    rows: pd.DataFrame,
    settings: Mapping[str, object],
    path: Path,
    study: Study,
    kind: str,
    parts: Sequence[str] = RESTS_ON,
) -> None:
    """Write a table of a kind (of `sealed.VERBS`), whole or not at all; `parts` of the study decide what it says.

    Parameters
    ----------
    rows : a number that is not finite is written as null
    settings : what the table was made with, for whoever reads or goes on with it
    path : of the JSON file
    study : whose hashes are written down
    kind : of `sealed.VERBS`
    parts : of `study.stamp`; the table goes stale when one of them changes

    Raises
    ------
    InputError : the file cannot be written
    """
    made = provenance(study, parts)
    content = {
        "made": made_line(kind, made),
        "settings": dict(settings),
        "versions": made["versions"],
        "rows": plain(rows),
    }
    write_text_whole(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def load_table(study: Study, path: Path, kind: str) -> StoredTable:
    """A stored table of a study, of a kind (of `sealed.VERBS`).

    Parameters
    ----------
    study : as it is now, for `changed` of the result
    path : of the JSON file
    kind : of `sealed.VERBS`; a table of another kind is refused

    Raises
    ------
    StudyError : the file is not there, is damaged, or holds something else
    """
    import pandas as pd

    text, found = read_result(path, kind)
    try:
        content = json.loads(text)
        rows = pd.DataFrame(content["rows"])
        # null in every row: a number that none has
        empty = [name for name in rows if rows[name].isna().all()]
        rows = rows.astype(dict.fromkeys(empty, float))
        return StoredTable(rows, dict(content["settings"]), tuple(changed_parts(study, found)))
    except (ValueError, TypeError, KeyError) as error:
        message = f"is not a stored table ({type(error).__name__}: {error}); run `iskdyn {VERBS[kind]}` again"
        raise StudyError(Problem(str(path), message)) from error


def current_table(study: Study, path: Path, kind: str) -> StoredTable:
    """A stored table that belongs to the study as it is.

    Parameters
    ----------
    study : as it is now
    path : of the JSON file
    kind : of `sealed.VERBS`; a table of another kind is refused

    Raises
    ------
    StudyError : the file is not there or is damaged, or what it was made from has changed
    """
    stored = load_table(study, path, kind)
    if stored.changed:
        changed = ", ".join(stored.changed)
        raise StudyError(
            Problem(str(path), f"was made before a change of {changed}; run `iskdyn {VERBS[kind]}`")
        )
    return stored


def table_begun(study: Study, path: Path, kind: str) -> StoredTable | None:
    """What an earlier call stored, to go on from; None where nothing of the study as it is can be read.

    Parameters
    ----------
    study, path, kind : as of `current_table`
    """
    try:
        return current_table(study, path, kind)
    except StudyError:
        return None
