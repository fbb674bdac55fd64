"""`iskdyn effects` as a user types it."""

from __future__ import annotations

import json

import pytest

SETTINGS = """
decisions = ["arrest"]
[tactic_decisions]
"selective repression" = ["arrest"]
[outcomes]
"joined in 2022" = { variable = "recruitment", statistic = "sum", window = ["2022-01", "2022-06"] }
"""


@pytest.fixture
def asked(tiny, iskdyn):
    """What the verb answers over draws before the evidence, which need no fit."""
    with (tiny / "study.toml").open("a") as file:
        file.write(SETTINGS)

    def ask(*arguments):
        return iskdyn("effects", "--prior", "--draws", 20, "--study", tiny, *arguments)

    return ask


def test_every_outcome_at_every_intensity_human_cost_first(asked):
    rows = json.loads(asked("--at", "0,0.5", "--json").stdout)
    assert [(row["outcome"], row["at"]) for row in rows] == [
        (outcome, at)
        for outcome in ("detained", "members", "recruitment", "joined in 2022")
        for at in (0.0, 0.5)
    ]
    assert {row["tactic"] for row in rows} == {"selective repression"}
    assert (rows[0]["lower"], rows[0]["same"], rows[0]["higher"]) == (1.0, 0.0, 0.0)
    assert rows[0]["relative"]["median"] == -1.0
    assert rows[1]["low"] < rows[1]["median"] < rows[1]["high"] < 0


def test_the_text_has_a_table_a_tactic_and_says_what_is_about_nil(asked):
    lines = asked("--frozen").stdout.splitlines()
    assert lines[0] == "selective repression"
    detained, recruitment = (
        next(line for line in lines if line.startswith(name)) for name in ("detained", "recr")
    )
    assert "−100 %" in detained
    assert "about nil" in recruitment
    assert any(
        "a share of 20 versions errs by up to 11.2 points, a median by up to" in line for line in lines
    )


def test_one_outcome_over_one_window(asked):
    cost, row = json.loads(asked("--outcome", "members", "--window", "2021-07", "2021-08", "--json").stdout)
    assert cost["outcome"] == "detained"  # the human cost is never left out
    assert (row["outcome"], row["window"]) == ("members", "2021-08")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--at", "0,much"), "'0,much' is not numbers separated by commas"),
        (("--at", "7"), "7 Dmnl is outside of its range"),
        (("--outcome", "membrs"), "there is no outcome 'membrs'; did you mean 'members'"),
        (("--window", "2022", "2023"), "'2022' is not a month"),
        (("--window", "2022-03", "2022-02"), "does not rise within the study's horizon"),
    ],
)
def test_a_wrong_question_is_told(asked, arguments, message):
    found = asked(*arguments)
    assert found.exit_code == 2
    assert message in found.stderr
