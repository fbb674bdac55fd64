"""Draws taken to other evidence: against brute force, with the evidence between, and by weights where they do."""

import numpy as np
import pytest
from calibration_toy import CONSTANTS, TRUTH, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import Sampling, build_objective
from iskdyn.calibration.moved import moved
from iskdyn.calibration.posterior import populations

SHORT = 32, 32  # a quarter of the states in the last stage: enough for three numbers


@pytest.fixture(scope="module")
def objective():
    rows = toy_observations(0.3)
    rows.loc[rows["id"] == "T5", ["low", "high", "spread"]] *= [1.1, 0.9, 0.1]
    return build_objective(rows, toy_parameters(), ToyRunner, {name: TRUTH[name] for name in CONSTANTS})


@pytest.fixture(scope="module")
def stored(objective):
    """Draws of the posterior of the fitted rows."""
    runs = populations(objective, Sampling(n_draws=16000, n_chains=400, runs=2, kept=100))
    z = np.concatenate([run.z for run in runs])
    return z[np.random.default_rng(1).choice(len(z), 2000, replace=False)]


@pytest.fixture(scope="module")
def prior(objective):
    z = np.random.default_rng(3).standard_normal((120_000, objective.n_parameters))
    return z, objective.log_likelihoods(z)


def exact(prior, before, after):
    """Mean and sd of z after, and the log ratio of the evidences, from weighted draws of the prior."""
    z, rows = prior
    weights = np.exp(rows @ after - (rows @ after).max())
    weights /= weights.sum()
    mean = weights @ z
    ratio = np.logaddexp.reduce(rows @ after) - np.logaddexp.reduce(rows @ before)
    return mean, np.sqrt(weights @ (z - mean) ** 2), ratio


@pytest.mark.parametrize(
    "change",
    [{"T5": 1.0}, {"T1": 0.0, "T2": 0.0}, {"T5": 1.0, "T4": 0.0}],
    ids=["a fact", "a source", "both"],
)
def test_draws_agree_with_weighted_draws_of_the_prior(objective, stored, prior, change):
    before = objective.sheet.weights * objective.sheet.fitted
    ids = objective.sheet.table["id"].tolist()
    after = np.array([change.get(name, weight) for name, weight in zip(ids, before, strict=True)])
    found = moved(objective, stored, after, 1, states=SHORT)
    mean, sd, ratio = exact(prior, before, after)
    assert found.walked
    np.testing.assert_array_less(np.abs(found.z.mean(axis=0) - mean) / sd, 0.1)
    np.testing.assert_allclose(found.z.std(axis=0), sd, rtol=0.07)
    assert found.log_ratio == pytest.approx(ratio, abs=0.12)
    np.testing.assert_allclose(found.log_likelihood[:50], objective.log_likelihoods(found.z[:50]) @ after)


def test_weights_do_where_hardly_anything_changes(objective, stored, prior):
    before = objective.sheet.weights * objective.sheet.fitted
    after = before * np.where(objective.sheet.table["id"] == "T6", 0.9, 1.0)
    found = moved(objective, stored, after, 1)
    assert not found.walked
    assert found.weighed > 1800
    assert found.n_runs == len(found.z) == 2000
    assert found.log_ratio == pytest.approx(exact(prior, before, after)[2], abs=0.01)


def test_nothing_changed_leaves_the_draws_as_they_are(objective, stored):
    before = objective.sheet.weights * objective.sheet.fitted
    found = moved(objective, stored, before, 1)
    assert found.log_ratio == pytest.approx(0.0)
    np.testing.assert_array_equal(np.sort(found.z, axis=0), np.sort(stored, axis=0))


def test_the_way_leads_through_stages_to_the_whole_change(objective, stored):
    told = []
    moved(objective, stored, objective.sheet.weights, 1, told.append, SHORT)
    assert told == sorted(told)
    assert told[-1] == 1.0
