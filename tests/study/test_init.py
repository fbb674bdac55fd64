"""`iskdyn init`: a study from a model, that opens and works without an edit; one clear error for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iskdyn.study import open_study

DATA = Path(__file__).parents[1] / "data"
SIR, COUNTS = DATA / "epidemic/models/sir.mdl", DATA / "epidemic/data/in_bed.csv"
LAST = "1978-02-04"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new"


def test_the_data_become_one_row_a_column_and_the_constants_parameters(iskdyn, folder):
    result = iskdyn("init", SIR, "--data", COUNTS, "--out", folder)
    assert (result.exit_code, result.stderr) == (0, "")
    study = open_study(folder)
    assert (study.settings.start, study.settings.clock, study.settings.history_end) == (
        "1978-01-22",
        "day",
        LAST,
    )
    assert study.settings.headline == ("In bed",)
    assert len(study.observations) == 14
    table = (folder / "calibration/observations.csv").read_text()
    assert len(table.splitlines()) == 2
    rows = study.parameters.set_index("name")
    assert set(rows.index) == {"contacts from bed", "days in bed", "ill at first", "isolation intensity"}
    assert tuple(rows.loc["days in bed", ["lower", "upper", "a"]]) == (
        0.5,
        10,
        2.2,
    )  # the model's range and value
    assert list(study.scenarios) == ["a-tenth-more"]


def test_a_number_without_a_range_is_sought_from_a_tenth_to_ten_times(iskdyn, folder, tmp_path):
    model = tmp_path / "growth.mdl"
    text = "{UTF-8}\nstock= INTEG (rate*stock, 100)\n~ Person\n~|\nrate=\n\t0.2\n~ 1/Month\n~|\nunused=\n\t3\n~\n~|\n"
    clock = "INITIAL TIME=0~~|\nFINAL TIME=10~~|\nTIME STEP=0.125~~|\nSAVEPER=1~~|\n"
    model.write_text(text + clock)
    data = tmp_path / "counts.csv"
    data.write_text("when,stock,weather\n0.0,100,1\n0.5,110,1\n1.0,122,2\n2,149.2,\n12,1100,3\n")
    result = iskdyn("init", model, "--data", data, "--out", folder, "--json")
    left = json.loads(result.stdout)["left_out"]
    assert left == [
        "column 'weather': no stock and no computed variable of the model",
        "1 rows of the data between whole periods",
    ]
    study = open_study(folder)
    assert list(study.parameters["name"]) == ["rate"]  # unused moves nothing
    assert tuple(study.parameters.iloc[0][["lower", "upper"]]) == pytest.approx((0.02, 2))
    assert list(study.observations["start"]) == ["0", "1", "2", "12"]
    assert study.end_time() == 13  # as far as the data go, past the model's own end


def test_without_data_the_stocks_are_told(iskdyn, folder):
    assert iskdyn("init", SIR, "--out", folder).exit_code == 0
    assert open_study(folder).settings.headline == ("Susceptible", "In bed", "Up again")
    result = iskdyn("fit", "--study", folder, "--quiet")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_nothing_is_overwritten_and_nothing_half_written(iskdyn, folder):
    folder.mkdir()
    result = iskdyn("init", SIR, "--out", folder)
    assert (result.exit_code, "is there already" in result.stderr) == (2, True)
    assert list(folder.parent.iterdir()) == [folder]
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("day,in bad\n1978-01-22,3\n", "did you mean 'In bed'"),
        ("day,in bed\nsoon,3\n", "the first column is not a time"),
        ("day,in bed\n1978-01-22,many\n", "'many' is not a finite number"),
        ("day,in bed,in bed\n1978-01-22,3,4\n", "stand there twice"),
        ("day,in bed\n", "the first column is not a time"),
        ("", "is empty"),
        ("day,boys\n1978-01-22,763\n", "no column after the first is named as a stock"),
        ("time,in bed\n0.5,3\n", "no number at a whole period"),
    ],
)
def test_data_that_cannot_be_used_are_told_in_one_line(iskdyn, folder, tmp_path, text, words):
    data = tmp_path / "data.csv"
    data.write_text(text)
    result = iskdyn("init", SIR, "--data", data, "--out", folder)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.stderr
    assert words in result.stderr
    assert not folder.exists()


def test_a_model_that_does_not_run_is_refused_with_its_place(iskdyn, folder, tmp_path):
    model = tmp_path / "wrong.mdl"
    model.write_text(SIR.read_text().replace("In bed/days in bed", "In bed/(days in bed-2.2)"))
    result = iskdyn("init", model, "--out", folder)
    assert result.exit_code == 2
    assert "rising" in result.stderr
    assert not folder.exists()


@pytest.mark.slow
def test_a_new_study_is_fitted_and_reported_without_an_edit(iskdyn, folder):
    iskdyn("init", SIR, "--data", COUNTS, "--out", folder)
    for verb in (
        ("fit", "--starts", "2"),
        ("profile",),
        ("sensitivity", "--samples", "16"),
        ("report",),
        ("page",),
    ):
        result = iskdyn(*verb, "--quiet", "--study", folder)
        assert result.exit_code == 0, (verb, result.stderr)
    assert (folder / "reports/out/index.html").is_file()
    assert (folder / "reports/out/levers.html").is_file()
