"""Each kind of bad argument, and of a bad series given with it, is one clear message, and exit code 2."""

from __future__ import annotations

import pytest

BAD_ARGUMENTS = {
    # what is wrong: (arguments, words of the message)
    "unknown lever": (("--set", "arest hazard=0.1"), "did you mean 'arrest hazard'"),
    "NaN": (("--set", "arrest hazard=nan"), "not NAME=VALUE with a finite number"),
    "infinite": (("--set", "arrest hazard=inf"), "not NAME=VALUE with a finite number"),
    "no value": (("--set", "arrest hazard"), "not NAME=VALUE"),
    "code for a value": (("--set", "arrest hazard=__import__('os')"), "not NAME=VALUE"),
    "out of range": (("--set", "arrest hazard=0.6"), "0.6 1/Month is outside of its range, 0 to 0.5"),
    "not a constant": (("--set", "recruitment=5"), "is of the kind auxiliary; expected constant or stock"),
    "unknown scenario": (("--scenario", "no-arrest"), "did you mean 'no-arrests'"),
    "missing scenario": (("--scenario", "other.toml"), "other.toml: this file is missing"),
    "unknown output": (("--outputs", "member"), "did you mean 'members'"),
    "until before the start": (("--until", "2021-06"), "outside of the study's horizon, 2021-07 to 2023-06"),
    "until past the horizon": (("--until", "2023-07"), "outside of the study's horizon"),
    "until is no month": (("--until", "June"), "'June' is not a number or a month"),
    "until is not a number": (("--until", "nan"), "'nan' is not a number or a month"),
    "unknown ending": (("--out", "result.xlsx"), "expected .csv, .nc, .json"),
    "unknown folder": (("--out", "/proc/none/result.csv"), "cannot be written"),
    "series without file": (("--series", "recruitment"), "not NAME=FILE.csv"),
    "missing series": (("--series", "recruitment=none.csv"), "none.csv: this file is missing"),
    "data for a study": (("--data", "none.csv"), "gives series to a MODEL; for the study use --series"),
}


@pytest.mark.parametrize("what", BAD_ARGUMENTS)
def test_bad_argument_is_refused(what, tiny, iskdyn):
    arguments, words = BAD_ARGUMENTS[what]
    result = iskdyn("run", "--study", tiny, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


BAD_SERIES = {
    # what is wrong: (rows, words of the message)
    "reversed times": (("2021-09,1", "2021-08,1"), "series.csv:3:time"),
    "the same time twice": (("2021-09,1", "2021-09,2"), "series.csv:3:time"),
    "outside the horizon": (("2021-09,1", "2025-08,1"), "outside of the horizon, 0 to 24"),
    "before the start": (("2021-01,1",), "outside of the horizon"),
    "NaN": (("2021-09,nan",), "series.csv:2:value"),
    "bad month": (("2021-9,1",), "series.csv:2:time: '2021-9' is not a number or a month"),
    "no rows": ((), "no rows"),
}


@pytest.mark.parametrize("what", BAD_SERIES)
def test_bad_series_is_refused_with_its_place(what, tiny, iskdyn):
    rows, words = BAD_SERIES[what]
    file = tiny / "series.csv"
    file.write_text("\n".join(("time,value", *rows)) + "\n")
    result = iskdyn("run", "--study", tiny, "--series", f"recruitment={file}")
    assert result.exit_code == 2
    assert words in result.stderr


def test_series_value_out_of_range_is_refused(tiny, iskdyn):
    file = tiny / "series.csv"
    file.write_text("time,value\n2021-09,0.9\n")
    result = iskdyn("run", "--study", tiny, "--series", f"arrest hazard={file}")
    assert (result.exit_code, "outside of its range, 0 to 0.5" in result.stderr) == (2, True)
