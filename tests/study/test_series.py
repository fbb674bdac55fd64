"""One row of observations for a whole column of data, and studies without dates."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pandas as pd
import pytest
from whole_tiny import store_accepted

from iskdyn.calibration import load_table, read_sheet, store_table
from iskdyn.calibration.frozen import load_frozen
from iskdyn.errors import StudyError
from iskdyn.study import open_study
from iskdyn.study.stamp import hashes

EPIDEMIC = Path(__file__).parents[1] / "data" / "epidemic"
TABLE, COUNTS = "calibration/observations.csv", "data/in_bed.csv"


@pytest.fixture
def epidemic(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EPIDEMIC, tmp_path / "epidemic"))


def test_a_row_of_the_form_series_is_a_row_for_each_number(epidemic):
    table = open_study(epidemic).observations
    assert list(table["fold"]) == ["fit"] * 10 + ["held"] * 4
    row = table.iloc[4]
    assert (row["start"], row["low"], row["high"], row["form"]) == ("1978-01-26", 224.5, 225.5, "about")


def test_an_empty_cell_is_no_number(epidemic):
    _edit(epidemic, COUNTS, "1978-01-26,225", "1978-01-26,")
    assert len(open_study(epidemic).observations) == 13


def test_other_data_is_another_study(epidemic):
    before = hashes(open_study(epidemic))["observations"]
    _edit(epidemic, COUNTS, "1978-01-26,225", "1978-01-26,226")
    assert hashes(open_study(epidemic))["observations"] != before


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words"),
    [
        (
            TABLE,
            "in_bed.csv: in bed\nB2",
            "in_bed.csv: at bed\nB2",
            f"{TABLE}:2:series",
            "did you mean 'in bed'",
        ),
        (TABLE, "in_bed.csv: in bed\nB2", "in_bad.csv: in bed\nB2", "data/in_bad.csv", "is missing"),
        (TABLE, "data/in_bed.csv: in bed\nB2", "../in_bed.csv: in bed\nB2", f"{TABLE}:2:series", "outside"),
        (TABLE, "data/in_bed.csv: in bed\nB2", "in bed\nB2", f"{TABLE}:2:series", "is not FILE: COLUMN"),
        (COUNTS, "1978-01-26,225", "1978-01-26,many", f"{COUNTS}:6", "'many' is not a finite number"),
        (COUNTS, "1978-01-26,225", "1978-01-26,0", f"{COUNTS}:6", "make the scale of 'B1' linear"),
        (COUNTS, "1978-01-26,225", "26 January,225", f"{COUNTS}:6", "is not a day written YYYY-MM-DD"),
        (TABLE, "1978-01-31", "1978-01", f"{TABLE}:2:end", "is not a day written YYYY-MM-DD"),
    ],
)
def test_wrong_data_is_refused_with_its_place(epidemic, file, old, new, place, words):
    _edit(epidemic, file, old, new)
    with pytest.raises(StudyError) as error:
        open_study(epidemic)
    assert any(one.place == place and words in one.message for one in error.value.problems), error.value


def test_plain_numbers_are_periods_that_end_one_later(epidemic):
    for file in ("study.toml", TABLE, COUNTS, "models/evidence.csv"):
        text = (epidemic / file).read_text()
        for day in range(28):
            number = f"1978-01-{22 + day}" if day < 10 else f"1978-02-{day - 9:02d}"
            text = text.replace(number, str(day))
        (epidemic / file).write_text(text.replace('start = "0"\n', "").replace("1978-02-28", "20"))
    shutil.rmtree(epidemic / "models" / "scenarios")
    study = open_study(epidemic)
    assert study.horizon == ("0", "20")
    assert study.end_time() == 14.0
    windows = [reading.window for reading in read_sheet(study.windowed, study.time).readings]
    assert windows == [(day, day + 1.0) for day in range(14)]
    assert list(study.run(outputs=["In bed"])["month"].values[:5]) == ["0", "0", "0", "0", "1"]


def test_years_are_periods_and_not_model_times():
    study = open_study(EPIDEMIC.parent / "arms_race")
    windows = {reading.window for reading in read_sheet(study.windowed, study.time).readings}
    assert windows == {(float(year), year + 1.0) for year in range(5)}


def _edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def test_a_stored_column_without_any_number_comes_back_as_one_of_numbers(epidemic):
    """As the bounds of a study in which the facts bound no number."""
    study = open_study(epidemic)
    rows = pd.DataFrame({"name": ["contacts from bed", "days in bed"], "low": [math.nan, math.nan]})
    path = epidemic / "calibration/results/profiles.json"
    store_table(rows, {}, path, study, "profile table")
    read = load_table(study, path, "profile table").rows
    assert read["low"].dtype == float
    assert read["low"].isna().all()


@pytest.mark.slow
def test_what_is_frozen_holds_the_data_of_its_series(epidemic, iskdyn):
    store_accepted(epidemic)
    path = epidemic.parent / "then.frozen"
    result = iskdyn("freeze", "--study", epidemic, "--out", path)
    assert result.exit_code == 0, result.stderr
    assert len(load_frozen(path).study.observations) == 14
