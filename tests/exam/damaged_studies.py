"""Read 2,000 studies with a damaged file; write the table of what became of them beside this file.

Run from the root of the project: python tests/exam/damaged_studies.py
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

from made_from import record, today
from study_damage import DAMAGES, STUDIES, Outcome, cases, copy_study, try_case

from iskdyn.study import open_study

N_FILES = 2000
TABLE = Path(__file__).with_suffix(".csv")
RESULTS = ("refused", "refused in use", "used")


def main() -> int:
    """0 if nothing but refusals with a place came out, within the time."""
    with tempfile.TemporaryDirectory() as name:
        copies = {study: copy_study(study, Path(name)) for study in STUDIES}
        for copy in copies.values():
            open_study(copy).run(engine="numpy", until="2021-08")
        outcomes = [try_case(case, copies[case.study]) for case in cases(N_FILES)]
    _write(outcomes)
    record(TABLE)
    faults = [outcome for outcome in outcomes if outcome.fault]
    for outcome in faults:
        print(f"{outcome.case.number} {outcome.case.path}, {outcome.case.kind}: {outcome.fault}")
    print(f"{len(outcomes)} files, {len(faults)} faults; {TABLE}")
    return bool(faults)


def _write(outcomes: list[Outcome]) -> None:
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["date", "kind of damage", "count", *RESULTS, "faults", "worst processor seconds"])
        for kind in (*DAMAGES, "all"):
            these = [one for one in outcomes if kind in (one.case.kind, "all")]
            counts = [sum(one.result == result for one in these) for result in RESULTS]
            faults = sum(bool(one.fault) for one in these)
            worst = max((one.seconds for one in these), default=0.0)
            rows.writerow([today(), kind, len(these), *counts, faults, f"{worst:.2f}"])


if __name__ == "__main__":
    sys.exit(main())
