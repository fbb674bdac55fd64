"""Statements of what must happen: each direction and each kind is told apart, over the history and the draws."""

from __future__ import annotations

import numpy as np
import pytest
from statements_of_tiny import FILE, OFF, add, write

from iskdyn import open_study
from iskdyn.confidence.condition_runs import every_draw, judge
from iskdyn.confidence.conditions import check_conditions
from iskdyn.study import Expectation


@pytest.mark.parametrize(
    ("variable", "came"),
    [("members", "lower"), ("quiet exit", "higher"), ("recruitment", "same")],
)
@pytest.mark.parametrize("expected", ["none", "lower", "higher", "same"])
def test_only_the_direction_that_comes_passes(variable, came, expected, tiny):
    check = check_conditions(write(tiny, f'{{ of = "{variable}", is = "{expected}" }}'))
    assert check.passed == (came == expected)
    assert check.figure == f"{int(came != expected)} of 1"
    if not check.passed:
        message = check.problems[0].message
        assert f"should be {expected} with quiet exit hazard = 0.2, and is {came}" in message


def test_a_broken_statement_is_told_with_its_line_and_its_numbers(tiny):
    add(tiny, "pairs = 2*initial members")
    given = 'set = { "initial members" = 700.0 }\nlevel = { arrest = 0.5 }'
    study = write(tiny, '{ of = "pairs", is = "higher" }', given)
    check = check_conditions(study)
    assert check.name == "what must happen at extremes happens"
    assert (
        check.words == "statements in conditions.toml, each over the history against the model as it stands"
    )
    assert [(one.place, one.message) for one in check.problems] == [
        (
            study.program.place("pairs"),
            "'pairs' should be higher with initial members = 700, arrest = 0.5, and is lower (2000 to 1400): s",
        )
    ]


@pytest.mark.parametrize(("hazard", "came"), [("0.0100000000001", "same"), ("0.010001", "lower")])
def test_a_move_within_rounding_is_no_move(hazard, came, tiny):
    assert check_conditions(
        write(tiny, f'{{ of = "members", is = "{came}" }}', f'set = {{ "quiet exit hazard" = {hazard} }}')
    ).passed


def test_what_is_nothing_in_both_runs_is_none(tiny):
    given = 'set = { "arrest hazard" = 0.3 }\nwith = { set = { "selective repression switch" = 0.0 } }'
    assert check_conditions(write(tiny, '{ of = "arrest", is = "none" }', given)).passed
    assert not check_conditions(write(tiny, '{ of = "arrest", is = "same" }', given)).passed


def test_nothing_at_all_is_lower_than_something(tiny):
    assert check_conditions(
        write(tiny, '{ of = "arrest", is = "lower" }', "level = { members = 0.0 }")
    ).passed
    assert not check_conditions(
        write(tiny, '{ of = "arrest", is = "same" }', "level = { members = 0.0 }")
    ).passed


def test_constants_in_both_runs_move_the_run_that_is_compared_with(tiny):
    given = 'set = { "arrest hazard" = 0.3 }\nwith = { set = { "selective repression switch" = 0.0 } }'
    assert check_conditions(write(tiny, '{ of = "members", is = "same" }', given)).passed


def test_a_value_that_is_no_number_fails(tiny):
    study = write(tiny, '{ of = "arrest", is = "higher" }', 'set = { "arrest hazard" = 1e308 }')
    message = check_conditions(study).problems[0].message
    assert "and is no number" in message


def test_a_study_without_statements_expects_nothing(tiny):
    (tiny / "models" / FILE).unlink()
    check = check_conditions(open_study(tiny))
    assert (check.passed, check.figure) == (True, "0 of 0")


NOBODY = 'people = 0.0\nset = { "recruits per month" = 0.0 }'
LEAVING = 'set = { "quiet exit hazard" = 0.5 }'


@pytest.mark.parametrize(
    ("given", "expect", "holds"),
    [
        (NOBODY, '{ of = "arrest", is = "zero" }', True),
        ("people = 0.0", '{ of = "arrest", is = "zero" }', False),
        ('people = 1e-300\nset = { "recruits per month" = 0.0 }', '{ of = "arrest", is = "zero" }', False),
        (NOBODY, '{ of = "arrest", is = "none" }, { of = ["members", "recruitment"], is = "zero" }', True),
        (NOBODY, '{ of = "every stock", is = "positive" }, { of = "every variable", is = "finite" }', True),
        ('set = { members = -1.0, "recruits per month" = 0.0 }', '{ of = "every stock", is = "positive" }', False),
        ('set = { members = -1.0 }', '{ of = "every variable", is = "finite" }', True),
        ('set = { "arrest hazard" = 1e308 }', '{ of = "every variable", is = "finite" }', False),
        ('set = { members = 5000.0 }', '{ of = "members", is = "shrinks" }', True),
        ('set = { members = 100.0 }', '{ of = "members", is = "shrinks" }', False),
        (LEAVING + "\npeople = [0.5, 2.0]", '{ of = "members", is = "converges" }', True),
        ("people = [0.5, 2.0]", '{ of = "members", is = "converges" }', False),
        (OFF, '{ of = "recruitment", below = 51.0 }', True),
        (OFF, '{ of = "recruitment", below = 50.0 }', False),
        (OFF, '{ of = "recruitment", below = 45.0, window = ["2021-09", "2022-06"] }', True),
        (OFF, '{ of = "recruitment", above = 45.0, window = ["2021-07", "2021-07"] }', True),
        (OFF, '{ of = "recruitment", above = 45.0, window = ["2021-07", "2021-09"] }', False),
        (OFF, '{ of = "members", above = 0.999, relative = true }', True),
        (OFF, '{ of = "members", above = 1.001, relative = true }', False),
        (OFF, '{ of = "members", is = "higher", window = ["2022-01", "2022-06"] }', True),
        ("people = [0.5, 2.0]", '{ of = "members", is = "higher" }', False),
        ("people = 2.0", '{ of = "members", is = "higher" }', True),
    ],
)  # fmt: skip
def test_each_kind_of_statement_can_hold_and_fail(given, expect, holds, tiny):
    check = check_conditions(write(tiny, expect, given))
    assert check.passed == holds, check.problems


