"""The ranks of the trial notice a likelihood of the wrong scale: errors too wide, or read as logs; a row counted twice.

Each number of this toy is read by one row alone, so that its posterior is drawn from exactly, on a grid: what is
tried is the likelihood, its reports and the ranks, at the 200 truths of the real trial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from iskdyn.calibration import Objective, build_objective
from iskdyn.calibration.ranks import N_RANKED, ranks_of
from iskdyn.calibration.recover import Quantities, quantities
from iskdyn.calibration.recovered import wrong
from iskdyn.calibration.synthetic import synthetic_sheet, synthetic_truth

Array = NDArray[np.float64]
Plant = Callable[[Objective], Objective]
N_TRUTHS = 200
FORMS = ("about", "interval", "about", "at_least") * 3
NAMES = tuple(f"rate {i}" for i in range(len(FORMS)))
GRID = np.linspace(-6.0, 6.0, 241)

pytestmark = pytest.mark.slow


class Constant:
    """A model whose outputs are its inputs at all times."""

    def __init__(self, inputs: tuple[str, ...], outputs: tuple[str, ...], final_time: float) -> None:
        self.outputs, self.times = outputs, np.arange(final_time + 1)
        self.places = [inputs.index(name) for name in outputs]

    def __call__(self, values: Array) -> Array:
        return np.repeat(values[:, self.places, None], self.times.size, axis=2)

    def way_back(self, steps: int = 1) -> Constant:
        return self

    def values(self, values: Array) -> Array:
        return self(values)

    def vjp(self, values: Array, cotangent: Array) -> tuple[Array, Array]:
        slopes = np.zeros_like(values)
        np.add.at(slopes.T, self.places, cotangent.sum(axis=2).T)
        return self(values), slopes


@pytest.fixture(scope="module")
def objective() -> Objective:
    parameters = pd.DataFrame({"name": NAMES, "kind": "constant", "prior": "lognormal", "a": 1.0, "b": 0.7})
    parameters = parameters.assign(lower=0.01, upper=100.0, free="yes", unit="1", source="toy", note="")
    rows = pd.DataFrame(
        {"id": NAMES, "output": NAMES, "form": FORMS, "operation": "mean", "start": 0, "end": 1}
    )
    rows = rows.assign(
        low=1 / 1.05, high=1.05, scale="log", spread=0.3, bias="", fold="fit", source="toy", note=""
    )
    rows.loc[rows["form"] == "at_least", "high"] = np.nan
    rows = rows.assign(base_start=np.nan, base_end=np.nan)
    return build_objective(rows, parameters, Constant, dict.fromkeys(NAMES, 1.0))


@pytest.fixture(scope="module")
def watched(objective: Objective) -> Quantities:
    return quantities(objective, {}, lambda z: np.empty((len(z), 0)), seed=1)


def drawn(objective: Objective, rng: np.random.Generator) -> Array:
    """(N_RANKED, n_parameters) exact draws: number i is read by row i alone."""
    terms = objective.log_likelihoods(np.repeat(GRID[:, None], len(NAMES), axis=1)) * objective.sheet.weights
    density = np.exp(terms - GRID[:, None] ** 2 / 2 - terms.max(axis=0))
    below = np.cumsum(density, axis=0) / density.sum(axis=0)
    uniform = rng.random((N_RANKED, len(NAMES)))
    return np.stack([np.interp(*columns, GRID) for columns in zip(uniform.T, below.T, strict=True)], axis=1)


def tried(objective: Objective, watched: Quantities, plant: Plant) -> list[str]:
    """What the trial finds wrong where reports are made by the sound likelihood and read by the planted one."""
    ranks = []
    for number in range(N_TRUTHS):
        rng = np.random.default_rng([1, number])
        truth, values = synthetic_truth(objective, rng)
        told = plant(replace(objective, sheet=synthetic_sheet(objective.sheet, values, rng)))
        found = watched(told, np.vstack([truth, drawn(told, rng)]))
        ranks.append(ranks_of(found[0], found[1:], rng))
    return wrong(np.array(ranks), watched.names, watched.kinds)


def with_errors(change: Callable[[float], float]) -> Plant:
    def plant(told: Objective) -> Objective:
        forms = tuple(replace(form, sd=change(form.sd)) for form in told.sheet.forms)  # type: ignore[attr-defined, type-var]
        return replace(told, sheet=replace(told.sheet, forms=forms))

    return plant


def counted_twice(told: Objective) -> Objective:
    weights = told.sheet.weights * np.where(np.arange(len(NAMES)) == 0, 2.0, 1.0)
    return replace(told, sheet=replace(told.sheet, weights=weights))


def test_a_likelihood_of_the_right_scale_passes(objective: Objective, watched: Quantities) -> None:
    assert tried(objective, watched, lambda told: told) == []


@pytest.mark.parametrize(
    ("plant", "shows"),
    [
        (with_errors(lambda sd: 1.3 * sd), "log-likelihood leaves its band"),
        (with_errors(lambda sd: float(np.exp(sd))), "log-likelihood leaves its band"),
        (counted_twice, "rate 0 leaves its band"),
    ],
    ids=["errors 1.3 times as wide", "errors read as their logs", "one row counted twice"],
)
def test_a_likelihood_of_another_scale_is_caught(
    plant: Plant, shows: str, objective: Objective, watched: Quantities
) -> None:
    assert shows in tried(objective, watched, plant)
