"""What is left out, scored: against brute force, and against baselines whose answer is known."""

import dataclasses

import numpy as np
import pytest
from calibration_toy import CONSTANTS, TRUTH, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import Sampling, build_objective, gain
from iskdyn.calibration.baselines import baseline
from iskdyn.calibration.leave_out import folds, leave_out
from iskdyn.calibration.posterior import populations

QUICK = Sampling(n_draws=4000, n_chains=100, runs=2, kept=100)


@pytest.fixture(scope="module")
def objective():
    rows = toy_observations(0.3).assign(source=["a", "a", "b", "b", "b", "b"])
    return build_objective(rows, toy_parameters(), ToyRunner, {name: TRUTH[name] for name in CONSTANTS})


@pytest.fixture(scope="module")
def scores(objective):
    return list(leave_out(objective, populations(objective, QUICK), QUICK))


def test_every_fitted_row_and_every_source_is_left_out_once(scores):
    named = [(one["kind"], one["name"]) for one in scores]
    assert named == [("row", f"T{i}") for i in (1, 2, 3, 4, 6)] + [("source", "a"), ("source", "b")]


def test_what_was_seen_is_never_left_out(objective):
    seen = toy_observations(0.3).assign(source=["a", "a", "b", "b", "b", "b"])
    seen.loc[[0, 1, 2], "fold"] = "seen"
    sheet = dataclasses.replace(objective.sheet, table=seen)
    found = list(folds(dataclasses.replace(objective, sheet=sheet)))
    assert [(one.kind, one.name) for one in found] == [("row", "T4"), ("row", "T6"), ("source", "b")]
    assert found[-1].rows.tolist() == [False, False, False, True, False, True]


def test_scores_agree_with_weighted_draws_of_the_prior(objective, scores):
    z = np.random.default_rng(3).standard_normal((400_000, objective.n_parameters))
    rows = objective.log_likelihoods(z)
    fitted = objective.sheet.fitted
    whole = np.logaddexp.reduce(rows @ fitted)
    for one, fold in zip(scores, folds(objective), strict=True):
        exact = whole - np.logaddexp.reduce(rows @ (fitted & ~fold.rows))
        assert one["score"] == pytest.approx(exact, abs=0.08)
        assert one["prior"] == pytest.approx(np.logaddexp.reduce(rows @ fold.rows) - np.log(len(z)), abs=0.08)


def test_what_was_scored_before_is_not_scored_again(objective):
    runs = populations(objective, dataclasses.replace(QUICK, n_draws=400))
    done = {(fold.kind, fold.name) for fold in folds(objective)} - {("row", "T4")}
    assert [one["name"] for one in leave_out(objective, runs, QUICK, done)] == ["T4"]


def test_a_constant_predicts_what_does_not_change_and_a_line_what_does(objective):
    recruits = np.array([row == "T1" for row in objective.sheet.table["id"]])
    constant = baseline(objective, "constant", 4000, 1)
    wanted = constant.log_likelihoods[:, recruits][:, 0]
    assert constant.score(recruits) == pytest.approx(np.log(np.mean(np.exp(wanted))))
    flat, line = constant.score(recruits), baseline(objective, "trend", 4000, 1).score(recruits)
    assert flat > line  # recruits are constant in the toy: a slope only spreads the prediction


def test_a_baseline_learns_from_rows_of_the_same_output_only(objective):
    """T2 and T3 read members: T2's score changes when T3 is scored with it, T1's and T4's do not."""
    ids = objective.sheet.table["id"].to_numpy()
    one = baseline(objective, "trend", 4000, 1)
    members = np.isin(ids, ["T2", "T3"])
    apart = one.score(ids == "T2") + one.score(ids == "T3")
    assert one.score(members) != pytest.approx(apart, abs=1e-3)
    others = np.isin(ids, ["T1", "T4"])
    assert one.score(others) == pytest.approx(one.score(ids == "T1") + one.score(ids == "T4"))


def test_the_gain_is_the_sum_over_rows_with_its_error():
    import pandas as pd

    table = pd.DataFrame(
        {"kind": ["row", "row", "source"], "score": [1.0, 3.0, 9.0], "prior": [0.0, 0.0, 0.0]}
    )
    assert gain(table, "prior") == pytest.approx((4.0, 2.0))
