"""The run's id: one line in every file that the tool writes, which says what the file was made from.

The line reads `iskdyn run 0a1b2c3d4e5f: model 01234567, …, content 89abcdef`. Each part is the start of a
sha256; the id is that of all parts but the content, which is the file itself (see `iskdyn.files`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.files import UNSEALED, read_stamp
from iskdyn.study.settings import FILE
from iskdyn.study.study import FIT, POSTERIOR

if TYPE_CHECKING:
    from iskdyn.study.study import Study

SETTINGS, ASKED = "settings", "asked"
TEXTS = ("evidence", "drivers", "observations", "parameters", "levers", "claims", "variants", "story")
PARTS = ("model", SETTINGS, *TEXTS, "scenarios", "fit", "posterior")
"""What a result may rest on; a part that the study lacks is left out."""
_SHORT = 8


def stamp(study: Study, parts: Sequence[str] = PARTS, asked: str = "") -> str:
    """The line to put into a file before it is written; `write_whole` adds the hash of its content.

    Parameters
    ----------
    parts : what the file rests on, of `PARTS`
    asked : what the user asked for beyond the study, as text; goes into the id
    """
    found = {name: digest for name, digest in hashes(study).items() if name in parts}
    if asked:
        found[ASKED] = _short(asked.encode())
    told = ", ".join(f"{name} {digest}" for name, digest in found.items())
    return f"iskdyn run {_short(told.encode(), 12)}: {told}, {UNSEALED}"


def run_id(line: str) -> str:
    """The id alone, for a reader.

    >>> run_id("iskdyn run 0a1b2c3d4e5f: model 01234567, content 00000000")
    '0a1b2c3d4e5f'
    """
    return line.removeprefix("iskdyn run ").partition(":")[0]


def changed_since(study: Study, path: Path) -> list[str] | None:
    """What has changed since a file was written: parts of the study, or its content; None: not ours."""
    found = read_stamp(path)
    if found is None:
        return None
    now = hashes(study)
    parts = [name for name in found.parts if name != ASKED and now.get(name) != found.parts[name]]
    return parts if found.whole else [*parts, "content"]


def hashes(study: Study) -> dict[str, str]:
    """The start of the sha256 of each part of the study that is there."""
    return {"model": study.program.digest[:_SHORT], **dict(_of_files(study))}


def _of_files(study: Study) -> Iterator[tuple[str, str]]:
    results = study.path_of("results")
    files: Mapping[str, Path] = {
        SETTINGS: study.root / FILE,
        **{name: study.path_of(name) for name in TEXTS if getattr(study.settings, name)},
        "fit": results / FIT,
        "posterior": results / POSTERIOR,
    }
    for name, path in files.items():
        if path.is_file():
            yield name, _short(path.read_bytes())
    scenarios = sorted(study.path_of("scenarios").glob("*.toml"))
    if scenarios:
        yield "scenarios", _short(b"\0".join(path.read_bytes() for path in scenarios))


def _short(content: bytes, length: int = _SHORT) -> str:
    return hashlib.sha256(content).hexdigest()[:length]
