"""What loop scores must always do, against another program, and loops against enumeration by hand."""

from __future__ import annotations

import itertools
import random
import tracemalloc

import numpy as np
import pytest
from loop_models import (
    ARMS_RACE,
    BASS,
    DRAIN,
    POPULATION,
    YEAST,
    found_in,
    loop_with,
    model,
    scored,
)

from iskdyn.confidence.loops import (
    OUTSIDE,
    Link,
    LinkScores,
    Name,
    Names,
    elementary_loops,
    find_loops,
    find_stock_loops,
    link_scores,
    links_in,
    links_of,
    polarity,
    pushes,
    relative_scores,
    scored_step,
    shares,
    spelled_out,
    stock_links,
    strong_loops,
    trace,
)
from iskdyn.confidence.loops.strong import THRESHOLD
from iskdyn.errors import InputError, ModelError
from iskdyn.simulate import memory


@pytest.mark.parametrize("step", [1.0, 0.25, 0.03125])
def test_an_isolated_loop_scores_one(tmp_path, step):
    found = found_in(model(tmp_path, DRAIN, step, 10))
    (loop,) = found.loops
    assert found.of(loop)[0] == pytest.approx(-1.0, abs=1e-9)
    grown = DRAIN.replace("(-leak", "(leak")
    found = found_in(model(tmp_path, grown, step, 10))
    assert found.of(found.loops[0])[0] == pytest.approx(1.0, abs=1e-9)


def test_at_rest_every_score_is_zero(tmp_path):
    rest = POPULATION.replace("People*0.1", "People/20")
    scores = scored(model(tmp_path, rest, 0.25, 5))
    assert all(np.all(score == 0.0) for score in scores.scores.values())


def test_shares_sum_to_one_within_a_partition(tmp_path):
    relative = relative_scores(found_in(model(tmp_path, ARMS_RACE, 0.25, 100)))
    assert np.abs(relative).sum(axis=0) == pytest.approx(1.0, abs=1e-12)


def test_a_flow_split_in_two_leaves_the_scores(tmp_path):
    """Under the rule of 2023 it does not matter how flows are lumped."""
    split = POPULATION.replace("births - deaths", "births + births again - deaths").replace(
        "People*0.1", "People*0.06"
    )
    split += "births again= People*0.04 ~ Person/Month ~|\n"
    one = found_in(model(tmp_path, POPULATION, 0.25, 20))
    two = found_in(model(tmp_path, split, 0.25, 20))
    whole = one.of(loop_with(one, "births"))
    parts = sum(two.of(loop) for loop in two.loops if "deaths" not in loop)
    assert parts == pytest.approx(whole, abs=1e-9)


def test_stock_links_keep_the_sum_of_the_loops_through_the_same_stocks(tmp_path):
    program = model(tmp_path, YEAST, 0.5, 90)
    found = found_in(program)
    between = stock_links(program, found.links).scores
    own = sum(found.of(loop) for loop in found.loops if "alcohol" not in loop)
    both = sum(found.of(loop) for loop in found.loops if "alcohol" in loop)
    assert between[Link("cells", "cells")] == pytest.approx(own, rel=1e-9, abs=1e-12)
    product = between[Link("cells", "alcohol")] * between[Link("alcohol", "cells")]
    assert product == pytest.approx(both, rel=1e-9, abs=1e-12)


def test_what_moves_from_outside_is_told(tmp_path):
    text = POPULATION.replace("People*0.1", "People*0.1 + arrivals") + (
        "arrivals= 2*Time*one person a month ~ Person/Month ~|\none person a month= 1 ~ Person ~|\n"
    )
    program = model(tmp_path, text, 0.25, 2)
    found = pushes(program, scored(program), "births")
    assert set(found) == {"people", OUTSIDE}
    assert found["people"] + found[OUTSIDE] == pytest.approx(1.0)
    assert np.all(found[OUTSIDE] > 0.0)


def test_a_cut_link_scores_nothing(tmp_path):
    program = model(tmp_path, POPULATION, 0.25, 2)
    runs = trace(program, {}, series={"births": ([0.0, 2.0], [5.0, 9.0])})
    scores = link_scores(program, runs, links_of(program), cut=["births"])
    assert np.all(scores.scores[Link("people", "births")] == 0.0)
    assert set(find_loops(program, scores).loops) == {("deaths", "people")}


