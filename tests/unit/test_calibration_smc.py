"""The sampler on targets whose posterior and evidence are known exactly, and on faults it must not hide."""

import math

import numpy as np
import pytest
from targets import Bananas, Normal, as_the_study, joined, sampled, target_a

from iskdyn.calibration import smc
from iskdyn.calibration.smc import first_population, next_population

SMALL = Bananas(n_prior=4, n_bananas=1, stiff=np.array([0.02, 0.2]))
REPORTED = (24_000, 400)
"""Draws of each run, and chains, of the reported posterior."""


def test_a_known_posterior_and_its_evidence_are_found():
    runs = sampled(SMALL, *REPORTED)
    assert SMALL.faults(joined(runs)) == []
    assert [run.log_evidence for run in runs] == pytest.approx([0] * 4, abs=0.15)


def test_a_normal_far_from_the_prior_is_found():
    target = Normal(30, np.ones(30), np.full(30, 0.3))
    assert target.faults(joined(sampled(target, *REPORTED))) == []


@pytest.mark.slow
def test_as_many_numbers_as_the_study_has_informed_as_its_are():
    target = as_the_study()
    assert target.faults(joined(sampled(target, *REPORTED))) == []


def test_too_few_moves_fail_the_same_test():
    assert SMALL.faults(joined(sampled(SMALL, 4_000, 2_000))) != []


def test_a_biased_move_fails_the_same_test(monkeypatch):
    monkeypatch.setattr(smc.Kernel, "log_density", lambda self, z: np.zeros(len(z)))
    assert SMALL.faults(joined(sampled(SMALL, *REPORTED))) != []


@pytest.mark.slow
def test_thirty_parameters_with_bananas_and_a_stiffness_of_ten_thousand():
    target = target_a()
    runs = sampled(target, 200_000, 1_000)
    assert target.faults(joined(runs)) == []
    assert max(abs(run.log_evidence) for run in runs) < 0.5


def test_many_parameters_of_which_the_data_inform_few():
    """Linear and normal, so exact: 3 data on 80 parameters."""
    rng = np.random.default_rng(5)
    slopes = rng.normal(size=(3, 80)) * np.array([[1.0], [0.3], [0.05]])
    data = np.array([6.0, -2.0, 0.3])
    precision = np.eye(80) + slopes.T @ slopes / 0.25
    mean, sd = np.linalg.solve(precision, slopes.T @ data / 0.25), np.sqrt(np.diag(np.linalg.inv(precision)))
    marginal = slopes @ slopes.T + 0.25 * np.eye(3)
    exact = -0.5 * (data @ np.linalg.solve(marginal, data) + np.linalg.slogdet(2 * np.pi * marginal)[1])

    def log_likelihood(z):
        return -0.5 * np.sum(((data - z @ slopes.T) / 0.5) ** 2 + math.log(2 * math.pi * 0.25), axis=1)

    stream = np.random.default_rng(1)
    population = first_population(log_likelihood, 20_000, 80, stream)
    while population.beta < 1:
        population = next_population(
            population, log_likelihood, 400, stream, lambda z: slopes.T @ slopes / 0.25
        )
    np.testing.assert_allclose(population.z.mean(axis=0), mean, atol=0.1)
    np.testing.assert_allclose(population.z.std(axis=0), sd, rtol=0.08)
    assert population.log_evidence == pytest.approx(exact, abs=0.2)


def test_draws_without_a_number_never_survive():
    def log_likelihood(z):
        return np.where(z[:, 0] > 0, -1e300, -2 * z[:, 0] ** 2)

    stream = np.random.default_rng(1)
    population = first_population(log_likelihood, 4_000, 2, stream)
    while population.beta < 1:
        population = next_population(population, log_likelihood, 200, stream)
    assert np.all(population.z[:, 0] <= 0)
    assert population.log_evidence == pytest.approx(math.log(0.5 / math.sqrt(5)), abs=0.1)


def test_nothing_to_learn_leaves_the_prior():
    stream = np.random.default_rng(1)
    first = first_population(lambda z: np.zeros(len(z)), 2_000, 3, stream)
    after = next_population(first, lambda z: np.zeros(len(z)), 200, stream)
    assert (after.beta, after.log_evidence) == (1.0, 0.0)
    np.testing.assert_allclose(after.z.std(axis=0), 1, rtol=0.1)
