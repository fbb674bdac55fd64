"""What a long fit, profile or sampling takes is told before it starts, and a short one says nothing."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import pytest
from claims_of_tiny import TINY

from iskdyn import open_study
from iskdyn.calibration import Sampling
from iskdyn.calibration.budget import tell_fit, tell_profiles, tell_sampling
from iskdyn.errors import ModelWarning
from iskdyn.simulate.memory import LONG, SECONDS, tell_runs
from iskdyn.study import Study


@pytest.fixture
def large(tmp_path: Path) -> Study:
    """The tiny study with a clock so fine that a run has a million steps."""
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    model = folder / "models/tiny.mdl"
    model.write_text(model.read_text().replace("0.03125", "1.2e-5"))
    return open_study(folder)


def test_long_work_is_told_in_minutes(large):
    for tell in (
        lambda: tell_fit(large, 24), lambda: tell_profiles(large, 10), lambda: tell_sampling(large, Sampling()),
    ):  # fmt: skip
        with pytest.warns(ModelWarning, match=r"of 15 variables may take [\d,]+ minutes"):
            tell()


def test_short_work_is_not_told():
    study = open_study(TINY)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell_fit(study, 24)
        tell_profiles(study, 3)
        tell_sampling(study, Sampling())


def test_the_time_of_many_runs_is_steps_by_variables_by_runs(large):
    one_run = 15 * 1e6 * SECONDS["ensemble"]
    few, many = (int(LONG / one_run * factor) for factor in (0.9, 1.1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell_runs(large.program, few, large.end_time())
    with pytest.warns(ModelWarning):
        tell_runs(large.program, many, large.end_time())
