"""`iskdyn recover`: replicates in files of their own, a stop loses none of them, and the result is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iskdyn import open_study
from iskdyn.calibration import verify
from iskdyn.calibration.recover import Recovery, recover, replicate_path
from iskdyn.calibration.recovered import load_recovered
from iskdyn.errors import StudyError


@pytest.mark.slow
def test_a_trial_is_stored_with_what_it_rests_on(iskdyn, tiny: Path) -> None:
    result = iskdyn("recover", "--study", tiny, "--replicates", "3", "--draws", "640", "--faulted", "1",
                    "--workers", "1", "--json")  # fmt: skip
    stored = load_recovered(tiny / "calibration" / "results" / "recover.nc")
    assert json.loads(result.stdout)["passes"] is stored.passes
    assert result.exit_code == (0 if stored.passes else 1)
    assert stored.ranks.shape[:2] == (3, 5)
    assert verify(open_study(tiny), stored, "recover") == []
    assert iskdyn("verify", tiny / "calibration" / "results" / "recover.nc", "--study", tiny).exit_code == 0
    assert not (tiny / "calibration" / "results" / "recover.runs").exists()


@pytest.mark.slow
def test_what_is_there_is_not_made_again(tiny: Path) -> None:
    study, folder = open_study(tiny), tiny / "runs"
    recover(study, Recovery(1, 640, 1), folder, workers=1)
    first = replicate_path(folder, 0)
    made = first.stat().st_mtime_ns
    recover(study, Recovery(2, 640, 1), folder, workers=1)
    assert first.stat().st_mtime_ns == made
    assert replicate_path(folder, 1).exists()
    with pytest.raises(StudyError, match="of another model"):
        recover(study, Recovery(2, 640, 1, seed=2), folder, workers=1)
