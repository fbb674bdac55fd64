"""Derivatives on the way from the reports to the numbers, each against differences of what it is the derivative of."""

import dataclasses

import numpy as np
import pytest
from calibration_toy import CONSTANTS, TRUTH, SwungToy, toy_observations, toy_parameters
from test_calibration_likelihood import ALL_FORMS, VALUES, name_of
from test_calibration_operators import OUTPUTS, SERIES, TIMES
from test_calibration_priors import PRIORS

from iskdyn import open_study
from iskdyn.calibration import Priors, Reader, Reading, build_objective, every_number
from iskdyn.calibration import objective as objectives
from iskdyn.calibration.likelihood import Together
from iskdyn.calibration.nulls import null_objective, read_nulls
from iskdyn.calibration.synthetic import flipped_bias
from iskdyn.calibration.weights import rescaled

READINGS = (
    Reading("ramp", "mean", (2.0, 6.0)),
    Reading("square", "max", (2.0, 6.0)),
    Reading("wave", "min", (0.5, 6.0)),
    Reading("ramp", "ratio", (6.0, 9.0), (1.0, 4.0)),
    Reading("square", "sum", (6.0, 9.0), (1.0, 4.0), "difference"),
    Reading("square", "max", (6.0, 9.0), (1.0, 4.0), "factor"),
    Reading("ramp", "change", (2.0, 6.0)),
)


def slopes(function, at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    return (function(at + step) - function(at - step)) / (2 * step)


@pytest.mark.parametrize("form", ALL_FORMS, ids=name_of)
def test_the_slope_of_a_form(form):
    values = VALUES / 1000 if getattr(form, "scale", "") == "logit" else VALUES / 30
    expected = slopes(form.log_likelihood, values)
    np.testing.assert_allclose(form.slope(values), expected, rtol=1e-5, atol=1e-6)


def test_forms_together_are_as_each_by_itself():
    forms = [*ALL_FORMS, *ALL_FORMS[::-1]]
    values = np.random.default_rng(1).uniform(0.1, 0.9, (5, len(forms)))
    values[0, 3] = np.nan
    found = Together(forms)
    each = np.array([form.log_likelihood(column) for form, column in zip(forms, values.T, strict=True)]).T
    np.testing.assert_allclose(found.log_likelihoods(values), each, rtol=1e-13)
    values[0, 3] = 0.5
    each = np.array([form.slope(column) for form, column in zip(forms, values.T, strict=True)]).T
    np.testing.assert_allclose(found.slopes(values), each, rtol=1e-13)
    values[0, 3] = np.nan
    assert found.slopes(values)[0, 3] == 0.0


def test_slopes_by_the_readings_go_back_to_the_series():
    rng = np.random.default_rng(1)
    reader, weights = Reader(READINGS, OUTPUTS, TIMES), rng.standard_normal((2, len(READINGS)))
    series = SERIES + 3.0 + 0.1 * rng.standard_normal(SERIES.shape)
    direction = rng.standard_normal(series.shape)

    def loss(shift):
        return np.sum(reader(series + shift * direction) * weights)

    back = reader.back(reader.pieces(series), weights)
    assert back.shape == series.shape
    assert np.sum(back * direction) == pytest.approx(slopes(loss, np.array(0.0)), rel=1e-6)


def test_a_reading_that_is_no_number_and_counts_nothing_has_no_slope():
    reader = Reader((Reading("ramp", "ratio", (6.0, 9.0), (1.0, 4.0)),), OUTPUTS, TIMES)
    pieces = reader.pieces(np.zeros_like(SERIES))
    assert np.isnan(reader.values(pieces)).all()
    assert not reader.back(pieces, np.zeros((2, 1))).any()


def test_the_slope_of_a_prior():
    priors, z = Priors(tuple(PRIORS)), np.random.default_rng(1).standard_normal((50, len(PRIORS)))
    found = priors.slopes(z, priors.values(z))
    np.testing.assert_allclose(found, slopes(priors.values, z), rtol=1e-6, atol=1e-8)


def toy():
    constants = {name: TRUTH[name] for name in CONSTANTS}
    return build_objective(toy_observations(0.3), toy_parameters(), SwungToy, constants)


@pytest.mark.parametrize(
    "objective",
    [toy, lambda: flipped_bias(toy()), lambda: rescaled(toy(), 1.5, 0.67)],
    ids=["as it is", "bias flipped", "priors wider"],
)
def test_the_gradient_of_the_toy(objective):
    check(objective(), np.random.default_rng(1).standard_normal((20, 3)), rel=1e-5)


@pytest.mark.parametrize("null", [False, True], ids=["as written", "a null"])
def test_the_gradient_of_the_study(monkeypatch, null):
    study = open_study(".")
    monkeypatch.setattr(objectives, "STEPS", (1,))
    structure = next(one for one in read_nulls(study) if one.name == "choking-off on members")
    objective = (
        null_objective(study, structure, study.settings.groups["members"]) if null else every_number(study)
    )
    check(objective, 0.3 * np.random.default_rng(1).standard_normal((8, objective.n_parameters)), rel=1e-4)


def check(objective, z, rel):
    """In random directions, of a random weighting of the rows."""
    rng = np.random.default_rng(2)
    powers, direction = rng.uniform(0, 1, len(objective.sheet.forms)), rng.standard_normal(z.shape)
    found = np.sum(objective.gradient(z, powers) * direction, axis=1)

    def level(shift):
        return objective.log_likelihoods(z + shift * direction) @ powers

    expected = slopes(level, np.array(0.0), 1e-5)
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(found, expected, rtol=rel, atol=rel * np.abs(expected).max())


def test_longer_steps_are_taken_where_they_hardly_matter():
    assert open_study(".").program["TIME STEP"].value == 0.0625
    objective = every_number(open_study("."))
    coarse = objective.way_back
    z = 0.3 * np.random.default_rng(3).standard_normal((16, objective.n_parameters))
    inputs = np.ascontiguousarray(objective.priors.values(z)[:, objective._inputs])
    assert coarse.values(inputs).shape == objective.series(objective.priors.values(z)).shape
    assert objective._near(coarse, z)


def test_a_model_whose_longer_steps_go_astray_keeps_its_own():
    class Astray(SwungToy):
        """Twice the steps give twice the members."""

        def way_back(self, steps=1):
            return dataclasses.replace(super().way_back(), factor=float(steps))

    constants = {name: TRUTH[name] for name in CONSTANTS}
    objective = build_objective(toy_observations(0.3), toy_parameters(), Astray, constants)
    assert objective.way_back.factor == 1.0
