"""The sampler on targets whose posterior and evidence are known exactly, and on faults it must not hide."""

import math

import numpy as np
import pytest

from iskdyn.calibration import smc
from iskdyn.calibration.smc import first_population, next_population


class Target:
    """Prior directions, banana pairs and stiff directions, rotated; normalised, so its log evidence is 0.

    The posterior is known in `natural` axes; the likelihood is posterior / N(0, I).
    """

    def __init__(self, n_prior: int, n_bananas: int, stiff: np.ndarray, seed: int = 7) -> None:
        rng = np.random.default_rng(seed)
        self.n_prior, self.n_bananas, self.stiff = n_prior, n_bananas, stiff
        self.n_parameters = n_prior + 2 * n_bananas + stiff.size
        self.axes, _ = np.linalg.qr(rng.normal(size=(self.n_parameters, self.n_parameters)))
        self.centre = rng.normal(0, 0.7, stiff.size)
        exact = self.exact(200_000, np.random.default_rng(1))
        self.sd, self.natural_sd = exact.std(axis=0), (exact @ self.axes).std(axis=0)
        self.low, self.high = np.quantile(exact, [0.05, 0.95], axis=0)

    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        y = z @ self.axes
        n, m = self.n_prior, self.n_prior + 2 * self.n_bananas
        across, bent = y[:, n:m:2], y[:, n + 1 : m : 2]
        log_density = -0.5 * np.sum(y[:, :n] ** 2, axis=1)
        log_density -= np.sum(0.5 * (across / 0.5) ** 2 + math.log(0.5), axis=1)
        log_density -= np.sum(0.5 * ((bent - across**2 + 0.25) / 0.2) ** 2 + math.log(0.2), axis=1)
        log_density -= np.sum(0.5 * ((y[:, m:] - self.centre) / self.stiff) ** 2 + np.log(self.stiff), axis=1)
        return log_density + 0.5 * np.sum(z * z, axis=1)

    def exact(self, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        y = rng.standard_normal((n_draws, self.n_parameters))
        n, m = self.n_prior, self.n_prior + 2 * self.n_bananas
        y[:, n:m:2] *= 0.5
        y[:, n + 1 : m : 2] = y[:, n:m:2] ** 2 - 0.25 + 0.2 * y[:, n + 1 : m : 2]
        y[:, m:] = self.centre + self.stiff * y[:, m:]
        return y @ self.axes.T

    def faults(self, z: np.ndarray) -> list[str]:
        """What the draws get wrong: sd off by 3 %, along natural axes by 10 %, coverage by 1.5 points."""
        ratio = z.std(axis=0) / self.sd
        natural = (z @ self.axes).std(axis=0) / self.natural_sd
        covered = ((z > self.low) & (z < self.high)).mean(axis=0)
        wrong = {
            "sd": np.abs(ratio - 1).max() > 0.03,
            "natural sd": np.abs(natural - 1).max() > 0.10,
            "coverage": np.abs(covered - 0.9).max() > 0.015,
        }
        return [name for name, is_wrong in wrong.items() if is_wrong]


SMALL = Target(n_prior=4, n_bananas=1, stiff=np.array([0.02, 0.2]))


def sampled(target, n_draws, n_chains, seeds=range(4)):
    runs = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        population = first_population(target.log_likelihood, n_draws, target.n_parameters, rng)
        while population.beta < 1:
            population = next_population(population, target.log_likelihood, n_chains, rng)
        runs.append(population)
    return runs


def joined(runs):
    return np.concatenate([run.z for run in runs])


def test_a_known_posterior_and_its_evidence_are_found():
    runs = sampled(SMALL, 80_000, 800)
    assert SMALL.faults(joined(runs)) == []
    assert [run.log_evidence for run in runs] == pytest.approx([0] * 4, abs=0.15)


def test_too_few_moves_fail_the_same_test():
    assert SMALL.faults(joined(sampled(SMALL, 4_000, 2_000))) != []


def test_a_biased_move_fails_the_same_test(monkeypatch):
    monkeypatch.setattr(smc.Kernel, "log_density", lambda self, z: np.zeros(len(z)))
    assert SMALL.faults(joined(sampled(SMALL, 80_000, 800))) != []


@pytest.mark.slow
def test_thirty_parameters_with_bananas_and_a_stiffness_of_ten_thousand():
    target = Target(n_prior=12, n_bananas=6, stiff=np.geomspace(0.01, 0.3, 6))
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
