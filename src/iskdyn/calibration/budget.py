"""About how long a fit, a profile and a sampling take, told before they start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iskdyn.simulate.memory import tell_runs

if TYPE_CHECKING:
    from iskdyn.calibration.posterior import Sampling
    from iskdyn.study import Study

RUNS_A_START, RUNS_A_POINT = 60, 100
"""Runs of a fit by start and free number, its challenges with them, and of a profile by number and free number.

The study here took 62 a start (75 numbers), two public models 107 and 50 (3 numbers).
"""
RUNS_A_DRAW = 10
"""Runs of a sampling by draw of its population: 4 where data say little, 27 where they lie far out in the prior."""


def tell_fit(study: Study, starts: int) -> None:
    """A `ModelWarning` before a fit that may take long."""
    _tell(study, RUNS_A_START * starts * (1 + len(study.parameters)))


def tell_profiles(study: Study, n_profiles: int) -> None:
    """The same before profiles of so many numbers."""
    _tell(study, RUNS_A_POINT * n_profiles * (1 + len(study.parameters)))


def tell_sampling(study: Study, sampling: Sampling, n_times: int = 1) -> None:
    """The same before so many posteriors.

    Parameters
    ----------
    sampling : draws a run and how many runs
    n_times : how many posteriors
    """
    _tell(study, RUNS_A_DRAW * sampling.n_draws * sampling.runs * n_times)


def _tell(study: Study, n_runs: int) -> None:
    tell_runs(study.program, n_runs, study.end_time())
