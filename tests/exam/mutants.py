"""Change the code in small ways, one at a time, and see whether its tests notice; with mutmut.

Run from the root of the project: python tests/exam/mutants.py [part ...]; without any, every part that
pyproject.toml lists under tool.mutmut.parts. Writes two tables beside this file: how many changes were noticed,
and each that was not. A test that hangs notices; a change that no test runs is not noticed. Functions with a
decorator, also the compiled ones, are left alone. All is done in a copy of the project; Ctrl-C ends a part with
what was tried. Needs the extra `mutants`.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from contextlib import chdir, suppress
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_suffix(".csv")
LEAST = 0.8
"""Share of the changes that must be noticed."""
NOT_NOTICED = ("survived", "no tests")
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.runs", "out", "dist", "build", "mutants")


def main() -> int:
    """0 if enough changes of each part are noticed."""
    parts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]["parts"]
    return int(min([score_of(name, parts[name]) for name in sys.argv[1:] or parts]) < LEAST)


def score_of(part: str, settings: dict[str, list[str]]) -> float:
    """The share that was noticed, after the part's tables are written."""
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
        run = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
        with suppress(KeyboardInterrupt):
            subprocess.run(run, cwd=copy, env=os.environ | own, check=True)
        return written(part, copy)


def written(part: str, copy: Path) -> float:
    """The share that was noticed of what was tried in a copy of the project, put into the part's two tables."""
    with chdir(copy):
        verdicts = _verdicts()
        tried = [one for one in verdicts if one[2] != "not checked"]
        missed = sorted(_row(name, path) for name, path, verdict in tried if verdict in NOT_NOTICED)
    _write(TABLE.with_name(f"mutants_{part}.csv"), ["file", "function", "before", "after"], missed)
    numbers = [len(verdicts), len(tried), len(tried) - len(missed)]
    score, today = numbers[2] / numbers[1], datetime.now(UTC).date().isoformat()
    with TABLE.open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    rows = [row for row in rows if row[1] != part] + [[today, part, *map(str, numbers), f"{score:.3f}"]]
    _write(TABLE, header, sorted(rows, key=lambda row: row[1]))
    print(f"{part}: {numbers[2]} of {numbers[1]} noticed: {score:.1%}; {Counter(one[2] for one in verdicts)}")
    return score


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


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    sys.exit(main())
