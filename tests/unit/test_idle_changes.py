"""A change that meets nothing to change is told, not passed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iskdyn import open_study
from iskdyn.calibration import Spread
from iskdyn.levers import HISTORY, difference_table, idle_changes, measure_arms
from iskdyn.reports.compared import compare_words, idle_words
from iskdyn.reports.story import Story
from iskdyn.study import Inputs

TINY = Path(__file__).parent.parent / "data" / "tiny"
DRAWS = np.array([[0.01], [0.02], [0.03]])
SPREAD = Spread("posterior", ("arrest hazard",), np.array([True]), np.array([0.02]), np.array([0.5]), DRAWS)
MEASURES = {"detained": "at_end", "members": "at_end", "recruitment": "mean"}
OFF = {"selective repression switch": 0.0}
FULL = pd.Series([1.0, 1.0], index=[0.0, 12.0])
HARDER = {"arrest hazard": 0.3}


@pytest.fixture(scope="module")
def study():
    return open_study(TINY)


@pytest.mark.parametrize(
    ("inputs", "idle"),
    [
        (Inputs(OFF), ()),
        (Inputs({"selective repression switch": 1.0}), ("selective repression switch",)),
        (Inputs({**OFF, **HARDER}), ("arrest hazard",)),
        (Inputs(OFF, {"access table": FULL}), ()),
        (Inputs({"recruits per month": 90.0}, {"recruitment": FULL}), ("recruits per month",)),
        (Inputs(HARDER, own=frozenset({"arrest"})), ("arrest hazard",)),
        (Inputs(own=frozenset({"arrest"})), ("arrest",)),
        (Inputs(), ()),
    ],
)
def test_a_change_is_idle_where_everything_runs_the_same_without_it(study, inputs, idle):
    assert idle_changes(study, SPREAD, {"mine": inputs}, MEASURES, [6.0, 12.0])["mine"] == idle


def test_what_moves_in_one_draw_alone_is_not_idle(study):
    draws = np.array([[0.0], [0.0], [0.02]])
    spread = Spread("posterior", SPREAD.names, SPREAD.in_model, np.zeros(1), SPREAD.contraction, draws)
    assert idle_changes(study, spread, {"off": Inputs(OFF)}, MEASURES, [12.0])["off"] == ()
    still = Spread("posterior", SPREAD.names, SPREAD.in_model, np.zeros(1), SPREAD.contraction, draws[:2])
    assert idle_changes(study, still, {"off": Inputs(OFF)}, MEASURES, [12.0])["off"] == tuple(OFF)


def test_a_structure_can_leave_a_change_nothing_to_meet(study):
    found = idle_changes(study, SPREAD, {"harder": Inputs(HARDER)}, MEASURES, [12.0], base=Inputs(OFF))
    assert found["harder"] == ("arrest hazard",)


def test_the_table_and_its_words_say_so(study):
    arms = {"mine": Inputs({**OFF, **HARDER})}
    measured = measure_arms(study, SPREAD, arms, MEASURES, [12.0])
    idle = idle_changes(study, SPREAD, arms, MEASURES, [12.0])
    table = difference_table(study, measured, [("mine", HISTORY)], {"all": "2022-06"}, idle)
    assert set(table["meets_nothing"]) == {"arrest hazard"}
    words = compare_words(Story("", (), (), {}, (), ()), table)
    assert words.endswith(
        "“arrest hazard” meets nothing to change here: without that change everything runs the same."
    )
    assert idle_words([{"meets_nothing": "a; b"}]).startswith(
        "“a” and “b” meet nothing to change here: without any one"
    )
