"""The likelihood of what a source said, given the model's value: one class a form of words.

Every form works on u, the model's value on the row's scale (log for levels and rates, logit for
shares), against edges on the same scale softened by a logistic error of scale s = sd sqrt(3)/pi
(interval censoring: Turnbull 1976, doi:10.1111/j.2517-6161.1976.tb01597.x; coarse reports: Heitjan & Rubin
1990, J. Am. Stat. Assoc. 85, 304-314). Each gives

- `peak`, the largest log-likelihood that any value can have,
- `deviation`, a signed, smooth r(u) with log-likelihood = peak - r^2 / 2: the residual that a
  least-squares solver needs, exact and differentiable through the best value,
- `slope`, the derivative of the log-likelihood by the value,
- `holds`, whether the value keeps to the edges as reported, with no tolerance,
- `reported`, what a source of this kind says where the value is the truth: the story of which the
  likelihood is the probability. A bracket keeps its width and falls at random round the reading; a
  one-sided statement has its edge set beforehand, and the source says which side of it the reading lies.

All are vectorised over the values of the draws, `deviation` and `slope` also over the edges and spreads of forms
of one kind (`Together`); sp(x) = log(1 + exp(x)).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal

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


def stretch(value: Array, scale: Scale) -> Array:
    """d `on_scale(value)` / d value, at values that are finite."""
    if scale == "linear":
        return np.ones_like(value)
    if scale == "log":
        return 1 / np.maximum(value, SMALLEST)
    share = np.clip(value, SMALLEST, 1 - 1e-16)
    return np.asarray(1 / (share * (1 - share)))


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

    @abstractmethod
    def slope(self, value: Array) -> Array:
        """d log-likelihood / d value, at values that are finite."""

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

    def slope(self, value: Array) -> Array:
        """-[tanh((x + h)/2) + tanh((x - h)/2)] / 2s, times the scale's stretch."""
        middle, half, s = self._shape
        x = (on_scale(value, self.scale) - middle) / s
        return _sech_slope(x, half) / s * stretch(value, self.scale)

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
        return (a + b) / 2, (b - a) / (2 * s), s


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
        return _sech_deviation(self._score(value), 0.0)

    def slope(self, value: Array) -> Array:
        """-tanh(x/2) / s, times the scale's stretch."""
        return _sech_slope(self._score(value), 0.0) / logistic_scale(self.sd) * stretch(value, self.scale)

    def _score(self, value: Array) -> Array:
        a, b = on_scale(np.array([self.low, self.high]), self.scale)
        return np.asarray((on_scale(value, self.scale) - (a + b) / 2) / logistic_scale(self.sd))

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
        return -np.sqrt(2 * _softplus(self._below(value)))

    def slope(self, value: Array) -> Array:
        """F((a - u)/s) / s, times the scale's stretch."""
        return _logistic(self._below(value)) / logistic_scale(self.sd) * stretch(value, self.scale)

    def _below(self, value: Array) -> Array:
        away = on_scale(self.low, self.scale) - on_scale(value, self.scale)
        return np.asarray(away / logistic_scale(self.sd))

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
        return np.asarray(np.sqrt(2 * _softplus(self._above(value))))

    def slope(self, value: Array) -> Array:
        """-F((u - b)/s) / s, times the scale's stretch."""
        return -_logistic(self._above(value)) / logistic_scale(self.sd) * stretch(value, self.scale)

    def _above(self, value: Array) -> Array:
        away = on_scale(value, self.scale) - on_scale(self.high, self.scale)
        return np.asarray(away / logistic_scale(self.sd))

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

    def slope(self, value: Array) -> Array:
        """As for the one-sided edge that the margin makes."""
        return self._edge.slope(value)

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

    def slope(self, value: Array) -> Array:
        """[g(low - 1) - g(high)] / P(low <= N <= high), with g(n) = P(N = n) (1 + sd^2 n) / (1 + sd^2 mu).

        -g(n) is the derivative by mu of the distribution function at n.
        """
        mu = np.maximum(np.asarray(value, dtype=float), SMALLEST)
        log_probability, slope = self._log_probability(mu), np.zeros_like(mu)
        spread = self.sd**2
        for count, sign in ((math.ceil(self.low) - 1, 1.0), (self.high, -1.0)):
            if 0 <= count < math.inf:
                last = float(math.floor(count))
                log_mass = self._log_mass(np.array(last), mu) - log_probability
                slope += sign * np.exp(log_mass) * (1 + spread * last) / (1 + spread * mu)
        return np.asarray(slope)

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


