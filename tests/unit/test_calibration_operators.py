"""Observation operators on series whose answer is known by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iskdyn.calibration import Reader, Reading
from iskdyn.errors import InputError

TIMES = np.arange(0, 12.01, 0.25)
OUTPUTS = ("ramp", "square", "wave")
SERIES = np.array([TIMES, TIMES**2, np.sin(TIMES * np.pi)])[None] * np.array([1.0, 2.0])[:, None, None]


def read(*readings: Reading) -> np.ndarray:
    return Reader(readings, OUTPUTS, TIMES)(SERIES)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("mean", 4.0),
        ("sum", 16.0),
        ("max", 5.5),
        ("min", 2.5),
        ("at_start", 2.0),
        ("at_end", 6.0),
        ("change", 4.0),
    ],
)
def test_each_operation_on_a_ramp(operation, expected):
    values = read(Reading("ramp", operation, (2.0, 6.0)))
    np.testing.assert_allclose(values, [[expected], [2 * expected]], rtol=1e-12)


def test_ratio_divides_the_means_of_two_windows():
    values = read(Reading("ramp", "ratio", (6.0, 10.0), (1.0, 3.0)))
    np.testing.assert_allclose(values, [[4.0], [4.0]])


def test_contrasts_of_an_ordering():
    factor = Reading("ramp", "mean", (6.0, 10.0), (1.0, 3.0), "factor")
    difference = Reading("ramp", "max", (6.0, 10.0), (0.0, 2.0), "difference")
    np.testing.assert_allclose(read(factor, difference), [[4.0, 8.0], [4.0, 16.0]])


def test_peak_is_over_months_not_over_moments():
    values = read(Reading("wave", "max", (0.0, 4.0)))
    month = np.trapezoid(SERIES[0, 2, :5], TIMES[:5])
    assert values[0, 0] == pytest.approx(month)
    assert month < SERIES[0, 2].max()


def test_windows_off_the_grid_read_the_straight_lines():
    start, end = 1.1, 3.33
    values = read(Reading("ramp", "mean", (start, end)), Reading("square", "at_end", (0.0, end)))
    assert values[0, 0] == pytest.approx((start + end) / 2)
    assert values[0, 1] == pytest.approx(np.interp(end, TIMES, TIMES**2))


def test_a_failed_member_is_nan_and_leaves_the_others():
    series = SERIES.copy()
    series[0] = np.nan
    values = Reader((Reading("ramp", "max", (0.0, 3.0)), Reading("wave", "sum", (0.0, 3.0))), OUTPUTS, TIMES)(
        series
    )
    assert np.all(np.isnan(values[0]))
    assert np.all(np.isfinite(values[1]))


def test_every_impossible_reading_is_named():
    with pytest.raises(InputError) as error:
        read(
            Reading("rmap", "mean", (0.0, 1.0)),
            Reading("ramp", "mean", (0.0, 13.0)),
            Reading("ramp", "sum", (2.0, 2.0)),
            Reading("ramp", "ratio", (2.0, 3.0)),
        )
    assert len(error.value.problems) == 4


@given(start=st.floats(0, 11), length=st.floats(0.01, 1), scale=st.floats(-5, 5), offset=st.floats(-5, 5))
def test_mean_is_linear_and_sum_is_mean_times_length(start, length, scale, offset):
    window = (start, min(start + length, 12.0))
    readings = (Reading("ramp", "mean", window), Reading("ramp", "sum", window))
    mean, total = Reader(readings, OUTPUTS, TIMES)(scale * SERIES[:1] + offset)[0]
    assert mean == pytest.approx(scale * sum(window) / 2 + offset, abs=1e-8)
    assert total == pytest.approx(mean * (window[1] - window[0]), abs=1e-8)
