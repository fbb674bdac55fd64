"""Ranks: uniform ones stay inside the bands, others do not."""

import numpy as np
import pytest

from iskdyn.calibration.ranks import LEVELS, N_RANKED, band_probability, covered, ranks_of


def test_the_rank_is_the_number_of_draws_below():
    draws = np.arange(N_RANKED, dtype=float)[:, None] * [1, 1]
    assert ranks_of(np.array([3.5, -1]), draws, np.random.default_rng(1)).tolist() == [4, 0]


def test_ties_are_broken_at_random():
    rng = np.random.default_rng(1)
    ranks = [ranks_of(np.zeros(1), np.zeros((N_RANKED, 1)), rng)[0] for _ in range(2000)]
    assert np.mean(ranks) == pytest.approx(N_RANKED / 2, rel=0.05)
    assert (min(ranks), max(ranks)) == (0, N_RANKED)


@pytest.mark.parametrize("n_replicates", [20, 200])
def test_uniform_ranks_leave_the_bands_as_often_as_said(n_replicates):
    ranks = np.random.default_rng(2).integers(N_RANKED, size=(n_replicates, 3000), endpoint=True)
    assert np.mean(band_probability(ranks) <= 0.05) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("shape", [(2, 1), (1, 2), (0.5, 0.5), (2, 2)], ids=["high", "low", "wide", "narrow"])
def test_ranks_that_lean_or_bunch_leave_the_bands(shape):
    ranks = (np.random.default_rng(4).beta(*shape, size=(200, 1)) * (N_RANKED + 1)).astype(int)
    assert band_probability(ranks)[0] < 1e-3


def test_coverage_of_every_rank_once_is_exact():
    ranks = np.arange(N_RANKED + 1)[:, None]
    np.testing.assert_allclose(covered(ranks)[:, 0], LEVELS)
