"""Which files an exam's table was made from, so that a table older than them is seen to be stale.

`made_from.json` holds for each table its date and the sha256 of every file that decides it.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECORD = HERE / "made_from.json"

CALIBRATION = "src/iskdyn/calibration"
SAMPLER = (f"{CALIBRATION}/smc.py", f"{CALIBRATION}/moves.py")
DATA = ("models/isk.mdl", "models/drivers.csv", "calibration/observations.csv", "calibration/parameters.csv")
POSTERIOR = (*DATA, *SAMPLER, f"{CALIBRATION}/likelihood.py", f"{CALIBRATION}/priors.py")
MODEL = "src/iskdyn/model"
DEPENDS = {
    "damaged_models.csv": (
        "tests/exam/damage.py",
        f"{MODEL}/reading/grammar.py",
        f"{MODEL}/reading/text.py",
        f"{MODEL}/reading/xmile_graphs.py",
        f"{MODEL}/write_out/calls.py",
        f"{MODEL}/write_out/references.py",
        f"{MODEL}/write_out/subscripts.py",
        f"{MODEL}/write_out/writer.py",
    ),
    "damaged_studies.csv": (
        "tests/exam/study_damage.py",
        "src/iskdyn/study/form_check.py",
        "src/iskdyn/study/forms.py",
    ),
    "planted_claims.csv": ("models/isk.mdl", "models/claims.toml", "tests/exam/plants.py"),
    "structural_faults.csv": ("models/isk.mdl", "models/conditions.toml", "tests/exam/structural_faults.py"),
    "random_meanings.csv": (
        "tests/semantics/random_models.py",
        "tests/semantics/compared.py",
        "src/iskdyn/compile/functions.py",
    ),
    "unit_slips.csv": ("models/isk.mdl", "tests/exam/unit_slips.py", f"{MODEL}/units_inference.py"),
    "known_targets.csv": (*SAMPLER, "tests/exam/targets.py"),
    "second_sampler.csv": (*POSTERIOR, "tests/exam/slices.py"),
    "doubled_moves.csv": POSTERIOR,
    "failing_disk.csv": ("src/iskdyn/files.py", "tests/exam/failing_disk.c"),
    "kills.csv": (
        *SAMPLER,
        f"{CALIBRATION}/checkpoint.py",
        f"{CALIBRATION}/posterior.py",
        "src/iskdyn/files.py",
    ),
}
"""What each table rests on: few files, those whose change would change its figures."""


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def read_rows(table: Path, columns: Sequence[str]) -> list[dict[str, object]]:
    """The rows of an earlier table; none where it has other columns."""
    if not table.exists():
        return []
    with table.open(encoding="utf-8") as file:
        return [dict(row) for row in csv.DictReader(file) if set(row) == set(columns)]


def begun(table: Path, columns: Sequence[str]) -> list[dict[str, object]]:
    """The rows of a table that was stopped, to go on from; none where what it rests on has changed since."""
    return [] if changed(table.name) else read_rows(table, columns)


def write_rows(table: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def record(table: Path) -> None:
    """Write down what a table has just been made from, whatever it says."""
    found = recorded()
    found[table.name] = {"date": today(), "files": {name: _digest(name) for name in DEPENDS[table.name]}}
    RECORD.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")


def recorded() -> dict[str, dict[str, object]]:
    """Table by table, what it was made from."""
    return dict(json.loads(RECORD.read_text(encoding="utf-8"))) if RECORD.exists() else {}


def changed(table: str) -> list[str]:
    """The files that have changed since a table was made, or 'never recorded'."""
    found = recorded().get(table)
    if found is None:
        return ["never recorded"]
    files = found["files"]
    assert isinstance(files, dict)
    return [name for name in DEPENDS[table] if files.get(name) != _digest(name)]


def _digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
