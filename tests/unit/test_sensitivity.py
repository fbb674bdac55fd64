"""Indices on functions whose answers are known, and against SALib."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from SALib.analyze import pawn as salib_pawn
from SALib.analyze import sobol as salib_sobol
from SALib.sample import sobol as salib_sample

from iskdyn.errors import InputError
from iskdyn.sensitivity.given_data import pawn
from iskdyn.sensitivity.learning import doubt, learned
from iskdyn.sensitivity.morris import screen
from iskdyn.sensitivity.sobol import Design, indices, probabilities


def ishigami(u, a=7.0, b=0.1):
    x = np.pi * (2 * u - 1)
    return (np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0]))[:, None]


def ishigami_indices(a=7.0, b=0.1):
    """First and total order in closed form (Ishigami & Homma 1990; Sobol & Levitan 1999)."""
    one, two = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = one + two + both
    return np.array([one, two, 0]) / variance, np.array([one + both, two, both]) / variance


def design(n_columns, groups, n_base, seed):
    return np.concatenate(list(Design(*probabilities(n_columns, n_base, seed), tuple(groups))))


def test_sobol_agrees_with_the_closed_form_of_ishigami():
    found = indices(ishigami(design(3, range(3), 2**15, 1)), 2**15)
    first, total = ishigami_indices()
    np.testing.assert_allclose(found.first[:, 0], first, atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], total, atol=0.01)
    assert found.settled.all()


def test_sobol_agrees_with_a_linear_model():
    slopes = np.array([4.0, 2.0, 1.0, 0.0])
    found = indices(design(4, range(4), 4096, 1) @ slopes[:, None], 4096)
    exact = slopes**2 / (slopes**2).sum()
    np.testing.assert_allclose(found.first[:, 0], exact, atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], exact, atol=0.01)


@pytest.mark.parametrize("seed", range(1, 6))
def test_sobol_intervals_hold_the_exact_index(seed):
    found = indices(ishigami(design(3, range(3), 1024, seed)), 1024, seed)
    first, total = ishigami_indices()
    assert (np.abs(found.first[:, 0] - first) <= 1.6 * found.first_width[:, 0] + 1e-12).all()
    assert (np.abs(found.total[:, 0] - total) <= 1.6 * found.total_width[:, 0]).all()


def test_a_group_of_factors_moves_as_one():
    found = indices(ishigami(design(3, [0, 1, 0], 8192, 1)), 8192)
    np.testing.assert_allclose(
        found.total[:, 0], [1 - ishigami_indices()[0][1], ishigami_indices()[1][1]], atol=0.01
    )


def test_sobol_is_saltellis_estimator_as_salib_has_it():
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    rows = salib_sample.sample(problem, 256, calc_second_order=False, seed=1)
    theirs = salib_sobol.analyze(problem, ishigami(rows)[:, 0], calc_second_order=False, seed=1)
    stacked = rows.reshape(256, 5, 3)[:, [0, 4, 1, 2, 3]].swapaxes(0, 1).reshape(-1, 3)
    np.testing.assert_array_equal(
        np.concatenate(list(Design(stacked[:256], stacked[256:512], (0, 1, 2)))), stacked
    )
    ours = indices(ishigami(stacked), 256)
    np.testing.assert_allclose(ours.first[:, 0], theirs["S1"], atol=1e-12)
    np.testing.assert_allclose(ours.total[:, 0], theirs["ST"], atol=1e-12)
    # both bootstrap: their widths agree as far as 100 resamples allow
    np.testing.assert_allclose(ours.total_width[:, 0], theirs["ST_conf"], rtol=0.3)


def test_a_small_sample_is_said_not_to_be_settled():
    assert not indices(ishigami(design(3, range(3), 16, 1)), 16).settled[0]


def test_an_answer_that_never_changes_has_no_indices():
    found = indices(np.full((5 * 64, 1), 3.0), 64)
    assert not found.first.any()
    assert not found.total.any()


def test_a_sample_that_is_no_power_of_two_is_refused():
    with pytest.raises(InputError, match="power of 2"):
        design(3, range(3), 1000, 1)


def test_screening_finds_the_numbers_that_matter():
    slopes = np.zeros((40, 2))
    slopes[7, 0], slopes[3, 0], slopes[20, 1] = 5.0, 1.0, 2.0
    names = tuple(f"p{i}" for i in range(40))
    found = screen(names, lambda u: u @ slopes)
    assert found.leading() == ("p20", "p7", "p3"), "numbers without any effect are not screened in"
    assert found.leading(least=0.5, at_least=1) == ("p20", "p7")
    np.testing.assert_allclose(found.share[[7, 3], 0], [25 / 26, 1 / 26])


def test_screening_refuses_the_seed_that_salib_ignores():
    with pytest.raises(ValueError, match="1 or more"):
        screen(("a", "b"), lambda u: u, seed=0)


def test_screening_tells_interaction_from_a_straight_line():
    found = screen(("a", "b", "c"), lambda u: np.stack([u[:, 0] * u[:, 1], u[:, 2]], axis=1))
    assert found.bend[0, 0] > 0.2 * found.effect[0, 0]
    np.testing.assert_allclose(found.bend[2, 1], 0, atol=1e-9)


def test_pawn_agrees_with_salib():
    rng = np.random.default_rng(1)
    numbers, problem = rng.random((500, 3)), {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    answers = ishigami(numbers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = salib_pawn.analyze(problem, numbers, answers[:, 0], S=10)["mean"]
    # SALib leaves the greatest value of each number out of its last slice
    np.testing.assert_allclose(pawn(numbers, answers).index[:, 0], theirs, atol=0.01)


def test_pawn_knows_dependent_numbers_and_what_chance_gives():
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, 2000))
    numbers = np.stack([a, 0.8 * a + 0.6 * b, rng.standard_normal(2000)], axis=1)
    found = pawn(numbers, a[:, None])
    assert found.index[0, 0] > found.index[1, 0] > found.chance
    assert found.above_chance[2, 0] == 0


def test_pawn_of_a_uniform_answer_is_known():
    """Of y = x the distance in slice i of 10 is max(i, 9 - i) / 10, on average 0.7."""
    x = (np.arange(1000) + 0.5)[:, None]
    np.testing.assert_allclose(pawn(x, x).index, 0.7, atol=1e-12)


def test_ties_have_no_distance():
    x = np.arange(1000.0)[:, None]
    assert pawn(x, np.ones_like(x)).index[0, 0] == 0


def test_learning_the_number_that_sets_the_sign_settles_the_question():
    rng = np.random.default_rng(1)
    numbers = rng.standard_normal((2000, 20))
    differences = np.stack([numbers[:, 4], np.abs(numbers[:, 5])], axis=1)
    np.testing.assert_allclose(doubt(differences), [0.5, 0.0], atol=0.03)
    found = learned(numbers, differences)
    assert found.worth[4, 0] > 0.4
    assert np.count_nonzero(found.worth[:, 0]) <= 2, "chance alone gives nothing"
    assert not found.worth[:, 1].any(), "a question without doubt is not settled by anything"


def test_a_number_that_leaves_the_likelier_sign_alone_settles_nothing():
    """Above one half the sign is a coin's, below it is plus: plus is the better guess either way."""
    rng = np.random.default_rng(2)
    x, coin = rng.random(4000), rng.choice([-1.0, 1.0], 4000, p=[0.4, 0.6])
    found = learned(np.stack([x, coin], axis=1), np.where(x < 0.5, 1.0, coin)[:, None])
    np.testing.assert_allclose(found.doubt, 0.2, atol=0.02)
    assert abs(found.removed[0, 0]) < 0.01


def test_no_difference_is_not_a_question():
    assert doubt(np.array([[0.0], [0.0], [0.0], [-1.0]]))[0] == 0
