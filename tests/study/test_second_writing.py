"""The log posterior of the product against a second writing of it, made from docs/method.md alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import second_writing
from numpy.typing import NDArray
from second_writing import Row, Series, Values

from iskdyn import open_study
from iskdyn.calibration import Objective, every_number, load_posterior

ROOT = Path(__file__).parents[2]
N_DRAWS = 50
BAR = 1e-6
"""Nats: the two differ in the order of their sums, by 1e-12."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Draw:
    """Numbers of the study, the model's run at them, and the product's log posterior there."""

    values: Values
    series: Series
    log_posterior: float


def _values(objective: Objective, kind: str) -> NDArray[np.float64]:
    """(50, n_parameters) draws at which the model gives every number that is read."""
    rng = np.random.default_rng(1)
    if kind == "posterior":
        draws = load_posterior(ROOT / "calibration" / "results" / "posterior.nc").values
        return rng.choice(draws.reshape(-1, draws.shape[-1]), N_DRAWS, replace=False)
    z = rng.standard_normal((2 * N_DRAWS, objective.n_parameters))
    z = z[objective.log_likelihood(z) > second_writing.NO_NUMBER / 1e3]
    return objective.priors.values(z[:N_DRAWS])


@pytest.fixture(scope="module", params=["prior", "posterior"])
def draws(request: pytest.FixtureRequest) -> list[Draw]:
    """Runs of the model with each draw's numbers, as a user makes them."""
    study = open_study(ROOT)
    objective = every_number(study)
    values = _values(objective, request.param)
    z = objective.priors.whiten(values)
    product = objective.log_prior(z) + objective.log_likelihood(z)
    outputs = sorted({reading.output for reading in objective.sheet.readings})
    found = []
    for row, log_posterior in zip(values, product, strict=True):
        named = dict(zip(objective.priors.names, row.tolist(), strict=True))
        run = study.run(
            {name: value for name, value in named.items() if name in study.program}, outputs=outputs
        )
        series = {name: run[name].values for name in ("time", *outputs)}
        found.append(Draw(named, series, float(log_posterior)))
    return found


def _apart(draws: list[Draw], change: Callable[[Row], Row] = lambda row: row) -> float:
    """The most nats by which the two writings differ, where the second one reads changed tables."""
    parameters, rows = (
        [change(row) for row in second_writing.table(ROOT / "calibration" / name)]
        for name in ("parameters.csv", "observations.csv")
    )
    written = [second_writing.log_posterior(parameters, rows, draw.series, draw.values) for draw in draws]
    return max(abs(second - draw.log_posterior) for second, draw in zip(written, draws, strict=True))


def test_two_writings_of_the_log_posterior_agree(draws: list[Draw]) -> None:
    assert len(draws) == N_DRAWS
    assert _apart(draws) <= BAR


def _scaled(column: str, factor: float) -> Callable[[Row], Row]:
    def change(row: Row) -> Row:
        return row | {column: str(float(row[column]) * factor)} if row.get(column) else row

    return change


FAULTS: dict[str, Callable[[Row], Row]] = {
    "errors a tenth wider": _scaled("spread", 1.1),
    "priors a hundredth wider": _scaled("b", 1.01),
    "no joint weights": lambda row: row | {"note": ""},
    "no bias": lambda row: row | {"bias": ""} if "bias" in row else row,
    "held rows fitted": lambda row: row | {"fold": "fit"} if "fold" in row else row,
    "one edge a hundredth higher": lambda row: _scaled("high", 1.01)(row) if row.get("id") == "T09" else row,
    "a mean for a maximum": lambda row: row | {"operation": "mean"} if row.get("operation") == "max" else row,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_changed_term_of_the_second_writing_is_noticed(fault: str, draws: list[Draw]) -> None:
    assert _apart(draws[:5], FAULTS[fault]) > BAR
