"""The file of statements is read as it is written, and a wrong one says all that is wrong."""

from __future__ import annotations

import pytest
from statements_of_tiny import FILE, OFF, STATEMENT, write

from iskdyn import open_study
from iskdyn.confidence.conditions import Condition, Expected, check_conditions, read_conditions
from iskdyn.errors import StudyError


def test_all_that_is_wrong_with_the_file_is_said_at_once(tiny):
    (tiny / "models" / FILE).write_text(
        """
[[condition]]
says = "one"
because = "E01"
set = { membrs = 0.0, arrest = 1.0, "arrest hazard" = inf }
expect = { detaned = "none", members = { below = 1.0, above = 2.0 } }

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
        "no variable 'membrs'; did you mean 'members'?",
        "'arrest' is no constant or stock; use hold",
        "'arrest hazard' is inf, expected a number",
        "no variable 'detaned'; did you mean 'detained'?",
        "'members': give one of is, below, above",
        "holds and sets nothing",
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
            (f'[[condition]]\nsays = "s"\n{key} = 3', f":3:{key}: expected a table of")
            for key in ("hold", "set", "with", "expect")
        ),
    ],
)
def test_entries_of_another_shape_are_refused(text, words, tiny):
    (tiny / "models" / FILE).write_text(text)
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    assert words in str(caught.value)


def test_statements_are_read_as_they_are_written(tiny):
    given = 'set = { "arrest hazard" = 0.3 }\nhold = { members = 1.0 }\nwith = { "initial members" = 900.0 }'
    assert read_conditions(write(tiny, 'arrest = "same"', given)) == (
        Condition(
            "s",
            "assumption",
            {"members": 1.0},
            {"arrest hazard": 0.3},
            {"initial members": 900.0},
            {"arrest": Expected("same")},
        ),
    )


def test_a_wrong_statement_is_told_at_the_line_of_its_words(tiny):
    entries = (
        'says = "one"\nbecause = "b"\nexpect = {}',
        'because = "b"\nsays = "two"\nset = { x = 1 }\nexpect = { arrest = "zero" }',
    )
    text = "\n".join(f"[[condition]]\n{entry}" for entry in entries)
    (tiny / "models" / FILE).write_text(text)
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    assert [(one.place, one.message) for one in caught.value.problems] == [
        ("conditions.toml:2:one", "expects nothing"),
        ("conditions.toml:2:one", "holds and sets nothing"),
        ("conditions.toml:7:two", "no variable 'x'"),
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
    path.write_text("draws = true\n" + STATEMENT.format(given=OFF, expect='arrest = "zero"')
                    + STATEMENT.format(given=OFF + "\ndraws = false", expect='arrest = "zero"'))  # fmt: skip
    assert [one.draws for one in read_conditions(open_study(tiny))] == ["posterior", ""]
    assert check_conditions(open_study(tiny)).passed


@pytest.mark.parametrize(
    ("given", "expect", "message"),
    [
        (OFF + "\ndraws = 3", 'arrest = "zero"', "draws: expected true or false, or one of prior, got 3"),
        (OFF + '\nuntil = "then"', 'arrest = "zero"', "until: 'then' is not a month"),
        ("people = -1", 'arrest = "zero"', "'people' is -1, expected one or two factors from 0"),
        (
            "people = [1, 2, 3]",
            'arrest = "zero"',
            "people: expected a list of numbers, at most two, got",
        ),
        ("people = 2", 'members = "converges"', "give people two factors"),
        (OFF, "arrest = { belov = 3 }", "the key 'belov' is not known; did you mean 'below'"),
        (OFF, "arrest = { below = 3, above = 2 }", "give one of is, below, above"),
        (OFF, 'arrest = { below = "x" }', "below: expected a number, got 'x'"),
        (OFF, 'arrest = { is = "down" }', "is: expected one of none, lower, .*, got 'down'"),
        (OFF, "arrest = { below = 3, share = 0 }", "share is 0, expected a share of the draws"),
        (OFF, 'arrest = { below = 3, from = "x" }', "from: 'x' is not a month"),
        (OFF, '"every flow" = "zero"', "no variable 'every flow'"),
        ("hold = { arest = 1.0 }", 'arrest = "zero"', "no variable 'arest'; did you mean 'arrest'"),
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
