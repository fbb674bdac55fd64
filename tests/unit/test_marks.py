"""Who speaks in the sign of an effect: each rule, and cases planted for each mark."""

from __future__ import annotations

import pytest

from iskdyn.levers.marks import mark
from iskdyn.levers.measured import Shares, mixed

N = 2000


def higher(share: float) -> Shares:
    return Shares(1 - share, 0.0, share, N)


@pytest.mark.parametrize(
    ("after", "before", "null", "speaks"),
    [
        (0.89, 0.5, 9.0, "open"),
        (0.11, 0.5, 9.0, "open"),
        (1.0, 0.99, 9.0, "structure"),
        (1.0, 0.5, 9.0, "evidence"),
        (1.0, 0.5, 2.0, "evidence"),
        (1.0, 0.5, 1.9, "judgement"),
        (1.0, 0.5, None, "judgement"),
        (0.95, 0.9, 9.0, "judgement"),  # odds of 19 against 9: not trebled
        (0.97, 0.9, 9.0, "evidence"),
        (0.03, 0.1, 9.0, "evidence"),  # the other side
        (0.02, 0.005, 9.0, "structure"),
    ],
)
def test_each_rule_in_its_turn(after, before, null, speaks):
    assert mark(higher(after), [higher(after)], [higher(before)], null) == speaks


def test_a_sign_is_put_in_only_where_every_structure_puts_it_in():
    sure, without = higher(1.0), Shares(0.0, 1.0, 0.0, N)
    assert mark(sure, [sure, sure], [sure, sure], None) == "structure"
    assert mark(sure, [sure, sure], [sure, without], None) == "judgement"


def test_a_part_with_weight_that_disagrees_leaves_it_open():
    sure, without = higher(1.0), Shares(0.0, 1.0, 0.0, N)
    assert mark(higher(0.95), [sure], [sure], None) == "structure"
    assert mark(higher(0.95), [sure, without], [sure], None) == "open"
    assert mark(higher(0.95), [higher(0.97), higher(0.89)], [sure], None) == "open"
    assert mark(higher(0.95), [higher(0.97), higher(0.9)], [sure], None) == "structure"


def test_none_and_all_count_as_half_a_draw():
    assert higher(0.0).odds("higher") == pytest.approx(0.5 / (N - 0.5))
    assert higher(1.0).odds("higher") == pytest.approx((N - 0.5) / 0.5)
    assert higher(1.0).odds("lower") == pytest.approx(0.5 / (N - 0.5))


def test_a_mixture_is_weighted():
    assert mixed([higher(1.0), higher(0.0)], [0.75, 0.25]) == Shares(0.25, 0.0, 0.75)


def test_no_change_is_a_direction_too():
    nothing = Shares(0.0, 1.0, 0.0, N)
    assert mark(nothing, [nothing], [nothing], None) == "structure"
    assert mark(nothing, [nothing], [higher(0.5)], 0.0) == "judgement"
