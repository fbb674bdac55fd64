"""Plant the opposite of each mechanism in a copy of the model; write which claims noticed beside this file.

Run from the root of the project: python tests/exam/planted_claims.py
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

from made_from import record, today
from plants import PLANTS, Seen, seen

from iskdyn import open_study
from iskdyn.levers.claims import known_draws, read_claims

TABLE = Path(__file__).with_suffix(".csv")


def main() -> int:
    """0 if every plant flips what rests on it."""
    study = open_study(Path(__file__).parents[2])
    spread, _ = known_draws(study)
    with tempfile.TemporaryDirectory() as folder:
        rows = seen(study, read_claims(study), spread, Path(folder), tell=print)
    _write(rows, spread.kind)
    record(TABLE)
    missed = [row for row in rows if not row.flipped]
    for row in missed:
        print(f"{row.plant}: {row.claim} part {row.part} stays at {row.before:.3f} to {row.after:.3f}")
    print(f"{len(PLANTS)} plants, {len(rows)} parts of claims, {len(missed)} did not flip; {TABLE}")
    return bool(missed)


def _write(rows: list[Seen], kind: str) -> None:
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            ["date", "draws", "planted", "claim", "part", "holds without", "holds with", "flipped"]
        )
        for row in rows:
            shares = [f"{row.before:.3f}", f"{row.after:.3f}"]
            table.writerow(
                [today(), kind, row.plant, row.claim, row.part, *shares, "yes" if row.flipped else "no"]
            )


if __name__ == "__main__":
    sys.exit(main())
