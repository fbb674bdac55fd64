"""Every variable stays in its range: over tactics on and off, each month up to the horizon."""

from __future__ import annotations

import numpy as np
import pytest
from statements_of_tiny import add

from iskdyn import open_study
from iskdyn.confidence.conditions import check_ranges


@pytest.mark.parametrize(
    ("written", "reached"), [("[2000,?]", "reaches"), ("[?,100]", "its range is ? to 100.0")]
)
def test_each_end_of_a_range_is_looked_at(written, reached, tiny):
    path = tiny / "models" / "tiny.mdl"
    path.write_text(path.read_text().replace("Person [0,?]\n\t~\tMembers", f"Person {written}\n\t~\tMembers"))
    check = check_ranges(open_study(tiny))
    assert [reached in one.message for one in check.problems] == [True]
    assert np.isfinite(float(check.problems[0].message.split("reaches ")[1].split(";")[0]))


def ranges(tiny, equation, unit):
    return [one.message for one in check_ranges(add(tiny, equation, unit)).problems]


def test_the_check_of_ranges_says_what_it_looked_at(tiny):
    check = check_ranges(open_study(tiny))
    assert (check.name, check.figure) == ("every variable stays in its range", "0 of 5")
    assert check.words.startswith("2 combinations of tactics and switches off or on, and 256 Sobol points")


@pytest.mark.parametrize(
    ("span", "told"),
    [
        ("[0,1000]", "reaches 2000; its range is 0.0 to 1000.0"),
        ("[?,1000]", "reaches 2000; its range is ? to 1000.0"),
        ("[3000,?]", "reaches 2000; its range is 3000.0 to ?"),
        ("[2000,2000]", None),
    ],
)
def test_an_auxiliary_outside_of_its_range_is_told_with_its_line(span, told, tiny):
    study = add(tiny, "pairs = 2*initial members", f"Person {span}")
    found = [(one.place, one.message) for one in check_ranges(study).problems]
    assert found == ([(study.program.place("pairs"), f"'pairs' {told}")] if told else [])


@pytest.mark.parametrize(("share", "n_problems"), [("1.0000000001", 0), ("1.00000001", 1)])
@pytest.mark.parametrize("span", ["[0,1000]", "[-1000,0]"])
def test_rounding_leaves_no_range(span, share, n_problems, tiny):
    sign = "-" if span.startswith("[-") else ""
    assert len(ranges(tiny, f"full = {sign}initial members*{share}", f"Person {span}")) == n_problems


def test_what_is_nothing_throughout_stays_at_the_end_of_its_range(tiny):
    assert ranges(tiny, "none = 0*members", "Person [0,0]") == []


def test_ranges_are_looked_at_each_month_up_to_the_horizon(tiny):
    path = tiny / "models" / "tiny.mdl"
    path.write_text(path.read_text().replace("SAVEPER  = 1\n", "SAVEPER  = 2\n"))
    assert ranges(tiny, "blip = PULSE(17, 0.5)", "Dmnl [0,0.5]") == [
        "'blip' reaches 1; its range is 0.0 to 0.5"
    ]


@pytest.mark.parametrize(
    ("on", "span", "reached"),
    [("1", "[0.5,?]", 0), ("1", "[?,0.5]", 1), ("0", "[?,0.5]", 1), ("0.25", "[?,0.1]", 0.25)],
)
def test_a_tactic_is_off_and_on_as_the_model_has_it_on(on, span, reached, tiny):
    path = tiny / "models" / "tiny.mdl"
    path.write_text(path.read_text().replace("switch=\n\t1", f"switch=\n\t{on}"))
    (message,) = ranges(tiny, "used = selective repression switch", f"Dmnl {span}")
    assert message.startswith(f"'used' reaches {reached};")


def test_without_tactics_the_ranges_of_the_one_run_are_looked_at(tiny):
    path = tiny / "study.toml"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "tactics" not in line))
    check = check_ranges(open_study(tiny))
    assert (check.passed, check.figure) == (True, "0 of 5")
    assert check.words.startswith("1 combinations of")