def test_draws_are_scored_each_by_itself(tmp_path):
    program = model(tmp_path, YEAST, 0.5, 60)
    times = np.array([12.0, 15.0, 18.0])
    together = link_scores(program, trace(program, {"birth time": times}), links_of(program))
    for i_run, one in enumerate(times):
        alone = scored(program, constants={"birth time": one})
        for link, score in alone.scores.items():
            np.testing.assert_allclose(together.scores[link][i_run], score[0], rtol=1e-12, atol=1e-15)


MEMORY = """{UTF-8}
Stock= INTEG(DELAY3(ordering, 4) - shipping, 50.0) ~ Unit ~|
ordering= expected + (100 - Stock)/6 ~ Unit/Month ~|
expected= SMOOTH(shipping, 5)*1 + 0*SMOOTH3I(Stock, 3, 40) ~ Unit/Month ~|
shipping= 10 + STEP(3, 2) + 0.05*Stock ~ Unit/Month ~|
"""


def test_smooths_and_delays_spelled_out_run_as_before(tmp_path):
    from iskdyn.simulate import simulate

    program = model(tmp_path, MEMORY, 0.125, 30)
    written = spelled_out(program)
    assert len(written.hidden) == 3 + 1 + 3
    names = ["Stock", "ordering", "expected", "shipping"]
    before, after = simulate(program, outputs=names), simulate(written, outputs=names)
    for name in names:
        np.testing.assert_allclose(after[name].values, before[name].values, rtol=1e-12)


def test_loops_pass_through_smooths_and_delays(tmp_path):
    program = spelled_out(model(tmp_path, MEMORY.replace(" + 0*SMOOTH3I(Stock, 3, 40)", ""), 0.125, 30))
    found = found_in(program)
    visible = {tuple(k for k in loop if not program.by_key[k].hidden) for loop in found.loops}
    assert visible == {
        ("shipping", "stock"),
        ("ordering", "stock"),
        ("expected", "ordering", "stock", "shipping"),
    }


def test_loops_of_stocks_pass_through_the_stages_of_a_delay(tmp_path):
    """By the chain rule a path through stages is one of stocks; without them a circle would have no stock."""
    text = """{UTF-8}
Stock= INTEG(arriving - leaving, 50.0) ~ Unit ~|
arriving= (100 - seen)/6 ~ Unit/Month ~|
seen= SMOOTH3(Stock, 5) ~ Unit ~|
leaving= 0.05*Stock ~ Unit/Month ~|
"""
    program = spelled_out(model(tmp_path, text, 0.125, 30))
    scores = link_scores(program, trace(program, {}), links_of(program))
    stages = tuple(f"seen_stage_{place}" for place in (1, 2, 3))
    every = find_stock_loops(program, scores)
    assert set(every.loops) == {("stock",), *((stage,) for stage in stages), (*stages, "stock")}
    through = find_loops(program, scores)
    (long,) = (loop for loop in through.loops if stages[0] in loop and "stock" in loop)
    np.testing.assert_allclose(every.of((*stages, "stock")), through.of(long), rtol=1e-12)


def test_simlin_gives_the_same_scores_through_a_smooth(tmp_path):
    """Theirs passes through the SMOOTH as one variable; loops inside of it count in neither."""
    simlin = pytest.importorskip("simlin")
    text = """{UTF-8}
Stock= INTEG(arriving - leaving, 50.0) ~ Unit ~|
arriving= (100 - seen)/6 ~ Unit/Month ~|
seen= SMOOTH(Stock, 5) ~ Unit ~|
leaving= 0.05*Stock ~ Unit/Month ~|
"""
    program = model(tmp_path, text, 0.125, 30)
    found = found_in(spelled_out(program))
    shares = relative_scores(found)[:, 0]
    theirs = simlin.load(program.path).run().loops
    assert len(theirs) == len(found.loops) == 2
    mine = dict(zip((loop_has(loop, "leaving") for loop in found.loops), shares, strict=True))
    for loop in theirs:
        expected = mine[loop_has(loop.variables, "leaving")]
        their = np.asarray(loop.behavior_time_series)[-len(expected) :]
        np.testing.assert_allclose(their, expected, rtol=0, atol=1e-9)


