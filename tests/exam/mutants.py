"""Change the code in small ways, one at a time, and see whether its tests notice; with mutmut.

Run from the root of the project: python tests/exam/mutants.py [--sample N] [part ...]; without a part, every one
that pyproject.toml lists under tool.mutmut.parts; with --sample, N changes of each, the same ones each time.
Writes two tables beside this file: how many changes were noticed, with the band that a sample leaves, and each that
was not, with the reason that somebody wrote there. A test that hangs notices; a change that no test runs is not
noticed. Functions with a decorator, also the compiled ones, are left alone. All is done in a copy of the project;
a run that is stopped writes nothing, since the changes that take longest stand at its end. Needs the extra `mutants`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path

from scipy.stats import binomtest

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_suffix(".csv")
LEAST = 0.85
"""Share of the changes that must be noticed."""
COLUMNS = ["date", "part", "changes", "tried", "noticed", "score", "band"]
NOT_NOTICED = ("survived", "no tests")
SKIPPED = 34
"""mutmut's code of a change that is left alone."""
SEED = 17
"""Of the sample."""
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.runs", "out", "dist", "build", "mutants")


def main() -> int:
    """0 if enough changes of each part are noticed."""
    parts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]["parts"]
    asked = argparse.ArgumentParser()
    asked.add_argument("--sample", type=int, metavar="N", help="tried of each part; by default all")
    asked.add_argument("part", nargs="*")
    given = asked.parse_args()
    return int(min([score_of(name, parts[name], given.sample) for name in given.part or parts]) < LEAST)


def score_of(part: str, settings: dict[str, list[str]], n_sample: int | None) -> float:
    """The share that was noticed of all changes, or of a sample, after the part's tables are written."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(ROOT, Path(folder) / "copy", ignore=LEFT_OUT)
        project = copy / "pyproject.toml"
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
        text = project.read_text(encoding="utf-8").replace("[tool.mutmut]\n", f"[tool.mutmut]\n{lines}")
        project.write_text(text, encoding="utf-8")
        own = {
            "ISKDYN_CACHE": folder,
            "HYPOTHESIS_STORAGE_DIRECTORY": folder,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(Path(__file__).parent),
        }
        run, env = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"], os.environ | own
        if n_sample is not None:
            # mutmut makes all changes before it looks for those that are named; that none is found is no fault.
            subprocess.run([*run, "none of this name"], cwd=copy, env=env, check=False)
            _leave_out_all_but(n_sample, copy)
        subprocess.run(run, cwd=copy, env=env, check=True)
        return written(part, copy)


def _leave_out_all_but(n_sample: int, copy: Path) -> None:
    """Mark each change that is not in the sample as one to skip."""
    metas = sorted((copy / "mutants/src").rglob("*.meta"))
    contents = {path: json.loads(path.read_text(encoding="utf-8")) for path in metas}
    names = sorted(name for content in contents.values() for name in content["exit_code_by_key"])
    chosen = set(random.Random(SEED).sample(names, min(n_sample, len(names))))  # noqa: S311 - no secret
    for path, content in contents.items():
        content["exit_code_by_key"] = {
            name: None if name in chosen else SKIPPED for name in content["exit_code_by_key"]
        }
        path.write_text(json.dumps(content), encoding="utf-8")


def written(part: str, copy: Path) -> float:
    """The share that was noticed of what was tried in a copy of the project, put into the part's two tables."""
    with chdir(copy):
        verdicts = _verdicts()
        tried = [one for one in verdicts if one[2] != "skipped"]
        missed = sorted(_row(name, path) for name, path, verdict in tried if verdict in NOT_NOTICED)
    listed = TABLE.with_name(f"mutants_{part}.csv")
    reasons = {tuple(row[:4]): row[4] for row in _read(listed) if len(row) > 4}
    _write(
        listed,
        ["file", "function", "before", "after", "reason"],
        [[*row, reasons.get(tuple(row), "")] for row in missed],
    )
    n_tried, n_noticed = len(tried), len(tried) - len(missed)
    score, today = n_noticed / n_tried, datetime.now(UTC).date().isoformat()
    row = [today, part, str(len(verdicts)), str(n_tried), str(n_noticed), f"{score:.3f}"]
    row.append(_band(n_noticed, n_tried) if n_tried < len(verdicts) else "")
    rows = [*(old for old in _read(TABLE) if old[1] != part), row]
    _write(TABLE, COLUMNS, sorted(rows, key=lambda row: row[1]))
    print(f"{part}: {n_noticed} of {n_tried} noticed: {score:.1%}; {Counter(one[2] for one in verdicts)}")
    return score


def _band(n_noticed: int, n_tried: int) -> str:
    """95 % band of the share of all changes (Wilson 1927, doi 10.1080/01621459.1927.10502953)."""
    band = binomtest(n_noticed, n_tried).proportion_ci(method="wilson")
    return f"{band.low:.3f}-{band.high:.3f}"


def _verdicts() -> list[tuple[str, str, str]]:
    """Each change by mutmut's name for it, with its file and what became of it."""
    from mutmut.stats import status_by_exit_code

    verdicts = []
    for path in sorted(Path("mutants/src").rglob("*.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        source = path.relative_to("mutants").with_suffix("").as_posix()
        verdicts += [(name, source, status_by_exit_code[code]) for name, code in codes.items()]
    return verdicts


def _row(name: str, path: str) -> list[str]:
    """File, function, and the changed lines before and after."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    changed = get_diff_for_mutant(name, path=path).splitlines()[2:]
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0][2:].replace("ǁ", ".")
    return [
        path,
        function,
        *(" ".join(one[1:].strip() for one in changed if one[0] == sign) for sign in "-+"),
    ]


def _read(path: Path) -> list[list[str]]:
    """The rows of an earlier table, without its header."""
    with path.open(encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    sys.exit(main())
