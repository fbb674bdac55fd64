"""How much each structure weighs: what is rescaled, the two kinds of weights by hand, and a table that goes on."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from claims_of_tiny import TINY

from iskdyn import open_study
from iskdyn.calibration import Sampling, every_number
from iskdyn.calibration import weights as module
from iskdyn.calibration.priors import Prior, Priors
from iskdyn.calibration.table_store import load_table
from iskdyn.calibration.weights import KIND, Rescaled, left_out, rescaled, stacked, weigh, weight_bands
from iskdyn.study import Study

QUICK = Sampling(n_draws=400, n_chains=50, runs=2, kept=50)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return open_study(Path(shutil.copytree(TINY, tmp_path / "tiny")))


def test_a_wider_prior_has_the_same_median_and_a_spread_times_the_factor():
    prior = Prior("hazard", "lognormal", 0.1, 0.4, 0.0, math.inf)
    wide = Rescaled((prior,), 1.5)
    assert wide.values(np.array([[0.0], [1.0]]))[:, 0] == pytest.approx([0.1, 0.1 * math.exp(1.5 * 0.4)])
    assert wide.whiten(np.array([[0.1 * math.exp(0.4)]])) == pytest.approx(1 / 1.5)
    assert Priors((prior,)).whiten(np.array([[0.1 * math.exp(0.4)]])) == pytest.approx(1.0)


def test_every_prior_and_every_error_is_rescaled_and_nothing_else(study):
    plain = every_number(study)
    found = rescaled(plain, 0.67, 1.5)
    z = np.random.default_rng(1).standard_normal((20, plain.n_parameters))
    assert np.array_equal(found.priors.values(z), plain.priors.values(0.67 * z))
    sds = [form.sd for form in plain.sheet.forms]
    assert [form.sd for form in found.sheet.forms] == pytest.approx([1.5 * sd for sd in sds])
    assert np.array_equal(found.model_values(z), plain.model_values(0.67 * z))


def test_without_a_change_the_scores_are_those_of_the_objective(study):
    plain = every_number(study)
    z = np.random.default_rng(1).standard_normal((20, plain.n_parameters))
    assert np.array_equal(rescaled(plain, 1.0, 1.0).log_likelihoods(z), plain.log_likelihoods(z))


def test_a_row_given_the_others_is_the_harmonic_mean_of_its_chances():
    chances = np.array([[0.4, 0.5], [0.6, 0.5], [0.5, 0.5]])
    harmonic = 3 / (1 / 0.4 + 1 / 0.6 + 1 / 0.5)
    assert np.exp(left_out(np.log(chances))) == pytest.approx([harmonic, 0.5])


def test_a_draw_that_alone_carries_a_row_is_cut():
    # weights 1 / 0.01 and 1 / 0.99, the first cut at the root of 2 times their mean
    heavy, light = 1 / 0.01, 1 / 0.99
    cut = math.sqrt(2) * (heavy + light) / 2
    expected = (cut * 0.01 + light * 0.99) / (cut + light)
    assert np.exp(left_out(np.log([[0.01], [0.99]])))[0] == pytest.approx(expected)


def test_stacking_weights_are_those_of_the_best_mixture():
    # 2 ln(0.2 + 0.6 w) + ln(0.8 - 0.6 w) is greatest at w = 7/9
    chances = np.array([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8]])
    assert stacked(np.log(chances)) == pytest.approx([7 / 9, 2 / 9], abs=1e-6)
    assert stacked(np.log(np.full((3, 4), 0.3))) == pytest.approx(np.full(4, 0.25))


def test_a_band_is_as_set_then_least_and_most_over_the_settings_that_all_structures_have():
    alike = [[math.log(0.5)] * 2] * 2
    table = pd.DataFrame(
        {
            "structure": ["one", "two", "one", "two", "one"],
            "priors": [1.0, 1.0, 1.5, 1.5, 0.67],
            "errors": 1.0,
            "log_evidence": [0.0, math.log(3), math.log(4), 0.0, 99.0],
            "left_out": [*alike, *alike, alike[0]],
        }
    )
    bands = weight_bands(table)
    assert bands["one"]["evidence"] == pytest.approx((0.25, 0.25, 0.8))
    assert bands["two"]["evidence"] == pytest.approx((0.75, 0.2, 0.75))
    assert bands["one"]["stacking"] == pytest.approx((0.5, 0.5, 0.5))


def test_a_stopped_table_goes_on_where_it_was(study, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SETTINGS", ((1.0, 1.0), (1.5, 1.0)))
    path, told = tmp_path / "weights.json", []

    def stop(name: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        weigh(study, path, QUICK, stop)
    first = load_table(study, path, KIND).rows
    assert first["priors"].tolist() == [1.0]
    whole = weigh(study, path, QUICK, lambda name, share: told.append(name))
    assert whole["priors"].tolist() == [1.0, 1.5]
    assert whole.iloc[0].to_dict() == first.iloc[0].to_dict()
    assert told == ["as written, priors x 1, errors x 1", "as written, priors x 1.5, errors x 1"]
    assert whole["log_evidence"].nunique() == 2
    assert all(len(row) == study.observations["fold"].eq("fit").sum() for row in whole["left_out"])


def test_rows_of_another_sampling_are_sampled_again(study, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SETTINGS", ((1.0, 1.0),))
    path = tmp_path / "weights.json"
    first = weigh(study, path, QUICK)
    again = weigh(study, path, Sampling(n_draws=400, n_chains=50, runs=2, kept=50, seed=2))
    assert len(first) == len(again) == 1
    assert first["log_evidence"].tolist() != again["log_evidence"].tolist()
