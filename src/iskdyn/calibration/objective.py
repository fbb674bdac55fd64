"""The log-posterior of the whitened parameters: priors, model, operators and likelihood put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.likelihood import NO_LIKELIHOOD, Together
from iskdyn.calibration.moves import Terms
from iskdyn.calibration.operators import Reader
from iskdyn.calibration.priors import Priors, log_standard_normal, read_priors
from iskdyn.calibration.sheet import Sheet, read_sheet
from iskdyn.errors import InputError, Problem, StudyError

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

CHUNK = 1024
"""Runs simulated at once, so that memory does not grow with the number of draws: the study's take 50 MB."""

STEPS = (4, 2, 1)
"""Of the model that the derivatives take at once, the longest first: half the steps are half the time, and a sampler
accepts by the model's own."""
NEAR, N_TRIED = 0.05, 64
"""Share by which longer steps may move a log-likelihood, at so many draws of half the prior's width: half of it is
where posteriors lie, and what a twentieth costs in acceptance is small beside what it saves."""


class WayBack(Protocol):
    """A prepared model and its derivatives, by steps that may be longer than the model's own."""

    def values(self, values: Array) -> Array:
        """Series of each member."""
        ...

    def vjp(self, values: Array, cotangent: Array) -> tuple[Array, Array]:
        """Series, and (n, n_inputs) derivatives of a loss whose derivatives by the series are these."""
        ...


class Runner(Protocol):
    """The prepared model: (n, n_inputs) values to (n, n_outputs, n_times) series; NaN where it failed."""

    times: Array
    outputs: tuple[str, ...]

    def __call__(self, values: Array) -> Array:
        """Series of each member."""
        ...

    def way_back(self, steps: int = 1) -> WayBack | None:
        """Its derivatives by so many steps at once; None where it has none, or these pass over a kept time."""
        ...


MakeRunner = Callable[[tuple[str, ...], tuple[str, ...], float], Runner]
"""From the names of inputs and outputs and the final time to a prepared model."""


