"""Read and run damaged models, 1,000 or as many as asked for; write what became of them beside this file.

A thousand take some ten minutes of one processor. The first ones are the same, however many.
Run from the root of the project: python tests/exam/damaged_models.py [FILES]
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from pathlib import Path

from damage import DAMAGES, Outcome, cases, sources, try_case
from made_from import record, today
from tqdm import tqdm

from iskdyn.model import read_model

N_FILES = 1_000
TABLE = Path(__file__).with_suffix(".csv")


def main() -> int:
    """0 if nothing but refusals with a place came out, within the time."""
    n_files = int(sys.argv[1]) if len(sys.argv) > 1 else N_FILES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["ISKDYN_CACHE"] = str(folder / "cache")
        for i, (suffix, text) in enumerate(sources(large=True)):
            (folder / f"sound{i}{suffix}").write_text(text)
            read_model(folder / f"sound{i}{suffix}")
        outcomes = _tried(n_files, folder)
    _write(outcomes)
    record(TABLE)
    faults = [outcome for outcome in outcomes if outcome.fault]
    for outcome in faults:
        print(f"{outcome.case.number} {outcome.case.kind}: {outcome.fault}")
    print(f"{len(outcomes)} files, {len(faults)} faults; {TABLE}")
    return bool(faults)


def _tried(n_files: int, folder: Path) -> list[Outcome]:
    """As many as there is time for: Ctrl-C ends it with those that were tried."""
    outcomes = []
    try:
        for case in tqdm(cases(n_files, large=True), total=n_files):
            outcomes.append(try_case(case, folder))
    except KeyboardInterrupt:
        pass
    return outcomes


def _write(outcomes: list[Outcome]) -> None:
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["date", "kind of damage", "count", "refused", "refused in the run", "ran", "faults",
                       "worst processor seconds"])  # fmt: skip
        for kind in (*DAMAGES, "all"):
            these = [one for one in outcomes if kind in (one.case.kind, "all")]
            counts = [sum(one.result == r for one in these) for r in ("refused", "refused in the run", "ran")]
            faults = sum(bool(one.fault) for one in these)
            worst = max((one.seconds for one in these), default=0.0)
            rows.writerow([today(), kind, len(these), *counts, faults, f"{worst:.2f}"])


if __name__ == "__main__":
    sys.exit(main())
