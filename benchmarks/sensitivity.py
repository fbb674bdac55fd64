"""Time of a full sensitivity of the study, beside its bar: under a minute on two cores for k >= 20, N = 1,024.

Run from the root of the project: python benchmarks/sensitivity.py [--samples 1024]
Seconds by the clock mean little on a busy machine, so the bar is held against processor seconds: all of it, one core.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from SALib.analyze import sobol as salib

from iskdyn.levers.claims import known_draws
from iskdyn.output import text_table
from iskdyn.reports.story import read_story
from iskdyn.sensitivity import indices, sensitivity
from iskdyn.study import open_study

ROOT = Path(__file__).parents[1]
BAR = 60.0


def timed(call: Callable[[], object]) -> tuple[object, float, float]:
    """What a call gives, its seconds by the clock, and its processor seconds."""
    clock, processor = time.perf_counter(), time.process_time()
    result = call()
    return result, time.perf_counter() - clock, time.process_time() - processor


def beside_salib(n_base: int, n_factors: int, n_answers: int) -> float:
    """How many times faster the indices of many answers are than SALib's, one answer at a time."""
    answers = np.random.default_rng(1).standard_normal(((n_factors + 2) * n_base, n_answers))
    problem = {
        "num_vars": n_factors,
        "names": [str(i) for i in range(n_factors)],
        "bounds": [[0, 1]] * n_factors,
    }
    ours = timed(lambda: indices(answers, n_base))[2]
    one = timed(
        lambda: salib.analyze(problem, answers[:, 0], calc_second_order=False, num_resamples=100, seed=1)
    )[2]
    return one * n_answers / ours


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=1024, help="base rows of the Sobol design")
    n_base = parser.parse_args().samples
    study = open_study(ROOT)
    around, _ = known_draws(study)
    outcomes = read_story(study.path_of("story"), study.settings.headline).outcomes
    measures = {name: outcome.measure for name, outcome in outcomes.items()}
    first = next(iter(measures))
    rows = []
    for what, chosen in {"all outcomes": measures, f"'{first}' alone": {first: measures[first]}}.items():
        found, clock, processor = timed(
            lambda chosen=chosen: sensitivity(study, around, chosen, n_base=n_base)
        )
        verdict = "met" if processor < BAR and len(found.factors) > 20 else "NOT MET"
        rows.append(
            [
                f"{what}, {len(found.questions)} questions",
                str(len(found.factors)),
                f"{found.n_runs:,}",
                f"{clock:.1f}",
                f"{processor:.1f}",
                f"{1e6 * processor / found.n_runs:.0f}",
                verdict,
            ]
        )
    head = ["what", "factors", "runs", "s by the clock", "processor s", "us a run, with all", "under 60 s"]
    print(f"N = {n_base:,}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(text_table(head, rows))
    print(f"\nindices of 88 answers, 30 factors: {beside_salib(1024, 30, 88):.0f} times SALib's speed")


if __name__ == "__main__":
    main()
