"""A posterior with everything that ArviZ asks for, computed when asked: stored results hold draws alone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.likelihood import Form
from iskdyn.calibration.posterior_store import StoredPosterior, load_posterior
from iskdyn.calibration.predictive import is_one_sided, middle
from iskdyn.calibration.spread import every_number
from iskdyn.errors import StudyError
from iskdyn.study import POSTERIOR
from iskdyn.study.sealed import verify

if TYPE_CHECKING:
    import xarray as xr

    from iskdyn.calibration.objective import Objective
    from iskdyn.study import Study

Array = NDArray[np.float64]
SAMPLE = ("chain", "draw")
NATS = {"units": "nats"}
OBSERVED = ("says", "output", "unit", "form", "scale", "source", "fold")


def inference_data(study: Study, posterior: StoredPosterior | None = None, seed: int = 1) -> xr.DataTree:
    """A posterior as the groups of an InferenceData: `arviz.from_datatree` of it, or ArviZ 1 as it is.

    Groups: `posterior` and `prior`, each number by its name with its unit; `log_prior` of its whitened value
    under the same name;
    `log_likelihood`, one weighted term a fitted observation, which add up to what was sampled;
    `posterior_predictive` and `observed_data`, what a source would say and what it said (`bracket`: the middle,
    in the observation's unit; `statement`: 1 where a fact with one edge, or an order, is affirmed);
    `sample_stats`; `constant_data`, the tables.

    Parameters
    ----------
    study : whose tables and model are used; of a structure with a model of its own, `study_of(study, structure)`
    posterior : of the structure that it fixes; by default the study's own
    seed : of the prior's draws, as many as the posterior's, and of the sources' errors

    Raises
    ------
    StudyError : there is no posterior, or it belongs to another state of the study
    """
    import xarray as xr

    posterior = posterior or load_posterior(study.stored(POSTERIOR), {})
    problems = verify(study, posterior, "posterior")
    if problems:
        raise StudyError(problems)
    objective = every_number(study, posterior.fixed)
    rng = np.random.default_rng(seed)
    z = objective.priors.whiten(posterior.values.reshape(-1, len(posterior.names)))
    prior = objective.priors.values(rng.standard_normal(z.shape))
    readings = objective.model_values(z)
    groups = {
        "posterior": _numbers(objective, posterior.values),
        "prior": _numbers(objective, prior[None]),
        "posterior_predictive": _reports(objective, readings, posterior.log_likelihood.shape, rng),
        "observed_data": _observed(objective),
        "constant_data": _tables(objective),
        **_densities(objective, posterior, z, readings),
    }
    return xr.DataTree.from_dict(
        {"/": xr.Dataset(attrs={"accepted": int(posterior.accepted)})}
        | {f"/{name}": group for name, group in groups.items()}
    )


def _numbers(objective: Objective, values: Array) -> xr.Dataset:
    """(chains, draws, n_parameters) values as one variable a parameter."""
    return _named(objective, values, objective.parameters["unit"].astype(str))


def _named(objective: Objective, values: Array, units: Iterable[str]) -> xr.Dataset:
    import xarray as xr

    columns = zip(objective.priors.names, units, np.moveaxis(values, 2, 0), strict=False)
    return xr.Dataset({name: (SAMPLE, column, {"units": unit}) for name, unit, column in columns})


def _densities(
    objective: Objective, posterior: StoredPosterior, z: Array, readings: Array
) -> dict[str, xr.Dataset]:
    """The groups log_likelihood, log_prior and sample_stats."""
    import xarray as xr

    shape, fitted = posterior.log_likelihood.shape, objective.sheet.fitted
    terms = (objective.score(readings) * objective.sheet.weights)[:, fitted].reshape(*shape, -1)
    log_prior = (-0.5 * z * z - 0.5 * np.log(2 * np.pi)).reshape(*shape, -1)
    stats = {
        "lp": (SAMPLE, log_prior.sum(axis=2) + terms.sum(axis=2), NATS),
        "log_likelihood": (SAMPLE, terms.sum(axis=2), NATS),
        "log_evidence": (SAMPLE[:1], posterior.log_evidence, NATS),
    }
    return {
        "log_likelihood": xr.Dataset(
            {"fact": ((*SAMPLE, "observation"), terms, NATS)}, {"observation": _ids(objective, fitted)}
        ),
        "log_prior": _named(objective, log_prior, repeat("nats")),
        "sample_stats": xr.Dataset(stats),
    }


def _reports(
    objective: Objective, readings: Array, shape: tuple[int, ...], rng: np.random.Generator
) -> xr.Dataset:
    """What each source would say in each draw, its own error included."""
    pairs = zip(objective.sheet.forms, readings.T, strict=True)
    said = np.array([_said(form, column, rng) for form, column in pairs])
    return _by_kind(objective, said.T.reshape(*shape, -1), SAMPLE)


def _said(form: Form, values: Array, rng: np.random.Generator) -> Array:
    """Reports of model values as numbers: the middle of a bracket, or whether a statement is affirmed."""
    if is_one_sided(form):
        return np.where(-rng.standard_exponential(values.size) < form.log_likelihood(values), 1.0, 0.0)
    return np.array([middle(form.reported(float(value), rng)) for value in values])


def _observed(objective: Objective) -> xr.Dataset:
    """What each source said, as in `_reports`."""
    forms = objective.sheet.forms
    return _by_kind(objective, np.array([1.0 if is_one_sided(form) else middle(form) for form in forms]), ())


def _by_kind(objective: Objective, values: Array, dims: tuple[str, ...]) -> xr.Dataset:
    """(..., n_rows) values as brackets and statements, which no axis should hold together."""
    import xarray as xr

    stated = np.array([is_one_sided(form) for form in objective.sheet.forms])
    kinds = {"bracket": ~stated, "statement": stated}
    return xr.Dataset(
        {kind: ((*dims, f"{kind}_id"), values[..., rows]) for kind, rows in kinds.items()},
        {f"{kind}_id": _ids(objective, rows) for kind, rows in kinds.items()},
    )


def _tables(objective: Objective) -> xr.Dataset:
    """The observations and parameters as the tables have them, with the weight of each observation."""
    import xarray as xr

    table, parameters = objective.sheet.table, objective.parameters
    words = {name: ("observation", table[name].astype(str).to_list()) for name in OBSERVED}
    edges = {name: ("observation", table[name].to_numpy(float)) for name in ("low", "high", "spread")}
    priors = {
        f"prior_{name}": ("parameter", parameters[name].to_numpy(float))
        for name in ("a", "b", "lower", "upper")
    }
    families = {"prior_family": ("parameter", parameters["prior"].astype(str).to_list())}
    return xr.Dataset(
        {**words, **edges, "weight": ("observation", objective.sheet.weights), **families, **priors},
        {"observation": table["id"].astype(str).to_list(), "parameter": list(objective.priors.names)},
    )


def _ids(objective: Objective, rows: NDArray[np.bool_]) -> list[str]:
    return [str(name) for name in objective.sheet.table["id"][rows]]
