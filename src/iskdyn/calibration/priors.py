"""What is believed of each parameter before the data, and the map that makes all priors alike.

Every sampler and optimiser works on z, where each parameter is N(0, 1) a priori; `Priors.values`
turns z into the parameters' own units through each prior's quantile function.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import Problem, StudyError

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Family = Literal["normal", "lognormal", "logitnormal", "uniform", "beta"]


@dataclass(frozen=True)
class Prior:
    """One parameter's prior, truncated to [lower, upper].

    Parameters
    ----------
    name : the parameter
    family : which distribution; a and b are
        normal: mean, sd; lognormal: median, sd of the log; logitnormal: median, sd of the logit;
        beta: alpha, beta; uniform: not used
    a, b : the family's two numbers
    lower, upper : the range, in the parameter's unit; infinite where open
    """

    name: str
    family: Family
    a: float
    b: float
    lower: float
    upper: float

    def value(self, z: Array) -> Array:
        """Parameter values of standard normal scores `z`, of the same shape."""
        from scipy.special import ndtr

        (below, above), above_median = self._tails, z > 0
        tail = np.where(above_median, above, below) + ndtr(-np.abs(z)) * self._mass
        with np.errstate(over="ignore"):
            value = self._quantile(tail, above_median)
        return np.asarray(np.clip(value, self.lower, self.upper))

    def slope(self, z: Array, value: Array) -> Array:
        """d value / d z at standard normal scores whose values are these: the ratio of the two densities."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log_density = self._log_density(value)
        return np.asarray(np.exp(-0.5 * (z * z + math.log(2 * math.pi)) - log_density) * self._mass)

    def whiten(self, value: Array) -> Array:
        """Standard normal scores of parameter values: the inverse of `value`."""
        from scipy.special import ndtri

        (below, above), mass = self._tails, self._mass
        lower_part = np.clip((self._probability(value, upper_tail=False) - below) / mass, 0, 1)
        upper_part = np.clip((self._probability(value, upper_tail=True) - above) / mass, 0, 1)
        return np.asarray(np.where(lower_part <= 0.5, ndtri(lower_part), -ndtri(upper_part)))

    def quantile(self, probability: float) -> float:
        """The prior's quantile, in the parameter's unit; 0.5 gives the median."""
        from scipy.special import ndtri

        return float(self.value(ndtri(np.array(probability))))

    def log_density(self, value: Array) -> Array:
        """Log of the truncated prior's density at parameter values; -inf outside the range."""
        value = np.asarray(value, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_density = self._log_density(value)
        inside = (value >= self.lower) & (value <= self.upper)
        return np.where(inside, log_density - np.log(self._mass), -np.inf)

    def _log_density(self, value: Array) -> Array:
        """Log of the family's density before truncation; of "uniform" 0."""
        from scipy.special import betaln, xlog1py, xlogy

        if self.family == "uniform":
            return np.zeros_like(value)
        if self.family == "beta":
            powers = xlogy(self.a - 1, value) + xlog1py(self.b - 1, -value)
            return np.asarray(powers - betaln(self.a, self.b))
        score = (self._latent(value) - self._latent(self.a)) / self.b
        log_normal = -0.5 * (score * score + math.log(2 * math.pi)) - np.log(self.b)
        if self.family == "normal":
            return np.asarray(log_normal)
        shares = np.log1p(-value) if self.family == "logitnormal" else 0.0
        return np.asarray(log_normal - np.log(value) - shares)

    @cached_property
    def _tails(self) -> tuple[Array, Array]:
        ends = np.array([self.lower, self.upper])
        return self._probability(ends, upper_tail=False)[0], self._probability(ends, upper_tail=True)[1]

    @cached_property
    def _mass(self) -> Array:
        if self.family == "uniform":
            return np.asarray(self.upper - self.lower)
        below, above = self._tails
        return np.asarray(1.0 - below - above)

    def _probability(self, value: Array, *, upper_tail: bool) -> Array:
        """P(X <= value), or P(X > value), of the family before truncation; uniform: a length."""
        from scipy import special

        value = np.asarray(value, dtype=float)
        if self.family == "uniform":
            return np.asarray(self.upper - value if upper_tail else value - self.lower)
        if self.family == "beta":
            inside = np.clip(value, 0, 1)
            function = special.betaincc if upper_tail else special.betainc
            return np.asarray(function(self.a, self.b, inside))
        score = (self._latent(value) - self._latent(self.a)) / self.b
        return np.asarray(special.ndtr(-score if upper_tail else score))

    def _quantile(self, probability: Array, upper_tail: NDArray[np.bool_]) -> Array:
        """The value with this probability below it, or above it where `upper_tail`."""
        from scipy import special

        if self.family == "uniform":
            return np.where(upper_tail, self.upper - probability, self.lower + probability)
        if self.family == "beta":
            low = special.betaincinv(self.a, self.b, probability)
            return np.asarray(np.where(upper_tail, special.betainccinv(self.a, self.b, probability), low))
        score = special.ndtri(probability)
        latent = self._latent(self.a) + self.b * np.where(upper_tail, -score, score)
        if self.family == "lognormal":
            return np.asarray(np.exp(latent))
        return np.asarray(special.expit(latent)) if self.family == "logitnormal" else np.asarray(latent)

    def _latent(self, value: Array | float) -> Array:
        """The value on the scale where the family is normal."""
        if self.family == "normal":
            return np.asarray(value, dtype=float)
        return _log(value) if self.family == "lognormal" else _logit(value)


@dataclass(frozen=True)
class Priors:
    """The priors of several parameters, in the order of the columns of z."""

    parts: tuple[Prior, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names, in the order of the columns."""
        return tuple(prior.name for prior in self.parts)

    def values(self, z: Array) -> Array:
        """(n, n_parameters) parameter values of (n, n_parameters) standard normal scores."""
        values = np.empty_like(z)
        for columns, priors in self._families:
            values[:, columns] = priors.value(z[:, columns])
        return values

    def slopes(self, z: Array, values: Array) -> Array:
        """(n, n_parameters) d values / d z, at (n, n_parameters) scores z and their values."""
        slopes = np.empty_like(z)
        for columns, priors in self._families:
            slopes[:, columns] = priors.slope(z[:, columns], values[:, columns])
        return slopes

    def whiten(self, values: Array) -> Array:
        """(n, n_parameters) standard normal scores of parameter values: the inverse of `values`."""
        columns = zip(self.parts, values.T, strict=True)
        return _by_column((prior.whiten(column) for prior, column in columns), values)

    def log_density(self, values: Array) -> Array:
        """(n,) log of the joint prior density at (n, n_parameters) parameter values."""
        columns = zip(self.parts, values.T, strict=True)
        return np.asarray(sum(prior.log_density(column) for prior, column in columns))

    @cached_property
    def _families(self) -> tuple[tuple[list[int], Prior], ...]:
        """The columns of each family, and all its priors as one whose numbers are arrays."""
        found = []
        for family in get_args(Family):
            columns = [i for i, prior in enumerate(self.parts) if prior.family == family]
            parts = [self.parts[i] for i in columns]
            numbers: Any = np.array([(part.a, part.b, part.lower, part.upper) for part in parts]).T
            if columns:
                found.append((columns, Prior(family, family, *numbers)))
        return tuple(found)


def log_standard_normal(z: Array) -> Array:
    """(n,) log density of whitened parameters, (n, n_parameters) standard normal scores."""
    return np.asarray(-0.5 * np.sum(z * z, axis=-1) - 0.5 * z.shape[-1] * math.log(2 * math.pi))


def read_priors(parameters: pd.DataFrame, place: str = "calibration/parameters.csv") -> Priors:
    """The priors of the rows of a parameter table (columns name, prior, a, b, lower, upper).

    Raises
    ------
    StudyError
        Naming every row whose prior cannot be: unknown family, reversed range, impossible numbers.
    """
    parts, problems = [], []
    for index, row in zip(parameters.index, parameters.to_dict("records"), strict=True):
        where = f"{place}:{row.get('line', index + 2)}"
        lower, upper = _number(row["lower"], -math.inf), _number(row["upper"], math.inf)
        a, b = _number(row["a"], math.nan), _number(row["b"], math.nan)
        prior = Prior(str(row["name"]), row["prior"], a, b, lower, upper)
        wrong = _wrong(prior)
        problems += [Problem(where, f"'{prior.name}' {message}") for message in wrong]
        if not wrong:
            parts.append(prior)
    if problems:
        raise StudyError(problems)
    return Priors(tuple(parts))


def _wrong(prior: Prior) -> list[str]:
    """What makes a prior impossible, each in one message; empty if it is fine."""
    if prior.family not in get_args(Family):
        return [f"has prior '{prior.family}'; expected one of {', '.join(get_args(Family))}"]
    if not prior.lower < prior.upper:
        return [f"has lower {prior.lower:g} not below upper {prior.upper:g}; swap them"]
    if prior.family == "uniform":
        finite = math.isfinite(prior.lower) and math.isfinite(prior.upper)
        return [] if finite else ["is uniform and needs a lower and an upper"]
    rules = {
        "b above 0 (a spread)": prior.b > 0,
        "a finite number in column a": math.isfinite(prior.a),
        "a above 0": prior.a > 0 or prior.family in ("normal", "logitnormal"),
        "a inside (0, 1)": 0 < prior.a < 1 or prior.family != "logitnormal",
        "lower at least 0": prior.family == "normal" or not -math.inf < prior.lower < 0,
        "upper at most 1": prior.family in ("normal", "lognormal") or not 1 < prior.upper < math.inf,
    }
    broken = [f"is {prior.family} and needs {rule}" for rule, kept in rules.items() if not kept]
    if not broken and prior._mass < 1e-6:
        return [f"has less than 1e-6 of its prior inside [{prior.lower:g}, {prior.upper:g}]"]
    return broken


def _by_column(columns: Iterable[Array], like: Array) -> Array:
    result = np.empty_like(like)
    for i_column, column in enumerate(columns):
        result[:, i_column] = column
    return result


def _number(cell: object, default: float) -> float:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return default
    number = float(cell)  # type: ignore[arg-type]
    return default if math.isnan(number) else number


def _log(value: Array | float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.maximum(value, 0.0))


def _logit(value: Array | float) -> Array:
    from scipy.special import logit

    return np.asarray(logit(np.clip(value, 0.0, 1.0)))
