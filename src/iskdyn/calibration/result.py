"""What a fit found, as tables that a report prints and a file keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.laplace import NOT_LEARNED, Laplace, laplace
from iskdyn.calibration.objective import Objective
from iskdyn.calibration.priors import Prior, read_priors
from iskdyn.calibration.sheet import HELD

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Status = Literal["converged", "limit", "interrupted"]

TIED = 0.1
"""Starts whose loss is within so many nats of the best have found the same optimum: descents end far closer, other
optima farther off."""


@dataclass(frozen=True)
class FitResult:
    """The best point, its table of observations, and everything tried on the way.

    Parameters
    ----------
    status : "converged"; "limit": no start met its tolerance; "interrupted": Ctrl-C, best so far
    method, seed : how it was searched
    objective : the loss: minus the weighted log-likelihood of the fitted rows, plus z.z / 2
    log_likelihood : its weighted log-likelihood part
    parameters : one row a free parameter: its row of the parameter table, and value, z, prior_median,
        prior_low and prior_high (5 and 95 %), sd and contraction of z, post_low and post_high
        (5 and 95 % of the normal approximation), learned ("learned" or "not learned")
    rows : one row an observation: id, says, output, unit, form, source, model (its value on the source's
        scale; for an ordering the factor or difference between its windows), low, high (blank: open),
        holds, log_likelihood (without weight), weight, fold, headline
    starts : one row a start: objective, status, n_runs, z
    hessian : (n_parameters, n_parameters) Gauss-Newton Hessian of the loss in z
    n_runs, n_not_finite : model runs, and how many of them gave no number
    seconds : wall time; not stored, so that the same fit is the same file
    fixed : constants that the fitted structure fixes
    challenges : attempts to find a better point: `by`, `objective`, `n_runs` of each
    provenance : hashes, versions and platform, filled in when the result is stored
    """

    status: Status
    method: str
    seed: int
    objective: float
    log_likelihood: float
    parameters: pd.DataFrame
    rows: pd.DataFrame
    starts: pd.DataFrame
    hessian: Array
    n_runs: int
    n_not_finite: int
    seconds: float = float("nan")
    fixed: Mapping[str, float] = field(default_factory=dict)
    challenges: Sequence[Mapping[str, object]] = ()
    provenance: Mapping[str, object] = field(default_factory=dict)

    @property
    def constants(self) -> dict[str, float]:
        """The fitted values of the parameters that the model has: what a run of the model is given."""
        return self._values(self.parameters["in_model"])

    @property
    def biases(self) -> dict[str, float]:
        """The fitted source biases by name; some of them may be constants of the model too."""
        return self._values(self.parameters["kind"] == "bias")

    @property
    def holding(self) -> tuple[int, int]:
        """How many of the fitted rows hold, and how many there are."""
        fitted = self.rows[self.rows["fold"] != HELD]
        return int(fitted["holds"].sum()), len(fitted)

    @property
    def share_of_starts_at_best(self) -> float:
        """Share of the starts that end within `TIED` nats of the best loss."""
        return float((self.starts["objective"] <= self.objective + TIED).mean())

    @cached_property
    def laplace(self) -> Laplace:
        """The normal approximation at the best point."""
        return Laplace(self.parameters["z"].to_numpy(dtype=float), self.hessian)

    def approximate_draws(self, n: int, seed: int) -> pd.DataFrame:
        """(n, n_parameters) draws from the normal approximation in z, in the parameters' units.

        An approximation, not a posterior; `attrs["kind"]` says so.
        """
        import pandas as pd

        priors = read_priors(self.parameters)
        draws = pd.DataFrame(priors.values(self.laplace.draws(n, seed)), columns=list(priors.names))
        draws.attrs["kind"] = "approximation"
        return draws

    def _values(self, which: pd.Series[bool]) -> dict[str, float]:
        chosen = self.parameters[which]
        return {str(name): float(value) for name, value in zip(chosen["name"], chosen["value"], strict=True)}


def make_result(
    objective: Objective,
    z: Array,
    *,
    status: str,
    method: str,
    seed: int,
    starts: Sequence[Mapping[str, object]],
    n_runs: int,
    n_not_finite: int,
    seconds: float,
) -> FitResult:
    """The tables of a fit that ended at z.

    Parameters
    ----------
    objective : what was fitted
    z : (n_parameters,) the point
    status : as of `FitResult`; "converged" becomes "limit" where no start converged
    method, seed, n_runs, n_not_finite : as of `FitResult`
    starts : a row each: objective, status, n_runs, z
    seconds : wall time
    """
    import pandas as pd

    table = pd.DataFrame(list(starts), columns=["objective", "status", "n_runs", "z"])
    if status == "converged" and not (table["status"] == "converged").any():
        status = "limit"
    curvature = laplace(objective, z)
    return FitResult(
        status=status,  # type: ignore[arg-type]
        method=method,
        seed=seed,
        objective=float(objective.loss(z[None, :])[0]),
        log_likelihood=float(objective.log_likelihood(z[None, :])[0]),
        parameters=parameter_table(objective, curvature),
        rows=row_table(objective, z),
        starts=table,
        hessian=curvature.hessian,
        n_runs=n_runs,
        n_not_finite=n_not_finite,
        seconds=seconds,
    )


def row_table(objective: Objective, z: Array) -> pd.DataFrame:
    """Each observation against the model at z; see `FitResult`."""
    sheet = objective.sheet
    model = objective.model_values(z[None, :])
    table = sheet.table[["id", "says", "output", "unit", "form", "source"]].reset_index(drop=True)
    table["model"] = model[0]
    table["low"] = [_closed(form.low) for form in sheet.forms]
    table["high"] = [_closed(form.high) for form in sheet.forms]
    table["holds"] = [bool(f.holds(value)) for f, value in zip(sheet.forms, model[0], strict=True)]
    table["log_likelihood"] = objective.score(model)[0]
    table["weight"] = sheet.weights
    table["fold"], table["headline"] = sheet.table["fold"].to_list(), sheet.table["headline"].to_list()
    return table


def parameter_table(objective: Objective, curvature: Laplace) -> pd.DataFrame:
    """Each free parameter before and after; see `FitResult`."""
    z, parts = curvature.z, objective.priors.parts
    table = objective.parameters.reset_index(drop=True).copy()
    table["value"] = objective.priors.values(z[None, :])[0]
    table["z"] = z
    table["prior_median"] = [prior.quantile(0.5) for prior in parts]
    table["prior_low"] = [prior.quantile(0.05) for prior in parts]
    table["prior_high"] = [prior.quantile(0.95) for prior in parts]
    table["sd"], table["contraction"] = curvature.sd, curvature.contraction
    ends = zip(parts, z, curvature.sd, strict=True)
    table[["post_low", "post_high"]] = [_range(prior, middle, sd) for prior, middle, sd in ends]
    learned = curvature.contraction >= NOT_LEARNED
    table["learned"] = np.where(learned, "learned", "not learned")
    return table


def _range(prior: Prior, z: float, sd: float) -> list[float]:
    """5 and 95 % of the normal approximation, in the parameter's unit."""
    return [float(end) for end in prior.value(z + 1.6449 * sd * np.array([-1.0, 1.0]))]


def _closed(edge: float) -> float:
    return float(edge) if np.isfinite(edge) else float("nan")
