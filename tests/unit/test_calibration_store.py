"""A stored fit comes back as it was, and tells what has changed since."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from calibration_toy import CONSTANTS, TRUTH, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import build_objective, fit_objective, load_fit, store_fit, verify
from iskdyn.errors import StudyError


@pytest.fixture(scope="module")
def result():
    constants = {name: TRUTH[name] for name in CONSTANTS}
    return fit_objective(
        build_objective(toy_observations(), toy_parameters(), ToyRunner, constants), starts=4
    )


@pytest.fixture
def study(tmp_path):
    for name in ("observations", "parameters", "drivers"):
        (tmp_path / f"{name}.csv").write_text(f"the {name}\n", encoding="utf-8")
    return SimpleNamespace(
        program=SimpleNamespace(digest="0123456789abcdef"),
        path_of=lambda name: tmp_path / f"{name}.csv",
        series_files=[],
    )


def test_a_stored_fit_comes_back_as_it_was(result, study, tmp_path):
    path = tmp_path / "results" / "fit.json"
    stored = store_fit(result, path, study)
    loaded = load_fit(path)
    for name in ("rows", "starts"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(stored, name), check_dtype=False)
    pd.testing.assert_frame_equal(loaded.parameters, stored.parameters, check_dtype=False)
    np.testing.assert_array_equal(loaded.hessian, result.hessian)
    assert (loaded.objective, loaded.status, loaded.seed) == (result.objective, "converged", 1)
    assert loaded.constants == result.constants
    assert loaded.holding == result.holding
    pd.testing.assert_frame_equal(loaded.approximate_draws(5, 1), result.approximate_draws(5, 1))


def test_the_file_says_what_it_rests_on(result, study, tmp_path):
    store_fit(result, tmp_path / "fit.json", study)
    content = json.loads((tmp_path / "fit.json").read_text(encoding="utf-8"))
    assert set(content["provenance"]["hashes"]) == {"model", "observations", "parameters", "drivers"}
    assert {"python", "numpy", "scipy", "numba", "pysd", "iskdyn"} <= set(content["provenance"]["versions"])
    assert len(content["starts"]) == 4


def test_the_same_fit_is_the_same_file_however_long_it_took(result, study, tmp_path):
    for name, seconds in (("one", 1.0), ("other", 2.0)):
        store_fit(dataclasses.replace(result, seconds=seconds), tmp_path / name, study)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_nothing_but_the_file_is_left_behind(result, study, tmp_path):
    store_fit(result, tmp_path / "results" / "fit.json", study)
    store_fit(result, tmp_path / "results" / "fit.json", study)
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["fit.json"]


def test_a_fit_of_this_study_verifies(result, study, tmp_path):
    stored = store_fit(result, tmp_path / "fit.json", study)
    assert verify(study, stored) == []


@pytest.mark.parametrize("name", ["observations", "parameters", "drivers", "model"])
def test_each_change_of_the_study_is_named(result, study, tmp_path, name):
    stored = store_fit(result, tmp_path / "fit.json", study)
    if name == "model":
        study.program.digest = "other"
    else:
        study.path_of(name).write_text("changed\n", encoding="utf-8")
    assert [problem.place for problem in verify(study, stored)] == [name]


def test_a_fit_that_was_never_stored_does_not_verify(result, study):
    assert "never stored" in verify(study, result)[0].message


@pytest.mark.parametrize("content", ["", "{", "[]", '{"status": "converged"}', "\x00"])
def test_a_damaged_file_is_one_clear_error(tmp_path, content):
    path = tmp_path / "fit.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StudyError, match="is not a stored fit"):
        load_fit(path)


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(StudyError, match="iskdyn fit"):
        load_fit(tmp_path / "fit.json")
