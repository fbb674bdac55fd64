"""What links did to their effects, step by step, and what runs, memories and lists of loops keep to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from loop_models import ARMS_RACE, DRAIN, POPULATION, YEAST, found_in, model, scored

from iskdyn.confidence.loops import (
    OUTSIDE,
    Found,
    Link,
    LinkScores,
    find_stock_loops,
    link_scores,
    links_of,
    polarity,
    pushes,
    relative_scores,
    spelled_out,
    stock_links,
    trace,
)
from iskdyn.confidence.loops.links import SingleEquations, memory_in
from iskdyn.errors import ModelError
from iskdyn.model import read_model
from iskdyn.simulate import simulate

RAMPS = """{UTF-8}
x= INTEG(1, 0) ~ Unit ~|
y= INTEG(2, 3) ~ Unit ~|
still= INTEG(0*x, 7) ~ Unit ~|
rising([(0,0)-(10,20)],(0,0),(2,4),(10,4)) ~ Unit ~|
falling([(0,-10)-(10,10)],(0,0),(10,-10)) ~ Unit ~|
up= rising(x) ~ Unit ~|
down= falling(x) ~ Unit ~|
sum= up + down ~ Unit ~|
product= x*y ~ Unit ~|
timely= x + 3*Time ~ Unit ~|
turning= x - 3*Time + y*0 ~ Unit ~|
begun= ACTIVE INITIAL(2*x, 5*y) ~ Unit ~|
flat= 0*x + still ~ Unit ~|
flat twice= up*still ~ Unit ~|
"""


@pytest.fixture
def ramps(tmp_path):
    return model(tmp_path, RAMPS, 1, 4)


def score(found, cause, effect):
    return found.scores[Link(cause, effect)][0].tolist()


def test_links_through_tables_score_where_the_table_moves(ramps):
    found = scored(ramps)
    assert found.times.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert score(found, "x", "up") == [1.0, 1.0, 0.0, 0.0]
    assert score(found, "x", "down") == [-1.0, -1.0, -1.0, -1.0]
    assert score(found, "up", "sum") == [2.0, 2.0, 0.0, 0.0]
    assert score(found, "down", "sum") == [1.0, 1.0, 1.0, 1.0]


def test_a_part_is_below_zero_where_the_cause_worked_against_what_happened(ramps):
    found = scored(ramps)
    assert found.parts[Link("up", "sum")][0].tolist() == [2.0, 2.0, 0.0, 0.0]
    assert found.parts[Link("down", "sum")][0].tolist() == [-1.0, -1.0, 1.0, 1.0]
    assert found.parts[Link("x", "turning")][0] == pytest.approx(-0.5)
    assert score(found, "x", "turning") == pytest.approx([0.5] * 4)


def test_what_time_does_is_explained_and_what_two_causes_do_together_is_not(ramps):
    found = scored(ramps)
    assert score(found, "x", "timely") == pytest.approx([0.25] * 4)
    assert found.unexplained["timely"][0] == pytest.approx(0.0, abs=1e-12)
    x, y = np.arange(5.0), 3 + 2 * np.arange(5.0)
    assert found.unexplained["product"][0] == pytest.approx(2.0 / np.diff(x * y))
    assert score(found, "x", "product") == pytest.approx(y[:-1] / np.diff(x * y))
    assert np.all(found.unexplained["flat"] == 0.0)


def test_a_cause_that_stands_still_scores_nothing(ramps):
    found = scored(ramps)
    assert score(found, "still", "flat") == [0.0] * 4
    assert score(found, "still", "flat_twice") == [0.0] * 4


def test_an_active_initial_is_linked_by_its_equation_alone(ramps):
    assert [one.cause for one in links_of(ramps) if one.effect == "begun"] == ["x"]
    assert score(scored(ramps), "x", "begun") == [1.0] * 4


def test_what_works_against_itself_through_two_ways_is_not_moved_from_outside(ramps):
    found = pushes(ramps, scored(ramps), "sum")
    assert found["x"][0].tolist() == [1.0, 1.0, -1.0, -1.0]
    assert found[OUTSIDE][0].tolist() == [0.0] * 4
    assert pushes(ramps, scored(ramps), "timely")[OUTSIDE][0] == pytest.approx(0.75)
    assert pushes(ramps, scored(ramps), "turning")[OUTSIDE][0] == pytest.approx(1.5)
    assert pushes(ramps, scored(ramps), "x")[OUTSIDE].tolist() == [1.0]


def test_an_equation_is_read_with_one_cause_replaced(ramps):
    equations = SingleEquations(ramps, trace(ramps, {}))
    ten, times = np.array([[10.0]]), np.arange(5.0)
    assert equations.with_value("product", "x", ten)[0].tolist() == (10 * (3 + 2 * times)).tolist()
    assert equations.with_value("timely", "x", ten)[0].tolist() == (10 + 3 * times).tolist()
    assert equations.with_value("up", "x", np.array([[1.0]])).tolist() == [[2.0]]


def test_a_function_without_a_memory_is_scored(ramps):
    assert memory_in(ramps["up"]) == ""
    assert memory_in(ramps["x"]) == ""


@pytest.mark.parametrize("text", [DRAIN, POPULATION, YEAST, ARMS_RACE])
def test_a_model_that_is_closed_is_not_moved_from_outside(tmp_path, text):
    program = model(tmp_path, text, 0.25, 10)
    scores = scored(program)
    for stock in program.stocks:
        parts = sum(scores.unexplained[key] for key in scores.unexplained)
        outside = pushes(program, scores, stock.key)[OUTSIDE]
        assert np.all(np.abs(outside)[parts < 1e-12] < 1e-9)


# -- runs


def test_a_step_is_the_models_own_unless_one_is_given(tmp_path):
    program = model(tmp_path, POPULATION, 0.25, 2)
    assert trace(program, {}).times.tolist() == np.arange(0, 2.01, 0.25).tolist()
    assert trace(program, {}, save_every=0.5, final_time=1.5).times.tolist() == [0.0, 0.5, 1.0, 1.5]


def test_a_step_is_that_of_the_model_also_where_it_saves_less(tmp_path):
    path = tmp_path / "sparse.mdl"
    clock = "INITIAL TIME= 0 ~ Month ~|\nFINAL TIME= 2 ~ Month ~|\nTIME STEP= 0.5 ~ Month ~|\nSAVEPER= 1 ~ Month ~|\n"
    path.write_text(POPULATION + clock)
    assert trace(read_model(path), {}).times.tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_runs_keep_what_was_given(tmp_path):
    program = model(tmp_path, YEAST, 0.5, 3)
    runs = trace(program, {"birth time": np.array([10, 20]), "Cells": np.array([1, 4])})
    assert runs.n_runs == 2
    assert runs.values["birth_time"].tolist() == [[10.0], [20.0]]
    assert runs.values["birth_time"].dtype == float
    assert runs.values["cells"][:, 0].tolist() == [1.0, 4.0]
    assert runs.values["cells"].shape == (2, 7)
    assert runs.values["births"][:, 0] == pytest.approx([1.1 / 10, 4 * 1.1 / 20])
    assert runs.values["time_step"].tolist() == [[0.5]]
    assert runs.values["final_time"].tolist() == [[3.0]]


def test_constants_and_first_values_hold_in_every_run(tmp_path):
    program = model(tmp_path, YEAST, 0.5, 3)
    assert trace(program, {}).n_runs == 1
    runs = trace(program, {}, constants={"Birth Time": 5.0, "Cells": 2.0})
    assert runs.n_runs == 1
    assert runs.values["birth_time"].tolist() == [[5.0]]
    assert runs.values["cells"].shape == (1, 7)
    assert runs.values["births"][0, 0] == pytest.approx(2 * 1.1 / 5)
    assert trace(program, {}).values["birth_time"].tolist() == [[15.0]]


def test_what_is_given_over_time_stands_in_the_run(tmp_path):
    program = model(tmp_path, POPULATION, 1, 3)
    runs = trace(program, {}, series={"births": pd.Series([5.0, 8.0], index=[0.0, 3.0])})
    assert runs.values["births"][0] == pytest.approx([5.0, 6.0, 7.0, 8.0])
    scores = link_scores(program, runs, links_of(program), cut=["births"])
    assert np.all(scores.parts[Link("people", "births")] == 0.0)
    assert scores.parts[Link("people", "births")].shape == (1, 3)
    assert pushes(program, scores, "births")[OUTSIDE].tolist() == [[1.0, 1.0, 1.0]]


def test_random_numbers_are_refused_with_their_place(tmp_path):
    text = POPULATION.replace("People/20", "RANDOM UNIFORM(0, 1, 3)*People").replace(
        "People*0.1", "SMOOTH(People, 3)"
    )
    with pytest.raises(ModelError) as caught:
        links_of(model(tmp_path, text, 0.25, 2))
    assert [str(problem) for problem in caught.value.problems] == [
        "model.mdl:3: 'births' uses SMOOTH; links through it cannot be scored",
        "model.mdl:4: 'deaths' uses RANDOM_UNIFORM; links through it cannot be scored",
    ]


# -- memories

PIPES = """{UTF-8}
Stock= INTEG(arriving - leaving, 50.0) ~ Unit ~|
stages= 3 ~ Dmnl ~|
lag= 4 ~ Month ~|
held([(0,0)-(200,200)],(0,0),(200,200)) ~ Unit ~|
leaving= 0.1*Stock + STEP(3, 2) ~ Unit/Month ~|
arriving= 5 + held(late)/2 ~ Unit/Month ~|
late= DELAY1(leaving, lag) ~ Unit/Month ~|
later= DELAY3I(leaving, lag, 9) ~ Unit/Month ~|
smoothed= SMOOTHI(leaving, lag, 9) ~ Unit/Month ~|
in stages= SMOOTH N(leaving, lag, 9, stages) ~ Unit/Month ~|
in two stages= SMOOTH N(leaving, lag, 9, 2) ~ Unit/Month ~|
looked up= held(SMOOTH3I(leaving, lag, 9)) ~ Unit/Month ~|
nested= 2*SMOOTH(DELAY3I(leaving, lag, 9), 2) + DELAY1I(leaving, 2, 7) ~ Unit/Month ~|
fixed= DELAY FIXED(leaving, 4, 9) ~ Unit/Month ~|
kept= DELAY N(leaving, lag, 9, 2) ~ Unit/Month ~|
"""
STAGES = {
    "late": 1, "later": 3, "smoothed": 1, "in stages": 3, "in two stages": 2, "looked up": 3, "nested": 5, "fixed": 0,
    "kept": 0,
}  # fmt: skip


def test_memories_spelled_out_run_as_before(tmp_path):
    program = model(tmp_path, PIPES, 0.125, 9)
    written = spelled_out(program)
    names = [one.name for one in written.hidden]
    assert len(set(names)) == len(names) == sum(STAGES.values())
    for name, n_stages in STAGES.items():
        its = [one for one in written.hidden if one.name.endswith(f" of {name}")]
        assert [one.kind for one in its] == ["stock"] * n_stages
    assert names[0] == "stage 1 of late"
    assert names[-1] == f"stage {len(names)} of nested"
    assert written.digest != program.digest
    before, after = simulate(program, outputs=list(STAGES)), simulate(written, outputs=list(STAGES))
    for name in STAGES:
        np.testing.assert_allclose(after[name].values, before[name].values, rtol=1e-12, err_msg=name)


def test_what_stays_a_memory_is_refused_by_name(tmp_path):
    program = model(tmp_path, PIPES, 0.125, 9)
    with pytest.raises(ModelError) as caught:
        links_of(spelled_out(program))
    told = [problem.message.partition(";")[0] for problem in caught.value.problems]
    assert told == ["'fixed' uses DELAY_FIXED", "'kept' uses DELAY_N"]


def test_a_model_without_chains_stays_as_it_is(tmp_path):
    program = model(tmp_path, POPULATION, 0.25, 5)
    assert spelled_out(program) is program


# -- lists of loops


def test_loops_of_stocks_are_all_listed_where_they_are_few(tmp_path):
    program = model(tmp_path, ARMS_RACE, 0.25, 20)
    found = find_stock_loops(program, scored(program))
    assert (found.level, found.complete, found.longest) == ("stocks", True, None)
    assert found.loops == (
        ("a",),
        ("b",),
        ("c",),
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
        ("a", "b", "c"),
        ("a", "c", "b"),
    )
    assert found.words == (
        "complete: all 8 loops of stocks (all paths between two are one link) that were ever active"
    )
    assert set(found.links.scores) == {Link(one, two) for one in "abc" for two in "abc"}
    assert found.links.times.tolist() == np.arange(0.25, 20.01, 0.25).tolist()


@pytest.mark.parametrize(
    ("budget", "longest", "n_loops"), [(8, None, 8), (7, 2, 6), (6, 2, 6), (5, 1, 3), (3, 1, 3), (2, 0, 0)]
)
def test_as_many_loops_are_listed_as_the_budget_allows(tmp_path, budget, longest, n_loops):
    program = model(tmp_path, ARMS_RACE, 0.25, 20)
    found = find_stock_loops(program, scored(program), budget)
    assert (found.longest, len(found.loops)) == (longest, n_loops)
    if longest is not None:
        assert found.words.startswith(f"not complete: all {n_loops} loops of at most {longest} stocks")


def test_only_stocks_that_push_are_linked(tmp_path):
    text = POPULATION + "Idle= INTEG(0*People, 3.0) ~ Person ~|\n"
    program = model(tmp_path, text.replace("People*0.1", "People*0.1 + 0*Idle"), 0.25, 5)
    between = stock_links(program, scored(program))
    assert set(between.scores) == {Link("people", "people")}
    assert set(between.unexplained) == {"people", "births", "deaths", "idle"}


def listed(scores, loops, partition):
    links = LinkScores(np.arange(1.0), {link: np.array(one, dtype=float) for link, one in scores.items()}, {})
    return Found("stocks", True, None, loops, links, partition)


def test_relative_scores_are_zero_where_nothing_moves_and_stay_within_their_part():
    scores = {Link("a", "a"): [[3.0, 0.0]], Link("b", "b"): [[-1.0, 0.0]], Link("c", "c"): [[5.0, -2.0]]}
    found = listed(scores, (("a",), ("b",), ("c",)), {"a": 0, "b": 0, "c": 1})
    assert relative_scores(found)[:, 0].tolist() == [[0.75, 0.0], [-0.25, 0.0], [1.0, -1.0]]


def test_loops_that_share_no_key_first_share_their_part(tmp_path):
    found = found_in(model(tmp_path, YEAST, 0.5, 50))
    assert len({found.partition[loop[0]] for loop in found.loops}) == 1
    assert found.words == "complete: all 4 loops of variables that were ever active"


@pytest.mark.parametrize(
    ("score", "sign"),
    [
        ([0.0], "U"), ([0.5, -0.5, 0.0], "U"), ([0.5, 0.0], "R"), ([-0.5, 0.0], "B"), ([1.0, -1000.0], "Bu"),
        ([199.0, -1.0], "U"), ([200.0, -1.0], "Ru"), ([0.5, 0.5, -0.001], "Ru"),
    ],
)  # fmt: skip
def test_a_sign_is_sure_above_99_percent(score, sign):
    assert polarity(np.array(score)) == sign
