"""Units of models made by others: known faults are found, and nothing sound is called wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from iskdyn.model import read_model
from iskdyn.model.units_check import unit_problems

OTHERS = Path(__file__).parents[3] / "shared" / "test-models"
CLOCK = """
FINAL TIME = 4 ~ {0} ~ |
INITIAL TIME = 0 ~ {0} ~ |
TIME STEP = 1 ~ {0} ~ |
SAVEPER = 1 ~ {0} ~ |
///---\\\\\\
22:Person,People
22:Week,Weeks
"""
WORKFORCE = """{UTF-8}
Workforce = INTEG(hiring, desired workforce) ~ People ~ |
hiring = (desired workforce - Workforce)/hiring time ~ Person/Week ~ |
hiring time = 8 ~ Weeks ~ |
desired workforce = needed completion/productivity ~ Person ~ |
needed completion = 50 ~ PERSON_TASKS/Week ~ |
productivity = 0.5 ~ PERSON_TASKS/(Week*Person) ~ |
"""
POPULATION = """{UTF-8}
POPULATION = INTEG(births, 10) ~ Person ~ |
births = POPULATION*birth rate ~ Person/Year ~ |
birth rate = 0.03 ~ 1/Year ~ |
"""

# The faults that are in these files, each looked at by hand.
WRONG = {
    # people a day, where the flow is in people a 'time', the unit of the clock
    ("SIR.xmile", "recovering"),
    ("SIR_reciprocal-dt.xmile", "recovering"),
    # the sine of a number of months
    ("test_lookups_with_expr.mdl", "lookup expr"),
}


# No XML: a <flow> is not closed.
BROKEN = {"test_non_negative_flows.xmile", "test_non_negative_flows_behavior.xmile"}


@pytest.mark.skipif(not OTHERS.is_dir(), reason=f"no models of others in {OTHERS}")
def test_known_faults_are_found_and_nothing_else():
    models = (path for path in OTHERS.rglob("*") if path.suffix in (".mdl", ".xmile", ".stmx"))
    files = sorted(path for path in models if path.name not in BROKEN)
    found = set()
    for path in files:
        problems = unit_problems(read_model(path))
        found |= {(path.name, one.variable) for one in problems if one.kind != "missing"}
    assert len(files) > 50
    assert found == WRONG


def _messages(text: str, path: Path) -> list[str]:
    path.write_text(text, encoding="utf-8")
    return [one.problem.message for one in unit_problems(read_model(path))]


def test_workforce_with_tasks_left_out_of_a_unit_is_wrong_twice(tmp_path):
    sound = WORKFORCE.replace("PERSON_TASKS", "tasks") + CLOCK.format("Week")
    assert _messages(sound, tmp_path / "sound.mdl") == []
    wrong = sound.replace("tasks/(Week*Person)", "1/(Week*Person)").replace(
        "hiring time = 8",
        "spare = needed completion - productivity*Workforce ~ tasks/Week ~ |\nhiring time = 8",
    )
    found = _messages(wrong, tmp_path / "Workforce.mdl")
    assert len(found) == 2
    assert "productivity*Workforce is 1/Week, expected tasks/Week" in found[0]
    assert all("smallest mend: give 'productivity' the unit tasks/(Person*Week)" in one for one in found)


def test_population_by_year_on_a_clock_of_months_is_wrong(tmp_path):
    assert _messages(POPULATION + CLOCK.format("Year"), tmp_path / "sound.mdl") == []
    found = _messages(POPULATION + CLOCK.format("Month"), tmp_path / "POPULATION.mdl")
    assert len(found) == 1
    assert "births is Person/Year, expected Person/Month" in found[0]
    assert "give every clock (as TIME STEP) the unit Year" in found[0]
