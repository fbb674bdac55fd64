"""The likelihood of what a source said, given the model's value: one class a form of words.

Every form works on u, the model's value on the row's scale (log for levels and rates, logit for
shares), against edges on the same scale softened by a logistic error of scale s = sd sqrt(3)/pi
(interval censoring: Turnbull 1976, doi:10.1111/j.2517-6161.1976.tb01597.x; coarse reports: Heitjan & Rubin
1990, J. Am. Stat. Assoc. 85, 304-314). Each gives

- `peak`, the largest log-likelihood that any value can have,
- `deviation`, a signed, smooth r(u) with log-likelihood = peak - r^2 / 2: the residual that a
  least-squares solver needs, exact and differentiable through the best value,
- `holds`, whether the value keeps to the edges as reported, with no tolerance,
- `reported`, what a source of this kind says where the value is the truth: the story of which the
  likelihood is the probability. A bracket keeps its width and falls at random round the reading; a
  one-sided statement has its edge set beforehand, and the source says which side of it the reading lies.

All are vectorised over the values of the draws; sp(x) = log(1 + exp(x)).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Scale = Literal["log", "linear", "logit"]

SMALLEST = 1e-300
"""Where the log and logit scales end: a model value of 0 is far from any edge, not infinitely far."""

NO_LIKELIHOOD = -1e300
"""The log-likelihood of a model value that is not a finite number."""


def on_scale(value: Array | float, scale: Scale) -> Array:
    """The value on the scale on which errors are even; NaN stays NaN."""
    value = np.asarray(value, dtype=float)
    if scale == "linear":
        return value
    if scale == "log":
        return np.log(np.maximum(value, SMALLEST))
    share = np.clip(value, SMALLEST, 1 - 1e-16)
    return np.log(share) - np.log1p(-share)


def off_scale(value: Array | float, scale: Scale) -> Array:
    """The inverse of `on_scale`."""
    value = np.asarray(value, dtype=float)
    if scale == "linear":
        return value
    return np.exp(value) if scale == "log" else 1 / (1 + np.exp(-value))


def logistic_scale(sd: float) -> float:
    """The logistic scale s whose standard deviation is `sd`."""
    return sd * math.sqrt(3) / math.pi


class Form(ABC):
    """What all forms share; see the module's first lines."""

    low: float
    high: float

    @property
    @abstractmethod
    def peak(self) -> float:
        """The largest log-likelihood."""

    @abstractmethod
    def deviation(self, value: Array) -> Array:
        """Signed r with log-likelihood = peak - r^2 / 2; NaN where the value is not finite."""

    def log_likelihood(self, value: Array) -> Array:
        """Log-likelihood of model values, on the source's scale; `NO_LIKELIHOOD` if not finite."""
        value = np.asarray(value, dtype=float)
        finite = np.isfinite(value)
        deviation = self.deviation(np.where(finite, value, 1.0))
        return np.where(finite, self.peak - deviation * deviation / 2, NO_LIKELIHOOD)

    def holds(self, value: Array) -> NDArray[np.bool_]:
        """Whether model values lie between the reported edges; an open edge is infinite."""
        return np.asarray((value >= self.low) & (value <= self.high))

    @abstractmethod
    def reported(self, value: float, rng: np.random.Generator) -> Form:
        """What the source says if `value` is the model's value on its scale."""


class Side(Form):
    """A form with one edge: a yes to the question on which side of it the reading lies."""

    @property
    @abstractmethod
    def denied(self) -> Form:
        """The no to the same question; its probability and this one's sum to 1."""

    def reported(self, value: float, rng: np.random.Generator) -> Form:
        """This or its denial, by their probabilities."""
        return self if -rng.standard_exponential() < self.log_likelihood(np.array(value)) else self.denied


@dataclass(frozen=True)
class Interval(Form):
    """A reported bracket: "150-200 recruits a month".

    log L = log[F((b - u)/s) - F((a - u)/s)] - log w, with F the logistic distribution function and
    w = b - a: the source reads u with a logistic error and reports a bracket of width w placed at
    random round it. With A = (a - u)/s and D = (b - u)/s this is
    -sp(-D) - sp(A) + log(1 - exp(A - D)) - log w, and measured from its peak at the middle
    log L = peak - log(1 + q^2), q = sinh(x/2) / cosh(h/2), x = (u - (a + b)/2)/s, h = w/2s.
    """

    low: float
    high: float
    sd: float
    scale: Scale = "log"

    @property
    def peak(self) -> float:
        """Log-likelihood at the middle of the bracket."""
        _, half, s = self._shape
        return float(-2 * _softplus(-half) + np.log(-np.expm1(-2 * half)) - np.log(2 * half * s))

    def deviation(self, value: Array) -> Array:
        """sign(x) sqrt(2 log(1 + q^2))."""
        middle, half, s = self._shape
        return _sech_deviation((on_scale(value, self.scale) - middle) / s, half)

    def reported(self, value: float, rng: np.random.Generator) -> Interval:
        """The bracket of the same width placed at random round a reading of the value."""
        _, half, s = self._shape
        middle = on_scale(value, self.scale) + s * rng.logistic() + s * half * rng.uniform(-1, 1)
        low, high = off_scale(middle + s * half * np.array([-1, 1]), self.scale)
        return replace(self, low=float(low), high=float(high))

    @cached_property
    def _shape(self) -> tuple[float, float, float]:
        """Middle, half width over s, and s."""
        a, b = on_scale(np.array([self.low, self.high]), self.scale)
        s = logistic_scale(self.sd)
        return float(a + b) / 2, float(b - a) / (2 * s), s


