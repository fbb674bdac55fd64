"""Every statistic, against values by hand, and every place that takes one."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from iskdyn.errors import InputError
from iskdyn.study import Reading, Statistic
from iskdyn.study.readings import OBSERVED, STATISTICS, over, read, reduce, reduce_to, unit_of

TIMES = np.arange(5.0)
SERIES = np.array([[0.0, 2.0, 6.0, 4.0, 4.0]])
BY_HAND = {
    "mean": 14 / 4, "sum": 14.0, "max": 5.0, "min": 1.0, "at_end": 4.0, "at_start": 0.0, "change": 4.0,
    "ratio": 14 / 4, "peak_time": 2.5,
}  # fmt: skip
"""Over the whole series: the means of its four periods are 1, 4, 5, 4."""


@pytest.mark.parametrize("statistic", get_args(Statistic))
def test_a_statistic_is_what_it_is_by_hand(statistic: Statistic) -> None:
    assert over(statistic, SERIES, TIMES, (0.0, 4.0)) == pytest.approx([BY_HAND[statistic]])
    assert reduce(statistic, SERIES, TIMES) == pytest.approx([BY_HAND[statistic]])
    assert STATISTICS[statistic].words


def test_a_statistic_so_far_is_that_up_to_each_end() -> None:
    assert reduce_to("max", SERIES, TIMES, [1.0, 4.0]) == pytest.approx(np.array([[1.0, 5.0]]))
    assert reduce_to("mean", SERIES, TIMES, [1.0, 4.0]) == pytest.approx(np.array([[1.0, 3.5]]))
    assert reduce_to("at_end", SERIES, TIMES, [1.0, 3.5]).tolist() == [[2.0, 4.0]]


def test_what_has_no_derivative_is_no_observation() -> None:
    assert set(STATISTICS) - set(OBSERVED) == {"peak_time"}


def test_a_reading_is_divided_by_another_window_and_by_another_variable() -> None:
    series = {"x": SERIES, "all": 2 * SERIES}
    assert read(Reading("x", "mean", (2.0, 4.0), (0.0, 1.0)), series, TIMES) == pytest.approx([4.5])
    assert read(Reading("x", "mean", (2.0, 4.0), share_of="all"), series, TIMES) == pytest.approx([0.5])
    assert Reading("x", "mean", (2.0, 4.0), (0.0, 6.0)).end == 6.0


def test_a_window_beyond_the_run_is_refused() -> None:
    with pytest.raises(InputError, match=r"\[3, 5\] is not inside \[0, 4\]"):
        over("mean", SERIES, TIMES, (3.0, 5.0))


def test_units_follow_from_the_statistic() -> None:
    assert [unit_of(one, "men/week", "week") for one in ("max", "sum", "peak_time", "ratio")] == [
        "men/week", "men", "week", "Dmnl",
    ]  # fmt: skip