@dataclass(frozen=True)
class Objective:
    """Log-likelihood and prior of (n, n_parameters) whitened parameters.

    Parameters
    ----------
    parameters : the rows of the free parameters, in the order of the columns of z, with a column
        `in_model`: whether the model has a constant of that name (a bias may be one too)
    priors : their priors
    sheet : the observations
    runner : the prepared model; its inputs are the free parameters that the model has, in order
    fixed : values of the multipliers that are not free
    """

    parameters: pd.DataFrame
    priors: Priors
    sheet: Sheet
    runner: Runner
    fixed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        own = {
            "_read": Reader(self.sheet.readings, tuple(self.runner.outputs), self.runner.times),
            "_forms": Together(self.sheet.forms),
            "_inputs": np.flatnonzero(self.parameters["in_model"]),
        }
        for name, value in own.items():
            object.__setattr__(self, name, value)

    _read: Reader = field(init=False, repr=False)
    _forms: Together = field(init=False, repr=False)
    _inputs: NDArray[np.intp] = field(init=False, repr=False)

    @property
    def n_parameters(self) -> int:
        """How many parameters are free."""
        return len(self.priors.parts)

    def model_values(self, z: Array) -> Array:
        """(n, n_rows) model values on each source's scale; for an ordering the contrast of its windows."""
        chunks = (self.priors.values(z[i : i + CHUNK]) for i in range(0, len(z), CHUNK))
        return np.concatenate([self.read(self.series(values), values) for values in chunks])

    def series(self, values: Array) -> Array:
        """(n, n_outputs, n_times) runs of the model at (n, n_parameters) values, all held in memory."""
        return self.runner(np.ascontiguousarray(values[:, self._inputs]))

    def read(self, series: Array, values: Array) -> Array:
        """(n, n_rows) what every row reads off series of the outputs, with the biases among the values."""
        return np.asarray(self._read(series) * self._multipliers(values))

    def log_likelihoods(self, z: Array) -> Array:
        """(n, n_rows) log-likelihood of each row, fitted or not, without weights."""
        return self.score(self.model_values(z))

    def score(self, model_values: Array) -> Array:
        """(n, n_rows) log-likelihoods of model values as `model_values` gives them."""
        return self._forms.log_likelihoods(model_values)

    def log_likelihood(self, z: Array) -> Array:
        """(n,) weighted sum over the fitted rows; about -1e300 where the model gave no number."""
        return np.asarray(self.log_likelihoods(z) @ (self.sheet.weights * self.sheet.fitted))

    @cached_property
    def way_back(self) -> WayBack | None:
        """The derivatives, by the longest of the model's `STEPS` that hardly move the log-likelihood.

        None where the model has none, as where a number decides when an event comes.
        """
        z = 0.5 * np.random.default_rng(1).standard_normal((N_TRIED, self.n_parameters))
        for steps in STEPS:
            found = self.runner.way_back(steps)
            if found is not None and (steps == 1 or self._near(found, z)):
                return found
        return None

    def _near(self, way_back: WayBack, z: Array) -> bool:
        """Whether log-likelihoods by a coarser model are nowhere off by more than `NEAR`, where they are numbers."""
        values, exact = self.priors.values(z), self.log_likelihood(z)
        series = way_back.values(np.ascontiguousarray(values[:, self._inputs]))
        rows = self.score(self.read(series, values))
        known = exact > NO_LIKELIHOOD / 2
        off = np.abs(rows @ (self.sheet.weights * self.sheet.fitted) - exact)[known]
        return bool(known.any() and np.all(off <= NEAR * (1 + np.abs(exact[known]))))

    def gradient(self, z: Array, powers: Array) -> Array:
        """The derivatives of a weighted sum of the rows' log-likelihoods, by the steps of `way_back`.

        Parameters
        ----------
        z : (n, n_parameters) whitened parameters
        powers : (n_rows,) what each row counts

        Returns
        -------
        (n, n_parameters) d sum / d z, 0 where the model gave no number. At a kink it is that of the active branch.

        Raises
        ------
        InputError : the model has no derivatives; see `way_back`
        """
        if self.way_back is None:
            raise InputError(Problem("gradient", "the model has no derivatives by its free parameters"))
        chunks = (z[i : i + CHUNK] for i in range(0, len(z), CHUNK))
        return np.concatenate([self._gradient(self.way_back, chunk, powers) for chunk in chunks])

    def _gradient(self, way_back: WayBack, z: Array, powers: Array) -> Array:
        values = self.priors.values(z)
        inputs = np.ascontiguousarray(values[:, self._inputs])
        pieces = self._read.pieces(way_back.values(inputs))
        readings, multipliers = self._read.values(pieces), self._multipliers(values)
        model_values = readings * multipliers
        by_value = self._forms.slopes(model_values) * powers
        _, by_input = way_back.vjp(inputs, self._read.back(pieces, by_value * multipliers))
        by_parameter = np.zeros_like(z)
        by_parameter[:, self._inputs] = by_input
        for i_row, i_bias in self._biases:
            by_bias = self._multiplier_slope(values[:, i_bias])
            by_parameter[:, i_bias] += by_value[:, i_row] * readings[:, i_row] * by_bias
        slopes = by_parameter * self.priors.slopes(z, values)
        return np.where(np.isfinite(slopes), slopes, 0.0)

    def terms(self, columns: Array | None = None) -> Terms:
        """Weighted sums of the rows' log-likelihoods, for the moves of a sampler.

        Parameters
        ----------
        columns : (n_rows, n_terms) what each row counts in each term; by default one, `log_likelihood`
        """
        if columns is None:
            columns = (self.sheet.weights * self.sheet.fitted)[:, None]

        return Terms(
            lambda z: np.asarray(self.log_likelihoods(z) @ columns),
            None if self.way_back is None else lambda z, powers: self.gradient(z, columns @ powers),
        )

    def log_prior(self, z: Array) -> Array:
        """(n,) log prior density of z."""
        return log_standard_normal(z)

    def residuals(self, z: Array) -> Array:
        """(n, n_fitted + n_parameters) residuals whose half sum of squares is `loss(z)` less `floor`.

        sqrt(weight) times each fitted row's `deviation`, then z; NaN where the model gave no number.
        """
        values = self.model_values(z)
        rows = np.flatnonzero(self.sheet.fitted)
        parts = np.empty((len(z), rows.size))
        for i_part, i_row in enumerate(rows):
            column = values[:, i_row]
            finite = np.isfinite(column)
            deviation = self.sheet.forms[i_row].deviation(np.where(finite, column, 1.0))
            parts[:, i_part] = np.where(finite, deviation, np.nan) * np.sqrt(self.sheet.weights[i_row])
        return np.concatenate([parts, z], axis=1)

    @property
    def floor(self) -> float:
        """The loss if every fitted row had its best log-likelihood and every parameter its median."""
        peaks = np.array([form.peak for form in self.sheet.forms])
        return float(-np.sum(peaks * self.sheet.weights * self.sheet.fitted))

    def loss(self, z: Array) -> Array:
        """(n,) what a fit makes small: -log_likelihood + z.z / 2."""
        return np.asarray(-self.log_likelihood(z) + 0.5 * np.sum(z * z, axis=1))

    def _multipliers(self, values: Array) -> Array:
        multipliers = np.tile(self._fixed_multipliers, (len(values), 1))
        for i_row, i_bias in self._biases:
            multipliers[:, i_row] = values[:, i_bias]
        return multipliers

    def _multiplier_slope(self, bias: Array) -> Array:
        """d multiplier / d bias."""
        return np.ones_like(bias)

    @cached_property
    def _fixed_multipliers(self) -> Array:
        """(n_rows,) 1, or the bias that is not free."""
        pairs = zip(self.sheet.biases, self._biased, strict=True)
        return np.array([self.fixed.get(bias, 1.0) if biased else 1.0 for bias, biased in pairs])

    @cached_property
    def _biases(self) -> list[tuple[int, int]]:
        """The rows whose bias is free, each with its column."""
        place = {name: i for i, name in enumerate(self.priors.names)}
        rows = enumerate(zip(self.sheet.biases, self._biased, strict=True))
        return [(i_row, place[bias]) for i_row, (bias, biased) in rows if biased and bias in place]

    @cached_property
    def _biased(self) -> list[bool]:
        """Whether a row has a bias; a factor between two windows has none left."""
        pairs = zip(self.sheet.biases, self.sheet.readings, strict=True)
        return [bool(bias) and reading.contrast != "factor" for bias, reading in pairs]


