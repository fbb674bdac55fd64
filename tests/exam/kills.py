"""Kill a sampling run with -9 at 50 random moments: are its files whole, and does it end with the same draws?

A child samples the study's posterior at small settings and is killed; the next goes on from the files. When one
ends, the next begins anew. Writes the table beside this file. Run from the root of the project:
python tests/exam/kills.py (Linux and macOS)
"""

from __future__ import annotations

import csv
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from made_from import ROOT, record, today

from iskdyn.calibration import Posterior, Sampling, every_number, sample_posterior
from iskdyn.calibration.objective import Objective
from iskdyn.errors import IskdynError
from iskdyn.study import open_study

N_KILLS = 50
SMALL = Sampling(n_draws=600, n_chains=20, runs=2, kept=100)
TABLE = Path(__file__).with_suffix(".csv")


def main() -> int:
    """0 if no file was corrupt and every finished run has the draws of an undisturbed one."""
    study = open_study(ROOT)
    objective = every_number(study)
    objective.runner.threads = 1  # type: ignore[attr-defined]
    started = time.perf_counter()
    undisturbed = sample_posterior(objective, SMALL)
    whole = time.perf_counter() - started
    moments = np.random.default_rng(1).uniform(0, whole / 5, N_KILLS)
    kills, finished, same, faults = 0, 0, 0, []
    with tempfile.TemporaryDirectory() as name:
        while kills < N_KILLS:
            folder = Path(name) / f"run{finished}"
            if _killed(objective, folder, moments[kills]):
                kills += 1
                faults += _damage(folder)
            if kills == N_KILLS or _is_done(folder):
                try:
                    resumed = sample_posterior(objective, SMALL, folder=folder)
                except IskdynError as error:
                    faults.append(str(error))
                else:
                    same += _equal(resumed, undisturbed)
                finished += 1
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["date", "kills", "runs resumed to their end", "with the same draws", "corrupt files"])
        rows.writerow([today(), kills, finished, same, len(faults)])
    print(
        f"{kills} kills, {finished} runs ended, {same} with the same draws, {len(faults)} faults",
        *faults,
        sep="\n",
    )
    record(TABLE)
    return bool(faults) or same != finished


def _killed(objective: Objective, folder: Path, moment: float) -> bool:
    """Whether a child was killed at this moment; False if it ended first."""
    child = os.fork()
    if not child:
        sample_posterior(objective, SMALL, folder=folder)
        (folder / "done").touch()
        os._exit(0)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _is_done(folder: Path) -> bool:
    return (folder / "done").exists()


def _damage(folder: Path) -> list[str]:
    """Every saved run that numpy cannot read."""
    faults = []
    for path in sorted(folder.glob("run-*.npz")):
        try:
            with np.load(path, allow_pickle=False) as content:
                _ = [content[name] for name in content.files]
        except Exception as error:  # whatever comes out is a finding
            faults.append(f"{path.name}: {error}")
    return faults


def _equal(one: Posterior, other: Posterior) -> bool:
    return np.array_equal(one.z, other.z) and np.array_equal(one.log_evidence, other.log_evidence)


if __name__ == "__main__":
    sys.exit(main())
