"""The run's id: one line in every file that the tool writes, which says what the file was made from.

The line reads `iskdyn run 0a1b2c3d4e5f: model 01234567, …, content 89abcdef`. Each part is the start of a
sha256; the id is that of all parts but the content, which is the file itself (see `iskdyn.seal`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.digest import sampler_digest
from iskdyn.errors import Problem
from iskdyn.seal import KIND, STRUCTURE, UNSEALED, Stamp, read_stamp, short_hash
from iskdyn.study.meaning import meaning
from iskdyn.study.scenarios import scenario_files
from iskdyn.study.settings import FILE, read_toml
from iskdyn.study.study import FIT, POSTERIOR
from iskdyn.study.tables import read_text

if TYPE_CHECKING:
    from iskdyn.study.study import Study

SETTINGS, ASKED, SAMPLER = "settings", "asked", "sampler"
TEXTS = ("evidence", "drivers", "observations", "parameters", "levers", "claims", "variants", "story")
PARTS = ("model", SETTINGS, *TEXTS, "scenarios", "fit", "posterior")
"""What a result may rest on; a part that the study lacks is left out."""
RESTS_ON = ("model", "drivers", "observations", "parameters")
"""The parts of a study that decide what the calibration finds."""


def stamp(study: Study, parts: Sequence[str] = PARTS, asked: str = "") -> str:
    """The line to put into a file before it is written; `write_whole` adds the hash of its content.

    Parameters
    ----------
    parts : what the file rests on, of `PARTS`
    asked : what the user asked for beyond the study, as text; goes into the id
    """
    found = {name: digest for name, digest in hashes(study).items() if name in parts}
    return stamp_line(found | ({ASKED: short_hash(asked.encode())} if asked else {}))


def stamp_line(parts: Mapping[str, str]) -> str:
    """The line of a file that rests on these hashes."""
    told = ", ".join(f"{name} {digest}" for name, digest in parts.items())
    return f"iskdyn run {short_hash(told.encode(), 12)}: {told}, {UNSEALED}"


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
    parts = changed_parts(study, found)
    return parts if found.whole else [*parts, "content"]


def changed_parts(study: Study, found: Stamp) -> list[str]:
    """The parts of a stamp that the study, or the code of its sampler, has no longer."""
    asked = [name for name in found.parts if name not in (ASKED, KIND, STRUCTURE)]
    now = hashes(study, asked)
    return [name for name in asked if now.get(name) != found.parts[name]]


def hashes(study: Study, parts: Sequence[str] = PARTS) -> dict[str, str]:
    """The start of the sha256 of what each part of the study says, of those that are there."""
    return dict(_hashes(study, parts))


def _hashes(study: Study, parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    if "model" in parts:
        yield "model", study.program.digest[:8]
    for name, path in _files(study, parts).items():
        if path.is_file():
            beside = [meaning(file) for file in _named_files(study, name, path) if file.is_file()]
            yield name, short_hash(" ".join([meaning(path), *beside]).encode()) if beside else meaning(path)
    if "scenarios" in parts and (files := scenario_files(study.path_of("scenarios"))):
        yield "scenarios", short_hash(" ".join(f"{path.stem} {meaning(path)}" for path in files).encode())
    if SAMPLER in parts:
        yield SAMPLER, sampler_digest()


def _named_files(study: Study, part: str, path: Path) -> list[Path]:
    """Files that a part of the study names: data of its observations, models of its structures."""
    if part == "observations":
        return study.series_files
    if part != "variants":
        return []
    problems: list[Problem] = []
    text = read_text(path, path.name, problems)
    rows = (read_toml(text or "", path.name, problems) or {}).get("variant", [])
    named = (row.get("model") for row in rows if isinstance(row, dict))
    return [study.root / model for model in named if isinstance(model, str)]


def _files(study: Study, parts: Sequence[str]) -> dict[str, Path]:
    texts = [name for name in TEXTS if name in parts]
    files = {SETTINGS: study.root / FILE} if SETTINGS in parts else {}
    files |= {name: study.path_of(name) for name in texts}
    return files | {
        name: study.stored(file) for name, file in (("fit", FIT), ("posterior", POSTERIOR)) if name in parts
    }
