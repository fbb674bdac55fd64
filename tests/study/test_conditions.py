"""Statements of what must happen: each direction is told apart, and a wrong file says all that is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from iskdyn import open_study
from iskdyn.confidence.conditions import FILE, check_conditions, check_ranges, read_conditions
from iskdyn.errors import StudyError

STATEMENT = """
[[condition]]
says = "s"
because = "assumption"
{given}
expect = {{ {expect} }}
"""


def write(tiny, expect, given='set = { "quiet exit hazard" = 0.2 }'):
    (tiny / "models" / FILE).write_text(STATEMENT.format(given=given, expect=expect))
    return open_study(tiny)


@pytest.mark.parametrize(
    ("variable", "came"),
    [("members", "lower"), ("quiet exit", "higher"), ("recruitment", "same")],
)
@pytest.mark.parametrize("expected", ["none", "lower", "higher", "same"])
def test_only_the_direction_that_comes_passes(variable, came, expected, tiny):
    check = check_conditions(write(tiny, f'"{variable}" = "{expected}"'))
    assert check.passed == (came == expected)
    assert check.figure == f"{int(came != expected)} of 1"
    if not check.passed:
        message = check.problems[0].message
        assert f"should be {expected} with quiet exit hazard = 0.2, and is {came}" in message


def test_nothing_at_all_is_lower_than_something(tiny):
    assert check_conditions(write(tiny, 'arrest = "lower"', "hold = { members = 0.0 }")).passed
    assert not check_conditions(write(tiny, 'arrest = "same"', "hold = { members = 0.0 }")).passed


def test_constants_in_both_runs_move_the_run_that_is_compared_with(tiny):
    given = 'set = { "arrest hazard" = 0.3 }\nwith = { "selective repression switch" = 0.0 }'
    assert check_conditions(write(tiny, 'members = "same"', given)).passed


def test_a_value_that_is_no_number_fails(tiny):
    study = write(tiny, 'arrest = "higher"', 'set = { "arrest hazard" = 1e308 }')
    message = check_conditions(study).problems[0].message
    assert "and is no number" in message


def test_a_study_without_statements_expects_nothing(tiny):
    (tiny / "models" / FILE).unlink()
    check = check_conditions(open_study(tiny))
    assert (check.passed, check.figure) == (True, "0 of 0")


def test_all_that_is_wrong_with_the_file_is_said_at_once(tiny):
    (tiny / "models" / FILE).write_text(
        """
[[condition]]
says = "one"
becuase = "E01"
set = { membrs = 0.0, arrest = 1.0, "arrest hazard" = "much" }
expect = { detaned = "none", members = "down" }

[[condition]]
says = "two"
because = "E01"
expect = { members = "lower" }
"""
    )
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    found = "\n".join(str(one) for one in caught.value.problems)
    for words in (
        "the key 'becuase' is not known; did you mean 'because'?",
        "the key 'because' is missing",
        "no variable 'membrs'; did you mean 'members'?",
        "'arrest' is no constant; use hold",
        "'arrest hazard' is 'much', expected a number",
        "no variable 'detaned'; did you mean 'detained'?",
        "'members' is expected 'down'; expected none, lower, higher, same",
        "holds and sets nothing",
    ):
        assert words in found
    assert all(one.place.startswith(FILE) for one in caught.value.problems)
    assert len(check_conditions(open_study(tiny)).problems) == len(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("condition = 3", "expected entries that begin with"),
        ("condition = [3]", "expected entries that begin with"),
        ("[[condition]]\nsays = 3", "'says' is 3, expected a text"),
        ('[[condition]]\nsays = "s"\nhold = 3', "'hold' is 3, expected { name = value }"),
    ],
)
def test_entries_of_another_shape_are_refused(text, words, tiny):
    (tiny / "models" / FILE).write_text(text)
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    assert words in str(caught.value)


def test_text_that_is_not_toml_is_refused_with_its_line(tiny):
    (tiny / "models" / FILE).write_text("[[condition]]\nsays = \n")
    with pytest.raises(StudyError, match=rf"{FILE}:2:.*is not TOML"):
        read_conditions(open_study(tiny))


@pytest.mark.parametrize(
    ("written", "reached"), [("[2000,?]", "reaches"), ("[?,100]", "its range is ? to 100.0")]
)
def test_each_end_of_a_range_is_looked_at(written, reached, tiny):
    path = tiny / "models" / "tiny.mdl"
    path.write_text(path.read_text().replace("Person [0,?]\n\t~\tMembers", f"Person {written}\n\t~\tMembers"))
    check = check_ranges(open_study(tiny))
    assert [reached in one.message for one in check.problems] == [True]
    assert np.isfinite(float(check.problems[0].message.split("reaches ")[1].split(";")[0]))
