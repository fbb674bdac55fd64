"""Claims on draws: what multiplies, what is set and kept, when an arm ends, and the shares that come of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from claims_of_tiny import CLAIMS, CONTRAST, arm, band, one_draw, relation, some_draws, study_with

from iskdyn.errors import InputError
from iskdyn.levers.claims import (
    COULD,
    DID,
    Claim,
    Claims,
    Contrasted,
    chosen,
    contrasted,
    judge,
    margin,
    measure,
    read_claims,
)
from iskdyn.levers.draws import prior_spread
from iskdyn.study import Arm, Reading, Study
from iskdyn.study.expectations import BASE

DRAWS = [{"recruits per month": 40.0, "claim over truth": 1.5}, {"recruits per month": 80.0}]
RECRUITS = Reading("recruitment", "mean", (4.0, 6.0))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_with(tmp_path, CLAIMS)


def reading(*quantities: Reading, **arms: Arm) -> Claims:
    """Claims that read these quantities in the base arm and some others."""
    every = {BASE: Arm(BASE), **arms}
    parts = tuple(band(quantity, one, 0.0, 1.0) for quantity in quantities for one in every)
    return Claims((Claim("C", "", "", "held_out", parts, {}),), every)


def test_a_quantity_is_multiplied_by_a_parameter_draw_by_draw(study):
    told = replace(RECRUITS, times="claim over truth")
    found = measure(study, reading(RECRUITS, told), some_draws(DRAWS))
    assert found[BASE, RECRUITS] == pytest.approx([20.0, 40.0])
    assert found[BASE, told] == pytest.approx([30.0, 50.0])


def test_a_quantity_may_be_multiplied_by_a_constant_of_the_model_or_of_a_structure(study):
    told = replace(RECRUITS, times="initial members")
    assert measure(study, reading(told), some_draws(DRAWS))[BASE, told] == pytest.approx([20e3, 40e3])
    fixed = measure(study, reading(told), some_draws(DRAWS), {"initial members": 600.0})
    assert fixed[BASE, told] == pytest.approx([12e3, 24e3])
    again = replace(RECRUITS, times="recruits per month")
    fixed = measure(study, reading(again), some_draws(DRAWS), {"recruits per month": 100.0})
    assert fixed[BASE, again] == pytest.approx([50.0 * 100.0] * 2)


def test_a_variable_may_be_set_for_the_whole_run(study):
    arrests = Reading("detained", "at_end", (11.0, 12.0))
    found = measure(
        study, reading(arrests, a=arm("a", set={"arrest": 30.0}, kind="level")), some_draws(DRAWS)
    )
    assert found["a", arrests] == pytest.approx([360.0, 360.0])
    assert np.all(found[BASE, arrests] < 300)


def test_a_constant_set_in_a_window_has_its_drawn_value_outside_of_it(study):
    held = arm("a", set={"recruits per month": 10.0}, window=(4.0, 6.0))
    around = Reading("recruitment", "mean", (7.0, 8.0))
    found = measure(study, reading(RECRUITS, around, a=held), some_draws(DRAWS))
    assert found["a", RECRUITS] == pytest.approx([5.0, 5.0], rel=2e-2)
    assert found["a", around] == pytest.approx([20.0, 40.0], rel=2e-2)


@pytest.mark.parametrize("window", [(0.0, 4.0), (8.0, 12.0)])
def test_a_window_may_begin_with_the_run_or_end_with_it(window, study):
    inside = Reading("detained", "change", window)
    outside = Reading("arrest", "mean", (5.0, 7.0))
    held = arm("a", set={"arrest": 50.0}, window=window)
    found = measure(study, reading(inside, outside, a=held), some_draws(DRAWS))
    assert found["a", inside] == pytest.approx([200.0, 200.0], rel=2e-2)
    assert found["a", outside] == pytest.approx(found[BASE, outside], rel=1e-3)


def test_a_kept_variable_has_the_values_of_each_draw(study):
    joined = Reading("recruitment", "mean", (2.0, 12.0))
    held = arm("a", set={"recruits per month": 0.0}, keep=("recruitment",))
    found = measure(study, reading(joined, a=held), some_draws(DRAWS))
    assert found["a", joined] == pytest.approx(found[BASE, joined], rel=1e-6)
    assert found["a", joined][1] == pytest.approx(2 * found["a", joined][0])


def test_a_kept_variable_is_that_of_the_structure(study):
    taken = Reading("detained", "at_end", (11.0, 12.0))
    held = arm("a", set={"recruits per month": 0.0}, keep=("arrest",))
    found = measure(study, reading(taken, a=held), some_draws(DRAWS), {"arrest hazard": 0.1})
    assert found["a", taken] == pytest.approx(found[BASE, taken], rel=1e-3)
    assert np.all(found[BASE, taken] > 500)


def test_arms_are_run_as_far_as_they_are_read_and_told_as_they_are_run(study):
    early, late = Reading("members", "at_end", (1.0, 2.0)), Reading("members", "at_end", (23.0, 24.0))
    arms = {"a": arm("a", set={"arrest hazard": 0.0}), "b": arm("b", set={"arrest hazard": 0.1})}
    parts = (
        relation(early, ("a",), "higher", (BASE,), 0.0),
        relation(late, ("b",), "lower", (BASE,), 0.0),
    )
    told: list[str] = []
    claims = Claims((Claim("C", "", "", "held_out", parts, {}),), {BASE: Arm(BASE), **arms})
    found = measure(study, claims, one_draw(), progress=told.append)
    assert set(found) == {("a", early), (BASE, early), ("b", late), (BASE, late)}
    assert found["a", early][0] > found[BASE, early][0] > found[BASE, late][0] > found["b", late][0]
    assert {"a", "b"} <= set(told)


def test_draws_of_a_rival_structure_are_judged_with_what_it_fixes(study):
    claims = chosen(read_claims(study), ["A1"])
    told: list[str] = []
    rivals = {"open": (one_draw(), {}), "shut": (one_draw(), {"arrest hazard": 0.0})}
    found = judge(study, claims, some_draws(DRAWS), rivals, progress=told.append)
    (one,) = found.claims
    assert one.structures == {"open": 1.0, "shut": 0.0}
    assert told.count("no arrests") == 4
    assert one.posterior == one.parts[0][1] == 1.0
    assert one.parts[0][0] == "at end of members: no arrests > base by 5 %"
    low, middle, high = one.margin
    assert 0 < low < middle < high
    # Two draws: the edges are 0.9 of their distance apart, and half a root of 2 of ranks is 0.7071 of it.
    assert one.margin_error == pytest.approx((high - low) / 0.9 * 0.5**0.5 / 2)
    assert one.n_prior == 1000
    assert one.n_posterior == 2
    assert found.joint_tested == 1.0


def test_a_margin_of_nothing_is_no_claim_that_holds(study):
    same = arm("a", set={"selective repression switch": 1.0})
    quantity = Reading("members", "at_end", (11.0, 12.0))
    parts = (relation(quantity, ("a",), "higher", (BASE,), 0.0),)
    claims = Claims(
        (Claim("C", "", "", "held_out", parts, {"a": BASE, BASE: "a"}),), {BASE: Arm(BASE), "a": same}
    )
    found = judge(study, claims, some_draws(DRAWS), {"same": (one_draw(), {})})
    (one,) = found.claims
    assert (one.prior, one.posterior, one.control, one.parts[0][1], one.structures) == (
        0,
        0,
        0,
        0,
        {"same": 0.0},
    )
    assert found.held_out.tolist() == [0, 0]


def test_a_margin_under_one_per_cent_is_a_claim_that_holds(study):
    held = arm("a", set={"arrest hazard": 0.0})
    quantity = Reading("members", "at_end", (11.0, 12.0))
    draws = some_draws([{"arrest hazard": 0.0003}, {"arrest hazard": 0.0005}])
    parts = (relation(quantity, ("a",), "higher", (BASE,), 0.0),)
    claims = Claims(
        (Claim("C", "", "", "held_out", parts, {BASE: "a", "a": BASE}),), {BASE: Arm(BASE), "a": held}
    )
    found = judge(study, claims, draws, {"same": (draws, {})})
    (one,) = found.claims
    assert 0 < one.margin[0] < one.margin[2] < 1
    assert (one.posterior, one.control, one.parts[0][1], one.structures) == (1, 0, 1, {"same": 1.0})
    assert found.held_out.tolist() == [1, 1]


def test_the_draws_of_the_prior_follow_from_the_seed(study):
    first, again, other = prior_spread(study, 5, 3), prior_spread(study, 5, 3), prior_spread(study, 5, 4)
    assert np.array_equal(first.draws, again.draws)
    assert not np.array_equal(first.draws, other.draws)
    assert first.kind == "approximation"
    assert first.centre == pytest.approx([50.0, 0.02, 0.25, 1.25], rel=5e-3)
    claims = chosen(read_claims(study), ["A1"])
    priors = {judge(study, claims, one_draw(), **given).claims[0].prior for given in ({}, {"seed": 1})}
    assert len(priors) == 1


def test_the_greatest_part_counts_draw_by_draw_where_any_will_do():
    quantity = Reading("x", "mean", (0.0, 1.0))
    parts = (band(quantity, BASE, 10, 20), band(quantity, BASE, 30, 50))
    claim = Claim("C", "", "", "held_out", parts, {}, any_part=True)
    assert margin(claim, {(BASE, quantity): np.array([15.0, 25.0, 40.0])}) == pytest.approx(
        [100.0, -50.0, 100.0]
    )


def test_the_chosen_claims_keep_only_their_arms(study):
    found = chosen(read_claims(study), ["A3", "A1"])
    assert [claim.id for claim in found.claims] == ["A1", "A3"]
    assert set(found.arms) == {BASE, "no arrests", "raid, arrests kept"}
    everything = read_claims(study)
    assert chosen(everything, []) is everything
    with pytest.raises(InputError) as error:
        chosen(everything, ["A9", "B1", "A1"])
    assert [str(one) for one in error.value.problems] == [
        "claim: there is no claim 'A9'",
        "claim: there is no claim 'B1'",
    ]


def test_effects_are_in_per_cent_of_the_larger_run():
    effects = {(DID, "a", "x"): np.array([60.0, -300.0]), (COULD, "a", "x"): np.array([300.0, -60.0])}
    history = {(DID, "x"): np.array([100.0, 100.0]), (COULD, "x"): np.array([100.0, 100.0])}
    found = Contrasted(effects, history)
    assert found.percent(DID, "a", "x") == pytest.approx([60.0, -75.0])
    assert found.percent(COULD, "a", "x") == pytest.approx([75.0, -60.0])


def test_an_outcome_is_read_at_the_end_or_over_the_whole_window(study):
    study.path_of("claims").write_text(
        CONTRAST.replace('did_window = ["2021-07"', 'did_window = ["2021-09"') + CLAIMS
    )
    claims = read_claims(study)
    assert claims.contrast is not None
    ends, sums = (
        contrasted(study, claims, claims.contrast, {"recruitment": how}, one_draw()).history[
            DID, "recruitment"
        ]
        for how in ("at_end", "sum")
    )
    assert ends == pytest.approx([25.0])
    assert sums == pytest.approx([25.0 * 10], rel=0.1)
    assert sums[0] > 251
