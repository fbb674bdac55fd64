"""Shapley values and interactions: their defining properties, on random games and on the tiny study."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from iskdyn.levers import interactions, leave_one_out, one_alone, shapley

N_PLAYERS = 5
WORTH = st.floats(-1e4, 1e4, allow_subnormal=False)
GAMES = arrays(float, (3, 2**N_PLAYERS), elements=WORTH)


def by_orders(values: np.ndarray) -> np.ndarray:
    """Shapley values as their definition has them: the mean over all orders of what each player adds."""
    n = values.size.bit_length() - 1
    added = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        there = 0
        for player in order:
            added[player] += values[there | 1 << player] - values[there]
            there |= 1 << player
    return added / len(orders)


@given(GAMES)
def test_contributions_sum_to_the_difference_between_all_and_none(games):
    total = games[:, -1] - games[:, 0]
    np.testing.assert_allclose(shapley(games).sum(axis=-1), total, rtol=0, atol=1e-9)


@given(arrays(float, 2**4, elements=WORTH))
def test_contributions_are_the_mean_over_all_orders(game):
    np.testing.assert_allclose(shapley(game), by_orders(game), rtol=0, atol=1e-9)


@given(arrays(float, N_PLAYERS, elements=WORTH), WORTH)
def test_where_nothing_interacts_every_measure_is_what_each_adds(adds, none):
    combinations = np.arange(2**N_PLAYERS)
    game = none + sum(adds[i] * (combinations >> i & 1) for i in range(N_PLAYERS))
    for measure in (shapley, leave_one_out, one_alone):
        np.testing.assert_allclose(measure(game), adds, rtol=0, atol=1e-7)
    np.testing.assert_allclose(interactions(game), 0, rtol=0, atol=1e-7)


@given(GAMES)
def test_an_interaction_is_what_one_contributes_more_when_the_other_is_there(games):
    """With the other present, less with it absent: Shapley values of the two games without that player."""
    found = interactions(games)
    for j in range(N_PLAYERS):
        there = (np.arange(2**N_PLAYERS) >> j & 1).astype(bool)
        others = [i for i in range(N_PLAYERS) if i != j]
        rest = shapley(games[:, there]) - shapley(games[:, ~there])
        np.testing.assert_allclose(found[:, others, j], rest, rtol=0, atol=1e-8)


def test_a_pair_that_only_works_together_shares_its_effect_and_interacts():
    game = np.array([0.0, 0.0, 0.0, 8.0])
    assert shapley(game).tolist() == [4.0, 4.0]
    assert leave_one_out(game).tolist() == [8.0, 8.0]
    assert one_alone(game).tolist() == [0.0, 0.0]
    assert interactions(game)[0, 1] == pytest.approx(8.0)
