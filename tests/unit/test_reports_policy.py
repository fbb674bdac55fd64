"""What the report says of scenarios, tactics and choices, on numbers made by hand."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from iskdyn.app.answers import speaks_text
from iskdyn.levers import HISTORY, Attribution, Mark, Measured, Verified
from iskdyn.reports.compared import compare_text, compare_words, expectation_words, percent, signed
from iskdyn.reports.effect_words import SPEAKS
from iskdyn.reports.section_attribution import _apart, _pair_rows, _sentence, _shares
from iskdyn.reports.section_choice import _places, _rank_words
from iskdyn.reports.sections import speaking
from iskdyn.reports.story import Outcome, Story
from iskdyn.study import Expectation, Scenario

END = 22.0
KILLED = Outcome("killed", "people killed", "at_end", "people", "people", 0, "")
MEMBERS = Outcome("members", "members", "at_end", "people", "people", 0, "")
STORY = Story("", (), (), {"killed": KILLED, "members": MEMBERS})


def row(outcome: str, base: float, median: float, lower: float) -> dict[str, object]:
    return {
        "scenario": "mild", "against": HISTORY, "window": "to the end of 2023", "until": "2023-12",
        "outcome": outcome, "human_cost": outcome == "killed", "against_median": base, "at_fit": median,
        "median": median, "low_90": median - 2, "low_50": median - 1, "high_50": median + 1,
        "high_90": median + 2, "lower_share": lower, "higher_share": 1 - lower,
        "verdict": "lower" if lower >= 0.9 else "open", "meets_nothing": "",
    }  # fmt: skip


def test_words_tell_only_what_draws_agree_on_and_human_cost_first() -> None:
    table = pd.DataFrame([row("killed", 100.0, -20.0, 0.95), row("members", 1000.0, -300.0, 0.6)])
    assert (
        compare_words(STORY, table)
        == "People killed 20% lower. Little change, or versions disagree: members."
    )
    assert compare_words(STORY, table, rest=False) == "People killed 20% lower."


def test_words_say_when_nothing_changes() -> None:
    table = pd.DataFrame([row("killed", 100.0, 1.0, 0.0)])
    assert compare_words(STORY, table) == "Nothing changes that nine versions of ten agree on."


def test_words_say_which_changes_meet_nothing_to_change() -> None:
    table = pd.DataFrame([row("killed", 100.0, -20.0, 0.95) | {"meets_nothing": "season; extra delivery"}])
    assert compare_words(STORY, table).startswith(
        "People killed 20% lower. “season” and “extra delivery” meet "
    )


@pytest.mark.parametrize("mark", get_args(Mark))
def test_a_marked_table_says_who_speaks_in_the_words_of_every_surface(mark: str) -> None:
    before = {"prior_lower_share": 0.5, "prior_higher_share": 0.25}
    table = pd.DataFrame([row("killed", 100.0, -20.0, 0.95) | before | {"speaks": mark, "null": None}])
    line = compare_text(STORY, table, {"mild": "Mild rule", HISTORY: "History"}).splitlines()[2]
    assert line.endswith(f"50 · 25 · 25 %  {SPEAKS[mark]:>6}")
    assert f"  {SPEAKS[mark]} " in speaks_text()
    assert f'data-speaks="{SPEAKS[mark]}"' in speaking(mark)


def test_the_text_table_has_a_title_every_interval_and_the_words() -> None:
    table = pd.DataFrame([row("killed", 100.0, -20.0, 0.95)])
    text = compare_text(STORY, table, {"mild": "Mild rule", HISTORY: "History"})
    assert text.splitlines()[0] == "Mild rule, compared with History, to the end of 2023 (2023-12)"
    assert "−21 to −19" in text
    assert "−22 to −18" in text
    assert "95 · 0 · 5 %" in text


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        (Expectation("killed", "lower"), "People killed lower, by the end of 2023-04: holds"),
        (Expectation("killed", "lower", "2023-12", by=0.3), "People killed lower by 30% or more, by the end"),
        (Expectation("killed", "same", by=0.05), "People killed nearly the same within 5%, by the end"),
        (Expectation("killed", "lower", since="2022-09"), "lower than at the end of 2022-09, by the end"),
        (Expectation("presence", "not lower"), "Presence no lower, by the end of 2023-04: holds"),
    ],
)
def test_an_expectation_is_told_with_its_share(expectation: Expectation, words: str) -> None:
    found = expectation_words(Verified(expectation, 0.97, -0.12), {"killed": "people killed"}, "2023-04")
    assert words in found
    assert found.endswith("holds in 97% of versions (middle version −12.0 %).")


def test_signs_stand_only_where_there_is_something() -> None:
    assert [signed(KILLED, one) for one in (3.2, -3.2, 0.2, -0.2)] == ["+3", "−3", "0", "0"]
    assert [percent(one) for one in (0.1, -0.1, 0.0, -0.0001)] == ["+10.0 %", "−10.0 %", "0.0 %", "0.0 %"]


def together() -> Attribution:
    """Two tactics that raise `killed` by 10 only where both are there, in every draw."""
    game = np.array([100.0, 100.0, 100.0, 110.0])
    return Attribution(("force", "deals"), ("killed",), (END,), np.tile(game, (11, 1, 1, 1)))


def test_a_joint_effect_is_shared_and_told_as_joint() -> None:
    found = together()
    shares = _shares(found, KILLED, END)
    assert [(one.median, one.left_out, one.alone, one.sure) for one in shares] == [(5.0, 10.0, 0.0, True)] * 2
    assert _sentence(found, shares, END) == (
        "People killed: all two together raised it by 10 people (10 to 10 in nine versions of ten). "
        "Of that force +5 and deals +5."
    )
    assert all("works only together with others" in row["why"] for row in _apart({"killed": shares}))
    assert _pair_rows(found, KILLED, END)[0]["median"] == pytest.approx(10.0)


def test_equal_choices_share_a_place_and_both_are_named() -> None:
    arms = {HISTORY: 5.0, "mild": 3.0, "milder": 3.0}
    values = {arm: np.full((4, 1, 1), level) for arm, level in arms.items()}
    places = _places(Measured(("killed",), (END,), values), list(arms), "killed", END)
    assert places == {HISTORY: 3, "mild": 1, "milder": 1}
    choices = {arm: Scenario(arm, arm.title()) for arm in arms}
    (words,) = _rank_words([{"outcome": KILLED, "columns": {("as coded", "2023-12"): places}}], choices)
    assert words == "People killed: lowest with “Mild” or “Milder” at every horizon and in both readings."
