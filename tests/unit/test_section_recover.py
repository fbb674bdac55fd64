"""The report's words about the trial of the sampler say what the trial found."""

from types import SimpleNamespace

import numpy as np
import pytest

from iskdyn.calibration.ranks import N_RANKED
from iskdyn.calibration.recover import FAULTS, SOUND
from iskdyn.calibration.recovered import RECOVERED, Recovered, store_recovered
from iskdyn.reports import section_recover
from iskdyn.reports.section_recover import recover_section

KINDS = ("parameter", "bias", *["direction"] * 30, "policy", "score")
NAMES = ("joining", "claim", *(f"informed direction {i}" for i in range(30)), "members", "log-likelihood")


def materials(folder):
    study = SimpleNamespace(path_of=lambda part: folder, stored=lambda name: folder / name)
    return SimpleNamespace(study=study, tell=lambda text: None)


def stored(folder, *, biased=False):
    rng = np.random.default_rng(1)
    truth = rng.standard_normal((200, len(NAMES)))
    ranks = rng.integers(N_RANKED, size=(200, 1 + len(FAULTS), len(NAMES)), endpoint=True)
    ranks[:, 1:] //= 3
    ranks[10:, 3:] = -1
    if biased:
        ranks[:, 0, 0] //= 3
    sd = np.full(truth.shape, 0.4)
    found = Recovered(
        NAMES, KINDS, (SOUND, *FAULTS), truth, 0.8 * truth, sd, ranks, np.ones(200), np.ones(200),
        {"draws": 12000, "seed": 1}, {},
    )  # fmt: skip
    store_recovered(found, folder / RECOVERED["prior"])


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(section_recover, "verify", lambda *arguments: [])


def test_a_pass_is_told_with_its_faults(tmp_path):
    stored(tmp_path)
    html = recover_section(materials(tmp_path)).html
    assert "The sampler passed" in html
    assert "4 samplers with a planted fault, and caught 4 of them" in html
    assert "<svg" in html


def test_a_failure_is_told_first(tmp_path):
    stored(tmp_path, biased=True)
    html = recover_section(materials(tmp_path)).html
    assert "The sampler failed the test:</strong> joining leaves its band" in html


def test_without_a_trial_there_is_no_section(tmp_path):
    assert recover_section(materials(tmp_path)) is None
