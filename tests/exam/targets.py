"""Targets whose posterior and evidence are known exactly, and what draws of them get wrong."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from iskdyn.calibration.moves import Terms
from iskdyn.calibration.smc import Population, first_population, next_population

SD, NATURAL, COVERAGE = 0.03, 0.10, 0.015
"""Largest error of an sd, of an sd along a natural axis, and of the coverage of 90 % intervals."""

STUDY = (20.5, 15.0, 7.1, 5.1, 4.7, 2.3, 1.8, 1.6, 1.3, 1.2, 1.0, 0.9, 0.8, 0.8, 0.75, 0.75, 0.7, 0.6,
         0.55, 0.55, 0.5, 0.45, 0.4, 0.4, 0.35, 0.3, 0.25)  # fmt: skip
"""How much more than the prior the study's reports stiffen each informed direction, on the mean of the prior."""


@dataclass(frozen=True)
class Errors:
    """The worst of each: sd over exact sd, the same along natural axes, and coverage of 90 % intervals."""

    sd: tuple[float, float]
    natural: tuple[float, float]
    coverage: tuple[float, float]

    @property
    def faults(self) -> list[str]:
        """Which of them miss their bars."""
        sizes = {
            "sd": (max(abs(one - 1) for one in self.sd), SD),
            "natural sd": (max(abs(one - 1) for one in self.natural), NATURAL),
            "coverage": (max(abs(one - 0.9) for one in self.coverage), COVERAGE),
        }
        return [name for name, (size, bar) in sizes.items() if size > bar]


