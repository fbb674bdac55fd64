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


WRONG = [
    (
        'of = "detained"',
        'of = "detaned"',
        ["33:A2: the model has no variable 'detaned' that can be set or read; did you mean 'detained'?"],
    ),
    (
        'relation = "raid > base"',
        'relation = "rade > base"',
        ["5:raid: no claim uses this arm", "36:A2: there is no arm 'rade'; did you mean 'raid'?"],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid >> base"',
        [
            "5:raid: no claim uses this arm",
            "28:A2: say which arm stands in for which so that the claim must fail: control = {…}",
            "32:A2: expects nothing: give [[claim.expect]]",
            "36:A2: 'raid >> base' is not of the form 'arm > arm', 'arm < arm' or 'arm ~ arm'",
        ],
    ),
    (
        'role = "contested"',
        'role = "true"',
        ["31:A2: 'true' is none of fitted, held_out, structural, contested"],
    ),
    (
        'statistic = "change"',
        'statistic = "median"',
        ["34:A2: 'median' is none of mean, sum, max, min, at_end, at_start, change, peak_time"],
    ),
    (
        'window = ["2021-10", "2021-11"]',
        'window = ["2021-13", "2021-11"]',
        ["35:A2: expected a first and a last month written YYYY-MM, got ['2021-13', '2021-11']"],
    ),
    (
        'window = ["2021-10", "2021-11"]',
        'window = ["2021-10", "2031-11"]',
        ["35:A2: 2021-10 to 2031-11 does not rise within the study's horizon, 2021-07 to 2023-06"],
    ),
    (
        '"arrest" = 100.0',
        '"arrest" = "many"',
        ["8:raid: expected a number for 'arrest', got 'many'", "8:raid: changes nothing: give set or keep"],
    ),
    (
        '"selective repression switch" = 0.0',
        '"selective repression switch" = 3.0',
        ["3:no arrests: 3 is outside of the range of 'selective repression switch', 0.0 to 1.0"],
    ),
    ('place = "Section, paragraph 2"', "", ["28:A2: 'place' is missing"]),
    ("between = [-inf, 0.5]", "between = [1, 0.5]", ["49:A3: 1 is not below 0.5"]),
    (
        "between = [-inf, 0.5]",
        'between = [-inf, 0.5]\nrelation = "raid > base"',
        [
            "10:raid, arrests kept: no claim uses this arm",
            "39:A3: say which arm stands in for which so that the claim must fail: control = {…}",
            "43:A3: expects nothing: give [[claim.expect]]",
            "50:A3: give either relation or between",
        ],
    ),
    ('id = "A2"', 'id = "A1"', ["16:A1: 'A1' stands there 2 times"]),
    ('role = "fitted"', 'role = "fitted"\nwrong = 1', ["43:A3: the key 'wrong' is not known"]),
    (
        'role = "fitted"',
        'role = "fitted"\ncontrol = { base = 3 }',
        ["43:A3: expected a name in 'control', got 3"],
    ),
    ('keep = ["arrest"]', 'keep = "arrest"', ["13:raid, arrests kept: 'keep' cannot be 'arrest'"]),
    (
        'relation = "raid > base"',
        "relation = [1]",
        [
            "5:raid: no claim uses this arm",
            "28:A2: say which arm stands in for which so that the claim must fail: control = {…}",
            "32:A2: expects nothing: give [[claim.expect]]",
            "36:A2: expected a name in 'relation', got 1",
        ],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid + base > base"',
        ["36:A2: 'raid + base > base' adds up 2 arms on the left and 1 on the right"],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid ~ base"',
        ["36:A2: 'raid ~ base' needs within_percent, and not by_percent"],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid > no arrests"',
        ["28:A2: say which arm stands in for which so that the claim must fail: control = {…}"],
    ),
    ("between = [-inf, 0.5]", "between = [0.5]", ["49:A3: expected two bounds, got [0.5]"]),
    (
        "between = [-inf, 0.5]",
        'between = ["2021-07", "2021-08", "2021-09"]',
        ["49:A3: expected two bounds, got ['2021-07', '2021-08', '2021-09']"],
    ),
    ("between = [-inf, 0.5]", "between = [0.5, nan]", ["49:A3: expected a number for 'between', got nan"]),
    (
        "between = [-inf, 0.5]",
        'between = ["2022-01", "2021-08"]',
        ["49:A3: 2022-01 to 2021-08 does not rise within the study's horizon, 2021-07 to 2023-06"],
    ),
    (
        "between = [-inf, 0.5]",
        "",
        [
            "10:raid, arrests kept: no claim uses this arm",
            "39:A3: give either relation or between",
            "39:A3: say which arm stands in for which so that the claim must fail: control = {…}",
            "43:A3: expects nothing: give [[claim.expect]]",
        ],
    ),
    (
        "by_percent = 5.0",
        "by_percent = inf",
        [
            "2:no arrests: no claim uses this arm",
            "16:A1: say which arm stands in for which so that the claim must fail: control = {…}",
            "20:A1: expects nothing: give [[claim.expect]]",
            "25:A1: expected a number for 'by_percent', got inf",
        ],
    ),
    (
        "by_percent = 5.0",
        "by_percent = true",
        [
            "2:no arrests: no claim uses this arm",
            "16:A1: say which arm stands in for which so that the claim must fail: control = {…}",
            "20:A1: expects nothing: give [[claim.expect]]",
            "25:A1: expected a number for 'by_percent', got True",
        ],
    ),
    (
        "by_percent = 5.0",
        "within_percent = 5.0",
        ["24:A1: 'no arrests > base' needs by_percent, and not within_percent"],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid > base > base"',
        [
            "5:raid: no claim uses this arm",
            "28:A2: say which arm stands in for which so that the claim must fail: control = {…}",
            "32:A2: expects nothing: give [[claim.expect]]",
            "36:A2: 'raid > base > base' is not of the form 'arm > arm', 'arm < arm' or 'arm ~ arm'",
        ],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid ~ base"\nby_percent = 3.0\nwithin_percent = 3.0',
        ["36:A2: 'raid ~ base' needs within_percent, and not by_percent"],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid > base"\ntimes = "claim over trut"',
        ["37:A2: 'claim over trut' is neither a parameter nor a constant; did you mean 'claim over truth'?"],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid > base"\nshare_of = "TIME STEP"',
        ["37:A2: the model has no variable 'TIME STEP' that can be set or read"],
    ),
    (
        'relation = "raid > base"',
        'relation = "raid > base"\nshare_of = "access table"',
        ["37:A2: the model has no variable 'access table' that can be set or read"],
    ),
    (
        'window = ["2021-10", "2021-11"]',
        'window = ["2021-10"]',
        ["35:A2: expected a first and a last month written YYYY-MM, got ['2021-10']"],
    ),
    (
        'window = ["2021-10", "2021-11"]',
        'window = ["2021-11", "2021-10"]',
        ["35:A2: 2021-11 to 2021-10 does not rise within the study's horizon, 2021-07 to 2023-06"],
    ),
    (
        'window = ["2021-10", "2021-11"]',
        'window = ["2021-06", "2021-10"]',
        ["35:A2: 2021-06 to 2021-10 does not rise within the study's horizon, 2021-07 to 2023-06"],
    ),
    (
        'window = ["2021-10", "2021-11"]\n',
        "",
        ["28:A2: expected a first and a last month written YYYY-MM, got None"],
    ),
    ('of = "detained"\n', "", ["28:A2: the model has no variable '' that can be set or read"]),
    ('role = "contested"', 'role = "contested"\nneeds = "some"', ["32:A2: 'some' is none of all, any"]),
    (
        'role = "contested"',
        'role = "contested"\ncontrol = { raid = "rade" }',
        ["32:A2: there is no arm 'rade'; did you mean 'raid'?"],
    ),
    ('role = "contested"\n', "", ["28:A2: 'role' is missing"]),
    ('says = "a raid takes more than are taken otherwise"\n', "", ["28:A2: 'says' is missing"]),
    (
        'set = { "arrest" = 100.0 }',
        'set = { "arest" = 100.0 }',
        ["8:raid: the model has no variable 'arest' that can be set or read; did you mean 'arrest'?"],
    ),
    ('set = { "arrest" = 100.0 }\n', "", ["5:raid: changes nothing: give set or keep"]),
    (
        'set = { "arrest" = 100.0 }',
        'set = { "recruits per month" = -1.0 }',
        ["8:raid: -1 is outside of the range of 'recruits per month', 0.0 to 200.0"],
    ),
    (
        'to = "2021-11"',
        'to = "2021-09"',
        ["6:raid: 2021-10 to 2021-09 does not rise within the study's horizon, 2021-07 to 2023-06"],
    ),
    ('to = "2021-11"', "to = 3", ["7:raid: 'to' cannot be 3"]),
    (
        'keep = ["arrest"]',
        'keep = ["arest"]',
        [
            "13:raid, arrests kept: the model has no variable 'arest' that can be set or read; did you mean 'arrest'?"
        ],
    ),
    ('keep = ["arrest"]', "keep = [3]", ["13:raid, arrests kept: expected a name in 'keep', got 3"]),
    (
        '[[claim]]\nid = "A2"',
        '[arms."spare"]\nkeep = ["arrest"]\n\n[[claim]]\nid = "A2"',
        ["27:spare: no claim uses this arm"],
    ),
    (
        (
            '[[claim.expect]]\nof = "detained"\nstatistic = "change"\nwindow = ["2021-10", "2021-11"]\n'
            'relation = "raid > base"\n'
        ),
        "expect = []\n",
        [
            "5:raid: no claim uses this arm",
            "28:A2: say which arm stands in for which so that the claim must fail: control = {…}",
            "32:A2: expects nothing: give [[claim.expect]]",
        ],
    ),
]
"""Text of the file, what stands in its place, and each problem: line, owner and words."""


@pytest.mark.parametrize(("old", "new", "problems"), WRONG)
def test_what_is_wrong_with_a_claim_is_told_with_its_line(study, old, new, problems):
    text = CLAIMS.replace(old, new, 1)
    assert text != CLAIMS
    study.path_of("claims").write_text(text)
    with pytest.raises(StudyError) as error:
        read_claims(study)
    assert [str(problem).removeprefix("models/claims.toml:") for problem in error.value.problems] == problems
