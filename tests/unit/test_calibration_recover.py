"""The trial of the sampler: a right one passes, planted faults are caught, and its files are whole."""

from dataclasses import replace

import numpy as np
import pytest
from calibration_toy import CONSTANTS, TRUTH, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import build_objective
from iskdyn.calibration.checkpoint import save_arrays
from iskdyn.calibration.ranks import N_RANKED, ranks_of
from iskdyn.calibration.recover import (
    FAULTS,
    SOUND,
    Recovery,
    load_replicate,
    quantities,
    replicate,
    replicate_path,
)
from iskdyn.calibration.recovered import Recovered, joined, load_recovered, store_recovered, wrong
from iskdyn.errors import InputError, StudyError

QUICK = Recovery(replicates=40, draws=1280, faulted=25)


@pytest.fixture(scope="module")
def objective():
    constants = {name: TRUTH[name] for name in CONSTANTS}
    return build_objective(toy_observations(0.3), toy_parameters(), ToyRunner, constants)


@pytest.fixture(scope="module")
def watched(objective):
    def run(z):
        return objective.model_values(z)[:, [4]]

    return quantities(objective, {"members": "policy"}, run, seed=1)


def made(objective, watched, recovery):
    found = [replicate(objective, watched, recovery, n) for n in range(recovery.replicates)]
    truth, mean, sd, ranks = (np.array([one[n] for one in found]) for n in ("truth", "mean", "sd", "ranks"))
    cost = np.array([one["cost"] for one in found])
    return Recovered(
        watched.names, watched.kinds, (SOUND, *FAULTS), truth, mean, sd, ranks, *cost.T, {"seed": 1}, {}
    )


@pytest.fixture(scope="module")
def small(objective, watched):
    return made(objective, watched, Recovery(replicates=3, draws=640, faulted=1))


def test_a_replicate_is_the_same_again(objective, watched, small):
    again = replicate(objective, watched, Recovery(replicates=3, draws=640, faulted=1), 1)
    np.testing.assert_array_equal(again["ranks"], small.ranks[1])
    np.testing.assert_array_equal(again["mean"], small.mean[1])


def test_truths_of_the_posterior_are_drawn_from_it_and_fitted_with_its_facts(objective, watched):
    z = np.array([[0.3, -0.2, 0.1], [0.5, 0.1, -0.4]])
    settings = {"replicates": 4, "draws": 640, "faulted": 0}
    twice = [replicate(objective, watched, Recovery(**settings, truths="posterior"), n, z) for n in range(4)]
    once = [replicate(objective, watched, Recovery(**settings), n) for n in range(4)]
    assert {tuple(one["truth"][:3]) for one in twice} <= {tuple(row) for row in z}
    sd = [np.mean([one["sd"][:3] for one in found]) for found in (twice, once)]
    assert sd[0] < 0.9 * sd[1]


def test_faults_are_planted_where_asked(small):
    assert [len(small.of(arm)) for arm in (SOUND, *FAULTS)] == [3, 3, 3, 1, 1]


def test_every_kind_of_quantity_is_ranked(watched):
    assert set(watched.kinds) == {"parameter", "bias", "direction", "policy", "score"}
    assert watched.names[-3:] == ("log prior", "log-likelihood", "log-likelihood of toy")


@pytest.mark.slow
def test_the_sampler_stays_inside_its_bands_and_faults_do_not(objective, watched):
    found = made(objective, watched, QUICK)
    bands = {
        arm: [text for text in found.wrong(arm) if "band" in text] for arm in (SOUND, *FAULTS)
    }  # coverage needs more informed directions than a toy has
    assert bands[SOUND] == []
    assert all(bands[fault] for fault in (FAULTS[0], FAULTS[2], FAULTS[3]))


def ranks_of_normal(width, n_replicates=200, n_quantities=27):
    rng = np.random.default_rng(1)
    truth = rng.standard_normal((n_replicates, n_quantities))
    draws = width * rng.standard_normal((n_replicates, N_RANKED, n_quantities))
    return np.array([ranks_of(*pair, rng) for pair in zip(truth, draws, strict=True)])


@pytest.mark.parametrize(("width", "caught"), [(1.0, False), (0.88, True), (1.12, True)])
def test_a_posterior_of_another_width_is_caught(width, caught):
    names = [f"d{i}" for i in range(27)]
    assert bool(wrong(ranks_of_normal(width), names, ["direction"] * 27)) is caught


def test_recovery_is_measured_in_posterior_sd(small):
    table = small.table().set_index("quantity")
    away = (small.mean - small.truth)[:, 0] / small.sd[:, 0]
    assert table.loc["joining", "bias"] == pytest.approx(away.mean())
    assert table.loc["joining", "contraction"] == pytest.approx(1 - small.sd[:, 0].mean())


def test_what_is_stored_is_read_back(tmp_path, small):
    path = tmp_path / "recover.nc"
    store_recovered(small, path)
    again = load_recovered(path)
    assert (again.names, again.kinds, again.arms) == (small.names, small.kinds, small.arms)
    np.testing.assert_array_equal(again.ranks, small.ranks)
    np.testing.assert_allclose(again.mean, small.mean, rtol=1e-6)
    assert again.wrong() == small.wrong()


def test_a_trial_can_be_added_to_with_other_truths(objective, watched):
    settings = {"replicates": 2, "draws": 640, "faulted": 1}
    one, other = (
        replace(
            made(objective, watched, Recovery(**settings, seed=seed)), recovery={**settings, "seed": seed}
        )
        for seed in (1, 2)
    )
    both = joined(one, other)
    assert both.recovery == {"replicates": 4, "draws": 640, "faulted": 2, "seed": "1 and 2"}
    np.testing.assert_array_equal(both.of(SOUND), np.concatenate([one.of(SOUND), other.of(SOUND)]))
    assert len(both.of(FAULTS[3])) == 2
    with pytest.raises(InputError, match="another seed"):
        joined(both, other)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_damaged_result_is_one_clear_error(tmp_path, small, share):
    path = tmp_path / "recover.nc"
    store_recovered(small, path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(StudyError, match="run `iskdyn recover` again"):
        load_recovered(path)


def test_a_replicate_of_something_else_is_refused(tmp_path):
    path = replicate_path(tmp_path, 0)
    save_arrays(path, "replicate", "mine 0", {"ranks": np.zeros(3)})
    assert load_replicate(tmp_path, 0, "mine")["ranks"].tolist() == [0, 0, 0]
    with pytest.raises(StudyError, match="of another model"):
        load_replicate(tmp_path, 0, "other")
    replicate_path(tmp_path, 1).write_bytes(path.read_bytes())
    with pytest.raises(StudyError, match="is no saved replicate of this place"):
        load_replicate(tmp_path, 1, "mine")
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(StudyError, match="delete it to begin it again"):
        load_replicate(tmp_path, 0, "mine")


@pytest.mark.parametrize("settings", [{"replicates": 0}, {"faulted": 300}, {"draws": 610}, {"draws": 60}])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(InputError):
        Recovery(**{"replicates": 200, **settings})
