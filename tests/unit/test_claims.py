"""Claims as tests: what is read, what a margin is, what is paired, and what a verdict may say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from claims_of_tiny import CLAIMS, CONTRAST, TINY, band, one_draw, relation, study_with

from iskdyn import open_study
from iskdyn.errors import InputError
from iskdyn.levers.claims import (
    COULD,
    DID,
    Claim,
    Contrasted,
    Judged,
    chosen,
    contrasted,
    counts,
    judge,
    margin,
    measure,
    part_margin,
    read_claims,
)
from iskdyn.levers.draws import prior_spread
from iskdyn.study import Expectation, Reading, Study
from iskdyn.study.readings import read

MEMBERS = Reading("members", "at_end", (11.0, 12.0))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_with(tmp_path, CLAIMS)


def claim(*parts: Expectation, role: str = "held_out", any_part: bool = False) -> Claim:
    return Claim("C", "says", "place", role, parts, {"base": "off", "off": "base"}, any_part=any_part)  # type: ignore[arg-type]


def judged(prior: float, posterior: float, role: str = "held_out", weighty: tuple[float, ...] = ()) -> Judged:
    edges = (0.0, 0.0, 0.0)
    return Judged(claim(role=role), prior, posterior, 0.0, edges, (), 1000, 1000, weighty=weighty)


@pytest.mark.parametrize(
    ("sign", "percent", "expected"),
    [
        ("higher", 5.0, [15.0, -25.0]),
        ("lower", 5.0, [-25.0, 15.0]),
        ("same", 5.0, [-15.0, -15.0]),
        ("not lower", 5.0, [25.0, -15.0]),
        ("not higher", 5.0, [-15.0, 25.0]),
    ],
)
def test_a_relation_is_in_per_cent_of_its_right_side_draw_by_draw(sign, percent, expected):
    measured = {("off", MEMBERS): np.array([120.0, 40.0]), ("base", MEMBERS): np.array([100.0, 50.0])}
    found = part_margin(relation(MEMBERS, ("off",), sign, ("base",), percent), measured)
    assert found == pytest.approx(expected)


def test_arms_on_one_side_are_added_up_so_that_an_interaction_can_be_said():
    values = {"both": 10.0, "neither": 1.0, "first": 3.0, "second": 4.0}
    measured = {(arm, MEMBERS): np.array([value]) for arm, value in values.items()}
    found = part_margin(relation(MEMBERS, ("both", "neither"), "higher", ("first", "second"), 0.0), measured)
    assert found == pytest.approx([100 * 4 / 7])


@pytest.mark.parametrize(
    ("low", "high", "value", "expected"),
    [(10, 20, 15, 100), (10, 20, 25, -100), (10, np.inf, 8, -20), (-np.inf, 10, 8, 20)],
)
def test_a_band_is_passed_by_nothing_outside_of_it(low, high, value, expected):
    found = part_margin(band(MEMBERS, "base", low, high), {("base", MEMBERS): np.array([float(value)])})
    assert found == pytest.approx([expected])


NOTHING, UNBOUND = np.nan, np.inf
"""A ratio of nothing to nothing, and of something to nothing."""


@pytest.mark.parametrize(
    ("low", "high", "holds"),
    [
        (0.5, np.inf, (False, True, True)),
        (-np.inf, 0.6, (False, False, False)),
        (0.5, 2.0, (False, False, True)),
    ],
)
def test_a_band_is_missed_by_a_ratio_to_nothing_unless_it_is_open_upwards(low, high, holds):
    measured = {("base", MEMBERS): np.array([NOTHING, UNBOUND, 1.0])}
    found = part_margin(band(MEMBERS, "base", low, high), measured)
    assert found[0] == -1e6
    assert abs(found[1]) == 1e6
    assert tuple(found > 0) == holds


@pytest.mark.parametrize("sign", ["higher", "lower", "same"])
def test_a_relation_is_missed_where_there_is_nothing_to_compare(sign):
    pairs = [(NOTHING, 1.0), (1.0, NOTHING), (UNBOUND, UNBOUND), (UNBOUND, 1.0)]
    left, right = np.array(pairs).T
    measured = {("off", MEMBERS): left, ("base", MEMBERS): right}
    found = part_margin(relation(MEMBERS, ("off",), sign, ("base",), 5.0), measured)
    assert np.abs(found).tolist() == [1e6] * 4
    assert tuple(found > 0) == (False, False, False, sign == "higher")
    assert np.isfinite(np.quantile(found, [0.05, 0.5, 0.95])).all()


def test_a_share_of_nothing_is_read_without_a_warning_and_missed():
    share = Reading("members", "mean", (0.0, 1.0), share_of="all")
    times = np.linspace(0, 1, 5)
    series = {"members": np.zeros((1, 5)), "all": np.zeros((1, 5))}
    found = part_margin(band(share, "base", 0.0, 1.0), {("base", share): read(share, series, times)})
    assert found[0] < 0


def test_all_parts_must_hold_unless_any_will_do():
    measured = {("base", MEMBERS): np.array([15.0])}
    parts = band(MEMBERS, "base", 10, 20), band(MEMBERS, "base", 30, 50)
    assert margin(claim(*parts), measured) < 0 < margin(claim(*parts, any_part=True), measured)


def test_the_control_exchanges_the_arms():
    measured = {("off", MEMBERS): np.array([120.0]), ("base", MEMBERS): np.array([100.0])}
    one = claim(relation(MEMBERS, ("off",), "higher", ("base",), 5.0))
    assert margin(one, measured) > 0 > margin(one, measured, control=True)


def test_the_peak_is_the_month_with_the_highest_mean():
    times = np.linspace(0, 12, 49)
    series = np.exp(-((times - 7.4) ** 2))[None, :]
    assert read(Reading("x", "peak_time", (0.0, 12.0)), {"x": series}, times) == pytest.approx([7.5])


def test_a_share_is_one_variable_by_another():
    times = np.linspace(0, 2, 9)
    series = {"x": np.full((1, 9), 3.0), "all": np.full((1, 9), 4.0)}
    assert read(Reading("x", "mean", (0.0, 2.0), share_of="all"), series, times) == pytest.approx([0.75])


def test_a_flow_set_in_a_window_has_its_own_value_outside_of_it(study):
    claims = read_claims(study)
    found = measure(study, claims, one_draw())
    change = Reading("detained", "change", (3.0, 5.0))
    assert found["raid", change] == pytest.approx([200.0], rel=2e-2)
    assert found["base", change] < 50


def test_a_kept_variable_does_not_answer_to_the_change(study):
    """Members lose what the base arm loses by arrest, 1 % a month besides, and gain nobody from October on."""
    found = measure(study, read_claims(study), one_draw(**{"arrest hazard": 0.0}))
    ratio = Reading("members", "mean", (11.0, 12.0), against=(0.0, 1.0))
    free = (1 + 0.047 + 0.037 * 2) * np.exp(-0.01 * 8.5)
    assert found["raid, arrests kept", ratio] == pytest.approx([free], rel=5e-2)


def test_a_structure_fixes_a_constant_in_every_arm(study):
    claims = chosen(read_claims(study), ["A1"])
    drawn, fixed = (
        measure(study, claims, one_draw()),
        measure(study, claims, one_draw(), {"arrest hazard": 0.0}),
    )
    assert np.all(drawn["no arrests", MEMBERS] > drawn["base", MEMBERS])
    assert fixed["no arrests", MEMBERS] == pytest.approx(fixed["base", MEMBERS])


def test_a_claim_is_judged_on_draws_before_and_after_the_evidence(study):
    found = judge(study, read_claims(study), one_draw(**{"arrest hazard": 0.001}))
    first = found.claims[0]
    assert first.posterior == 0.0
    assert 0.5 < first.prior < 0.99
    assert first.control == 0.0
    assert first.verdict == "failed"
    assert found.joint_posterior == 0.0
    assert found.joint_prior == first.prior


def test_prior_draws_have_the_medians_of_the_priors(study):
    found = prior_spread(study, 4000, 1)
    assert np.median(found.draws[:, 0]) == pytest.approx(50, rel=0.05)
    assert tuple(found.in_model) == (True, True, True, False)


@pytest.mark.parametrize(
    ("prior", "posterior", "expected"),
    [
        (0.50, 0.95, "confirmed"),
        (0.95, 0.97, "as before"),
        (0.995, 1.0, "assumed"),
        (0.995, 0.5, "assumed"),
        (0.5, 0.5, "undecided"),
        (0.5, 0.1, "failed"),
        (0.005, 0.005, "failed"),
    ],
)
def test_only_what_the_evidence_raised_is_confirmed(prior, posterior, expected):
    assert judged(prior, posterior).verdict == expected


def test_a_fitted_fact_is_never_confirmed():
    assert judged(0.1, 1.0, role="fitted").verdict == "fitted"


def test_the_monte_carlo_error_stays_under_two_hundredths():
    assert max(judged(0.5, 0.5).errors) == pytest.approx(0.0158, abs=1e-4)


def test_the_counts_say_every_verdict(study):
    found = judge(study, read_claims(study), one_draw())
    assert counts(found).startswith("3 claims: ")
    assert "1 fitted, not a test" in counts(found)


def test_what_a_tactic_did_is_with_less_without_and_what_it_could_do_is_more_less_history(study):
    study.path_of("claims").write_text(CONTRAST + CLAIMS)
    claims = read_claims(study)
    found = contrasted(study, claims, claims.contrast, {"detained": "at_end"}, one_draw())
    history = found.history[DID, "detained"]
    assert found.effects[DID, "selective repression", "detained"] == pytest.approx(history)
    assert found.percent(DID, "selective repression", "detained") == pytest.approx([100.0])
    assert 100 < found.effects[COULD, "selective repression", "detained"] < 200
    assert found.lowest(COULD, "detained") == ("selective repression", 1.0)


def test_the_tactic_that_lowers_most_is_counted_draw_by_draw():
    effects = {(DID, "a", "x"): np.array([-1.0, -1.0, -3.0]), (DID, "b", "x"): np.array([-2.0, -2.0, 0.0])}
    found = Contrasted(effects, {(DID, "x"): np.full(3, 10.0)})
    assert found.lowest(DID, "x") == ("b", pytest.approx(2 / 3))


def test_an_unknown_id_is_refused_by_name(study):
    with pytest.raises(InputError, match="no claim 'A9'"):
        chosen(read_claims(study), ["A1", "A9"])


def test_a_study_without_claims_says_so():
    with pytest.raises(InputError, match="has no claims"):
        read_claims(open_study(TINY))