@pytest.mark.parametrize(("until", "holds"), [("2022-06", True), ("2023-06", False)])
def test_a_run_can_go_on_to_the_horizon(until, holds, tiny):
    """Of 5,000 who leave at 3 % a month 3,490 are left after a year, 2,430 after two."""
    given = f'set = {{ members = 5000.0, "recruits per month" = 0.0 }}\nuntil = "{until}"'
    assert check_conditions(write(tiny, '{ of = "members", above = 3400.0 }', given)).passed == holds


@pytest.mark.parametrize(("share", "holds"), [(0.4, True), (0.6, False)])
def test_a_share_of_the_draws_is_asked_for(share, holds, tiny):
    """Recruits a month have the prior median 50: half of the draws are below."""
    expect = f'{{ of = "recruitment", below = 50.0, share = {share} }}'
    check = check_conditions(write(tiny, expect, f"{OFF}\ndraws = true"))
    assert check.passed == holds
    if not holds:
        assert (
            "should be below 50 in 60% of draws with selective repression switch = 0"
            in check.problems[0].message
        )
        assert " of 256 draws, the first " in check.problems[0].message


def test_what_holds_for_the_models_own_numbers_must_hold_in_every_draw(tiny):
    expect = '{ of = "members", above = 500.0, window = ["2021-07", "2021-07"] }'
    assert check_conditions(write(tiny, expect, OFF)).passed
    assert check_conditions(write(tiny, expect, f'{OFF}\ndraws = "prior"')).passed
    wide = '{ of = "detained", below = 300.0 }'
    more = "set = { members = 1000.0 }"
    assert check_conditions(write(tiny, wide, more)).passed
    assert not check_conditions(write(tiny, wide, f"{more}\ndraws = true")).passed


@pytest.mark.parametrize(
    ("kind", "base", "run", "holds"),
    [
        ("zero", [1.0, 1.0], [0.0, 0.0], True),
        ("zero", [1.0, 1.0], [0.0, 1e-300], False),
        ("none", [1.0, 1.0], [0.0, 1e-300], True),
        ("positive", [1.0, 1.0], [0.0, -1e-8], False),
        ("positive", [1.0, 1.0], [1.0, -1e-12], True),
        ("shrinks", [1.0, 1.0], [2.0, 1.0], True),
        ("shrinks", [1.0, 1.0], [1.0, 1.0], False),
        ("finite", [1.0, 1.0], [1.0, np.inf], False),
        ("within", [1.0, 1.0], [np.nan, 1.0], False),
        ("never rises", [1.0, 1.0], [1.0, 1.0], True),
        ("never rises", [1.0, 1.0], [1.0, 1.1], False),
    ],
)
def test_a_kind_is_judged_member_by_member(kind, base, run, holds):
    held, told = judge(Expectation("x", kind, high=1.5), np.array([base, base]), [np.array([run, run])])
    assert held.tolist() == [holds, holds]
    assert all(told(i) for i in range(2)) or holds
    mixed = np.array([run, [np.nan, np.nan]])
    assert judge(Expectation("x", kind, high=1.5), np.array([base, base]), [mixed])[0].tolist() == [
        holds,
        False,
    ]


@pytest.mark.parametrize(("left", "holds"), [(1.2, True), (3.1, True), (3.2, False), (12.0, False)])
def test_two_runs_converge_if_half_of_their_distance_is_gone(left, holds):
    """A factor 10 apart at the start: half of that, as ratios go, is its root, 3.16."""
    one, other = np.array([[10.0, 5.0, left]]), np.ones((1, 3))
    for pair in ([one, other], [other, one]):
        held, told = judge(Expectation("x", "converges"), other, pair)
        assert held.tolist() == [holds]
        assert told(0) == (f"a factor 10 apart at the start and {left:.3g} at the end")


@pytest.mark.parametrize(("least", "holds"), [(1.999, True), (2.001, False)])
def test_twice_the_people_are_twice_as_many_in_every_draw_where_nobody_joins(least, holds, tiny):
    given = 'people = 2.0\nwith = { set = { "recruits per month" = 0.0 } }\ndraws = "prior"'
    check = check_conditions(write(tiny, f'{{ of = "members", above = {least}, relative = true }}', given))
    assert check.passed == holds, check.problems


def test_draws_of_the_prior_are_asked_for_beside_a_posterior(tiny, sampled):
    names, alone = every_draw(open_study(tiny), "prior")
    beside, before = every_draw(open_study(sampled), "prior")
    assert beside == names
    np.testing.assert_array_equal(before, alone)
    assert every_draw(open_study(sampled), "posterior")[1].shape != before.shape