def build_objective(
    observations: pd.DataFrame,
    parameters: pd.DataFrame,
    make_runner: MakeRunner,
    constants: Mapping[str, float],
    *,
    free: Iterable[str] | None = None,
    time: Callable[[str], float] | None = None,
) -> Objective:
    """The objective of a study's tables.

    Parameters
    ----------
    observations, parameters : the study's tables
    make_runner : prepares the model for given inputs, outputs and final time
    constants : the model's constants and their defaults
    free : the model constants to free; by default those marked free in `parameters`. Biases that are
        marked free are always free
    time : model time of a calendar month, if the windows are calendar months

    Raises
    ------
    InputError
        Unknown names, or nothing to free.
    StudyError
        Rows of the tables that say something impossible.
    """
    sheet = read_sheet(observations, time)
    chosen = _chosen(parameters, None if free is None else tuple(free))
    chosen = chosen.assign(in_model=chosen["name"].isin(constants))
    unknown = chosen.loc[(chosen["kind"] == "constant") & ~chosen["in_model"], "name"]
    if len(unknown):
        raise StudyError(
            Problem(name, "is a free parameter, and no constant of the model") for name in unknown
        )
    priors = read_priors(chosen)
    inputs = tuple(chosen.loc[chosen["in_model"], "name"])
    outputs = tuple(dict.fromkeys(reading.output for reading in sheet.readings))
    ends = [end for r in sheet.readings for _, end in filter(None, (r.window, r.base))]
    runner = make_runner(inputs, outputs, float(np.ceil(max(ends))))
    fixed = _fixed(sheet, parameters, set(chosen["name"]), constants)
    return Objective(chosen, priors, sheet, runner, fixed)


def _chosen(parameters: pd.DataFrame, free: tuple[str, ...] | None) -> pd.DataFrame:
    marked = parameters["free"] == "yes"
    is_constant = parameters["kind"] == "constant"
    if free is None:
        chosen = parameters[marked]
    else:
        unknown = [name for name in free if name not in set(parameters["name"])]
        if unknown:
            known = ", ".join(parameters["name"])
            raise InputError(
                Problem("free", f"'{name}' is not in the parameter table; it has {known}") for name in unknown
            )
        chosen = parameters[parameters["name"].isin(free) | (marked & ~is_constant)]
    if not len(chosen):
        raise InputError(Problem("free", "no parameter is free; mark some in the parameter table"))
    return chosen


def _fixed(
    sheet: Sheet, parameters: pd.DataFrame, free: set[str], constants: Mapping[str, float]
) -> dict[str, float]:
    """Multipliers that are not free: a model constant at its default, another bias at its prior median."""
    biases = set(parameters.loc[parameters["kind"] == "bias", "name"])
    fixed = {}
    for name in {bias for bias in sheet.biases if bias} - free:
        if name in constants:
            fixed[name] = constants[name]
        elif name in biases:
            fixed[name] = read_priors(parameters[parameters["name"] == name]).parts[0].quantile(0.5)
        else:
            raise StudyError(Problem("observations", f"bias '{name}' is neither a parameter nor a constant"))
    return fixed
