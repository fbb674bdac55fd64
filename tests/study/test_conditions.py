"""Statements of what must happen: each direction is told apart, and a wrong file says all that is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from iskdyn import open_study
from iskdyn.confidence.condition_runs import judge
from iskdyn.confidence.conditions import (
    FILE,
    Condition,
    Expected,
    check_conditions,
    check_ranges,
    read_conditions,
)
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


def add(tiny, equation, unit="Person"):
    """The tiny study with one more variable."""
    path = tiny / "models" / "tiny.mdl"
    text = path.read_text().replace("FINAL TIME", f"{equation} ~ {unit} ~ Assumption. |\n\nFINAL TIME", 1)
    path.write_text(text)
    return open_study(tiny)


def test_a_broken_statement_is_told_with_its_line_and_its_numbers(tiny):
    add(tiny, "pairs = 2*initial members")
    given = 'set = { "initial members" = 700.0 }\nhold = { arrest = 0.5 }'
    study = write(tiny, 'pairs = "higher"', given)
    check = check_conditions(study)
    assert check.name == "what must happen at extremes happens"
    assert (
        check.words == "statements in conditions.toml, each over the history against the model as it stands"
    )
    assert [(one.place, one.message) for one in check.problems] == [
        (
            study.program.place("pairs"),
            "'pairs' should be higher with initial members = 700, arrest = 0.5, and is lower (2000 to 1400): s",
        )
    ]


@pytest.mark.parametrize(("hazard", "came"), [("0.0100000000001", "same"), ("0.010001", "lower")])
def test_a_move_within_rounding_is_no_move(hazard, came, tiny):
    assert check_conditions(
        write(tiny, f'members = "{came}"', f'set = {{ "quiet exit hazard" = {hazard} }}')
    ).passed


def test_what_is_nothing_in_both_runs_is_none(tiny):
    given = 'set = { "arrest hazard" = 0.3 }\nwith = { "selective repression switch" = 0.0 }'
    assert check_conditions(write(tiny, 'arrest = "none"', given)).passed
    assert not check_conditions(write(tiny, 'arrest = "same"', given)).passed


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
        "'arrest' is no constant or stock; use hold",
        "'arrest hazard' is 'much', expected a number",
        "no variable 'detaned'; did you mean 'detained'?",
        "'members' is expected 'down'; expected none, lower, higher, same, zero",
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
        ('[[condition]]\nsays = "s"\nbecause = 3', "'because' is 3, expected a text"),
        *(
            (f'[[condition]]\nsays = "s"\n{key} = 3', f"'{key}' is 3, expected {{ name = value }}")
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
    entries = ('says = "one"\n', 'because = "b"\nsays = "two"\nset = 3', "set = 4")
    text = "\n".join(f"[[condition]]\n{entry}" for entry in entries)
    (tiny / "models" / FILE).write_text(text)
    with pytest.raises(StudyError) as caught:
        read_conditions(open_study(tiny))
    assert [(one.place, one.message) for one in caught.value.problems] == [
        ("conditions.toml:2:one", "the key 'because' is missing"),
        ("conditions.toml:2:one", "the key 'expect' is missing"),
        ("conditions.toml:2:one", "holds and sets nothing"),
        ("conditions.toml:6:two", "'set' is 3, expected { name = value }"),
        ("conditions.toml:1:condition", "'set' is 4, expected { name = value }"),
    ]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (b"condition = 3\n", "conditions.toml: expected entries that begin with [[condition]]"),
        (b"# \xff\n", "conditions.toml:1: is not UTF-8 text"),
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


NOBODY = 'people = 0.0\nset = { "recruits per month" = 0.0 }'
LEAVING = 'set = { "quiet exit hazard" = 0.5 }'
OFF = 'set = { "selective repression switch" = 0.0 }'


@pytest.mark.parametrize(
    ("given", "expect", "holds"),
    [
        (NOBODY, 'arrest = "zero"', True),
        ("people = 0.0", 'arrest = "zero"', False),
        ('people = 1e-300\nset = { "recruits per month" = 0.0 }', 'arrest = "zero"', False),
        (NOBODY, 'arrest = "none", members = "zero", recruitment = "zero"', True),
        (NOBODY, '"every stock" = "positive", "every variable" = "finite"', True),
        ('set = { members = -1.0, "recruits per month" = 0.0 }', '"every stock" = "positive"', False),
        ('set = { members = -1.0 }', '"every variable" = "finite"', True),
        ('set = { "arrest hazard" = 1e308 }', '"every variable" = "finite"', False),
        ('set = { members = 5000.0 }', 'members = "shrinks"', True),
        ('set = { members = 100.0 }', 'members = "shrinks"', False),
        (LEAVING + "\npeople = [0.5, 2.0]", 'members = "converges"', True),
        ("people = [0.5, 2.0]", 'members = "converges"', False),
        (OFF, "recruitment = { below = 51.0 }", True),
        (OFF, "recruitment = { below = 50.0 }", False),
        (OFF, 'recruitment = { below = 45.0, from = "2021-09" }', True),
        (OFF, 'recruitment = { above = 45.0, until = "2021-07" }', True),
        (OFF, 'recruitment = { above = 45.0, until = "2021-09" }', False),
        (OFF, "members = { above = 0.999, relative = true }", True),
        (OFF, "members = { above = 1.001, relative = true }", False),
        (OFF, 'members = { is = "higher", from = "2022-01" }', True),
        ("people = [0.5, 2.0]", 'members = "higher"', False),
        ("people = 2.0", 'members = "higher"', True),
    ],
)  # fmt: skip
def test_each_kind_of_statement_can_hold_and_fail(given, expect, holds, tiny):
    check = check_conditions(write(tiny, expect, given))
    assert check.passed == holds, check.problems


@pytest.mark.parametrize(("until", "holds"), [("2022-06", True), ("2023-06", False)])
def test_a_run_can_go_on_to_the_horizon(until, holds, tiny):
    """Of 5,000 who leave at 3 % a month 3,490 are left after a year, 2,430 after two."""
    given = f'set = {{ members = 5000.0, "recruits per month" = 0.0 }}\nuntil = "{until}"'
    assert check_conditions(write(tiny, "members = { above = 3400.0 }", given)).passed == holds


@pytest.mark.parametrize(("share", "holds"), [(0.4, True), (0.6, False)])
def test_a_share_of_the_draws_is_asked_for(share, holds, tiny):
    """Recruits a month have the prior median 50: half of the draws are below."""
    expect = f"recruitment = {{ below = 50.0, share = {share} }}"
    check = check_conditions(write(tiny, expect, f"{OFF}\ndraws = true"))
    assert check.passed == holds
    if not holds:
        assert (
            "should be below 50 in 60% of draws with selective repression switch = 0"
            in check.problems[0].message
        )
        assert " of 256 draws, the first " in check.problems[0].message


def test_what_holds_for_the_models_own_numbers_must_hold_in_every_draw(tiny):
    expect = 'members = { above = 500.0, until = "2021-07" }'
    assert check_conditions(write(tiny, expect, OFF)).passed
    assert check_conditions(write(tiny, expect, f'{OFF}\ndraws = "prior"')).passed
    wide = "detained = { below = 300.0 }"
    more = "set = { members = 1000.0 }"
    assert check_conditions(write(tiny, wide, more)).passed
    assert not check_conditions(write(tiny, wide, f"{more}\ndraws = true")).passed


def test_draws_may_be_asked_for_the_whole_file(tiny):
    path = tiny / "models" / FILE
    path.write_text("draws = true\n" + STATEMENT.format(given=OFF, expect='arrest = "zero"')
                    + STATEMENT.format(given=OFF + "\ndraws = false", expect='arrest = "zero"'))  # fmt: skip
    assert [one.draws for one in read_conditions(open_study(tiny))] == ["posterior", ""]
    assert check_conditions(open_study(tiny)).passed


@pytest.mark.parametrize(
    ("given", "expect", "message"),
    [
        (OFF + "\ndraws = 3", 'arrest = "zero"', "'draws' is 3, expected true, false or 'prior'"),
        (OFF + '\nuntil = "then"', 'arrest = "zero"', "until: 'then' is not a month"),
        ("people = -1", 'arrest = "zero"', "'people' is -1, expected one or two factors from 0"),
        ("people = [1, 2, 3]", 'arrest = "zero"', "expected one or two factors"),
        ("people = 2", 'members = "converges"', "give people two factors"),
        (OFF, "arrest = { belov = 3 }", "the key 'belov' is not known; did you mean 'below'"),
        (OFF, "arrest = { below = 3, above = 2 }", "give one of is, below, above"),
        (OFF, 'arrest = { below = "x" }', "below is 'x', expected a number"),
        (OFF, 'arrest = { is = "down" }', "is expected 'down'"),
        (OFF, "arrest = { below = 3, share = 0 }", "share is 0, expected a share of the draws"),
        (OFF, 'arrest = { below = 3, from = "x" }', "from: 'x' is not a month"),
        (OFF, '"every flow" = "zero"', "no variable 'every flow'"),
    ],
)
def test_what_a_statement_cannot_say_is_told(given, expect, message, tiny):
    with pytest.raises(StudyError, match=message):
        read_conditions(write(tiny, expect, given))


@pytest.mark.parametrize(
    ("kind", "base", "run", "holds"),
    [
        ("zero", [1.0, 1.0], [0.0, 0.0], True),
        ("zero", [1.0, 1.0], [0.0, 1e-300], False),
        ("none", [1.0, 1.0], [0.0, 1e-300], True),
        ("positive", [1.0, 1.0], [0.0, -1e-8], False),
        ("positive", [1.0, 1.0], [1.0, -1e-12], True),
        ("shrinks", [1.0, 1.0], [2.0, 1.0], True),
        ("shrinks", [1.0, 1.0], [1.0, 1.0], False),
        ("finite", [1.0, 1.0], [1.0, np.inf], False),
        ("below", [1.0, 1.0], [np.nan, 1.0], False),
    ],
)
def test_a_kind_is_judged_member_by_member(kind, base, run, holds):
    held, told = judge(Expected(kind, 1.5), np.array([base, base]), [np.array([run, run])])
    assert held.tolist() == [holds, holds]
    assert all(told) or holds
    mixed = np.array([run, [np.nan, np.nan]])
    assert judge(Expected(kind, 1.5), np.array([base, base]), [mixed])[0].tolist() == [holds, False]
