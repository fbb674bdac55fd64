"""Predicted reports: their bands hold what the sources' error makes of the truth, as often as they say."""

import numpy as np
from calibration_toy import CONSTANTS, TRUTH, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import build_objective, expected_inside, predictive_table


def toy_objective(width=0.3, **columns):
    rows = toy_observations(width).assign(**columns)
    return build_objective(rows, toy_parameters(), ToyRunner, {name: TRUTH[name] for name in CONSTANTS})


def test_a_report_of_the_truth_lies_inside():
    objective = toy_objective()
    truth = objective.priors.whiten(np.array([[TRUTH[name] for name in objective.priors.names]]))
    table = predictive_table(objective, objective.model_values(np.repeat(truth, 500, axis=0)), 1)
    assert table["inside"].all()


def test_a_report_far_from_the_model_lies_outside():
    objective = toy_objective(low=lambda rows: rows["low"] * 9, high=lambda rows: rows["high"] * 9)
    truth = objective.priors.whiten(np.array([[TRUTH[name] for name in objective.priors.names]]))
    table = predictive_table(objective, objective.model_values(np.repeat(truth, 500, axis=0)), 1)
    assert not table["inside"].any()


def test_nine_of_ten_reports_made_from_the_truth_lie_inside():
    """Synthetic reports of one row, each told whether it is inside its band at the true draw."""
    objective = toy_objective()
    truth = objective.priors.whiten(np.array([[TRUTH[name] for name in objective.priors.names]]))
    form, value = objective.sheet.forms[0], objective.model_values(truth)[0, 0]
    row = predictive_table(objective, objective.model_values(np.repeat(truth, 4000, axis=0)), 1).iloc[0]
    rng = np.random.default_rng(2)
    reports = [form.reported(value, rng) for _ in range(2000)]
    middles = [np.sqrt(one.low * one.high) for one in reports]
    share = np.mean([(row["low"] <= one <= row["high"]) for one in middles])
    assert abs(share - 0.9) < 0.03  # four standard errors


def test_a_fact_with_one_edge_has_a_chance_and_no_band():
    objective = toy_objective()
    z = np.random.default_rng(1).standard_normal((200, objective.n_parameters))
    row = predictive_table(objective, objective.model_values(z), 1).iloc[5]
    assert np.isnan(row["low"])
    assert row["chance"] == np.exp(objective.log_likelihoods(z)[:, 5]).mean()


def test_the_expected_count_is_the_binomial_band():
    assert expected_inside(12) == (9, 12)
    assert expected_inside(40) == (33, 39)
