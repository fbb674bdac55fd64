"""The file of claims: what is read of it, and what is refused of its contrast and its form."""

from __future__ import annotations

from pathlib import Path

import pytest
from claims_of_tiny import CLAIMS, CONTRAST, study_with

from iskdyn.errors import StudyError
from iskdyn.levers.claims import BASE, Arm, Band, Contrast, Relation, read_claims
from iskdyn.study import Reading, Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_with(tmp_path, CLAIMS)


def test_all_that_is_wrong_with_a_contrast_is_told_at_once(study):
    wrong = """
[contrast]
words = [3]
claims = ["A7"]
outcomes = ["member"]
did_window = ["2021-07"]
could_window = ["2021-07", "2032-06"]
did = { "selective" = "no arests" }
could = { "selective repression" = 3 }
"""
    study.path_of("claims").write_text(CLAIMS + wrong)
    with pytest.raises(StudyError) as error:
        read_claims(study)
    start = CLAIMS.count("\n")
    assert [str(one).removeprefix("models/claims.toml:") for one in error.value.problems] == [
        f"{start + line}:contrast: {words}"
        for line, words in (
            (2, "'title' is missing"),
            (3, "expected a name in 'words', got 3"),
            (4, "there is no claim 'A7'"),
            (5, "the model has no variable 'member' that can be set or read; did you mean 'members'?"),
            (6, "'did' must name an arm for each of selective repression"),
            (6, "expected a first and a last month written YYYY-MM, got ['2021-07']"),
            (7, "expected a name in 'could', got 3"),
            (7, "2021-07 to 2032-06 does not rise within the study's horizon, 2021-07 to 2023-06"),
            (8, "there is no arm 'no arests'; did you mean 'no arrests'?"),
        )
    ]


def test_an_empty_contrast_misses_each_of_its_keys(study):
    study.path_of("claims").write_text("[contrast]\n" + CLAIMS)
    with pytest.raises(StudyError) as error:
        read_claims(study)
    found = [str(one) for one in error.value.problems]
    keys = ("title", "words", "claims", "did", "could", "did_window", "could_window", "outcomes")
    assert [f"models/claims.toml:1:contrast: '{key}' is missing" for key in keys] == found[:8]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["models/claims.toml: is empty"]),
        (
            "top = 1\narms = 3\n",
            [
                "models/claims.toml: holds no [[claim]]",
                "models/claims.toml:1: the key 'top' is not known",
                "models/claims.toml:2: 'arms' cannot be 3",
            ],
        ),
        (
            "[arms]\nodd = 3\nclam = {}\n",
            [
                "models/claims.toml: holds no [[claim]]",
                "models/claims.toml:1:odd: changes nothing: give set or keep",
                "models/claims.toml:1:clam: changes nothing: give set or keep",
                "models/claims.toml:1:odd: no claim uses this arm",
                "models/claims.toml:1:clam: no claim uses this arm",
                "models/claims.toml:2:odd: expected a table, got 3",
            ],
        ),
        ("x = \n", ["models/claims.toml:1:5: is not TOML: Invalid value"]),
    ],
)
def test_a_file_of_another_shape_is_refused(text, problems, study):
    study.path_of("claims").write_text(text)
    with pytest.raises(StudyError) as error:
        read_claims(study)
    assert [str(one) for one in error.value.problems] == problems


def test_a_claim_that_is_no_table_and_one_without_an_id_are_told_by_number_and_key(study):
    study.path_of("claims").write_text('claim = [3, { says = "s", place = "p", role = "fitted" }]\n')
    with pytest.raises(StudyError) as error:
        read_claims(study)
    found = [str(one).removeprefix("models/claims.toml:1:") for one in error.value.problems]
    assert "claim 1: expected a table, got 3" in found
    assert " 'id' is missing" in found
    assert not any("'says' is missing" in one for one in found if not one.startswith("claim 1"))


def test_what_is_written_is_what_is_read(study):
    text = CLAIMS.replace(
        'relation = "raid > base"',
        'relation = ["raid + base > base + base", "raid < no arrests"]\nby_percent = 3\n'
        'share_of = "members"\ntimes = "claim over truth"',
    ).replace(
        'role = "contested"',
        'role = "contested"\nneeds = "any"\nnote = "a note"\nwhy = "a reason"\ncontrol = { raid = "base" }',
    )
    study.path_of("claims").write_text(text.replace('[arms."raid"]', '[arms."raid"]\nsays = "a raid"'))
    found = read_claims(study)
    assert found.contrast is None
    assert dict(found.arms) == {
        BASE: Arm(BASE, "the history as it was"),
        "no arrests": Arm("no arrests", "", {"selective repression switch": 0.0}),
        "raid": Arm("raid", "a raid", {"arrest": 100.0}, (), (3.0, 5.0)),
        "raid, arrests kept": Arm(
            "raid, arrests kept", "", {"recruits per month": 0.0}, ("arrest",), (3.0, 24.0)
        ),
    }
    first, second, third = found.claims
    assert (first.id, first.says, first.place, first.role, first.note, first.why, first.any_part) == (
        "A1", "without arrests more members are left", "Section, paragraph 1", "held_out", "", "", False,
    )  # fmt: skip
    assert first.control == {BASE: "no arrests", "no arrests": BASE}
    assert (second.role, second.note, second.why, second.any_part, second.control) == (
        "contested", "a note", "a reason", True, {"raid": BASE},
    )  # fmt: skip
    assert {part.reading for part in second.parts} == {
        Reading("detained", "change", (3.0, 5.0), None, "members", "claim over truth")
    }
    assert [part.test for part in second.parts] == [
        Relation(("raid", BASE), ">", (BASE, BASE), 3.0),
        Relation(("raid",), "<", ("no arrests",), 3.0),
    ]
    (part,) = third.parts
    assert part.reading == Reading("members", "mean", (11.0, 12.0), (0.0, 1.0))
    assert part.test == Band("raid, arrests kept", -float("inf"), 0.5)
    assert part.words == "mean of members: raid, arrests kept, at most 0.5"


def test_a_band_of_months_is_in_model_time_and_of_the_base_arm_unless_told(study):
    text = CLAIMS.replace("between = [-inf, 0.5]", 'between = ["2021-08", "2021-09"]')
    text = text.replace('arm = "raid, arrests kept"\n', "").replace(
        '"raid > base"', '"raid, arrests kept > raid"'
    )
    text = text.replace('role = "contested"', 'role = "contested"\ncontrol = { raid = "base" }')
    study.path_of("claims").write_text(text.replace('role = "fitted"', 'role = "fitted"\ncontrol = {}'))
    assert read_claims(study).claims[2].parts[0].test == Band(BASE, 1.0, 3.0)


def test_an_arm_from_the_first_month_needs_only_its_last(study):
    study.path_of("claims").write_text(CLAIMS.replace('from = "2021-10"\nto', "to", 1))
    assert read_claims(study).arms["raid"].window == (0.0, 5.0)


def test_a_contrast_is_read_as_it_is_written(study):
    study.path_of("claims").write_text(CONTRAST + CLAIMS)
    assert read_claims(study).contrast == Contrast(
        title="Two claims",
        words=("in words",),
        claims=("A1", "A2"),
        did={"selective repression": "no arrests"},
        could={"selective repression": "raid"},
        did_window=(0.0, 12.0),
        could_window=(0.0, 12.0),
        outcomes=("members",),
    )
