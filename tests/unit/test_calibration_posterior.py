"""The posterior of the toy: right, resumable after a stop at any stage, and refused where runs disagree."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from calibration_toy import CONSTANTS, TRUTH, SwungToy, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import Sampling, Variant, build_objective, cuts, sample_posterior, weights
from iskdyn.calibration.cuts import SHORT
from iskdyn.calibration.gates import effective_size, gate_table
from iskdyn.calibration.smc import Population
from iskdyn.errors import InputError, StudyError

QUICK = Sampling(n_draws=2000, n_chains=100, runs=2, kept=200)


def toy_objective(width=0.3, runner=ToyRunner):
    constants = {name: TRUTH[name] for name in CONSTANTS}
    return build_objective(toy_observations(width), toy_parameters(), runner, constants)


@pytest.mark.parametrize("runner", [ToyRunner, SwungToy])
def test_the_posterior_agrees_with_weighted_draws_of_the_prior(runner):
    objective = toy_objective(runner=runner)
    posterior = sample_posterior(objective, Sampling(n_draws=16000, n_chains=200, kept=4000))
    z = np.random.default_rng(9).standard_normal((400_000, 3))
    scores = objective.log_likelihood(z)
    weights = np.exp(scores - scores.max())
    mean = weights @ z / weights.sum()
    sd = np.sqrt(weights @ (z - mean) ** 2 / weights.sum())
    draws = posterior.z.reshape(-1, 3)
    assert posterior.accepted, posterior.gates
    np.testing.assert_allclose((draws.mean(axis=0) - mean) / sd, 0, atol=0.06)
    np.testing.assert_allclose(draws.std(axis=0) / sd, 1, atol=0.05)
    np.testing.assert_allclose(posterior.log_evidence, scores.max() + np.log(weights.mean()), atol=0.1)


@pytest.mark.parametrize(("runner", "times"), [(SwungToy, 1), (ToyRunner, 5)])
@pytest.mark.parametrize("briefly", [cuts, weights], ids=["cuts", "weights"])
def test_brief_samplings_are_longer_without_derivatives(monkeypatch, briefly, runner, times):
    def sampled(objective, sampling, **_):
        assert (sampling.n_draws, sampling.n_chains) == (
            times * SHORT.n_draws,
            min(times, 2) * SHORT.n_chains,
        )
        raise KeyboardInterrupt  # what was asked for is known; nothing need be sampled

    monkeypatch.setattr(briefly, "sample_posterior", sampled)
    objective, toy = toy_objective(runner=runner), Variant("toy")
    ask = {
        cuts: lambda: cuts._sampled(objective, toy, SHORT, None),
        weights: lambda: weights._weighed(objective, toy, 1.0, 1.0, SHORT),
    }[briefly]
    with pytest.raises(KeyboardInterrupt):
        ask()


def test_the_same_seed_gives_the_same_draws():
    first, second = sample_posterior(toy_objective(), QUICK), sample_posterior(toy_objective(), QUICK)
    np.testing.assert_array_equal(first.values, second.values)


@pytest.mark.parametrize("stage", [0, 1, 3, 5, 7])
@pytest.mark.parametrize("runner", [ToyRunner, SwungToy])
def test_a_stop_at_any_stage_ends_with_the_same_draws(tmp_path, stage, runner):
    objective = toy_objective(runner=runner)
    undisturbed = sample_posterior(objective, QUICK)
    asked = iter(range(100))
    with pytest.raises(KeyboardInterrupt):
        sample_posterior(objective, QUICK, folder=tmp_path, cancelled=lambda: next(asked) == stage)
    resumed = sample_posterior(objective, QUICK, folder=tmp_path)
    np.testing.assert_array_equal(resumed.z, undisturbed.z)
    np.testing.assert_array_equal(resumed.log_evidence, undisturbed.log_evidence)


CHILD = """
import sys; sys.path.insert(0, {here!r})
from pathlib import Path
from test_calibration_posterior import QUICK, sample_posterior, toy_objective
print("ready", flush=True)
sample_posterior(toy_objective(), QUICK, folder=Path({folder!r}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
def test_a_kill_at_any_moment_loses_nothing(tmp_path):
    undisturbed = sample_posterior(toy_objective(), QUICK)
    code = CHILD.format(here=str(Path(__file__).parent), folder=str(tmp_path))
    for moment in np.random.default_rng(4).uniform(0, 0.4, 5):
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        with child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(moment)
            os.kill(child.pid, signal.SIGKILL)
    resumed = sample_posterior(toy_objective(), QUICK, folder=tmp_path)
    np.testing.assert_array_equal(resumed.z, undisturbed.z)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_damaged_file_is_one_clear_error(tmp_path, share):
    sample_posterior(toy_objective(), QUICK, folder=tmp_path)
    path = tmp_path / "run-1.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(StudyError, match=r"run-1\.npz.*delete it to begin it again"):
        sample_posterior(toy_objective(), QUICK, folder=tmp_path)


@pytest.mark.parametrize("change", ["data", "settings", "model"])
def test_a_run_that_belongs_to_something_else_is_refused(tmp_path, change):
    sample_posterior(toy_objective(), QUICK, folder=tmp_path)
    objective = toy_objective(0.2 if change == "data" else 0.3)
    sampling = dataclasses.replace(QUICK, seed=2) if change == "settings" else QUICK
    with pytest.raises(StudyError, match="of another model"):
        sample_posterior(
            objective, sampling, folder=tmp_path, model_digest="other" if change == "model" else ""
        )


@pytest.mark.parametrize(
    "settings", [{"n_draws": 1001}, {"n_draws": 100}, {"runs": 1}, {"kept": 0}, {"kept": 10**6}]
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(InputError):
        dataclasses.replace(QUICK, **settings)


def runs_of(*draws, evidence=(0.0, 0.0)):
    return [
        Population(z, -0.5 * np.sum(z**2, axis=1), 1.0, log_z, 1.0, 0.5, 1, len(z))
        for z, log_z in zip(draws, evidence, strict=True)
    ]


def failing(runs, n_chains=400):
    table = gate_table(runs, ["a", "b"], n_chains)
    return set(table.loc[~table["passes"], "quantity"])


@pytest.fixture
def draws():
    return np.random.default_rng(2).standard_normal((2, 20_000, 2))


def test_runs_that_agree_pass_every_gate(draws):
    assert failing(runs_of(*draws)) == set()


def test_a_shifted_run_misses_the_gate_of_the_mean(draws):
    assert "a" in failing(runs_of(draws[0], draws[1] + [0.3, 0]))


def test_a_narrow_run_misses_the_gate_of_the_spread(draws):
    assert "b" in failing(runs_of(draws[0], draws[1] * [1, 0.8]))


def test_scattered_evidence_misses_its_gate(draws):
    assert failing(runs_of(*draws, evidence=(0.0, 1.0))) == {"log evidence"}


def test_chains_that_hardly_move_count_as_few_draws(draws):
    stuck = np.tile(draws[0][:50], (400, 1))
    assert effective_size(stuck, 50) == pytest.approx([50, 50], rel=0.05)
    assert effective_size(draws[0], 400) == pytest.approx([20_000] * 2, rel=0.2)
    assert "a" in failing(runs_of(stuck, stuck), n_chains=50)
