"""The one test of a direction, and what an expectation may not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from iskdyn.study import Direction, Expectation, Setting, goes, margin, open_study, read_expectations
from iskdyn.study.places import Page

CHANGES = np.array([-0.4, -0.3, 0.0, 0.3, 0.4])
HOLDS = {
    "lower": [True, True, False, False, False],
    "higher": [False, False, False, True, True],
    "not lower": [False, True, True, True, True],
    "not higher": [True, True, True, True, False],
    "same": [False, True, True, True, False],
}
"""By hand, with a size of 0.3: the least of a move, the most of what is not to happen."""


@pytest.mark.parametrize("kind", get_args(Direction))
def test_a_direction_holds_from_its_size_on(kind: Direction) -> None:
    assert goes(kind, CHANGES, 0.3).tolist() == HOLDS[kind]
    assert (margin(kind, CHANGES, 0.3) >= 0).tolist() == HOLDS[kind]


@pytest.mark.parametrize(
    ("kind", "holds"), [("lower", False), ("higher", False), ("not lower", True), ("same", True)]
)
def test_no_change_at_all_is_no_move(kind: Direction, holds: bool) -> None:
    assert goes(kind, np.zeros(1)).tolist() == [holds]
    assert goes(kind, np.full(1, np.nan)).tolist() == [False]


@pytest.fixture(scope="module")
def setting() -> Setting:
    return open_study(Path(__file__).parents[1] / "data" / "tiny").setting


def read(setting: Setting, row: dict[str, Any]) -> tuple[tuple[Expectation, ...], list[str]]:
    page = Page("", "f")
    return read_expectations(setting, [row], page), [one.message for one in page.problems]


def test_each_output_and_each_arm_that_it_is_compared_with_is_an_expectation(setting: Setting) -> None:
    row = {"of": ["members", "Arrest"], "is": "lower", "arm": "a + b", "than": ["base + base", "c + d"]}
    found, problems = read(setting, row)
    assert problems == []
    assert [(one.output, one.arms, one.than) for one in found] == [
        (output, ("a", "b"), than)
        for output in ("members", "arrest")
        for than in (("base", "base"), ("c", "d"))
    ]


@pytest.mark.parametrize(
    ("row", "low", "high", "words"),
    [
        ({"at_least": 1.0}, 1.0, np.inf, "at least 1"),
        ({"above": 1, "below": 2}, 1.0, 2.0, "1 to 2"),
        ({"below": 2.5}, -np.inf, 2.5, "below 2.5"),
        ({"at_least": "2021-08", "at_most": "2021-09"}, 1.0, 3.0, "1 to 3"),
    ],
)
def test_bounds_are_numbers_or_periods(
    setting: Setting, row: dict[str, Any], low: float, high: float, words: str
) -> None:
    (found,), problems = read(setting, {"of": "members", **row})
    assert (found.kind, found.low, found.high, found.bounds, problems) == ("within", low, high, words, [])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, "'members': give one of is, at_least and at_most, above and below"),
        ({"is": "lower", "at_most": 1.0}, "'members': give one of is, at_least and at_most, above and below"),
        ({"above": 1.0, "at_most": 2.0}, "'members': give one of is, at_least and at_most, above and below"),
        ({"at_least": 2.0, "at_most": 1.0}, "2 is not below 1"),
        ({"at_most": 1.0, "than": "a"}, "than: only a direction has one, such as is = 'lower'"),
        ({"is": "zero", "by": 0.1}, "by: only a direction has one, such as is = 'lower'"),
        ({"is": "lower", "until": "2022"}, "until: '2022' is not a month written YYYY-MM, such as 2022-05"),
        ({"is": "lower", "window": ["2022-02", "2022-01"]},
         "2022-02 to 2022-01 does not rise within the study's horizon, 2021-07 to 2023-06"),
    ],
)  # fmt: skip
def test_what_an_expectation_cannot_say_is_told(setting: Setting, row: dict[str, Any], message: str) -> None:
    assert read(setting, {"of": "members", **row})[1] == [message]