@dataclass(frozen=True)
class About(Form):
    """A round number: "some 500"; low and high are the edges of its rounding.

    log L = log f((u - v)/s) - log s, with f the logistic density and v the middle of the edges:
    the bracket of `Interval` when it is narrow against s. From its peak: log L = peak - 2 log cosh(x/2).
    """

    low: float
    high: float
    sd: float
    scale: Scale = "log"

    @property
    def peak(self) -> float:
        """Log-likelihood at the reported number."""
        return -math.log(4 * logistic_scale(self.sd))

    def deviation(self, value: Array) -> Array:
        """sign(x) sqrt(4 log cosh(x/2))."""
        a, b = on_scale(np.array([self.low, self.high]), self.scale)
        u = on_scale(value, self.scale)
        return _sech_deviation((u - (a + b) / 2) / logistic_scale(self.sd), 0.0)

    def reported(self, value: float, rng: np.random.Generator) -> About:
        """The same rounding round a reading of the value."""
        a, b = on_scale(np.array([self.low, self.high]), self.scale)
        middle = on_scale(value, self.scale) + logistic_scale(self.sd) * rng.logistic()
        low, high = off_scale(middle + (b - a) / 2 * np.array([-1, 1]), self.scale)
        return replace(self, low=float(low), high=float(high))


@dataclass(frozen=True)
class AtLeast(Side):
    """A lower edge only: "more than 100 killed".

    log L = log F((u - a)/s) = -sp((a - u)/s).
    """

    low: float
    sd: float
    scale: Scale = "log"
    high: float = math.inf

    @property
    def peak(self) -> float:
        """Approached far above the edge."""
        return 0.0

    def deviation(self, value: Array) -> Array:
        """-sqrt(2 sp((a - u)/s)): negative, towards 0 far above the edge."""
        below = (on_scale(self.low, self.scale) - on_scale(value, self.scale)) / logistic_scale(self.sd)
        return -np.sqrt(2 * _softplus(below))

    @property
    def denied(self) -> AtMost:
        """No more than the edge."""
        return AtMost(self.low, self.sd, self.scale)


@dataclass(frozen=True)
class AtMost(Side):
    """An upper edge only: "no more than 8,000".

    log L = log F((b - u)/s) = -sp((u - b)/s).
    """

    high: float
    sd: float
    scale: Scale = "log"
    low: float = -math.inf

    @property
    def peak(self) -> float:
        """Approached far below the edge."""
        return 0.0

    def deviation(self, value: Array) -> Array:
        """sqrt(2 sp((u - b)/s)): positive, towards 0 far below the edge."""
        above = (on_scale(value, self.scale) - on_scale(self.high, self.scale)) / logistic_scale(self.sd)
        return np.asarray(np.sqrt(2 * _softplus(above)))

    @property
    def denied(self) -> AtLeast:
        """No less than the edge."""
        return AtLeast(self.high, self.sd, self.scale)


@dataclass(frozen=True)
class Order(Side):
    """One window against another: "recruitment fell after the summer".

    log L = log F((d - m)/s), with d the contrast of the two windows in the stated direction (on the
    log scale the log of their ratio, on the linear scale their difference) and m the margin `low`
    (log scale: the log of the factor `low`).
    The model value here is the contrast itself: a factor, or a difference; it holds past the margin.
    """

    direction: Literal["lower", "higher"]
    margin: float
    sd: float
    scale: Scale = "log"

    @property
    def low(self) -> float:  # type: ignore[override]
        """The least contrast window/base (or difference) that keeps a stated rise."""
        return self.margin if self.direction == "higher" else -math.inf

    @property
    def high(self) -> float:  # type: ignore[override]
        """The largest contrast window/base (or difference) that keeps a stated fall."""
        if self.direction == "higher":
            return math.inf
        return 1 / self.margin if self.scale == "log" else -self.margin

    @property
    def peak(self) -> float:
        """Approached far past the margin."""
        return self._edge.peak

    def deviation(self, value: Array) -> Array:
        """As for the one-sided edge that the margin makes."""
        return self._edge.deviation(value)

    @property
    def denied(self) -> Order:
        """Not past the margin: the other direction, from the other side of it."""
        other: Literal["lower", "higher"] = "lower" if self.direction == "higher" else "higher"
        return replace(self, direction=other, margin=1 / self.margin if self.scale == "log" else -self.margin)

    @cached_property
    def _edge(self) -> AtLeast | AtMost:
        if self.direction == "higher":
            return AtLeast(self.low, self.sd, self.scale)
        return AtMost(self.high, self.sd, self.scale)


