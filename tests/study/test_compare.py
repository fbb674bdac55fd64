"""`iskdyn compare` as a user types it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from iskdyn import open_study

ROOT = Path(__file__).parents[2]


def fitted_here():
    from iskdyn.calibration import load_fit, verify
    from iskdyn.study import FIT

    study = open_study(ROOT)
    path = study.path_of("results") / FIT
    return path.is_file() and not verify(study, load_fit(path))


needs_fit = pytest.mark.skipif(not fitted_here(), reason="no stored fit belongs to the study as it is")


@needs_fit
def test_one_scenario_is_compared_with_history_human_cost_first(iskdyn, tmp_path):
    out = tmp_path / "found.csv"
    found = iskdyn("compare", "no-autumn-wave", "--study", ROOT, "--draws", 20, "--json", "--out", out)
    rows = json.loads(found.stdout)
    study = open_study(ROOT)
    assert {row["against"] for row in rows} == {"history"}
    assert [row["outcome"] for row in rows[: len(study.settings.headline)]] == list(study.settings.headline)
    assert [row["until"] for row in rows[:: len(study.settings.headline)]] == [
        "2022-09",
        "2023-12",
        "2028-06",
    ]
    assert rows[0]["median"] < 0
    with out.open() as file:
        assert [float(row["median"]) for row in csv.DictReader(file)] == [row["median"] for row in rows]


@needs_fit
def test_the_first_of_several_is_what_the_others_are_compared_with(iskdyn):
    arguments = ("--study", ROOT, "--draws", 20, "--json", "--until", "2023-04")
    forth = json.loads(iskdyn("compare", "no-autumn-wave", "promises-kept", *arguments).stdout)
    back = json.loads(iskdyn("compare", "promises-kept", "no-autumn-wave", *arguments).stdout)
    assert [row["median"] for row in forth] == pytest.approx([-row["median"] for row in back])


@needs_fit
def test_one_alone_is_compared_with_what_its_file_names(iskdyn):
    arguments = ("--study", ROOT, "--draws", 20, "--json", "--until", "2022-12")
    rows = json.loads(iskdyn("compare", "early-sweep-no-hold", *arguments).stdout)
    assert {row["against"] for row in rows} == {"no-eastern-presence"}


@needs_fit
def test_the_table_says_in_words_what_changes(iskdyn):
    found = iskdyn("compare", "no-autumn-wave", "--study", ROOT, "--draws", 20, "--until", "2022-09")
    assert "No wave of violence in autumn 2021, compared with History" in found.stdout
    assert "People killed by indiscriminate repression" in found.stdout


WRONG = {
    "nothing": ((), "name one or more of"),
    "unknown": (("promises-kpt",), "did you mean 'promises-kept'"),
    "twice": (("history", "history"), "named twice"),
    "itself": (("history",), "compared with itself"),
    "no month": (("no-complacency", "--until", "2055"), "--until: '2055' is not a month"),
    "too late": (("no-complacency", "--until", "2055-01"), "outside of the study's horizon"),
    "ending": (("no-complacency", "--out", "x.txt"), "expected .csv, .json"),
    "draws": (("no-complacency", "--draws", "3"), "not in the range 10<=x"),
    "no file": (("mine.toml",), "mine.toml: this file is missing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_clumsy_input_gets_a_clear_message(iskdyn, case):
    arguments, message = WRONG[case]
    found = iskdyn("compare", *arguments, "--study", ROOT)
    assert found.exit_code == 2
    assert message in found.stderr
    assert "Traceback" not in found.output
