"""The file of statements is read as it is written, and a wrong one says all that is wrong."""

from __future__ import annotations

import pytest
from statements_of_tiny import FILE, OFF, STATEMENT, write

from iskdyn import open_study
from iskdyn.confidence.conditions import Condition, check_conditions, read_conditions
from iskdyn.errors import StudyError
from iskdyn.study import Change, Expectation

ZERO = '{ of = "arrest", is = "zero" }'


def test_all_that_is_wrong_with_the_file_is_said_at_once(tiny):
    (tiny / "models" / FILE).write_text(
        """
[[condition]]
says = "one"
because = "E01"
set = { membrs = 0.0, arrest = 1.0, "arrest hazard" = inf }
expect = [{ of = "detaned", is = "none" }, { of = "members", below = 1.0, is = "lower" }]

[[condition]]
says = "two"
because = "E01"
expect = [{ of = "members", is = "lower" }]
"""
    )
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    found = "\n".join(str(one) for one in caught.value.problems)
    for words in (
        "the model has no variable 'membrs'; did you mean 'members'?",
        "'arrest' is no constant or stock; use level",
        "expected a finite number, got inf",
        "no variable 'detaned'; did you mean 'detained'?",
        "'members': give one of is, at_least and at_most, above and below",
        "changes nothing",
    ):
        assert words in found
    assert all(one.place.startswith(FILE) for one in caught.value.problems)
    assert len(check_conditions(open_study(tiny)).problems) == len(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("condition = 3", ":1:condition: expected a list of tables, got 3"),
        ("condition = [3]", ":1:condition: expected a table, got 3"),
        ("[[condition]]\nsays = 3", ":2:says: expected a text that says something, got 3"),
        ('[[condition]]\nsays = "s"\nbecause = 3', ":3:because: expected a text that says something, got 3"),
        *(
            (f'[[condition]]\nsays = "s"\n{key} = 3', f":3:{key}: expected a table")
            for key in ("level", "set", "with")
        ),
    ],
)
def test_entries_of_another_shape_are_refused(text, words, tiny):
    (tiny / "models" / FILE).write_text(text)
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    assert words in str(caught.value)


def test_statements_are_read_as_they_are_written(tiny):
    given = 'set = { "arrest hazard" = 0.3 }\nlevel = { members = 1.0 }\nwith = { set = { "initial members" = 900.0 } }'
    assert read_conditions(write(tiny, '{ of = ["arrest", "members"], is = "same" }', given)) == (
        Condition(
            "s",
            "assumption",
            (Change("set", "arrest hazard", 0.3), Change("level", "members", 1.0)),
            (Expectation("arrest", "same"), Expectation("members", "same")),
            (Change("set", "initial members", 900.0),),
        ),
    )


def test_a_wrong_statement_is_told_at_its_line(tiny):
    expect = 'expect = [{ of = "arrest", is = "zero" }]'
    entries = (
        f'says = "one"\nbecause = "b"\n{expect}',
        f'because = "b"\nsays = "two"\nset = {{ x = 1 }}\npeople = 2\n{expect}',
    )
    text = "\n".join(f"[[condition]]\n{entry}" for entry in entries)
    (tiny / "models" / FILE).write_text(text)
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    assert [(one.place, one.message) for one in caught.value.problems] == [
        ("conditions.toml:1:condition", "changes nothing"),
        ("conditions.toml:8:x", "the model has no variable 'x'"),
    ]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (b"condition = 3\n", "models/conditions.toml:1:condition: expected a list of tables, got 3"),
        (b"# \xff\n", "models/conditions.toml:1: is not UTF-8 text"),
    ],
)
def test_a_file_that_holds_no_statements_is_refused_by_its_name(written, problem, tiny):
    (tiny / "models" / FILE).write_bytes(written)
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    assert [str(one) for one in caught.value.problems] == [problem]


