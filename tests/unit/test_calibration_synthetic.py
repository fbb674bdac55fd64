"""Synthetic reports follow the likelihood they are meant for, form by form."""

from dataclasses import replace

import numpy as np
import pytest
from calibration_toy import CONSTANTS, TRUTH, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import About, AtLeast, AtMost, Count, Form, Interval, Order, build_objective
from iskdyn.calibration.likelihood import Side
from iskdyn.calibration.synthetic import flipped_bias, swapped_edges, synthetic_sheet, synthetic_truth

FORMS = [
    (Interval(150.0, 200.0, 0.2), 180.0, 160.0),
    (Interval(-1.0, 2.0, 1.5, "linear"), 0.3, 1.0),
    (Interval(0.55, 0.65, 0.3, "logit"), 0.6, 0.66),
    (About(450.0, 550.0, 0.2), 500.0, 540.0),
    (AtLeast(100.0, 0.3), 90.0, 130.0),
    (AtLeast(0.0, 0.5, "linear"), 0.4, -0.2),
    (AtMost(100.0, 0.3), 90.0, 130.0),
    (Order("lower", 1.2, 0.3), 0.8, 1.1),
    (Order("higher", 0.5, 0.3, "linear"), 0.4, 0.8),
    (Count(5.0, 5.0, 0.3), 4.0, 5.0),
    (Count(3.0, 6.0), 4.0, 5.0),
    (Count(6.0, np.inf, 0.2), 5.0, 7.0),
    (Count(0.0, 3.0), 3.0, 4.0),
]


def forms(test):
    cases = [pytest.param(*case, id=f"{type(case[0]).__name__}{i}") for i, case in enumerate(FORMS)]
    return pytest.mark.parametrize(("form", "value", "other"), cases)(test)


def test_every_form_has_a_story():
    def all_below(kind):
        return {kind, *(c for child in kind.__subclasses__() for c in all_below(child))}

    assert all_below(Form) - {Form, Side} == {type(form) for form, _, _ in FORMS}


@forms
def test_the_mean_ratio_of_likelihoods_is_one(form, value, other):
    """True of any two values only if the reports of the one have the likelihood as their probability."""
    rng = np.random.default_rng(1)
    pair = np.array([value, other])
    scores = np.array([form.reported(value, rng).log_likelihood(pair) for _ in range(1500)])
    ratio = np.exp(scores[:, 1] - scores[:, 0])
    assert ratio.mean() == pytest.approx(1, abs=4 * ratio.std() / np.sqrt(len(ratio)))
    assert ratio.std() > 0.05


@forms
def test_a_report_keeps_its_width_and_spread(form, value, other):
    told = form.reported(value, np.random.default_rng(2))
    assert type(told) in (type(form), type(getattr(form, "denied", form)))
    assert told.sd == form.sd
    if isinstance(form, Count) and np.isfinite(form.high) and form.low > 0:
        assert told.high - told.low == form.high - form.low


@pytest.mark.parametrize("form", [form for form, _, _ in FORMS if isinstance(form, Side)])
def test_a_statement_and_its_denial_are_all_there_is(form):
    values = np.array([0.1, 0.7, 1.0, 1.4, 90.0, 400.0])
    total = np.exp(form.log_likelihood(values)) + np.exp(form.denied.log_likelihood(values))
    np.testing.assert_allclose(total, 1)
    assert form.denied.denied == form


@pytest.fixture
def objective():
    table = toy_observations(0.3)
    table.loc[1, "note"] = "shares:T3"
    return build_objective(table, toy_parameters(), ToyRunner, {name: TRUTH[name] for name in CONSTANTS})


def test_of_rows_that_rest_on_one_sentence_one_speaks(objective):
    weights = np.array(
        [
            synthetic_sheet(objective.sheet, np.full(6, 1500.0), np.random.default_rng(seed)).weights
            for seed in range(200)
        ]
    )
    np.testing.assert_array_equal(weights[:, 1] + weights[:, 2], 1)
    np.testing.assert_allclose(weights.mean(axis=0), objective.sheet.weights, atol=0.1)


def test_truth_is_drawn_where_the_model_gives_numbers(objective):
    rng = np.random.default_rng(3)
    for _ in range(100):
        z, values = synthetic_truth(objective, rng)
        np.testing.assert_array_equal(values, objective.model_values(z[None, :])[0])
        assert np.all(np.isfinite(values[objective.sheet.fitted]))


def test_a_flipped_bias_divides(objective):
    z = np.random.default_rng(4).standard_normal((5, 3))
    sound, flipped = objective.model_values(z), flipped_bias(objective).model_values(z)
    bias = objective.priors.values(z)[:, 2]
    np.testing.assert_allclose(flipped[:, 2], sound[:, 2] / bias**2)
    np.testing.assert_allclose(flipped[:, 0], sound[:, 0])


def test_swapped_edges_deny_one_sided_rows_only(objective):
    swapped = swapped_edges(objective).sheet.forms
    assert swapped[:5] == objective.sheet.forms[:5]
    assert swapped[5] == objective.sheet.forms[5].denied


def test_reports_of_the_truth_move_with_it(objective):
    rng = np.random.default_rng(5)
    low, high = (
        np.median([replace(form).reported(value, rng).low for _ in range(200)])
        for form in objective.sheet.forms[:1]
        for value in (80.0, 160.0)
    )
    assert high / low == pytest.approx(2, rel=0.1)
