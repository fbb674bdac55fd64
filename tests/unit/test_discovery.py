"""Boxes and trees find what was planted, and say so when there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from iskdyn.sensitivity.discovery import Cases, boxes, quality, tree

N = 2000


def planted(hit, n_columns=60, seed=1, noise=0.05):
    rng = np.random.default_rng(seed)
    numbers = rng.random((N, n_columns))
    cases = hit(numbers) ^ (rng.random(N) < noise)
    return Cases(tuple(f"p{i}" for i in range(n_columns)), numbers, cases, np.arange(N) % 2 == 1)


def corner(numbers):
    return (numbers[:, 3] < 0.4) & (numbers[:, 7] > 0.5)


@pytest.mark.parametrize("find", [boxes, tree])
def test_a_planted_box_is_found_among_many_numbers(find):
    region = find(planted(corner))[0]
    assert set(region.limits) == {"p3", "p7"}
    assert region.limits["p3"][1] == pytest.approx(0.4, abs=0.05)
    assert region.limits["p7"][0] == pytest.approx(0.5, abs=0.05)
    assert region.held_out.density == pytest.approx(0.95, abs=0.07)
    assert region.held_out.coverage > 0.7
    assert region.holds


def test_two_planted_boxes_are_both_found():
    cases = planted(lambda x: (x[:, 0] < 0.25) | ((x[:, 1] > 0.7) & (x[:, 2] > 0.5)), noise=0)
    first, second = boxes(cases)
    assert set(first.limits) | set(second.limits) == {"p0", "p1", "p2"}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("find", [boxes, tree])
def test_what_is_found_in_noise_does_not_hold_on_held_out_draws(find, seed):
    rng = np.random.default_rng(seed)
    cases = planted(lambda x: rng.random(N) < 0.3, n_columns=100)
    assert not any(region.holds for region in find(cases))


def test_the_same_draws_give_the_same_boxes():
    assert boxes(planted(corner)) == boxes(planted(corner))


@pytest.mark.parametrize("always", [True, False])
def test_there_is_nothing_to_find_where_all_or_none_are_cases(always):
    cases = planted(lambda x: np.full(N, always), noise=0)
    assert boxes(cases) == []
    assert tree(cases) == []


def test_coverage_density_and_mass_are_counted():
    inside, hit = np.array([1, 1, 0, 0, 0], bool), np.array([1, 0, 1, 1, 0], bool)
    found = quality(inside, hit)
    assert (found.coverage, found.density, found.mass, found.n_inside) == (pytest.approx(1 / 3), 0.5, 0.4, 2)
