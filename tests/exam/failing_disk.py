"""Let every call that writes fail, one after another, for every verb that writes: is it one line, and nothing lost?

From call k on everything below the study's folder fails as on a full disk (ENOSPC), a read-only one (EROFS) or one
that is closed to us (EACCES), the three in turn. Asked of each: exit code 2 and one line that names the error, or
the end of an undisturbed command where the failure hit nothing that matters; every file as it was before or as it
would be after; no part and no lock left. Samplings of many structures are given, not made. Writes the table beside
this file. Needs a C compiler; run from the root of the project (Linux): python tests/exam/failing_disk.py [VERB ...]
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from click.testing import CliRunner, Result
from made_from import ROOT, begun, record, today, write_rows

sys.path.insert(0, str(ROOT / "tests" / "unit"))
from whole_tiny import WRITING, store_accepted, write_whole_tiny

from iskdyn.calibration import cuts, weights
from iskdyn.cli import main as iskdyn
from iskdyn.seal import find_stamp

TABLE, SHIM = Path(__file__).with_suffix(".csv"), Path(__file__).with_suffix(".c")
COLUMNS = ["date", "command", "calls that write", "failed", "refused", "unharmed", "wrong"]
CODES = (errno.ENOSPC, errno.EROFS, errno.EACCES)
UNLIKE = (".pdf", ".sha256")
"""A browser prints no page twice alike."""
RESUMED = (".runs", ".part")
"""What a stopped command goes on from may stay."""

MOST_CALLS = 30
"""Of a verb with more, so many chosen by one seed: a sampler saves some hundred times."""

ONCE = ("variants", "cuts", "nulls", "weights", "freeze", "ensemble")
"""What is stored by them is kept, not made again."""


def main() -> int:
    """0 if nothing went wrong at any call; begins again with the shim before it."""
    if "LD_PRELOAD" not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / "failing_disk.so"
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, SHIM, "-ldl"], check=True)
            again = [sys.executable, *sys.argv]
            return subprocess.run(
                again, env=os.environ | {"LD_PRELOAD": str(library)}, check=False
            ).returncode
    library = ctypes.CDLL(os.environ["LD_PRELOAD"])
    cuts._sampled = lambda *_: (np.array([-1.0, -1.1]), {"O1": -0.5})  # type: ignore[assignment]
    weights._weighed = _weighed  # type: ignore[assignment]
    rows = {str(row["command"]): row for row in begun(TABLE, COLUMNS)}
    with tempfile.TemporaryDirectory() as folder:
        store_accepted(write_whole_tiny(Path(folder) / "ready"))
        for verb in sys.argv[1:] or WRITING:
            rows[verb] = dict(zip(COLUMNS, _try(library, verb, Path(folder)), strict=True))
            print(" ".join(f"{key} {value}" for key, value in rows[verb].items()), flush=True)
            write_rows(TABLE, COLUMNS, [rows[name] for name in WRITING if name in rows])
            record(TABLE)
    return any(str(row["wrong"]) != "0" for row in rows.values())


def _weighed(_: object, structure, priors: float, errors: float, __: object) -> weights.Weighed:
    return weights.Weighed(structure.name, dict(structure.set), priors, errors, -1.0, 0.1, [-0.5, -0.6])


def _try(library: ctypes.CDLL, verb: str, folder: Path) -> tuple[object, ...]:
    """The verb's row of the table."""
    ready, done = folder / "ready", folder / "done"
    undisturbed, n_calls = _run(library, verb, ready, 0, 0)
    shutil.rmtree(done, ignore_errors=True)
    shutil.move("study", done)
    after = _files(done)
    begun = ready if verb in ONCE else done  # over former files, where these are made again
    before = _files(begun)
    refused = unharmed = wrong = 0
    for first in _chosen(n_calls):
        code = CODES[first % len(CODES)]
        result, n_reached = _run(library, verb, begun, first, code)
        now = _files(Path("study"))
        if n_reached <= first:  # fewer calls than in the undisturbed command: it met no failure
            continue
        whole = all(
            now.get(name) in (before.get(name), after.get(name)) or _is_whole(now.get(name, b""))
            for name in {*now, *before}
        ) and not any(Path(name).name.startswith(".") for name in now)
        errors = [line for line in result.stderr.splitlines() if line not in undisturbed.stderr]
        one_line = result.exit_code == 2 and len(errors) == 1 and os.strerror(code) in errors[0]
        ended = (result.exit_code, result.stderr) == (undisturbed.exit_code, undisturbed.stderr)
        refused += whole and one_line
        unharmed += whole and ended
        if not whole or one_line == ended:
            wrong += 1
            print(f"{verb}: call {first}, {errno.errorcode[code]}: {result.exit_code} {errors}", flush=True)
    return today(), verb, n_calls, refused + unharmed + wrong, refused, unharmed, wrong


def _chosen(n_calls: int) -> list[int]:
    """The calls from which on all fail, one after another."""
    n = min(n_calls, MOST_CALLS)
    return sorted(np.random.default_rng(1).choice(n_calls, n, replace=False).tolist())


def _run(library: ctypes.CDLL, verb: str, begun: Path, first: int, code: int) -> tuple[Result, int]:
    """The verb in a fresh copy, which is `study` in the working folder, and how many calls of it wrote there."""
    os.chdir(begun.parent)
    shutil.rmtree("study", ignore_errors=True)
    study = shutil.copytree(begun, begun.parent / "study")
    os.chdir(study)
    library.set_fault(str(study).encode(), first, code)
    result = CliRunner().invoke(iskdyn, [*WRITING[verb], "--study", str(study)])
    n_calls = library.count_calls()
    library.set_fault(b"", 0, 0)
    os.chdir(begun.parent)
    return result, n_calls


def _is_whole(content: bytes) -> bool:
    """As a table is that is stored row by row."""
    stamp = find_stamp(content)
    return stamp is not None and stamp.whole


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix not in UNLIKE
        and (path.name.startswith(".") or not {path.suffix, path.parent.suffix} & set(RESUMED))
    }


if __name__ == "__main__":
    sys.exit(main())