def loop_has(loop, key):
    return key in loop


def test_a_memory_that_is_no_chain_is_refused_by_name(tmp_path):
    text = POPULATION.replace("People/20", "DELAY FIXED(People/20, 3, 5)")
    program = spelled_out(model(tmp_path, text, 0.25, 2))
    with pytest.raises(ModelError, match="'deaths' uses DELAY_FIXED"):
        links_of(program)


@pytest.mark.parametrize(
    ("score", "sign"), [([1, 2], "R"), ([-1], "B"), ([1000, -1], "Ru"), ([1, -1], "U"), ([2, -1], "U")]
)
def test_polarity_says_how_sure_it_is(score, sign):
    assert polarity(np.array(score, dtype=float)) == sign


# -- enumeration


def brute_force(n: int, links: set[tuple[int, int]]) -> set[tuple[str, ...]]:
    found = set()
    for size in range(1, n + 1):
        for members in itertools.combinations(range(n), size):
            for rest in itertools.permutations(members[1:]):
                loop = (members[0], *rest)
                if all(pair in links for pair in zip(loop, (*loop[1:], loop[0]), strict=True)):
                    found.add(tuple(str(one) for one in loop))
    return found


@pytest.mark.parametrize("seed", range(200))
def test_loops_are_those_of_brute_force(seed):
    chance = random.Random(seed)  # noqa: S311
    n = chance.randint(1, 7)
    share = chance.uniform(0.1, 0.7)
    links = {(a, b) for a in range(n) for b in range(n) if chance.random() < share}
    expected = brute_force(n, links)
    named = {Link(str(a), str(b)): None for a, b in links}
    found = list(elementary_loops(named))
    assert len(found) == len(set(found))
    assert set(found) == expected
    longest = chance.randint(1, 4)
    assert set(elementary_loops(named, longest)) == {loop for loop in expected if len(loop) <= longest}


def test_beyond_the_budget_the_result_says_so(tmp_path):
    program = model(tmp_path, ARMS_RACE, 0.25, 20)
    scores = scored(program)
    every = find_loops(program, scores)
    assert (every.level, every.complete) == ("variables", True)
    few = find_loops(program, scores, budget=6)
    assert (few.level, few.complete, few.longest) == ("stocks", False, 2)
    assert few.words.startswith("not complete")
    assert "longer ones were not looked at" in few.words


def named(*stations: tuple[str, ...]) -> Names:
    names = tuple(
        Name(f"name {i}", "", tuple(frozenset([one]) for one in station), frozenset(), None)
        for i, station in enumerate(stations)
    )
    return Names((), names)


@pytest.mark.parametrize("seed", range(20))
def test_strong_loops_are_those_of_brute_force(seed):
    """Sums by name and stock over all loops of several stocks at or above the threshold, at most 8 long."""
    chance = np.random.default_rng(seed)
    n = int(chance.integers(2, 7))
    links = {(a, b) for a in range(n) for b in range(n) if chance.random() < 0.6}
    scores = {Link(str(a), str(b)): chance.normal(size=(2, 3)) * 0.7 for a, b in sorted(links)}
    names = named(("0", "1"), ("2",))
    found = strong_loops(LinkScores(np.arange(3.0), scores, {}), names)
    sizes, signed = np.zeros_like(found.sizes), np.zeros_like(found.signed)
    for loop in (one for one in brute_force(n, links) if len(one) > 1):
        score = np.prod([scores[link] for link in links_in(loop)], axis=0)
        score = np.where(np.abs(score) >= THRESHOLD, score, 0.0)
        i_name = found.names.index(names.of(loop))
        for stock in loop:
            signed[:, :, found.stocks.index(stock), i_name] += score
            sizes[:, :, found.stocks.index(stock), i_name] += np.abs(score)
    np.testing.assert_allclose(found.sizes, sizes, atol=1e-12)
    np.testing.assert_allclose(found.signed, signed, atol=1e-12)
    assert found.complete


