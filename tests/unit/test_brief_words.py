"""The title of the one page: which effect it tells, and how sure it sounds."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from iskdyn.levers import Effect, Shares
from iskdyn.reports.brief import _cell
from iskdyn.reports.brief_words import counted, leading, sentence
from iskdyn.reports.story import Outcome

BOMBS = Outcome("bombs", "bomb attacks", "sum", "attacks", "attacks a month", 0, "")
STUDY = SimpleNamespace(settings=SimpleNamespace(never_more=("force",)))


def effect(tactic: str, middle: float, speaks: str = "evidence", null: float | None = 5.0) -> Effect:
    relative = (middle - 0.1, middle, middle + 0.1)
    shares = Shares(0.0, 0.0, 1.0)
    return Effect(tactic, "bombs", 0.0, "w", "u", 1.0, (1.0, 1.0), middle, *relative[::2], relative, "higher",
                  shares, None, speaks, null)  # fmt: skip


@pytest.mark.parametrize(
    ("null", "words"),
    [
        (5.0, " (20 to 40 %)."),
        (1.5, " (20 to 40 %); the facts ask for that only weakly."),
        (0.5, " (20 to 40 %); the facts fit as well without that."),
        (None, " (20 to 40 %)."),
    ],
)
def test_a_title_says_how_far_the_facts_ask_for_it(null, words):
    told = sentence(effect("talks", 0.3, null=null), BOMBS)
    assert told == f"Without talks, there would have been 30 % more bomb attacks{words}"


def test_a_title_says_that_the_equations_put_its_direction_in():
    words = "; our equations put the direction in, and the facts ask for it only weakly."
    assert sentence(effect("talks", 0.3, "structure", null=1.5), BOMBS).endswith(words)
    assert sentence(effect("talks", 0.3, "structure"), BOMBS).endswith(
        "; our equations put the direction in."
    )


def test_an_open_direction_has_no_number():
    assert (
        sentence(effect("talks", 0.3, "open"), BOMBS)
        == "What talks did to the number of bomb attacks is open."
    )
    assert _cell(effect("talks", 0.3, "open")).text == "open"
    assert _cell(effect("talks", 0.3, null=0.5)).star == "*"


def test_the_title_tells_what_the_facts_ask_for_and_never_a_gain_of_force():
    weak, asked, force = effect("talks", 0.9, null=1.0), effect("money", 0.2), effect("force", 2.0)
    assert leading(STUDY, [weak, asked, force], ["bombs"]) is asked
    assert leading(STUDY, [weak, force], ["bombs"]) is weak
    assert leading(STUDY, [effect("talks", 0.9, "open"), weak], ["bombs"]) is weak


def test_a_count_says_of_what_it_is():
    found = [replace(effect(tactic, 0.1), outcome=name) for tactic in ("talks", "money") for name in "abc"]
    assert counted(found) == "6 directions (2 tactics, 3 outcomes)"
