"""Differences, expectations, regret and what is good enough, on numbers made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from iskdyn import open_study
from iskdyn.levers import HISTORY, Measured, difference_table, later, regret_table, satisfying_table, windows
from iskdyn.levers.compare import verify_expectations
from iskdyn.study import Expectation, Scenario, Study

TINY = Path(__file__).parent.parent / "data" / "tiny"
END = 12.0


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(TINY)


def made(**arms: list[float]) -> Measured:
    """Two outcomes, `detained` as given by draw and `members` ten times as many; the fit is the first draw."""
    values = {}
    for arm, draws in arms.items():
        detained = np.array([draws[0], *draws])
        values[arm] = np.stack([detained, 10 * detained], axis=1)[:, :, None]
    return Measured(("detained", "members"), (END,), values)


def test_a_difference_is_paired_and_counts_the_draws_in_which_it_is_lower(study):
    measured = made(history=[10, 20, 30, 40], less=[9, 21, 28, 36])
    row = difference_table(study, measured, [("less", HISTORY)], {"all": "2022-06"}).iloc[0]
    assert (row["outcome"], row["human_cost"], row["median"]) == ("detained", True, -1.5)
    assert (row["lower_share"], row["higher_share"], row["against_median"]) == (0.75, 0.25, 25.0)
    assert row["low_90"] <= row["low_50"] <= row["median"] <= row["high_50"] <= row["high_90"]


def test_every_share_and_median_has_its_error_by_chance(study):
    rng = np.random.default_rng(1)
    history, less = np.full(400, 10.0), 10 + rng.normal(-1, 2, 400)
    row = difference_table(
        study, made(history=history, less=less), [("less", HISTORY)], {"": "2022-06"}
    ).iloc[0]
    for side in ("lower_share", "higher_share"):
        assert row[f"{side}_error"] == pytest.approx((row[side] * (1 - row[side]) / 400) ** 0.5)
    # of a normal of sd 2 the median of n draws errs by 2 sqrt(pi / 2 / n)
    assert row["median_error"] == pytest.approx(2 * (np.pi / 2 / 400) ** 0.5, rel=0.25)


def test_rounding_is_no_difference(study):
    measured = made(history=[10, 20], same=[10 * (1 + 1e-13), 20 * (1 - 1e-13)])
    row = difference_table(study, measured, [("same", HISTORY)], {"all": "2022-06"}).iloc[0]
    assert (row["lower_share"], row["higher_share"], row["median"]) == (0.0, 0.0, 0.0)


def test_windows_are_the_year_out_and_those_that_the_horizon_allows(study):
    assert windows(study) == {"to the end of 2022": "2022-12"}
    assert (later(study, 5), later(study, 10)) == (None, "2023-06")


@pytest.mark.parametrize(
    ("direction", "by", "share"),
    [
        ("lower", 0.0, 0.5),
        ("lower", 0.3, 0.25),
        ("higher", 0.0, 0.25),
        ("not lower", 0.0, 0.5),
        ("not higher", 0.0, 0.75),
        ("same", 0.1, 0.5),
    ],
)
def test_an_expectation_holds_in_the_draws_in_which_it_holds(study, direction, by, share):
    measured = made(history=[10, 10, 10, 10], change=[5, 9, 10, 12])
    scenario = Scenario("change", expect=(Expectation("detained", direction, by=by),))
    (found,) = verify_expectations(study, measured, scenario)
    assert found.share == share


def test_an_expectation_that_all_draws_meet_or_none_is_told_so(study):
    measured = made(history=[10, 10], change=[5, 6])
    expect = (Expectation("detained", "lower"), Expectation("detained", "higher"))
    found = verify_expectations(study, measured, Scenario("change", expect=expect))
    assert [one.verdict for one in found] == ["as expected", "not as expected"]


def test_regret_is_what_an_arm_is_worse_than_the_best_in_each_draw():
    states = {"one": made(history=[10, 10], good=[5, 10]), "other": made(history=[10, 10], good=[30, 30])}
    table = regret_table(states, [HISTORY, "good"], ["detained"], END).set_index("scenario")
    assert table.loc[HISTORY, "median"] == pytest.approx(0.25)
    assert table.loc["good", "median"] == 0.0
    assert table.loc["good", "worst"] == pytest.approx(2.0)


def test_good_enough_is_counted_draw_by_draw_and_at_its_lowest_over_structures():
    states = {
        "one": made(history=[10, 10, 10, 10], mild=[8, 8, 9.5, 11]),
        "other": made(history=[10], mild=[11]),
    }
    table = satisfying_table(states, ["mild"], ["detained"], ["members"], END).set_index("criterion")
    assert table.loc["detained", "share"] == 0.75
    assert table.loc["members", "share"] == 0.5
    assert (table.loc["both", "share"], table.loc["both", "lowest"]) == (0.5, 0.0)
    assert (table.loc["detained", "lowest"], table.loc["detained", "highest"]) == (0.0, 0.75)
