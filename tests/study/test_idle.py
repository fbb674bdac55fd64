"""What moves no outcome is found, and what moves one is not."""

from __future__ import annotations

import json

import pytest

from iskdyn import open_study
from iskdyn.confidence.idle import check_idle, moves

MEASURES = {"detained": "at_end", "members": "at_end", "recruitment": "mean"}
ROW = "{name},constant,{unit},0,1,normal,0.5,0.1,yes,assumption,\n"


def add(tiny, equations, *names):
    path = tiny / "models" / "tiny.mdl"
    more = "".join(f"{one} ~ Assumption. |\n\n" for one in equations)
    path.write_text(path.read_text().replace("FINAL TIME", f"{more}FINAL TIME", 1))
    with (tiny / "calibration" / "parameters.csv").open("a") as file:
        file.writelines(ROW.format(name=name, unit="1/Month") for name in names)
    return open_study(tiny)


def by_name(study):
    return {one.name: one for one in moves(study, MEASURES, {})}


def test_a_stock_held_at_its_start_moves_what_it_drives(tiny):
    """Held at 1,000, two in a hundred members are taken each month: 240 in a year."""
    found = by_name(open_study(tiny))
    run = open_study(tiny).run(outputs=["detained", "members"])
    assert found["detained"].share == pytest.approx(1.0)
    expected = max(240 / run["detained"].values[-1], 1000 / run["members"].values[-1])
    assert found["members"].share == pytest.approx(expected - 1, rel=1e-6)
    assert check_idle(open_study(tiny), list(found.values())).passed


def test_a_constant_moves_over_the_middle_of_its_prior(tiny):
    """Lognormal about 50 with 0.5, cut at 200 (2.773 sd): from exp(-0.5*1.648) to exp(0.5*1.619) times 50."""
    one = by_name(open_study(tiny))["recruits per month"]
    assert (one.outcome, one.until) == ("recruitment", "2022-06")
    assert one.share == pytest.approx(2.247 - 0.4388, abs=1e-3)


def test_what_nothing_rests_on_is_idle(tiny):
    equations = [
        "forgetting = 0.5 ~ 1/Month [0,1]",
        "memory = INTEG(arrest - forgetting*memory, 0.0) ~ Person [0,?]",
    ]
    study = add(tiny, equations, "forgetting")
    found = by_name(study)
    assert {name for name, one in found.items() if one.idle} == {"forgetting", "memory"}
    check = check_idle(study, list(found.values()))
    assert check.figure == "2 of 7"
    assert "'memory', held as at the start, moves no headline outcome by 1%" in check.problems[1].message


def test_what_acts_only_later_or_in_another_structure_is_not_idle(tiny):
    equations = [
        "late rate = 0.5 ~ 1/Month [0,1]",
        "other rate = 0.5 ~ 1/Month [0,1]",
        "other structure = 0 ~ Dmnl [0,1]",
        "leaving = members*(STEP(1,14)*late rate + other structure*other rate) ~ Person/Month",
    ]
    with (tiny / "study.toml").open("a") as file:
        file.write('switches = ["other structure"]\n')
    path = tiny / "models" / "tiny.mdl"
    path.write_text(path.read_text().replace("arrest-quiet exit,", "arrest-quiet exit-leaving,"))
    found = by_name(add(tiny, equations, "late rate", "other rate"))
    assert not found["late rate"].idle
    assert found["late rate"].until == "2023-06"
    assert not found["other rate"].idle


def test_the_table_as_a_user_sees_it(tiny, iskdyn):
    good = iskdyn("check", "--idle", "--study", tiny)
    assert good.exit_code == 0
    assert [line.split()[0] for line in good.stdout.splitlines()[1:]].count("constant") == 3
    add(tiny, ["forgotten = 0.5 ~ 1/Month [0,1]"], "forgotten")
    bad = iskdyn("check", "--idle", "--study", tiny, "--json")
    assert bad.exit_code == 1
    assert [row["name"] for row in json.loads(bad.stdout) if row["idle"]] == ["forgotten"]
    assert iskdyn("check", "--idle", tiny / "models" / "tiny.mdl").exit_code == 2