class Together:
    """Several forms as few: those of one kind are reckoned at once, with arrays for edges and spreads.

    Parameters
    ----------
    forms : one a row of the observation sheet
    """

    def __init__(self, forms: Sequence[Form]) -> None:
        self.peaks = np.array([form.peak for form in forms])
        self.kinds = _kinds(forms)

    def log_likelihoods(self, values: Array) -> Array:
        """(n, n_forms) log-likelihoods of (n, n_forms) model values, as of each form by itself."""
        finite = np.isfinite(values)
        given, deviation = np.where(finite, values, 1.0), np.empty_like(values)
        for columns, form in self.kinds:
            deviation[:, columns] = form.deviation(given[:, columns])
        return np.where(finite, self.peaks - deviation * deviation / 2, NO_LIKELIHOOD)

    def slopes(self, values: Array) -> Array:
        """(n, n_forms) derivatives of them by (n, n_forms) model values; 0 where these are not finite."""
        finite = np.isfinite(values)
        given, slopes = np.where(finite, values, 1.0), np.empty_like(values)
        for columns, form in self.kinds:
            slopes[:, columns] = form.slope(given[:, columns])
        return np.where(finite, slopes, 0.0)


def _kinds(forms: Sequence[Form]) -> list[tuple[list[int], Form]]:
    """The places of the forms of each kind, and one form of that kind for all of them; each count by itself."""
    places: dict[tuple[object, ...], list[int]] = {}
    for i_form, form in enumerate(forms):
        kind = i_form if isinstance(form, Count) else (form.scale, getattr(form, "direction", ""))  # type: ignore[attr-defined]
        places.setdefault((type(form), kind), []).append(i_form)
    return [(columns, _joined([forms[i] for i in columns])) for columns in places.values()]


def _joined(forms: Sequence[Form]) -> Form:
    """One form whose numbers are (n_forms,) arrays."""
    if len(forms) == 1:
        return forms[0]
    names = [one.name for one in fields(forms[0]) if isinstance(getattr(forms[0], one.name), int | float)]  # type: ignore[arg-type]
    numbers: dict[str, Any] = {name: np.array([getattr(form, name) for form in forms]) for name in names}
    return replace(forms[0], **numbers)  # type: ignore[type-var]


def _logistic(x: Array) -> Array:
    """F(x) = 1 / (1 + exp(-x)), without overflow."""
    from scipy.special import expit

    return np.asarray(expit(x))


def _softplus(x: Array | float) -> Array:
    return np.asarray(np.logaddexp(0.0, x))


def _sech_slope(x: Array, half: Array | float) -> Array:
    """d log L / dx of a bracket of half width `half`: -sinh(x) / (cosh(half) + cosh(x)), without overflow."""
    return np.asarray(-(np.tanh((x + half) / 2) + np.tanh((x - half) / 2)) / 2)


def _sech_deviation(x: Array, half: Array | float) -> Array:
    """sign(x) sqrt(2 log(1 + (sinh(x/2) / cosh(half/2))^2)), without overflow and exact near 0."""
    size = np.abs(x) / 2
    log_cosh = half / 2 + np.log1p(np.exp(-half)) - math.log(2)
    with np.errstate(divide="ignore"):
        near = np.log(np.sinh(np.minimum(size, 1.0)))
        far = size + np.log1p(-np.exp(-2 * np.maximum(size, 1.0))) - math.log(2)
        log_sinh = np.where(size < 1, near, far)
    return np.asarray(np.sign(x) * np.sqrt(2 * np.logaddexp(0.0, 2 * (log_sinh - log_cosh))))