def test_a_search_that_stops_says_so():
    scores = {Link(str(a), str(b)): np.full((1, 1), 0.9) for a in range(6) for b in range(6) if a != b}
    found = strong_loops(LinkScores(np.zeros(1), scores, {}), Names(), budget=5)
    assert not found.complete
    assert found.stopped == 1.0
    assert "stopped early" in found.words


# -- another program


@pytest.mark.parametrize(
    ("text", "step", "last"),
    [(BASS, 0.0625, 15), (YEAST, 0.5, 100), (ARMS_RACE, 0.25, 100), (POPULATION, 0.5, 20)],
)
def test_simlin_gives_the_same_relative_scores(tmp_path, text, step, last):
    simlin = pytest.importorskip("simlin")
    program = model(tmp_path, text, step, last)
    found = found_in(program)
    relative = dict(zip(found.loops, relative_scores(found)[:, 0], strict=True))
    theirs = simlin.load(program.path).run().loops
    assert len(theirs) == len(found.loops)
    for loop in theirs:
        first = loop.variables.index(min(loop.variables))
        mine = relative[(*loop.variables[first:], *loop.variables[:first])]
        their = np.asarray(loop.behavior_time_series)[-len(mine) :]
        np.testing.assert_allclose(their, mine, rtol=0, atol=1e-9)


def _all_feed_all(n_stocks: int) -> str:
    """Stocks each of which acts on every other: sum over k of C(n, k) (k - 1)! loops."""
    lines = []
    for i in range(n_stocks):
        others = " + ".join(f"0.0{1 + (i + j) % 7} * stock{j}" for j in range(n_stocks) if j != i)
        lines.append(f"stock{i} = INTEG({others} - 0.2 * stock{i}, {1 + i}) ~~|")
    return "\n".join(lines)


def test_shares_one_by_one_are_those_of_all_together(tmp_path):
    found = found_in(model(tmp_path, _all_feed_all(5), 0.5, 4))
    assert len(found.loops) == 5 + 10 + 2 * 10 + 6 * 5 + 24
    together = relative_scores(found)
    np.testing.assert_array_equal(np.array(list(shares(found))), together)
    np.testing.assert_allclose(np.abs(together).sum(axis=0), 1.0)


def test_many_loops_over_many_steps_take_little_memory(tmp_path):
    """1,900 loops in 1,000 steps would be 15 MB twice over; one share is 8 kB."""
    program = model(tmp_path, _all_feed_all(7), 0.001, 4)
    step = scored_step(program)
    assert step == pytest.approx(0.004)
    found = find_loops(program, link_scores(program, trace(program, {}, save_every=step), links_of(program)))
    tracemalloc.start()
    largest = max(float(np.abs(share).max()) for share in shares(found))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.0 < largest < 1.0
    assert peak < 1_000_000
    assert len(found.loops) * 1000 * 8 > 10 * peak


def test_scores_that_cannot_fit_are_refused_before_they_are_made(tmp_path, monkeypatch):
    program = model(tmp_path, _all_feed_all(5), 0.5, 4)
    runs = trace(program, {})
    scores = link_scores(program, runs, links_of(program))
    found = find_loops(program, scores)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
    monkeypatch.setattr(memory, "NOT_ASKED", 0)
    for start in (
        lambda: link_scores(program, runs, links_of(program)),
        lambda: stock_links(program, scores),
        lambda: relative_scores(found),
    ):
        with pytest.raises(InputError, match="may be used"):
            start()


@pytest.mark.parametrize(
    ("text", "n_steps"),
    [
        ("Water= INTEG(-leak, 100.0) ~ ~|\nleak= Rust/5 ~ ~|\nRust= INTEG(1, 3) ~ ~|\n", 8),
        ("a = 3 ~ ~|\n", 0),
    ],
)
def test_a_model_without_loops_has_scores_of_none(text, n_steps, tmp_path):
    """Where there is no link either, no score says how many steps there are."""
    found = found_in(model(tmp_path, text, 0.5, 4))
    assert found.loops == ()
    assert relative_scores(found).shape == (0, 1, n_steps)