def test_a_file_without_statements_states_nothing(tiny):
    (tiny / "models" / FILE).write_text("# none yet\ncondition = []\n")
    assert read_conditions(open_study(tiny)) == ()


def test_a_misspelt_heading_switches_nothing_off_in_silence(tiny):
    (tiny / "models" / FILE).write_text(
        STATEMENT.replace("[[condition]]", "[[conditions]]").format(given="", expect="")
    )
    with pytest.raises(StudyError, match="the key 'conditions' is not known; did you mean 'condition'"):
        read_conditions(open_study(tiny))


def test_text_that_is_not_toml_is_refused_with_its_line(tiny):
    (tiny / "models" / FILE).write_text("[[condition]]\nsays = \n")
    with pytest.raises(StudyError, match=rf"{FILE}:2:.*is not TOML"):
        read_conditions(open_study(tiny))


def test_draws_may_be_asked_for_the_whole_file(tiny):
    path = tiny / "models" / FILE
    first, second = (STATEMENT.format(given=given, expect=ZERO) for given in (OFF, OFF + "\ndraws = false"))
    path.write_text("draws = true\n" + first + second)
    assert [one.draws for one in read_conditions(open_study(tiny))] == ["posterior", ""]
    assert check_conditions(open_study(tiny)).passed


@pytest.mark.parametrize(
    ("given", "expect", "message"),
    [
        (
            OFF + "\ndraws = 3",
            ZERO,
            "draws: expected true or false, or one of prior, got 3",
        ),
        (OFF + '\nuntil = "then"', ZERO, "until: 'then' is not a number or a month"),
        (
            "people = -1",
            ZERO,
            "'people' is -1, expected one or two factors from 0",
        ),
        (
            "people = [1, 2, 3]",
            ZERO,
            "people: expected a list of numbers, at most two, got",
        ),
        ("people = 2", '{ of = "members", is = "converges" }', "give people two factors"),
        (OFF, '{ of = "arrest", belov = 3 }', "the key 'belov' is not known; did you mean 'below'"),
        (OFF, '{ of = "arrest", below = 3, at_least = 2 }', "give one of is, at_least and at_most"),
        (OFF, '{ of = "arrest", below = 2, above = 3 }', "3 is not below 2"),
        (OFF, '{ of = "arrest", below = "x" }', "below: expected a number, got 'x'"),
        (OFF, '{ of = "arrest", is = "down" }', "is: expected one of lower, higher, .*, got 'down'"),
        (OFF, '{ of = "arrest", below = 3, share = 0 }', "share is 0.0, expected a share of the draws"),
        (OFF, '{ of = "arrest", below = 3, window = ["x", "2022-01"] }', "window: 'x' is not a month"),
        (OFF, '{ of = "arrest", below = 3, window = ["2022-02", "2022-01"] }', "does not rise within"),
        (OFF, '{ of = "arrest", below = 3, window = ["2022-07", "2022-08"] }', "begins when the run is over"),
        (OFF, '{ of = "arrest", below = 3, by = 0.1 }', "by: only a direction has one"),
        (OFF, '{ of = "every flow", is = "zero" }', "no variable 'every flow'"),
        (
            "level = { arest = 1.0 }",
            ZERO,
            "no variable 'arest'; did you mean 'arrest'",
        ),
        (
            "scale = { arrest = { by = 2 } }",
            ZERO,
            "neither a constant nor a series",
        ),
        ('freeze = { arrest = "own path" }', ZERO, "no path of its own here"),
    ],
)
def test_what_a_statement_cannot_say_is_told(given, expect, message, tiny):
    with pytest.raises(StudyError, match=message):
        read_conditions(write(tiny, expect, given))


def test_draws_of_the_whole_file_are_looked_at_too(tiny):
    (tiny / "models" / FILE).write_text('draws = "postrior"\n')
    with pytest.raises(
        StudyError, match=rf"{FILE}:1:draws: expected true or false, or one of prior, got 'postrior'"
    ):
        read_conditions(open_study(tiny))
