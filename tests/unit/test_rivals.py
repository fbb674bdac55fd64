"""Rival causes of a decline: every arm is its own, also where two declines call a cause the same."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from iskdyn.levers import HISTORY, Arms
from iskdyn.reports.rivals import arm_names, arm_of, declines
from iskdyn.reports.section_history import changes
from iskdyn.reports.story import Rivals

BOMBS = Rivals("Why bombs fell", "", "bombs", ("", ""), ("", ""), {"money": "purse", "arrests": "police"})
GUNS = Rivals("Why guns fell", "", "guns", ("", ""), ("", ""), {"money": "purse", "leaving": "exit"})


def test_the_same_words_with_other_switches_are_another_arm():
    study = SimpleNamespace(settings=SimpleNamespace(tactics={}))
    found = changes(study, SimpleNamespace(rivals=(BOMBS, GUNS)))
    assert found[arm_of(BOMBS, "with money alone")].values == {"police": 0.0}
    assert found[arm_of(GUNS, "with money alone")].values == {"exit": 0.0}
    assert len(found) == len(arm_names(BOMBS)) + len(arm_names(GUNS))


def test_a_decline_is_read_from_its_own_arm():
    """From 10 to 5 in history, to 8 with money alone, and to 1 in the arm of the same words of the other decline."""
    times = np.array([0.0, 1.0, 2.0, 3.0])

    def run(after: float) -> np.ndarray:
        return np.array([[[10.0, 10.0, after, after]]])

    arms = {HISTORY: run(5)} | {arm_of(BOMBS, words): run(8) for words in arm_names(BOMBS)}
    arms |= {arm_of(GUNS, words): run(1) for words in arm_names(GUNS)}
    found = declines(
        BOMBS,
        Arms(times, ("bombs",), {name: one[0] for name, one in arms.items()}, arms),
        (0.0, 1.0),
        (2.0, 3.0),
    )
    assert [one.fall for one in found] == pytest.approx([0.5] + [0.2] * 5)
