"""`iskdyn freeze`: sealed, openable when the study has moved on, and never changed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from iskdyn import open_study
from iskdyn.calibration.frozen import load_frozen
from iskdyn.errors import StudyError


def test_what_is_frozen_reads_back_whatever_becomes_of_the_study(frozen, sampled, iskdyn) -> None:
    before = open_study(sampled)
    observations = sampled / "calibration" / "observations.csv"
    observations.write_text(observations.read_text().replace("20,60", "20,61"))
    found = load_frozen(frozen)
    assert found.study.program.digest == before.program.digest
    assert found.study.observations.equals(before.observations)
    assert [one.weight for one in found.structures] == [1.0]
    assert iskdyn("verify", frozen, "--study", sampled).exit_code == 0


def test_predictions_are_quantiles_of_runs_at_the_frozen_draws(frozen) -> None:
    found = load_frozen(frozen)
    study, told = found.study, found.structures[0]
    row = found.predictions[found.predictions["outcome"] == study.settings.headline[0]].iloc[-1]
    known = [name for name in told.names if name in study.program]
    ends = []
    for draw in told.draws[:, [told.names.index(name) for name in known]]:
        run = study.run(dict(zip(known, map(float, draw), strict=True)), until=row["month"])
        ends.append(float(run[study.settings.headline[0]][-1]))
    ends.sort()  # the fifth of a hundred is the quantile, or by rounding of the weights the sixth
    for name, nearest in {"low": 4, "median": 49, "high": 94}.items():
        assert row[name] == pytest.approx(min(ends[nearest : nearest + 2], key=lambda x: abs(x - row[name])))


@pytest.mark.parametrize("place", [0.02, 0.5, 0.98])
def test_an_edited_frozen_file_fails_with_one_sentence(frozen, sampled, iskdyn, place: float) -> None:
    content = bytearray(frozen.read_bytes())
    content[int(place * len(content))] ^= 1
    frozen.write_bytes(content)
    result = iskdyn("verify", frozen, "--study", sampled)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "was changed after it was frozen" in result.stderr
    with pytest.raises(StudyError, match=r"is not a frozen model as it was written"):
        load_frozen(frozen)


def test_a_frozen_file_packed_again_fails_too(frozen, sampled, iskdyn) -> None:
    with zipfile.ZipFile(frozen) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["predictions.csv"] = parts["predictions.csv"].replace(b"1", b"2")
    with zipfile.ZipFile(frozen, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    result = iskdyn("verify", frozen, "--study", sampled)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_nothing_frozen_is_written_over(frozen, sampled, iskdyn) -> None:
    before = frozen.read_bytes()
    result = iskdyn("freeze", "--study", sampled, "--out", frozen)
    assert (result.exit_code, frozen.read_bytes()) == (2, before)
    assert "is there already" in result.stderr


def test_a_study_without_a_posterior_has_nothing_to_freeze(tiny: Path, iskdyn) -> None:
    result = iskdyn("freeze", "--study", tiny)
    assert result.exit_code == 2
    assert "no accepted posterior" in result.stderr