class Target(ABC):
    """A posterior of z under the prior N(0, I), simple in its `axes`; normalised, so its log evidence is 0."""

    axes: np.ndarray
    sd: np.ndarray
    natural_sd: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def n_parameters(self) -> int:
        return len(self.axes)

    @abstractmethod
    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        """(n,) log of posterior over prior."""

    @abstractmethod
    def gradient(self, z: np.ndarray) -> np.ndarray:
        """(n, n_parameters) its derivatives by z."""

    def terms(self, derivatives: bool = True) -> Terms:
        """As the sampler takes it; without derivatives it walks at random."""
        return Terms(
            lambda z: self.log_likelihood(z)[:, None],
            (lambda z, powers: powers[0] * self.gradient(z)) if derivatives else None,
        )

    @abstractmethod
    def exact(self, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """(n_draws, n_parameters) z."""

    def curvature(self, z: np.ndarray) -> np.ndarray | None:
        """As the sampler's `Curvature`; None where the target has none to give."""
        return None

    def measure(self) -> None:
        """Exact spreads and intervals, from many exact draws."""
        exact = self.exact(400_000, np.random.default_rng(1))
        self.sd, self.natural_sd = exact.std(axis=0), (exact @ self.axes).std(axis=0)
        self.low, self.high = np.quantile(exact, [0.05, 0.95], axis=0)

    def errors(self, z: np.ndarray) -> Errors:
        def ends(values: np.ndarray) -> tuple[float, float]:
            return float(values.min()), float(values.max())

        return Errors(
            ends(z.std(axis=0) / self.sd),
            ends((z @ self.axes).std(axis=0) / self.natural_sd),
            ends(((z > self.low) & (z < self.high)).mean(axis=0)),
        )

    def faults(self, z: np.ndarray) -> list[str]:
        """What the draws get wrong: sd off by 3 %, along natural axes by 10 %, coverage by 1.5 points."""
        return self.errors(z).faults


def rotation(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(np.linalg.qr(rng.normal(size=(n, n)))[0])


class Normal(Target):
    """Normal with independent natural axes: mean and sd along each; axes beyond them stay the prior."""

    def __init__(self, n: int, centre: np.ndarray, sd: np.ndarray, seed: int = 7) -> None:
        self.axes = rotation(n, np.random.default_rng(seed))
        self.centre = np.concatenate([centre, np.zeros(n - len(centre))])
        self.along = np.concatenate([sd, np.ones(n - len(sd))])
        self.n_informed = len(sd)
        self.measure()

    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        y = z @ self.axes[:, : self.n_informed]
        scores = (y - self.centre[: self.n_informed]) / self.along[: self.n_informed]
        return np.asarray(
            0.5 * np.sum(y * y - scores * scores, axis=1) - np.log(self.along[: self.n_informed]).sum()
        )

    def gradient(self, z: np.ndarray) -> np.ndarray:
        axes = self.axes[:, : self.n_informed]
        y, along = z @ axes, self.along[: self.n_informed]
        return np.asarray((y - (y - self.centre[: self.n_informed]) / along**2) @ axes.T)

    def exact(self, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        return (self.centre + self.along * rng.standard_normal((n_draws, len(self.axes)))) @ self.axes.T

    def curvature(self, z: np.ndarray) -> np.ndarray:
        return np.asarray((self.axes * (self.along**-2.0 - 1)) @ self.axes.T)


def as_the_study() -> Normal:
    """189 numbers of which reports inform 27 directions as the study's do, at ordinary surprise."""
    sd = 1 / np.sqrt(1 + np.array(STUDY))
    surprise = np.random.default_rng(3).standard_normal(len(STUDY))
    return Normal(189, surprise * np.sqrt(1 - sd**2), sd)


class Bananas(Target):
    """Prior directions, banana pairs and stiff directions, rotated."""

    def __init__(self, n_prior: int, n_bananas: int, stiff: np.ndarray, seed: int = 7) -> None:
        rng = np.random.default_rng(seed)
        self.n_prior, self.n_bananas, self.stiff = n_prior, n_bananas, stiff
        self.axes = rotation(n_prior + 2 * n_bananas + stiff.size, rng)
        self.centre = rng.normal(0, 0.7, stiff.size)
        self.measure()

    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        y = z @ self.axes
        n, m = self.n_prior, self.n_prior + 2 * self.n_bananas
        across, bent = y[:, n:m:2], y[:, n + 1 : m : 2]
        log_density = -0.5 * np.sum(y[:, :n] ** 2, axis=1)
        log_density -= np.sum(0.5 * (across / 0.5) ** 2 + math.log(0.5), axis=1)
        log_density -= np.sum(0.5 * ((bent - across**2 + 0.25) / 0.2) ** 2 + math.log(0.2), axis=1)
        log_density -= np.sum(0.5 * ((y[:, m:] - self.centre) / self.stiff) ** 2 + np.log(self.stiff), axis=1)
        return np.asarray(log_density + 0.5 * np.sum(z * z, axis=1))

    def gradient(self, z: np.ndarray) -> np.ndarray:
        y = z @ self.axes
        n, m = self.n_prior, self.n_prior + 2 * self.n_bananas
        slopes = np.empty_like(y)
        slopes[:, :n] = -y[:, :n]
        away = (y[:, n + 1 : m : 2] - y[:, n:m:2] ** 2 + 0.25) / 0.2**2
        slopes[:, n:m:2] = -y[:, n:m:2] / 0.5**2 + 2 * y[:, n:m:2] * away
        slopes[:, n + 1 : m : 2] = -away
        slopes[:, m:] = -(y[:, m:] - self.centre) / self.stiff**2
        return np.asarray(slopes @ self.axes.T + z)

    def exact(self, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        y = rng.standard_normal((n_draws, self.n_parameters))
        n, m = self.n_prior, self.n_prior + 2 * self.n_bananas
        y[:, n:m:2] *= 0.5
        y[:, n + 1 : m : 2] = y[:, n:m:2] ** 2 - 0.25 + 0.2 * y[:, n + 1 : m : 2]
        y[:, m:] = self.centre + self.stiff * y[:, m:]
        return y @ self.axes.T


def target_a() -> Bananas:
    """30 parameters: 12 that nothing informs, 6 bananas, 6 stiff directions; a stiffness of ten thousand."""
    return Bananas(n_prior=12, n_bananas=6, stiff=np.geomspace(0.01, 0.3, 6))


def sampled(
    target: Target, n_draws: int, n_chains: int, runs: int = 4, derivatives: bool = True
) -> list[Population]:
    """Independent runs of the study's sampler."""
    terms = target.terms(derivatives)
    curvature = target.curvature if isinstance(target, Normal) else None
    found = []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        population = first_population(terms, n_draws, target.n_parameters, rng)
        while population.beta < 1:
            population = next_population(population, terms, n_draws, n_chains, rng, curvature)
        found.append(population)
    return found


def joined(runs: list[Population]) -> np.ndarray:
    return np.concatenate([run.z for run in runs])
