"""Which loops drove an outcome: shares, months, phases and differences, against sums by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from loop_models import model

from iskdyn.calibration import Spread
from iskdyn.confidence.loops import UNNAMED, Drives, Name, Names, Phase, differences, drives, phases
from iskdyn.study import Inputs


def told(**sizes):
    """What drove an outcome, from the signed shares of each name."""
    shares = {name.replace("_", " "): np.array(share, dtype=float) for name, share in sizes.items()}
    shape = next(iter(shares.values())).shape
    sizes = {name: np.abs(share) for name, share in shares.items()}
    return Drives("members", np.arange(float(shape[1])), np.zeros(shape), np.zeros(shape), shares, sizes)


def test_names_stand_by_their_mean_size_and_loops_without_a_name_last():
    found = told(other_loops=[[0.9, 0.9]], small=[[0.3, 0.1]], large=[[-0.2, -0.4]])
    assert found.names == ["large", "small", UNNAMED]


def test_a_name_dominates_the_draws_in_which_no_other_name_is_larger():
    found = told(
        first=[[-0.5, 0.1, 0.0], [0.5, 0.1, 0.0]],
        second=[[0.2, 0.3, 0.0], [-0.6, 0.1, 0.0]],
        other_loops=[[0.9, 0.9, 0.0], [0.9, 0.9, 0.0]],
    )
    assert found.dominant("first").tolist() == [0.5, 0.5, 0.0]
    assert found.dominant("second").tolist() == [0.5, 1.0, 0.0]


def test_the_share_over_a_run_is_its_mean_with_signs_and_zero_for_a_name_that_is_not_there():
    found = told(first=[[-0.5, 0.1], [0.5, 0.3], [0.0, 1.0]])
    assert found.over_all("first") == pytest.approx([-0.2, 0.4, 0.5])
    assert found.over_all("second").tolist() == [0.0, 0.0, 0.0]


def test_phases_are_months_in_a_row_with_one_leader():
    found = told(
        first=[[0.6, 0.6, 0.1, 0.1], [0.6, 0.1, 0.1, 0.0]],
        second=[[0.1, 0.1, 0.5, 0.0], [-0.1, 0.2, -0.5, 0.0]],
        other_loops=[[0.9, 0.9, 0.9, 0.9], [0.9, 0.9, 0.9, 0.9]],
    )
    assert phases(found) == [
        Phase(0.0, 1.0, "first", 0.75),
        Phase(2.0, 2.0, "second", 1.0),
        Phase(3.0, 3.0, "first", 0.5),
    ]


def test_none_leads_where_no_name_is_largest_in_half_of_the_draws():
    found = told(a=[[0.5], [0.1], [0.1]], b=[[0.1], [0.5], [0.1]], c=[[0.1], [0.1], [0.5]])
    (phase,) = phases(found)
    assert phase.name is None
    assert phase.share == pytest.approx(1 / 3)


def test_without_named_loops_there_are_no_phases():
    assert phases(told(other_loops=[[0.5, 0.5]])) == []


def test_differences_are_paired_draw_by_draw_and_the_largest_stands_first():
    first = told(steady=[[0.1], [0.3], [0.5]], turned=[[0.4], [0.5], [0.6]])
    second = told(steady=[[0.2], [0.4], [0.6]], turned=[[-0.5], [-0.4], [-0.6]], new=[[0.3], [0.0], [-0.1]])
    turned, steady, new = differences(first, second)
    assert [turned.name, steady.name, new.name] == ["turned", "steady", "new"]
    assert (turned.first, turned.second) == (0.5, -0.5)
    assert (turned.low, turned.high) == pytest.approx((-1.17, -0.9))
    assert turned.share_larger == pytest.approx(1 / 3)
    assert (steady.first, steady.second) == (0.3, 0.4)
    assert (steady.low, steady.high) == pytest.approx((0.1, 0.1))
    assert steady.share_larger == 1.0
    assert (new.first, new.second) == (0.0, 0.0)
    assert (new.low, new.high) == pytest.approx((-0.09, 0.27))
    assert new.share_larger == pytest.approx(2 / 3)


# -- of runs

STEPPE = """{UTF-8}
Prey= INTEG(growth - eaten + fed + arrivals, 100) ~ Head ~|
Hunters= INTEG(births - deaths, 10) ~ Head ~|
Grass= INTEG(sprouting - grazed, 500) ~ Tonne ~|
Walls= INTEG(building, 5) ~ Metre ~|
growth= 0.1*Prey ~ Head/Month ~|
eaten= bite*Hunters ~ Head/Month ~|
fed= 0.01*Grass ~ Head/Month ~|
arrivals= 3*Time*strangers ~ Head/Month ~|
births= 0.05*Prey ~ Head/Month ~|
deaths= 0.2*Hunters ~ Head/Month ~|
sprouting= 20*strangers ~ Tonne/Month ~|
grazed= 0.3*Prey ~ Tonne/Month ~|
building= 2*Time*strangers ~ Metre/Month ~|
animals= Prey + 2*Hunters ~ Head ~|
counted= animals + 4*Time*strangers ~ Head ~|
all= Walls + Prey ~ Head ~|
bite= 0.5 ~ 1/Month ~|
strangers= 1 ~ 1/Month ~|
"""
LAST = 3.0
NAMES = Names(
    ("prey",),
    (
        Name("hunting", "", (frozenset(["prey"]), frozenset(["hunters"])), frozenset(), None),
        Name("building", "", (frozenset(["walls"]),), frozenset(), None),
    ),
)
BITES = np.array([0.5, 0.2, 0.9])


@pytest.fixture
def steppe(tmp_path):
    program = model(tmp_path, STEPPE, 0.25, 24)
    return SimpleNamespace(program=program, end_time=lambda until=None: LAST if until is None else until)


@pytest.fixture
def around():
    """A centre and two draws of the bite, and of a bias that is no constant of the model."""
    draws = np.column_stack([BITES, [1.0, 2.0, 3.0]])
    in_model = np.array([True, False])
    return Spread("posterior", ("bite", "bias"), in_model, draws[0], np.zeros(2), draws[1:])


def by_hand(bite, last=LAST):
    """Changes of prey, hunters and grass in each step, and what changed their net flows, step by step."""
    prey, hunters, grass, rows = 100.0, 10.0, 500.0, []
    for i in range(round(last * 4)):
        net_prey = 0.1 * prey - bite * hunters + 0.01 * grass + 3 * i * 0.25
        net_hunters, net_grass = 0.05 * prey - 0.2 * hunters, 20 - 0.3 * prey
        rows.append((net_prey * 0.25, net_hunters * 0.25, net_grass * 0.25))
        prey, hunters, grass = prey + rows[-1][0], hunters + rows[-1][1], grass + rows[-1][2]
    return np.array(rows).T


def scores_by_hand(bite):
    """Size of the loops through prey of hunting and of grazing, of prey alone, and its part from outside."""
    d_prey, d_hunters, d_grass = by_hand(bite)
    change = 0.1 * d_prey - bite * d_hunters + 0.01 * d_grass + 0.75
    hunters = 0.05 * d_prey - 0.2 * d_hunters
    hunting = np.abs(bite * d_hunters / change * 0.05 * d_prey / hunters)
    grazing = np.abs(0.01 * d_grass / change)
    pushes = np.abs([0.1 * d_prey, bite * d_hunters, 0.01 * d_grass, np.full(len(change), 0.75)])
    return hunting, grazing, np.abs(0.1 * d_prey / change), pushes[3] / pushes.sum(axis=0)


def monthly(values):
    return np.asarray(values).reshape(-1, 4).mean(axis=1)


def test_shares_of_a_stock_are_those_of_the_loops_through_it(steppe, around):
    found = drives(steppe, around, NAMES, ["prey"])
    prey = found.drives["prey"]
    assert prey.outcome == "prey"
    assert prey.months.tolist() == [0.0, 1.0, 2.0]
    assert set(prey.shares) == set(prey.sizes) == {"hunting", UNNAMED}
    for i_run, bite in enumerate(BITES):
        hunting, grazing, alone, outside = scores_by_hand(bite)
        several = hunting + grazing
        assert prey.sizes["hunting"][i_run] == pytest.approx(monthly(hunting / several))
        assert prey.shares["hunting"][i_run] == pytest.approx(monthly(-hunting / several))
        assert prey.shares[UNNAMED][i_run] == pytest.approx(monthly(-grazing / several))
        assert prey.alone[i_run] == pytest.approx(monthly(alone / (alone + several)))
        assert prey.outside[i_run] == pytest.approx(monthly(outside))
    assert found.found.complete
    assert found.unexplained == pytest.approx(0.0, abs=1e-9)


def test_shares_of_an_auxiliary_are_those_of_its_stocks_by_how_much_each_moved_it(steppe, around):
    found = drives(steppe, around, NAMES, ["animals", "counted"]).drives
    for i_run, bite in enumerate(BITES):
        d_prey, d_hunters, _ = by_hand(bite)
        hunting, grazing, alone, outside = scores_by_hand(bite)
        alone_hunters = 0.2 * np.abs(d_hunters) / np.abs(0.05 * d_prey - 0.2 * d_hunters)
        for outcome, time in (("animals", 0.0), ("counted", 1.0)):
            moved = np.abs(d_prey) + np.abs(2 * d_hunters) + time
            w_prey, w_hunters = np.abs(d_prey) / moved, np.abs(2 * d_hunters) / moved
            one = found[outcome]
            share = (w_prey * hunting / (hunting + grazing) + w_hunters) / (w_prey + w_hunters)
            assert one.sizes["hunting"][i_run] == pytest.approx(monthly(share))
            own = w_prey * alone / (alone + hunting + grazing)
            own = own + w_hunters * alone_hunters / (alone_hunters + hunting)
            assert one.alone[i_run] == pytest.approx(monthly(own))
            assert one.outside[i_run] == pytest.approx(monthly(w_prey * outside + time / moved))


def test_what_no_loop_reaches_is_moved_from_outside(steppe, around):
    walls = drives(steppe, around, NAMES, ["walls"]).drives["walls"]
    assert walls.names == []
    assert np.all(walls.outside == 1.0)
    assert np.all(walls.alone == 0.0)
    assert phases(walls) == []


def test_a_scenario_changes_constants_by_any_spelling(steppe, around):
    found = drives(steppe, around, NAMES, ["prey"], Inputs({"Bite": 0.0}))
    assert list(found.drives["prey"].shares) == [UNNAMED]
    assert found.drives["prey"].shares[UNNAMED] == pytest.approx(-1.0)


def test_a_scenario_cuts_what_it_gives_as_a_series(steppe, around):
    given = pd.Series([5.0, 9.0], index=[0.0, 24.0])
    found = drives(steppe, around, NAMES, ["prey"], Inputs({}, {"Grazed": given, "BITE": given}))
    assert list(found.drives["prey"].shares) == ["hunting"]


def test_a_series_that_stays_is_a_constant(steppe, around):
    given = pd.Series([0.2, 0.2], index=[0.0, 24.0])
    series = drives(steppe, around, NAMES, ["prey"], Inputs({}, {"bite": given})).drives["prey"]
    constant = drives(steppe, around, NAMES, ["prey"], Inputs({"bite": 0.2})).drives["prey"]
    np.testing.assert_allclose(
        np.broadcast_to(series.sizes["hunting"], (3, 3)), constant.sizes["hunting"], rtol=1e-9
    )


def test_stocks_that_no_loop_reaches_leave_the_shares_of_the_others(steppe, around):
    found = drives(steppe, around, NAMES, ["all", "prey"]).drives
    assert found["all"].sizes["hunting"] == pytest.approx(found["prey"].sizes["hunting"])
    assert np.all(found["all"].outside > found["prey"].outside)


def test_a_run_ends_where_it_is_told_to(steppe, around):
    prey = drives(steppe, around, NAMES, ["prey"], until=2.0).drives["prey"]
    assert prey.months.tolist() == [0.0, 1.0]
    assert prey.outside.shape == (3, 2)


def test_a_search_without_a_budget_is_not_complete(steppe, around):
    found = drives(steppe, around, NAMES, ["prey"], budget=1).found
    assert found.stopped == 1.0
    assert "in 100.0% of the runs and steps" in found.words