@dataclass(frozen=True)
class Count(Form):
    """A count of events: "five large attacks", "at least six bombs".

    log L = log[C(high) - C(low - 1)], with C the distribution function of a negative binomial of mean
    mu (the model's expected count) and variance mu + (sd mu)^2; sd = 0 is Poisson; sd is the spread of
    the unknown rate about the model's. An open edge is infinite (low: 0).
    A single count n (low = high) holds when mu rounds to it.
    """

    low: float
    high: float
    sd: float = 0.0

    @property
    def peak(self) -> float:
        """The largest log-likelihood over mu."""
        return self._best[1]

    def deviation(self, value: Array) -> Array:
        """sign(mu - best mu) sqrt(2 (peak - log L)); +-inf where the best mu is."""
        mu = np.maximum(np.asarray(value, dtype=float), SMALLEST)
        best, peak = self._best
        fall = np.maximum(peak - self._log_probability(mu), 0.0)
        return np.asarray(np.where(mu < best, -1.0, 1.0) * np.sqrt(2 * fall))

    def holds(self, value: Array) -> NDArray[np.bool_]:
        """Whether the expected count lies between the edges, or rounds to a single count."""
        rounding = 0.5 if self.low == self.high else 0.0
        return np.asarray((value >= self.low - rounding) & (value <= self.high + rounding))

    def reported(self, value: float, rng: np.random.Generator) -> Count:
        """A bracket of as many counts, placed at random round a count; with an open edge its yes or no."""
        if self.low <= 0 or math.isinf(self.high):
            return self._side(value, rng)
        rate = value if self.sd == 0 else value * self.sd**2 * rng.standard_gamma(self.sd**-2)
        low = float(rng.poisson(rate) - rng.integers(int(self.high - self.low), endpoint=True))
        return replace(self, low=low, high=low + self.high - self.low)

    def _side(self, value: float, rng: np.random.Generator) -> Count:
        if -rng.standard_exponential() < self.log_likelihood(np.array(value)):
            return self
        if self.low <= 0:
            return replace(self, low=self.high + 1, high=math.inf)
        return replace(self, low=0.0, high=self.low - 1)

    def _log_probability(self, mu: Array) -> Array:
        """Log P(low <= N <= high); far in the upper tail its first terms, so that it stays finite."""
        from scipy.special import logsumexp

        low = max(0, math.ceil(self.low))
        last = low + 60 if math.isinf(self.high) else math.floor(self.high)
        counts = np.arange(low, last + 1.0).reshape((-1,) + (1,) * np.ndim(mu))
        summed = logsumexp(self._log_mass(counts, mu), axis=0)
        if math.isfinite(self.high):
            return np.asarray(np.minimum(summed, 0.0))
        tail = self._tail(low, mu)
        return np.where(tail > 1e-200, np.log(np.maximum(tail, 1e-200)), summed)

    def _tail(self, low: int, mu: Array) -> Array:
        """P(N >= low)."""
        from scipy.special import betainc, gammainc

        if low == 0:
            return np.ones_like(mu)
        if self.sd == 0:
            return np.asarray(gammainc(low, mu))
        size = self.sd**-2
        return np.asarray(betainc(low, size, mu / (mu + size)))

    def _log_mass(self, count: Array, mu: Array) -> Array:
        from scipy.special import gammaln

        poisson = count * np.log(mu) - gammaln(count + 1)
        if self.sd == 0:
            return np.asarray(poisson - mu)
        size = self.sd**-2
        grouped = gammaln(count + size) - gammaln(size) - count * np.log(mu + size)
        return np.asarray(poisson + grouped - size * np.log1p(mu / size))

    @cached_property
    def _best(self) -> tuple[float, float]:
        """The mu of the largest log-likelihood (0 or infinite at an open edge), and that log-likelihood."""
        from scipy.optimize import minimize_scalar

        if self.low <= 0:
            return 0.0, 0.0
        if math.isinf(self.high):
            return math.inf, 0.0
        found = minimize_scalar(
            lambda log_mu: -float(self._log_probability(np.exp(log_mu))),
            bounds=(math.log(self.low) - 1, math.log(self.high) + 1),
            method="bounded",
            options={"xatol": 1e-10},
        )
        return math.exp(found.x), -float(found.fun)


def _softplus(x: Array | float) -> Array:
    return np.asarray(np.logaddexp(0.0, x))


def _sech_deviation(x: Array, half: float) -> Array:
    """sign(x) sqrt(2 log(1 + (sinh(x/2) / cosh(half/2))^2)), without overflow and exact near 0."""
    size = np.abs(x) / 2
    log_cosh = half / 2 + math.log1p(math.exp(-half)) - math.log(2)
    with np.errstate(divide="ignore"):
        near = np.log(np.sinh(np.minimum(size, 1.0)))
        far = size + np.log1p(-np.exp(-2 * np.maximum(size, 1.0))) - math.log(2)
        log_sinh = np.where(size < 1, near, far)
    return np.asarray(np.sign(x) * np.sqrt(2 * np.logaddexp(0.0, 2 * (log_sinh - log_cosh))))
