"""How uncertain everything is about a fit: all numbers with a prior at once, not only the fitted ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.fit import study_objective
from iskdyn.calibration.laplace import NOT_LEARNED, laplace

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective
    from iskdyn.calibration.posterior_store import StoredPosterior
    from iskdyn.calibration.result import FitResult
    from iskdyn.study import Study


@dataclass(frozen=True)
class Spread:
    """Draws of every parameter of a study, of one structure or of a mixture of several.

    Attributes
    ----------
    kind : "posterior": accepted draws; "approximation": normal about the fit, not a posterior sample
    names : every parameter, fitted or not
    in_model : (n_parameters,) whether the model has a constant of that name
    centre : (n_parameters,) fitted values, and the model's own where nothing was fitted
    contraction : (n_parameters,) 1 - sd after / sd before in whitened units
    draws : (n_draws, n_parameters) values
    structures : names of the structures of a mixture; none where all draws are of the model as written
    structure : (n_draws,) the place of each draw's structure among them; empty where there are none
    """

    kind: Literal["posterior", "approximation"]
    names: tuple[str, ...]
    in_model: NDArray[np.bool_]
    centre: NDArray[np.float64]
    contraction: NDArray[np.float64]
    draws: NDArray[np.float64]
    structures: tuple[str, ...] = ()
    structure: NDArray[np.int_] = field(default_factory=lambda: np.empty(0, dtype=int))

    def first(self, n_draws: int) -> Spread:
        """Only the first draws."""
        return replace(self, draws=self.draws[:n_draws], structure=self.structure[:n_draws])

    @property
    def learned(self) -> tuple[str, ...]:
        """The parameters that the evidence narrows by a tenth or more, most first."""
        order = np.argsort(-self.contraction, kind="stable")
        return tuple(self.names[i] for i in order if self.contraction[i] >= NOT_LEARNED)


def spread(
    study: Study, fit: FitResult, n_draws: int, seed: int, posterior: StoredPosterior | None = None
) -> Spread:
    """What is known of every number: draws of an accepted posterior, else a normal approximation.

    Parameters
    ----------
    fit : at whose values the approximation and the best run stand
    n_draws, seed : of the draws; the same numbers give the same draws
    posterior : used if every gate was passed
    """
    if posterior is not None and posterior.accepted:
        return sampled_spread(study, fit, posterior, n_draws, seed)
    objective = every_number(study)
    names = objective.priors.names
    centre = centre_of(study, fit, names)
    curvature = laplace(objective, objective.priors.whiten(centre[None, :])[0])
    return Spread(
        kind="approximation",
        names=tuple(names),
        in_model=np.array([name in study.program for name in names]),
        centre=centre,
        contraction=curvature.contraction,
        draws=objective.priors.values(curvature.draws(n_draws, seed)),
    )


def every_number(
    study: Study,
    constants: Mapping[str, float] | None = None,
    series: Mapping[str, pd.Series] | None = None,
) -> Objective:
    """The objective with every parameter of the study free but those that `constants` fix.

    For sampling, approximating and predicting, not for a fit. `series` over model time replace variables.

    Parameters
    ----------
    study : whose parameters and observations are taken
    constants : by name the values that are fixed, in the model's units
    series : by variable, over model time
    """
    names = tuple(name for name in study.parameters["name"] if name not in (constants or {}))
    return study_objective(study, free=names, constants=constants, series=series)


def sampled_spread(
    study: Study, fit: FitResult, posterior: StoredPosterior, n_draws: int, seed: int
) -> Spread:
    """Draws of a stored posterior about a fit; the same numbers give the same draws.

    Parameters
    ----------
    fit : at whose values the best run stands
    posterior : accepted or not; its runs are taken together
    n_draws : how many; all of them where fewer are stored
    seed : of the choice, without replacement
    """
    n_parameters = len(posterior.names)
    draws = posterior.values.reshape(-1, n_parameters)
    chosen = np.random.default_rng(seed).choice(len(draws), min(n_draws, len(draws)), replace=False)
    return Spread(
        kind="posterior",
        names=posterior.names,
        in_model=np.array([name in study.program for name in posterior.names]),
        centre=centre_of(study, fit, posterior.names),
        contraction=posterior.contraction,
        draws=draws[chosen],
    )


def fitted_point(study: Study, fit: FitResult, objective: Objective) -> NDArray[np.float64]:
    """(n_parameters,) z of an objective at the fitted values, and at the model's own where nothing was fitted.

    Parameters
    ----------
    fit : whose values are taken where it fitted one
    objective : whose priors give the order of z, and its scale
    """
    values = centre_of(study, fit, objective.priors.names)
    return np.asarray(objective.priors.whiten(values[None, :])[0])


def centre_of(study: Study, fit: FitResult, names: Sequence[str]) -> NDArray[np.float64]:
    """(n_names,) values of the fit, and the model's own where nothing was fitted.

    Parameters
    ----------
    fit : whose values are taken where it fitted one
    names : parameters, constants of the model or biases of sources
    """
    values = {constant.name: constant.value for constant in study.program.constants}
    values |= {**fit.constants, **fit.biases}
    return np.array([values[name] for name in names])


def prior_shares(study: Study, n_draws: int, seed: int) -> pd.Series[float]:
    """The share of prior draws in which each observation holds, by its id: near 1, it says little.

    Parameters
    ----------
    n_draws : of the prior, each a run of the model
    seed : of the draws

    Returns
    -------
    Shares from 0 to 1, indexed by the id of the observation.
    """
    import pandas as pd

    objective = every_number(study)
    z = np.random.default_rng(seed).standard_normal((n_draws, objective.n_parameters))
    columns = zip(objective.sheet.forms, objective.model_values(z).T, strict=True)
    shares = [float(np.mean(form.holds(column))) for form, column in columns]
    return pd.Series(shares, index=objective.sheet.table["id"].astype(str))
