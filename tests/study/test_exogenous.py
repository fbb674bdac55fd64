"""What follows Time must be named, and no decision may."""

from __future__ import annotations

import pytest

from iskdyn import open_study
from iskdyn.confidence.exogenous import check_exogenous


def write(tiny, settings, equations=""):
    """The tiny study with these lines in study.toml and more equations; its recruits follow a table of Time."""
    with (tiny / "study.toml").open("a") as file:
        file.write(f"\n{settings}\n")
    path = tiny / "models" / "tiny.mdl"
    more = "".join(f"{one} ~ Dmnl ~ Assumption. |\n\n" for one in equations.split(";") if one)
    path.write_text(path.read_text().replace("FINAL TIME", f"{more}FINAL TIME", 1))
    return check_exogenous(open_study(tiny))


NAMED = 'exogenous = ["recruitment"]'


def test_a_study_that_names_none_is_not_judged(tiny):
    check = write(tiny, "")
    assert (check.passed, check.figure) == (True, "not named")


def test_all_that_follows_time_is_named(tiny):
    check = write(tiny, NAMED)
    assert (check.passed, check.figure) == (True, "0 of 1")


@pytest.mark.parametrize(
    ("equations", "message"),
    [
        ("season = SIN(Time)", "'season' reads Time"),
        ("crackdown = STEP(1,3)", "'crackdown' reads Time"),
        ("months = Time/one month; one month = 1; cooling = EXP(-months)", "'cooling' reads Time"),
        ("since = INTEG(1, 0.0)", "'since' is filled by nothing but time"),
        ("since = INTEG(rate, 0.0); rate = 1", "'since' is filled by nothing but time"),
    ],
)
def test_what_follows_time_unnamed_is_told(tiny, equations, message):
    check = write(tiny, NAMED, equations)
    assert [one.message.startswith(message) for one in check.problems] == [True]


@pytest.mark.parametrize(
    "equations", ["months = Time/one month; one month = 1", "fading = INTEG(-fading*rate, 1.0); rate = 0.1"]
)
def test_the_time_itself_and_a_stock_that_drains_are_no_series(tiny, equations):
    assert write(tiny, NAMED, equations).passed


def test_a_clock_cannot_be_named_in_the_place_of_what_reads_it(tiny):
    equations = "months = Time/one month; one month = 1; cooling = EXP(-months)"
    messages = [
        one.message for one in write(tiny, 'exogenous = ["recruitment", "months"]', equations).problems
    ]
    assert messages == [
        "'months' only tells the time: name what reads it",
        "'cooling' reads Time and is not among the exogenous series",
    ]


@pytest.mark.parametrize(
    ("decision", "message"),
    [("recruitment", "'recruitment' is a decision: let a rule make it"),
     ("fixed", "'fixed' is a decision that no stock of the model moves: it is coded")],
)  # fmt: skip
def test_a_decision_is_neither_named_nor_coded(tiny, decision, message):
    check = write(tiny, f'{NAMED}\ndecisions = ["arrest", "{decision}"]', "fixed = MIN(1, initial members)")
    assert [one.message for one in check.problems] == [message]


def test_eight_are_too_many(tiny):
    names = [f"series {i}" for i in range(7)]
    equations = ";".join(f"{name} = STEP(1,3)" for name in names)
    listed = ", ".join(f'"{name}"' for name in ["recruitment", *names])
    assert [one.message for one in write(tiny, f"exogenous = [{listed}]", equations).problems] == [
        "names 8 exogenous series; a closed model has at most 7"
    ]
