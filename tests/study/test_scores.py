"""`iskdyn profile` and `iskdyn score`: printed, stored, resumed, and refused where they do not belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iskdyn import open_study
from iskdyn.calibration import load_table
from iskdyn.errors import StudyError


@pytest.fixture
def fitted(tiny: Path, iskdyn) -> Path:
    assert iskdyn("fit", "--study", tiny, "--starts", "4").exit_code == 0
    return tiny


def test_every_number_is_profiled_and_stored(fitted: Path, iskdyn) -> None:
    result = iskdyn("profile", "--study", fitted)
    stored = load_table(
        open_study(fitted), fitted / "calibration" / "results" / "profiles.json", "profile table"
    )
    assert result.exit_code == 0
    assert set(stored.rows["name"]) == set(open_study(fitted).parameters["name"])
    assert stored.changed == ()
    assert all(verdict in result.stdout for verdict in stored.rows["verdict"])


def test_some_numbers_are_profiled_without_a_file(fitted: Path, iskdyn) -> None:
    result = iskdyn("profile", "--study", fitted, "--parameter", "arrest hazard", "--json")
    assert [row["name"] for row in json.loads(result.stdout)] == ["arrest hazard"]
    assert not (fitted / "calibration" / "results" / "profiles.json").exists()


def test_an_unknown_number_is_refused(fitted: Path, iskdyn) -> None:
    result = iskdyn("profile", "--study", fitted, "--parameter", "arrest hazzard")
    assert result.exit_code == 2
    assert "did you mean 'arrest hazard'?" in result.stderr


def test_profiles_need_a_fit_of_the_study_as_it_is(fitted: Path, iskdyn) -> None:
    table = fitted / "calibration" / "parameters.csv"
    table.write_text(table.read_text().replace("lognormal,50", "lognormal,51"))
    result = iskdyn("profile", "--study", fitted)
    assert result.exit_code == 2
    assert "has changed since the fit" in result.stderr


def test_scores_are_stored_and_a_stopped_call_goes_on(tiny: Path, iskdyn) -> None:
    options = ("score", "--study", tiny, "--draws", "400", "--runs", "2", "--json")
    path = tiny / "calibration" / "results" / "scores.json"
    whole = json.loads(iskdyn(*options).stdout)
    kept = [{**row, "score": -1.0} for row in whole[:3]]
    _part(tiny, kept)
    resumed = json.loads(iskdyn(*options).stdout)
    assert resumed == [*kept, *whole[3:]]
    assert not path.with_suffix(".part").exists()
    assert load_table(open_study(tiny), path, "score table").changed == ()


def _part(tiny: Path, rows: list[dict[str, object]]) -> Path:
    """What a call that was stopped after these rows leaves."""
    study = open_study(tiny)
    from iskdyn.calibration import Sampling, every_number
    from iskdyn.calibration.posterior import run_label
    from iskdyn.seal import enclose

    label = run_label(every_number(study), Sampling(400, 50, 2, 1, 50), study.program.digest)
    path = tiny / "calibration" / "results" / "scores.part"
    path.write_bytes(enclose("scores", label, json.dumps(rows).encode()))
    return path


def test_a_changed_study_or_file_is_told(fitted: Path, iskdyn) -> None:
    iskdyn("profile", "--study", fitted)
    path = fitted / "calibration" / "results" / "profiles.json"
    path.write_text(path.read_text().replace("identified", "unidentified"))
    with pytest.raises(StudyError, match=r"is not a stored profile table.*run `iskdyn profile` again"):
        load_table(open_study(fitted), path, "profile table")
    iskdyn("profile", "--study", fitted)
    table = fitted / "calibration" / "parameters.csv"
    table.write_text(table.read_text().replace("lognormal,50", "lognormal,51"))
    assert load_table(open_study(fitted), path, "profile table").changed == ("parameters",)
