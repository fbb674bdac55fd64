"""The file of claims: what is read of it, and what is refused of its contrast and its form."""

from __future__ import annotations

from pathlib import Path

import pytest
from claims_of_tiny import CLAIMS, CONTRAST, arm, band, relation, study_with

from iskdyn.errors import StudyError
from iskdyn.levers.claims import Contrast, read_claims, words_of
from iskdyn.study import Arm, Change, Reading, Study
from iskdyn.study.expectations import BASE


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_with(tmp_path, CLAIMS)


def told(study: Study, text: str) -> list[str]:
    """What is wrong with a file of this text."""
    study.path_of("claims").write_text(text)
    with pytest.raises(StudyError) as error:
        read_claims(study)
    return [str(one).removeprefix("models/claims.toml:") for one in error.value.problems]


def test_all_that_is_wrong_with_a_contrast_is_told_at_once(study):
    wrong = """
[contrast]
title = "t"
words = []
claims = ["A7"]
outcomes = ["member"]
did_window = ["2021-07", "2022-06"]
could_window = ["2021-07", "2032-06"]
did = { "selective" = "no arests" }
could = { "selective repression" = "raid" }
"""
    start = CLAIMS.count("\n")
    assert told(study, CLAIMS + wrong) == [
        f"{start + line}:{words}"
        for line, words in (
            (6, "outcomes: the model has no variable 'member'; did you mean 'members'?"),
            (5, "claims: there is no claim 'A7'"),
            (9, "did: 'did' must name an arm for each of selective repression"),
            (9, "did: there is no arm 'no arests'; did you mean 'no arrests'?"),
            (
                8,
                "could_window: 2021-07 to 2032-06 does not rise within the study's horizon, 2021-07 to 2023-06",
            ),
        )
    ]


def test_an_empty_contrast_misses_each_of_its_keys(study):
    keys = ("title", "words", "claims", "outcomes", "did", "could", "did_window", "could_window")
    named = ", ".join(f"'{key}'" for key in keys)
    assert told(study, "[contrast]\n" + CLAIMS) == [f"1:contrast: the keys {named} are missing"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", [" is empty"]),
        ("arms = 3\n", [" the key 'claim' is missing",
                        "1:arms: expected a table of tables, got 3"]),
        ("x = \n", ["1:5: is not TOML: Invalid value"]),
        ("claim = []\n", ["1:claim: expected a list of one or more tables, got []"]),
        ("claim = [3]\n", ["1:claim: expected a table, got 3"]),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_refused(text, problems, study):
    assert told(study, text) == problems


def test_what_is_written_is_what_is_read(study):
    text = CLAIMS.replace(
        'arm = "raid"\nis = "higher"',
        'arm = "raid + base"\nis = "higher"\nthan = ["base + base", "base + raid"]\nby = 0.03\n'
        'share_of = "members"\ntimes = "claim over truth"',
    ).replace(
        'role = "contested"',
        'role = "contested"\nneeds = "any"\nnote = "a note"\nwhy = "a reason"\ncontrol = { raid = "base" }',
    )
    study.path_of("claims").write_text(text.replace('[arms."raid"]', '[arms."raid"]\nsays = "a raid"'))
    found = read_claims(study)
    assert found.contrast is None
    held = (Change("level", "recruits per month", 0.0, (3.0, float("inf"))), Change("own path", "arrest"))
    raid = arm("raid", {"arrest": 100.0}, window=(3.0, 5.0))
    assert dict(found.arms) == {
        BASE: Arm(BASE, "the history as it was"),
        "no arrests": arm("no arrests", {"selective repression switch": 0.0}),
        "raid": Arm("raid", "a raid", raid.changes),
        "raid, arrests kept": Arm("raid, arrests kept", "", held),
    }
    first, second, third = found.claims
    assert (first.id, first.says, first.place, first.role, first.note, first.why, first.any_part) == (
        "A1", "without arrests more members are left", "Section, paragraph 1", "held_out", "", "", False,
    )  # fmt: skip
    assert first.control == {BASE: "no arrests", "no arrests": BASE}
    assert (second.role, second.note, second.why, second.any_part, second.control) == (
        "contested", "a note", "a reason", True, {"raid": BASE},
    )  # fmt: skip
    taken = Reading("detained", "change", (3.0, 5.0), None, "members", "claim over truth")
    both = ("raid", BASE)
    assert second.parts == (
        relation(taken, both, "higher", (BASE, BASE), 3.0),
        relation(taken, both, "higher", (BASE, "raid"), 3.0),
    )
    (part,) = third.parts
    left = Reading("members", "mean", (11.0, 12.0), (0.0, 1.0))
    assert part == band(left, "raid, arrests kept", -float("inf"), 0.5)
    assert words_of(part) == "mean of members: raid, arrests kept, at most 0.5"


def test_bounds_may_be_months_and_are_of_the_base_arm_unless_told(study):
    text = CLAIMS.replace("at_most = 0.5", 'at_least = "2021-08"\nat_most = "2021-09"\ncontrol = {}')
    text = text.replace('arm = "raid, arrests kept"\n', "").replace("control = {}", "")
    text = text.replace('role = "fitted"', 'role = "fitted"\ncontrol = { base = "raid, arrests kept" }')
    study.path_of("claims").write_text(text)
    (part,) = read_claims(study).claims[2].parts
    assert (part.low, part.high, part.arms) == (1.0, 3.0, (BASE,))


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
