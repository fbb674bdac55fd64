"""`iskdyn posterior`: stored, marked where a gate is missed, and used by what reads it only if accepted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from iskdyn import open_study
from iskdyn.app.fitting import sample_and_store
from iskdyn.calibration import (
    Sampling,
    every_number,
    fit,
    load_posterior,
    sample_posterior,
    spread,
    store_posterior,
    verify,
)
from iskdyn.errors import StudyError


def test_a_short_run_is_stored_and_marked_and_exits_with_1(iskdyn, tiny: Path) -> None:
    result = iskdyn("posterior", "--study", tiny, "--draws", "800", "--runs", "2", "--json")
    stored = load_posterior(tiny / "calibration" / "results" / "posterior.nc")
    assert json.loads(result.stdout)["accepted"] is stored.accepted
    assert result.exit_code == (0 if stored.accepted else 1)
    assert not (tiny / "calibration" / "results" / "posterior.runs").exists()


def test_a_stored_posterior_reads_back_and_knows_its_study(tiny: Path) -> None:
    study, sampling = open_study(tiny), Sampling(n_draws=800, runs=2, kept=100)
    drawn = sample_posterior(every_number(study), sampling)
    path = tiny / "posterior.nc"
    store_posterior(drawn, sampling, path, study)
    stored = load_posterior(path)
    assert stored.names == drawn.names
    np.testing.assert_allclose(stored.values, drawn.values, rtol=1e-6)
    assert stored.accepted == drawn.accepted
    assert verify(study, stored, "posterior") == []
    observations = tiny / "calibration" / "observations.csv"
    observations.write_text(observations.read_text().replace("20,60", "20,61"))
    assert [problem.place for problem in verify(open_study(tiny), stored, "posterior")] == ["observations"]


def test_only_an_accepted_posterior_stands_for_what_is_known(tiny: Path) -> None:
    study, sampling = open_study(tiny), Sampling(n_draws=800, runs=2, kept=100)
    store_posterior(sample_posterior(every_number(study), sampling), sampling, tiny / "p.nc", study)
    stored, best = load_posterior(tiny / "p.nc"), fit(study, starts=2)
    kinds = [
        spread(study, best, 50, 1, replace(stored, accepted=accepted)).kind for accepted in (True, False)
    ]
    assert kinds == ["posterior", "approximation"]


@pytest.mark.parametrize("content", [b"", b"not a file of draws", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_a_damaged_posterior_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "posterior.nc"
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"posterior\.nc: is not a stored posterior"):
        load_posterior(path)


@pytest.mark.parametrize(("enough", "tried"), [(800, [800]), (1600, [800, 1600]), (9999, [800, 1600, 3200])])
def test_a_missed_gate_is_sampled_again_with_longer_chains(
    monkeypatch, enough: int, tried: list[int]
) -> None:
    asked = []

    def sampled(study, variant, sampling, path, progress):
        asked.append(sampling.n_draws)
        return SimpleNamespace(accepted=sampling.n_draws >= enough)

    monkeypatch.setattr("iskdyn.app.fitting._sampled", sampled)
    found = sample_and_store(None, None, Sampling(n_draws=800, kept=100), Path("p.nc"))
    assert asked == tried
    assert found.accepted == (tried[-1] >= enough)


def test_what_was_stopped_with_longer_chains_goes_on_with_these(tmp_path, monkeypatch):
    asked = []

    def missed(study, variant, sampling, path, progress):
        asked.append(sampling.n_draws)
        return SimpleNamespace(accepted=False)

    monkeypatch.setattr("iskdyn.app.fitting._sampled", missed)
    path = tmp_path / "posterior.nc"
    sample_and_store(None, None, Sampling(800, kept=100), path)
    (tmp_path / "posterior.runs" / "1600").mkdir(parents=True)
    sample_and_store(None, None, Sampling(800, kept=100), path)
    assert asked == [800, 1600, 3200, 1600, 3200]
