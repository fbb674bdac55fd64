"""What is wrong with a claim is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from claims_of_tiny import CLAIMS, study_with

from iskdyn.errors import StudyError
from iskdyn.levers.claims import read_claims
from iskdyn.study import Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_with(tmp_path, CLAIMS)


NO_CONTROL = "say which arm stands in for which so that the claim must fail: control = {…}"
RAID = 'arm = "raid"\nis = "higher"'
WRONG = [
    (
        'of = "detained"', 'of = "detaned"',
        ["31:of: the model has no variable 'detaned'; did you mean 'detained'?"],
    ),
    (
        'arm = "raid"\n', 'arm = "rade"\n',
        ["25:claim: there is no arm 'rade'; did you mean 'raid'?", "5:raid: no claim uses this arm"],
    ),
    ('is = "higher"\n\n', 'is = "up"\n\n',
     ["35:is: expected one of lower, higher, not lower, not higher, same, got 'up'"]),
    (
        'role = "contested"', 'role = "true"',
        ["29:role: expected one of fitted, held_out, structural, contested, got 'true'"],
    ),
    (
        'statistic = "change"', 'statistic = "median"',
        ["32:statistic: expected one of mean, sum, max, min, at_end, at_start, change, peak_time, got 'median'"],
    ),
    (
        'window = ["2021-10", "2021-11"]', 'window = ["2021-13", "2021-11"]',
        ["33:window: '2021-13' is not a month written YYYY-MM, such as 2022-05"],
    ),
    (
        'window = ["2021-10", "2021-11"]', 'window = ["2021-10", "2031-11"]',
        ["33:window: 2021-10 to 2031-11 does not rise within the study's horizon, 2021-07 to 2023-06"],
    ),
    (
        'window = ["2021-10", "2021-11"]', 'window = ["2021-11", "2021-10"]',
        ["33:window: 2021-11 to 2021-10 does not rise within the study's horizon, 2021-07 to 2023-06"],
    ),
    (
        'window = ["2021-10", "2021-11"]', 'window = ["2021-06", "2021-10"]',
        ["33:window: 2021-06 to 2021-10 does not rise within the study's horizon, 2021-07 to 2023-06"],
    ),
    ('window = ["2021-10", "2021-11"]\n', "", ["30:expect: give a statistic and a window"]),
    ("value = 100.0", 'value = "many"', ["6:value: expected a number, got 'many'"]),
    (
        '"selective repression switch" = 0.0', '"selective repression switch" = 3.0',
        ["3:selective repression switch: 3 Dmnl is outside of its range, 0 to 1"],
    ),
    ('place = "Section, paragraph 2"', "", ["25:claim: the key 'place' is missing"]),
    ("at_most = 0.5", "at_least = 1\nat_most = 0.5", ["42:expect: 1 is not below 0.5"]),
    ("at_most = 0.5", 'is = "lower"\nat_most = 0.5',
     ["42:expect: 'members': give one of is, at_least and at_most, above and below"]),
    ('id = "A2"', 'id = "A1"', ["26:id: 'A1' stands there 2 times"]),
    ('role = "fitted"', 'role = "fitted"\nwrong = 1', ["42:wrong: the key 'wrong' is not known"]),
    ('role = "fitted"', 'role = "fitted"\ncontrol = { base = 3 }', ["42:base: expected a text, got 3"]),
    (RAID, RAID.replace('"raid"', '"raid + base"'),
     ["30:expect: 'raid + base' adds up 2 arms, and compares them with 1"]),
    (
        'role = "contested"', 'role = "contested"\nneeds = "some"',
        ["30:needs: expected one of all, any, got 'some'"],
    ),
    (
        'role = "contested"', 'role = "contested"\ncontrol = { raid = "rade" }',
        ["25:claim: there is no arm 'rade'; did you mean 'raid'?"],
    ),
    (RAID, RAID + '\ntimes = "arests"', ["30:expect: 'arests' is neither a parameter nor a constant"]),
    (RAID, 'is = "higher"', ["30:expect: 'detained': give an arm, and with than what it is compared with",
                             "25:claim: " + NO_CONTROL, "5:raid: no claim uses this arm"]),
    ('"arrest" = {', '"arest" = {', ["6:arest: the model has no variable 'arest'; did you mean 'arrest'?",
                                     "5:raid: changes nothing"]),
    ('pulse = { "arrest" = { value = 100.0, from = "2021-10", to = "2021-11" } }\n', "",
     ["5:raid: changes nothing"]),
    (
        '"arrest" = { value = 100.0', '"recruits per month" = { value = -1.0',
        ["6:recruits per month: -1 is outside of the range of 'recruits per month', 0.0 to 200.0"],
    ),
    ('to = "2021-11"', 'to = "2021-09"', ["6:arrest: pulse: from 2021-10 is not before to 2021-09"]),
    ('to = "2021-11"', 'to = "2033-09"', ["6:arrest: does not stay within the study's horizon, 2021-07 to 2023-06"]),
    ('freeze = { "arrest"', 'freeze = { "arest"',
     ["10:arest: the model has no variable 'arest'; did you mean 'arrest'?"]),
    ('freeze = { "arrest"', 'freeze = { "arrest hazard"',
     ["10:arrest hazard: 'arrest hazard' is of the kind constant; expected auxiliary or stock"]),
    (
        '[[claim]]\nid = "A2"', '[arms."spare"]\nfreeze = { arrest = "own path" }\n\n[[claim]]\nid = "A2"',
        ["25:spare: no claim uses this arm"],
    ),
]  # fmt: skip
"""Text of the file, what stands in its place, and each problem: line, key and words."""


@pytest.mark.parametrize(("old", "new", "problems"), WRONG)
def test_what_is_wrong_with_a_claim_is_told_with_its_line(study, old, new, problems):
    text = CLAIMS.replace(old, new, 1)
    assert text != CLAIMS
    study.path_of("claims").write_text(text)
    with pytest.raises(StudyError) as error:
        read_claims(study)
    assert [str(problem).removeprefix("models/claims.toml:") for problem in error.value.problems] == problems
