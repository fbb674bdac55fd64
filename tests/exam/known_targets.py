"""The sampler on targets known exactly, and with faults that the same bars must catch.

Writes the table beside this file. Run from the root of the project: python tests/exam/known_targets.py
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from made_from import record, today
from targets import Bananas, Normal, Target, as_the_study, joined, sampled, target_a

from iskdyn.calibration import moves
from iskdyn.calibration.moves import Kernel

TABLE = Path(__file__).with_suffix(".csv")
PASSES, FAILS, MEASURED = "passes", "fails", "is measured only"


SWINGS, STROLLS = (6_400, 200, "swings"), (32_000, 400, "strolls")
"""Draws of a run, chains and moves: as reported, where the model has derivatives and where it has none."""


def cases() -> Iterator[tuple[str, Target, int, int, str, str, str]]:
    """Name, target, draws, chains, moves, planted fault and what must come of it."""
    apart = Normal(30, np.ones(30), np.full(30, 0.3))
    small = Bananas(n_prior=4, n_bananas=1, stiff=np.array([0.02, 0.2]))
    study, hard = as_the_study(), target_a()
    for kind in (SWINGS, STROLLS):
        yield "N(0, I), 30 numbers", Normal(30, np.zeros(30), np.ones(30)), *kind, "", PASSES
        yield "N(1, 0.3^2 I), 30 numbers", apart, *kind, "", PASSES
        yield "as informed as the study, 189 numbers", study, *kind, "", PASSES
        yield "a banana and a stiffness of 2,500, 8 numbers", small, *kind, "", PASSES
    yield "6 bananas and a stiffness of 10,000, 30 numbers", hard, *SWINGS, "", PASSES
    yield "6 bananas and a stiffness of 10,000, 30 numbers", hard, *STROLLS, "", MEASURED
    yield "as informed as the study, 189 numbers", study, 32_000, 16_000, "strolls", "too few moves", FAILS
    yield "N(1, 0.3^2 I), 30 numbers", apart, *STROLLS, "biased move", FAILS
    yield "a banana and a stiffness of 2,500, 8 numbers", small, *STROLLS, "biased move", FAILS
    yield "a banana and a stiffness of 2,500, 8 numbers", small, *SWINGS, "momentum forgotten", FAILS


@contextmanager
def planted(fault: str) -> Iterator[None]:
    """The biased move leaves its own density out of the acceptance, the other one the momentum's energy."""
    sound = Kernel.log_density, moves._energy
    if fault == "biased move":
        Kernel.log_density = lambda self, z: np.zeros(len(z))  # type: ignore[method-assign]
    if fault == "momentum forgotten":
        moves._energy = lambda place, values, momentum, powers: sound[1](place, values, 0 * momentum, powers)
    try:
        yield
    finally:
        Kernel.log_density, moves._energy = sound  # type: ignore[method-assign]


def main() -> int:
    """0 if every target passes and every planted fault fails."""
    rows, surprises = [], 0
    for name, target, n_draws, n_chains, kind, fault, expected in cases():
        started = time.process_time()
        with planted(fault):
            runs = sampled(target, n_draws, n_chains, derivatives=kind == "swings")
        found = target.errors(joined(runs))
        result = FAILS if found.faults else PASSES
        surprises += expected not in (result, MEASURED)
        spans = [f"{low:.3f} to {high:.3f}" for low, high in (found.sd, found.natural, found.coverage)]
        evidence = max(abs(run.log_evidence) for run in runs)
        seconds = time.process_time() - started
        rows.append([today(), name, n_draws, n_chains, kind, fault, *spans, f"{evidence:.2f}", result, expected,
                     f"{seconds:.0f}"])  # fmt: skip
        print(*rows[-1], sep="; ", flush=True)
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date", "target", "draws of each of 4 runs", "chains", "moves", "planted fault", "sd / exact",
                         "sd / exact along natural axes", "coverage of 90 % intervals",
                         "largest error of the log evidence", "result", "must", "processor seconds"])  # fmt: skip
        writer.writerows(rows)
    record(TABLE)
    return bool(surprises)


if __name__ == "__main__":
    sys.exit(main())
