"""The reported posterior against twice as many moves, and against an unrelated sampler.

Writes doubled_moves.csv and second_sampler.csv beside this file; goes on where it was stopped. Run from the root
of the project: python tests/exam/agreement.py
"""

from __future__ import annotations

import csv
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from made_from import HERE, ROOT, record, today
from scipy.stats import ks_2samp
from slices import slices

from iskdyn.calibration import Sampling, every_number, sample_posterior
from iskdyn.calibration.objective import Objective
from iskdyn.calibration.recover import study_quantities
from iskdyn.simulate import prepare
from iskdyn.study import Study, open_study

REPORTED = Sampling(kept=2000)
DOUBLED = Sampling(n_draws=2 * REPORTED.n_draws, kept=2000, seed=2)
"""As many chains, each twice as long."""

N_CHAINS, N_STEPS, N_DROPPED, EVERY = 400, 900, 200, 25
"""Of the second sampler: chains, steps of each, how many of them are dropped first, and which are kept."""
N_BLOCKS = 8
"""Chains of the second sampler go side by side in so many blocks: each ends within ten minutes of one processor."""

MEAN, SPREAD, DISTANCE = 0.1, (0.93, 1.08), 0.05


@dataclass(frozen=True)
class Watched:
    """(n_draws, n) values of every parameter, informed direction, policy effect, score and headline output."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    values: np.ndarray


def main() -> int:
    """0 if both agree with the reported posterior within the bars."""
    study = open_study(ROOT)
    objective = every_number(study)
    folder = Path(tempfile.gettempdir()) / f"iskdyn-agreement-{study.program.digest[:12]}"
    base = _sampled(objective, REPORTED, study, folder / "reported")
    doubled = _sampled(objective, DOUBLED, study, folder / "doubled")
    missed = _compared("doubled_moves.csv", base, doubled, lambda row: abs(row[0]) < MEAN)
    second = watched(study, objective, _sliced(objective, folder))
    missed += _compared("second_sampler.csv", base, second, _agrees)
    shutil.rmtree(folder)
    return bool(missed)


def _agrees(row: tuple[float, float, float]) -> bool:
    gap, ratio, distance = row
    return abs(gap) < MEAN and SPREAD[0] < ratio < SPREAD[1] and distance < DISTANCE


def _sampled(objective: Objective, sampling: Sampling, study: Study, folder: Path) -> Watched:
    started = time.process_time()
    found = sample_posterior(objective, sampling, folder=folder, model_digest=study.program.digest)
    print(
        folder.name, f"{time.process_time() - started:.0f} processor seconds", found.log_evidence, flush=True
    )
    return watched(study, objective, found.z.reshape(-1, found.z.shape[2]))


def _sliced(objective: Objective, folder: Path) -> np.ndarray:
    """Draws of the second sampler; each block of chains is on disk once it has ended."""
    blocks = []
    for i_block in range(N_BLOCKS):
        path = folder / f"slices-{i_block}.npy"
        if not path.exists():
            started = time.process_time()
            rng = np.random.default_rng([1, i_block])
            n_chains = N_CHAINS // N_BLOCKS
            states, n_runs = slices(objective.log_likelihood, objective.n_parameters, n_chains, N_STEPS, rng)
            np.save(path, states[N_DROPPED::EVERY].astype(float).reshape(-1, objective.n_parameters))
            seconds = time.process_time() - started
            print(f"{path.stem}: {n_runs:,} runs, {seconds:.0f} processor seconds", flush=True)
        blocks.append(np.load(path))
    return np.vstack(blocks)


def watched(study: Study, objective: Objective, z: np.ndarray) -> Watched:
    quantities = study_quantities(study, objective, seed=1)
    inside = objective.parameters["in_model"].to_numpy(dtype=bool)
    names = list(objective.parameters.loc[inside, "name"])
    headline = study.settings.headline
    end = study.end_time()
    runner = prepare(study.program, names, list(headline), final_time=end, save_every=end)
    outputs = runner(objective.priors.values(z)[:, inside])[:, :, -1]
    return Watched(
        (*quantities.names, *(f"{name} at the end" for name in headline)),
        (*quantities.kinds, *["headline"] * len(headline)),
        np.hstack([quantities(objective, z), outputs]),
    )


def _compared(name: str, base: Watched, other: Watched, good: object) -> int:
    """Write a table of differences and return how many quantities miss the bars."""
    assert callable(good)
    rows, missed = [], 0
    for i, (quantity, kind) in enumerate(zip(base.names, base.kinds, strict=True)):
        one, two = base.values[:, i], other.values[:, i]
        sd = one.std()
        row = (0.0, 1.0, 0.0)
        if sd > 0:
            distance = float(ks_2samp(one, two).statistic)
            row = (float(two.mean() - one.mean()) / sd, float(two.std()) / sd, distance)
        missed += not good(row)
        rows.append([today(), kind, quantity, *(f"{cell:.3f}" for cell in row), "yes" if good(row) else "NO"])
    path = HERE / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date", "kind", "quantity", "difference of means in sd", "ratio of sd",
                         "largest distance of distributions", "within the bars"])  # fmt: skip
        writer.writerows(rows)
    print(f"{name}: {missed} of {len(rows)} miss the bars", flush=True)
    record(path)
    return missed


if __name__ == "__main__":
    sys.exit(main())
