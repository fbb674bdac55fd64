"""Plant the opposite of each mechanism in a copy of the model; write which claims noticed beside this file.

Run from the root of the project: python tests/exam/planted_claims.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from made_from import begun, record, today, write_rows
from plants import PLANTS, Seen, seen

from iskdyn import open_study
from iskdyn.levers.claims import known_draws, read_claims

TABLE = Path(__file__).with_suffix(".csv")
COLUMNS = ["date", "draws", "planted", "claim", "part", "holds without", "holds with", "flipped"]


def main() -> int:
    """0 if every plant flips what rests on it; goes on after the last plant where it was stopped."""
    study = open_study(Path(__file__).parents[2])
    spread, _ = known_draws(study)
    claims = read_claims(study)
    rows = begun(TABLE, COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        for plant in PLANTS:
            if plant.says not in {row["planted"] for row in rows}:
                found = seen(study, claims, spread, Path(folder), (plant,), tell=print)
                rows += [_row(part, spread.kind) for part in found]
                write_rows(TABLE, COLUMNS, rows)
                record(TABLE)
    missed = [row for row in rows if row["flipped"] == "no"]
    for row in missed:
        print(*(row[column] for column in COLUMNS[2:]), sep="; ")
    print(f"{len(PLANTS)} plants, {len(rows)} parts of claims, {len(missed)} did not flip; {TABLE}")
    return bool(missed)


def _row(part: Seen, draws: str) -> dict[str, object]:
    shares = [f"{part.before:.3f}", f"{part.after:.3f}"]
    cells = (today(), draws, part.plant, part.claim, part.part, *shares, "yes" if part.flipped else "no")
    return dict(zip(COLUMNS, cells, strict=True))


if __name__ == "__main__":
    sys.exit(main())
