"""Kill every command that writes with -9 at random moments: is all that is stored whole, and the end the same?

Each command runs on a copy of the tiny study, is killed, and is asked again as a user would ask: at the next start
what the killed one left is removed, and work that can go on goes on. Then what it wrote is compared with what an
undisturbed one wrote. Writes the table beside this file after every five kills, and goes on from there where it has
fewer than asked for. Run from the root of the project (Linux and macOS):
python tests/exam/kills.py [KILLS [COMMAND ...]]
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from made_from import ROOT, begun, record, today, write_rows

from iskdyn.cache import ENVIRONMENT
from iskdyn.confidence.provenance import SEALED
from iskdyn.seal import read_stamp

sys.path.insert(0, str(ROOT / "tests" / "unit"))
from whole_tiny import store_accepted, write_whole_tiny

N_KILLS = 50
KILLS_A_RUN = 5
"""Kills before a run is let go to its end: enough to kill a run that goes on, few enough to see many ends."""
TABLE = Path(__file__).with_suffix(".csv")
COLUMNS = ["date", "command", "kills", "ended", "same result", "damaged", "left behind"]
COMMANDS = {
    "fit": ["fit", "--starts", "4", "--quiet"],
    "posterior": ["posterior", "--draws", "800", "--runs", "2", "--quiet"],
    "variants": ["variants", "--quiet"],
    "score": ["score", "--draws", "400", "--runs", "2", "--quiet"],
    "profile": ["profile", "--quiet"],
    "cuts": ["cuts", "--quiet"],
    "nulls": ["nulls", "--quiet"],
    "weights": ["weights", "--quiet"],
    "rules": ["rules", "--quiet"],
    "freeze": ["freeze"],
    "assimilate": ["assimilate", "--quiet", "--facts", "{study}/facts.csv"],
    "claims": ["claims", "--out", "{study}/calibration/results/claims.json"],
    "ensemble": ["ensemble", "--draws", "40000", "--quiet", "--out", "{study}/calibration/results/ensemble"],
    "init": ["init", "{study}/models/tiny.mdl", "--out", "{study}/new"],
    "doc": ["doc"],
    "brief": ["brief", "--quiet"],
    "page": ["page", "--quiet"],
    "report": ["report", "--quiet"],
}
ACCEPTED = (
    "profile", "cuts", "nulls", "weights", "rules", "freeze", "assimilate", "claims", "brief", "page", "report",
)  # fmt: skip
"""Begun with a stored fit and an accepted posterior."""
ENDED_BEFORE = "is there already"
"""What a second `freeze` of a day says, and a second `init`: the first had ended."""


@dataclass(frozen=True)
class Counts:
    """Of one command, in the order of the table's columns."""

    kills: int = 0
    ended: int = 0
    same: int = 0
    damaged: int = 0
    left: int = 0


def main() -> int:
    """0 if nothing was damaged or left behind, and every end is that of an undisturbed command."""
    n_kills = int(sys.argv[1]) if len(sys.argv) > 1 else N_KILLS
    rows = {str(row["command"]): row for row in begun(TABLE, COLUMNS)}
    for name in sys.argv[2:] or COMMANDS:
        counts = Counts()
        if name in rows and int(str(rows[name]["kills"])) < n_kills:
            counts = Counts(*(int(str(rows[name][column])) for column in COLUMNS[2:]))
        with tempfile.TemporaryDirectory() as folder:
            for reached in _try(name, n_kills, counts, Path(folder)):
                rows[name] = dict(zip(COLUMNS, (today(), name, *astuple(reached)), strict=True))
                write_rows(TABLE, COLUMNS, [rows[command] for command in COMMANDS if command in rows])
                record(TABLE)
        print(" ".join(f"{key} {value}" for key, value in rows[name].items()), flush=True)
    return any(str(row[bad]) != "0" for row in rows.values() for bad in COLUMNS[5:]) or any(
        str(row["same result"]) != str(row["ended"]) for row in rows.values()
    )


def _try(name: str, n_kills: int, counts: Counts, folder: Path) -> Iterator[Counts]:
    """The command's counts after each run that was let go to its end."""
    os.environ[ENVIRONMENT] = str(folder / "cache")
    ready = _study(folder / "ready", name)
    undisturbed = Path(shutil.copytree(ready, folder / "undisturbed"))
    _run(name, undisturbed)
    began = time.perf_counter()
    expected = _written(Path(shutil.copytree(ready, folder / "again")), undisturbed, name)
    took = time.perf_counter() - began
    moments = np.random.default_rng(1).uniform(0, took, n_kills)
    for first in range(counts.kills, n_kills, KILLS_A_RUN):
        study, damaged = Path(shutil.copytree(ready, folder / f"run{first}")), 0
        chosen = moments[first : first + KILLS_A_RUN]
        for moment in chosen:
            _kill(name, study, moment)
            damaged += sum(_is_damaged(path) for path in _files(study))
        _run(name, study)
        same = {path: (study / path).read_bytes() for path in expected} == expected
        left = sum(
            path.name.startswith(".") or path.suffix in (".part", ".runs") for path in study.rglob("*")
        )
        more = (len(chosen), 1, int(same), damaged, left)
        counts = Counts(*(old + new for old, new in zip(astuple(counts), more, strict=True)))
        yield counts


def _study(folder: Path, name: str) -> Path:
    """A study on which the command runs."""
    write_whole_tiny(folder)
    if name in ACCEPTED:
        store_accepted(folder)
    return folder


def _command(name: str, study: Path) -> list[str]:
    asked = [word.format(study=study) for word in COMMANDS[name]]
    of_study = [] if name == "init" else ["--study", str(study)]
    return [sys.executable, "-m", "iskdyn.cli", *asked, *of_study]


def _run(name: str, study: Path) -> None:
    """To its end; a gate that is missed at these settings (exit code 1) is no fault here."""
    done = subprocess.run(_command(name, study), capture_output=True, text=True, check=False)
    if (done.returncode not in (0, 1) and ENDED_BEFORE not in done.stderr) or "Traceback" in done.stderr:
        raise RuntimeError(f"{name}: exit code {done.returncode}: {done.stderr[-2000:]}")


def _written(study: Path, undisturbed: Path, name: str) -> dict[Path, bytes]:
    """What two undisturbed commands write alike, and nothing may change: all but pictures of a browser."""
    before = {path.relative_to(study): path.read_bytes() for path in _files(study)}
    _run(name, study)
    written = {path.relative_to(study): path.read_bytes() for path in _files(study)}
    alike = {
        path: content for path, content in written.items() if (undisturbed / path).read_bytes() == content
    }
    found = {path: content for path, content in alike.items() if before.get(path) != content}
    if not found:
        raise RuntimeError(f"{name}: two undisturbed commands write nothing alike")
    return found


def _kill(name: str, study: Path, moment: float) -> None:
    """Let the command run to a moment; one that ends before is asked again at the next kill."""
    child = subprocess.Popen(
        _command(name, study), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(moment)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _files(study: Path) -> list[Path]:
    """What is stored with a seal, and all of a study that `init` writes."""
    places = (study / "calibration" / "results", study / "reports" / "out", study / "new")
    return [
        path
        for place in places
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and (path.suffix in SEALED or place.name == "new")
    ]


def _is_damaged(path: Path) -> bool:
    """Whether a seal is broken or missing; a new study has none, and is compared when all has ended."""
    if "new" in path.parts:
        return False
    stamp = read_stamp(path)
    return stamp is None or not stamp.whole


if __name__ == "__main__":
    sys.exit(main())
