"""The sampler on targets whose posterior and evidence are known exactly, and on faults it must not hide."""

import math

import numpy as np
import pytest
from targets import Bananas, Normal, as_the_study, joined, sampled, target_a

from iskdyn.calibration import moves
from iskdyn.calibration.moves import Terms
from iskdyn.calibration.smc import first_population, next_population

SMALL = Bananas(n_prior=4, n_bananas=1, stiff=np.array([0.02, 0.2]))
REPORTED = {True: (6_400, 200), False: (24_000, 400)}
"""Draws of each run, and chains, of the reported posterior, with derivatives and without."""
BOTH = pytest.mark.parametrize("derivatives", [True, False], ids=["swings", "strolls"])


@BOTH
def test_a_known_posterior_and_its_evidence_are_found(derivatives):
    runs = sampled(SMALL, *REPORTED[derivatives], derivatives=derivatives)
    assert SMALL.faults(joined(runs)) == []
    assert [run.log_evidence for run in runs] == pytest.approx([0] * 4, abs=0.15)


@BOTH
def test_a_normal_far_from_the_prior_is_found(derivatives):
    target = Normal(30, np.ones(30), np.full(30, 0.3))
    assert target.faults(joined(sampled(target, *REPORTED[derivatives], derivatives=derivatives))) == []


@pytest.mark.slow
@BOTH
def test_as_many_numbers_as_the_study_has_informed_as_its_are(derivatives):
    target = as_the_study()
    assert target.faults(joined(sampled(target, *REPORTED[derivatives], derivatives=derivatives))) == []


def test_too_few_moves_fail_the_same_test():
    assert SMALL.faults(joined(sampled(SMALL, 4_000, 2_000, derivatives=False))) != []


def test_a_biased_move_fails_the_same_test(monkeypatch):
    monkeypatch.setattr(moves.Kernel, "log_density", lambda self, z: np.zeros(len(z)))
    assert SMALL.faults(joined(sampled(SMALL, *REPORTED[False], derivatives=False))) != []


def test_swings_that_forget_their_momentum_fail_the_same_test(monkeypatch):
    def energy(place, values, momentum, powers):
        return 0.5 * np.sum(place.z * place.z, axis=1) - values @ powers

    monkeypatch.setattr(moves, "_energy", energy)
    assert SMALL.faults(joined(sampled(SMALL, *REPORTED[True]))) != []


def test_slopes_that_are_wrong_cost_acceptance_only():
    sound = SMALL.terms()

    def bent(z, powers):
        return 0.8 * sound.slopes(z, powers) + 0.1 * np.sin(z)

    stream = np.random.default_rng(1)
    terms = Terms(sound.values, bent)
    population = first_population(terms, 25_600, SMALL.n_parameters, stream)
    while population.beta < 1:
        population = next_population(population, terms, 25_600, 200, stream)
    assert SMALL.faults(population.z) == []


@pytest.mark.slow
def test_thirty_parameters_with_bananas_and_a_stiffness_of_ten_thousand():
    target = target_a()
    runs = sampled(target, *REPORTED[True])
    assert target.faults(joined(runs)) == []
    assert max(abs(run.log_evidence) for run in runs) < 0.5


@BOTH
def test_many_parameters_of_which_the_data_inform_few(derivatives):
    """Linear and normal, so exact: 3 data on 80 parameters."""
    rng = np.random.default_rng(5)
    slopes = rng.normal(size=(3, 80)) * np.array([[1.0], [0.3], [0.05]])
    data = np.array([6.0, -2.0, 0.3])
    precision = np.eye(80) + slopes.T @ slopes / 0.25
    mean, sd = np.linalg.solve(precision, slopes.T @ data / 0.25), np.sqrt(np.diag(np.linalg.inv(precision)))
    marginal = slopes @ slopes.T + 0.25 * np.eye(3)
    exact = -0.5 * (data @ np.linalg.solve(marginal, data) + np.linalg.slogdet(2 * np.pi * marginal)[1])

    def log_likelihood(z):
        residuals = (data - z @ slopes.T) / 0.5
        return -0.5 * np.sum(residuals**2 + math.log(2 * math.pi * 0.25), axis=1, keepdims=True)

    def gradient(z, powers):
        return powers[0] * (data - z @ slopes.T) @ slopes / 0.25

    stream = np.random.default_rng(1)
    terms = Terms(log_likelihood, gradient if derivatives else None)
    population = first_population(terms, 20_000, 80, stream)
    while population.beta < 1:
        population = next_population(
            population, terms, 20_000, 400, stream, lambda z: slopes.T @ slopes / 0.25
        )
    np.testing.assert_allclose(population.z.mean(axis=0), mean, atol=0.1)
    np.testing.assert_allclose(population.z.std(axis=0), sd, rtol=0.08)
    assert population.log_evidence == pytest.approx(exact, abs=0.2)


@BOTH
def test_draws_without_a_number_never_survive(derivatives):
    def log_likelihood(z):
        return np.where(z[:, :1] > 0, -1e300, -2 * z[:, :1] ** 2)

    def gradient(z, powers):
        return powers[0] * np.where(z > 0, 0.0, -4 * z) * [1.0, 0.0]

    stream = np.random.default_rng(1)
    terms = Terms(log_likelihood, gradient if derivatives else None)
    population = first_population(terms, 4_000, 2, stream)
    while population.beta < 1:
        population = next_population(population, terms, 4_000, 200, stream)
    assert np.all(population.z[:, 0] <= 0)
    assert population.log_evidence == pytest.approx(math.log(0.5 / math.sqrt(5)), abs=0.1)


def test_nothing_to_learn_leaves_the_prior():
    stream = np.random.default_rng(1)
    terms = Terms(lambda z: np.zeros((len(z), 1)))
    first = first_population(terms, 2_000, 3, stream)
    after = next_population(first, terms, 2_000, 200, stream)
    assert (after.beta, after.log_evidence) == (1.0, 0.0)
    np.testing.assert_allclose(after.z.std(axis=0), 1, rtol=0.1)
