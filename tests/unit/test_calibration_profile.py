"""Profiles of the toy: what the reports bound, what they leave open, and what agrees with the exact answer."""

import numpy as np
import pytest
from calibration_toy import CONSTANTS, TRUTH, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import build_objective
from iskdyn.calibration.profile import REACH, RISE, Profile, profile_table, profiles


def toy_objective(observations):
    constants = {name: TRUTH[name] for name in CONSTANTS}
    return build_objective(observations, toy_parameters(), ToyRunner, constants)


@pytest.fixture(scope="module")
def by_name():
    objective = toy_objective(toy_observations(0.1))
    found = profiles(objective, np.zeros(objective.n_parameters))
    return {one.name: one for one in found}


def test_what_the_reports_pin_is_identified(by_name):
    assert by_name["joining"].verdict == by_name["leaving"].verdict == "identified"


def test_the_profile_is_lowest_at_the_truth(by_name):
    one = by_name["joining"]
    assert one.values[np.argmin(one.rise)] == pytest.approx(TRUTH["joining"], rel=0.1)


def test_a_number_that_no_report_reads_is_not_identified():
    rows = toy_observations(0.1)
    objective = toy_objective(rows[rows["bias"] == ""].reset_index(drop=True))
    (one,) = profiles(objective, np.zeros(3), ["claim"])
    assert one.verdict == "not identified"
    assert one.interval(own_prior=False) == (-np.inf, np.inf)
    np.testing.assert_allclose(one.rise, 0, atol=1e-6)
    assert one.interval(own_prior=True) == pytest.approx((-1.96, 1.96), abs=0.12)  # linear between points


def test_a_fact_with_one_edge_bounds_one_side():
    rows = toy_observations(0.1)
    objective = toy_objective(rows[rows["form"] == "at_least"].assign(output="recruits", bias="", low=60.0))
    (one,) = profiles(objective, np.zeros(3), ["joining"])
    assert one.verdict == "bounded below"


def test_profiles_end_where_the_prior_does(by_name):
    for one in by_name.values():
        assert one.z.min() >= -REACH
        assert one.z.max() <= REACH
        assert np.all(np.diff(one.z) > 0)


@pytest.mark.parametrize(
    ("rise", "verdict"),
    [
        ([3, 0, 3], "identified"),
        ([3, 0, 1], "bounded below"),
        ([1, 0, 3], "bounded above"),
        ([1, 0, 1], "not identified"),
    ],
)
def test_the_verdict_names_the_sides_that_are_closed(rise, verdict):
    z = np.array([-1.0, 0.0, 1.0])
    assert Profile("a", z, z, np.array(rise, dtype=float)).verdict == verdict


def test_the_table_has_the_ends_in_the_parameters_unit():
    z = np.array([-1.0, 0.0, 1.0])
    one = Profile("claim", z, np.exp(z), np.array([2 * RISE, 0.0, 0.0]))
    objective = toy_objective(toy_observations(0.1))
    (row,) = profile_table([one], objective.priors).to_dict("records")
    assert row["low"] == pytest.approx((np.exp(-1) + 1) / 2)
    assert np.isnan(row["high"])
