"""What may be said of a difference, on numbers made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from iskdyn.levers.verdict import agreed, verdict

BASE = np.full(20, 100.0)


def draws(*groups: tuple[int, float]) -> np.ndarray:
    """So many draws of each value."""
    return np.concatenate([np.full(n, value) for n, value in groups])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (draws((18, -5.0), (2, 5.0)), "lower"),
        (draws((17, -5.0), (3, 5.0)), "open"),
        (draws((18, 5.0), (2, 0.0)), "higher"),
        (draws((20, 1.0)), "higher"),
        (draws((20, 0.99)), "hardly any"),
        (draws((10, -2.0), (10, 2.0)), "hardly any"),
        (draws((10, -2.1), (10, 2.0)), "open"),
        (draws((20, 0.0)), "hardly any"),
    ],
)
def test_a_direction_needs_nine_draws_of_ten_and_a_size(change: np.ndarray, told: str) -> None:
    assert verdict(change, BASE) == told


def test_a_direction_holds_in_each_part_too() -> None:
    change = draws((18, -5.0), (2, 5.0))
    light = np.arange(20) >= 16
    assert verdict(change, BASE, [~light, light]) == "open"
    assert agreed(change, [~light])
    assert not agreed(change, [light])


def test_what_rises_from_nothing_is_a_direction() -> None:
    assert verdict(draws((20, 0.1)), np.zeros(20)) == "higher"
    assert verdict(np.zeros(20), np.zeros(20)) == "hardly any"
