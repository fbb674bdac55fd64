"""`iskdyn loops`: of a model as it stands, and of a study over draws."""

from __future__ import annotations

import json

import numpy as np
import pytest

NAMES = """
outcomes = ["members"]
[kinds]
people = ["members"]
[[loop]]
name = "joining and noticing"
words = "Members are noticed, and what is noticed keeps others away."
through = ["people", "alarm"]
[loop.cut]
set = { "alarm weight" = 0.0 }
expect = [{ of = "members", is = "higher" }]
why = "Nobody is kept away."
"""
ALARM = """
alarm= INTEG ((members/1000-alarm)/alarm time, 1.0)
	~	Dmnl [0,?]
	~	What people notice; assumption.
	|
alarm time=
	3
	~	Month
	~	How fast; assumption.
	|
alarm weight=
	0.3
	~	Dmnl [0,1]
	~	How far alarm keeps people away; assumption.
	|
"""


@pytest.fixture
def alarmed(tiny, iskdyn):
    """The tiny study with a loop of two stocks that has a name, fitted."""
    path = tiny / "models/tiny.mdl"
    text = path.read_text().replace(
        "recruits per month*access table(Time)",
        "recruits per month*access table(Time)*(1-alarm weight*alarm)",
    )
    head, mark, tail = text.partition("detained= INTEG")
    path.write_text(head + ALARM.lstrip() + mark + tail)
    (tiny / "models/loops.toml").write_text(NAMES)
    result = iskdyn("fit", "--study", tiny, "--starts", "2", "--quiet")
    assert result.exit_code == 0, result.output
    return tiny


def test_a_delay_that_cannot_run_is_refused_before_its_stages_are_written_out(tmp_path, iskdyn):
    clock = "FINAL TIME = 4~~|\nINITIAL TIME = 0~~|\nTIME STEP = 1~~|\nSAVEPER = 1~~|\n"
    text = "{UTF-8}\nlevel = INTEG(y - level/5, 10)~~|\ny = DELAY3(level, -1)~~|\n" + clock
    (tmp_path / "late.mdl").write_text(text)
    result = iskdyn("loops", tmp_path / "late.mdl")
    assert result.exit_code == 2
    assert "late.mdl:3: 'y': a delay of order 3 and time -1 at the start" in result.output


def test_loops_of_a_model_are_listed_with_their_completeness(tiny, iskdyn):
    result = iskdyn("loops", tiny / "models/tiny.mdl", "--json")
    found = json.loads(result.stdout)
    assert found["complete"] is True
    assert {row["loop"] for row in found["loops"]} == {"arrest -> members", "members -> quiet exit"}
    assert all(row["sign"] == "B" for row in found["loops"])
    table = iskdyn("loops", tiny / "models/tiny.mdl").stdout
    assert "arrest -> members" in table
    assert "complete: all 2 loops of variables" in table


def test_loops_of_a_study_carry_their_names_month_by_month(alarmed, iskdyn):
    result = iskdyn("loops", "--study", alarmed, "--json")
    assert result.exit_code == 0, result.output
    (scenario,) = json.loads(result.stdout)["scenarios"].values()
    told = scenario["outcomes"]["members"]
    assert scenario["complete"] is True
    assert list(told["loops"]) == ["joining and noticing"]
    assert len(told["outside"]) == 12
    np.testing.assert_allclose(told["loops"]["joining and noticing"]["signed"], -1.0, atol=1e-9)
    text = iskdyn("loops", "--study", alarmed).stdout
    assert "2021-07 to 2022-06: joining and noticing (in 100% of draws)" in text


def test_two_scenarios_are_compared_draw_by_draw(alarmed, iskdyn):
    (alarmed / "models/scenarios/deaf.toml").write_text('title = "Deaf"\n[set]\n"alarm weight" = 0.0\n')
    result = iskdyn("loops", "--study", alarmed, "--scenario", "deaf", "--against", "history", "--json")
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)["differences"]["members"]
    assert (row["name"], row["second"]) == ("joining and noticing", 0.0)
    assert row["first"] == pytest.approx(-1.0)
    assert row["share_larger"] == 0.0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"alarm"]', '"alert"]', "no variable 'alert'"),
        ('is = "higher"', 'is = "up"', "is: expected one of lower, higher, got 'up'"),
        ("words =", "word =", "the key 'word' is not known"),
        ('outcomes = ["members"]', 'outcomes = ["member"]', "no variable 'member'; did you mean 'members'?"),
    ],
)
def test_a_wrong_file_of_names_is_refused_with_its_place(alarmed, iskdyn, old, new, words):
    assert old in NAMES
    (alarmed / "models/loops.toml").write_text(NAMES.replace(old, new))
    result = iskdyn("loops", "--study", alarmed)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "models/loops.toml:" in result.stderr


def test_a_model_takes_no_scenario(tiny, iskdyn):
    result = iskdyn("loops", tiny / "models/tiny.mdl", "--scenario", "rules")
    assert result.exit_code == 2
    assert "belong to a study" in result.stderr


def test_the_report_tells_which_loop_led_and_how_the_loops_were_found(alarmed):
    from iskdyn.calibration import load_fit, spread
    from iskdyn.reports.section_loops import loops_section
    from iskdyn.reports.sections import Materials
    from iskdyn.reports.story import Story
    from iskdyn.study import open_study

    study = open_study(alarmed)
    fit = load_fit(study.path_of("results") / "fit.json")
    around = spread(study, fit, 20, 1)
    section = loops_section(
        Materials(study, fit, Story("", (), (), {}), around, around, None, lambda _: None)
    )
    assert section is not None
    assert "“joining and noticing” from 2021-07 to 2022-06 (largest in 100% of the versions)" in section.html
    assert "complete: every loop of at most 8 stocks" in section.html
    assert section.html.count("<svg") == 3  # the figure and two keys
    (alarmed / "models/loops.toml").unlink()
    without = Materials(open_study(alarmed), fit, Story("", (), (), {}), around, around, None, lambda _: None)
    assert loops_section(without) is None
