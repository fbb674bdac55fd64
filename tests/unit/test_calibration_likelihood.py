"""Each form of likelihood against the story it comes from."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from iskdyn.calibration import About, AtLeast, AtMost, Count, Interval, Order
from iskdyn.calibration.likelihood import NO_LIKELIHOOD, logistic_scale, on_scale

VALUES = np.array([20.0, 90.0, 120.0, 150.0, 173.0, 200.0, 260.0, 900.0])

ALL_FORMS = [
    Interval(150, 200, 0.1),
    Interval(150, 200, 30.0, "linear"),
    Interval(0.55, 0.65, 0.2, "logit"),
    About(450, 550, 0.15),
    AtLeast(100, 0.2),
    AtMost(8000, 0.1),
    Order("lower", 1.2, 0.1),
    Order("higher", 0.0, 5.0, "linear"),
    Count(2, 2, 0.3),
    Count(3, 6),
    Count(6, math.inf, 0.3),
    Count(0, 4, 0.3),
]


def name_of(form) -> str:
    return repr(form)


@pytest.mark.parametrize("value", VALUES)
def test_interval_is_the_logistic_error_averaged_over_the_bracket(value):
    form = Interval(150, 200, 0.1)
    s, u = logistic_scale(0.1), math.log(value)
    a, b = math.log(150), math.log(200)
    mass, _ = quad(lambda y: stats.logistic.pdf(y, u, s), a, b, epsabs=0, epsrel=1e-11)
    assert form.log_likelihood(np.array([value]))[0] == pytest.approx(math.log(mass / (b - a)), rel=1e-9)


@pytest.mark.parametrize("value", VALUES)
def test_interval_equals_its_closed_form_of_two_soft_edges(value):
    s, u = logistic_scale(0.1), math.log(value)
    edge_a, edge_d = (math.log(150) - u) / s, (math.log(200) - u) / s
    soft = -np.logaddexp(0, -edge_d) - np.logaddexp(0, edge_a) + math.log1p(-math.exp(edge_a - edge_d))
    expected = soft - math.log(math.log(200 / 150))
    assert Interval(150, 200, 0.1).log_likelihood(np.array([value]))[0] == pytest.approx(expected, rel=1e-12)


def test_intervals_that_part_the_line_sum_to_one():
    edges = np.exp(np.linspace(math.log(1), math.log(1e6), 12))
    value = np.array([170.0])
    inner = [np.exp(Interval(a, b, 0.4).log_likelihood(value)) * math.log(b / a) for a, b in pairwise(edges)]
    outer = [np.exp(form.log_likelihood(value)) for form in (AtMost(edges[0], 0.4), AtLeast(edges[-1], 0.4))]
    assert float(sum(inner + outer)[0]) == pytest.approx(1, abs=1e-12)


def test_counts_that_part_the_whole_numbers_sum_to_one():
    for sd in (0.0, 0.5):
        parts = [Count(0, 3, sd), Count(4, 4, sd), Count(5, 20, sd), Count(21, math.inf, sd)]
        total = sum(np.exp(part.log_likelihood(np.array([0.3, 7.0, 60.0]))) for part in parts)
        np.testing.assert_allclose(total, 1, atol=1e-12)


@pytest.mark.parametrize("sd", [0.1, 0.5])
def test_one_sided_edges_are_integrals_of_the_logistic_error(sd):
    s = logistic_scale(sd)
    for value in (80.0, 100.0, 130.0):
        above, _ = quad(stats.logistic(math.log(value), s).pdf, math.log(100), 12)
        at_least = AtLeast(100, sd).log_likelihood(np.array([value]))[0]
        at_most = AtMost(100, sd).log_likelihood(np.array([value]))[0]
        assert math.exp(at_least) == pytest.approx(above, rel=1e-7)
        assert math.exp(at_least) + math.exp(at_most) == pytest.approx(1, abs=1e-12)


def test_about_is_the_limit_of_a_narrow_interval():
    narrow = Interval(499.9, 500.1, 0.15).log_likelihood(VALUES)
    np.testing.assert_allclose(About(499.9, 500.1, 0.15).log_likelihood(VALUES), narrow, atol=1e-5)


def test_about_is_a_density_of_the_report():
    total, _ = quad(
        lambda v: math.exp(About(v - 1e-9, v + 1e-9, 0.5, "linear").log_likelihood(np.array([2.0]))[0]),
        -20,
        24,
    )
    assert total == pytest.approx(1, abs=1e-8)


def test_a_sharp_edge_becomes_a_box():
    box = Interval(150, 200, 1e-6).log_likelihood(np.array([149.0, 151.0, 199.0, 201.0]))
    inside = -math.log(math.log(200 / 150))
    np.testing.assert_allclose(box[1:3], inside, atol=1e-12)
    assert np.all(box[[0, 3]] < -1000)


def test_count_equals_differences_of_distribution_functions():
    mu = np.array([0.2, 2.0, 5.0, 30.0])
    size = 0.4**-2
    negative_binomial = stats.nbinom(size, size / (size + mu))
    expected = np.log(negative_binomial.cdf(6) - negative_binomial.cdf(2))
    np.testing.assert_allclose(Count(3, 6, 0.4).log_likelihood(mu), expected, rtol=1e-9)
    np.testing.assert_allclose(
        Count(6, math.inf, 0.4).log_likelihood(mu), negative_binomial.logsf(5), rtol=1e-9
    )
    poisson = stats.poisson(mu)
    np.testing.assert_allclose(
        Count(3, 6).log_likelihood(mu), np.log(poisson.cdf(6) - poisson.cdf(2)), rtol=1e-9
    )


def test_count_averages_poisson_over_the_spread_of_the_rate():
    mu, sd = 4.0, 0.5
    mixed, _ = quad(lambda r: stats.poisson.pmf(3, r) * stats.gamma.pdf(r, sd**-2, scale=mu * sd**2), 0, 80)
    assert math.exp(Count(3, 3, sd).log_likelihood(np.array([mu]))[0]) == pytest.approx(mixed, rel=1e-9)


def test_order_compares_two_windows_past_a_margin():
    s = logistic_scale(0.1)
    factor = np.array([0.25, 1 / 3, 0.5])
    expected = stats.logistic.logcdf((-np.log(factor) - math.log(3)) / s)
    order = Order("lower", 3.0, 0.1)
    np.testing.assert_allclose(order.log_likelihood(factor), expected, rtol=1e-9)
    assert order.holds(factor).tolist() == [True, True, False]
    assert Order("higher", 2.0, 1.0, "linear").holds(np.array([1.9, 2.0])).tolist() == [False, True]


@pytest.mark.parametrize("form", ALL_FORMS, ids=name_of)
def test_deviation_gives_the_log_likelihood_and_its_slope(form):
    middle = 0.6 if getattr(form, "scale", "") == "logit" else 4.0
    values = middle * np.array([0.5, 0.9, 1.1, 1.4])
    step = 1e-6 * values
    ahead, behind = form.log_likelihood(values + step), form.log_likelihood(values - step)
    slope = (ahead - behind) / (2 * step)
    deviation = form.deviation(values)
    slope_of_deviation = (form.deviation(values + step) - form.deviation(values - step)) / (2 * step)
    np.testing.assert_allclose(form.log_likelihood(values), form.peak - deviation**2 / 2, rtol=1e-12)
    np.testing.assert_allclose(-deviation * slope_of_deviation, slope, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "form", [Interval(150, 200, 0.1), Interval(150, 200, 9.0, "linear"), About(450, 550, 0.15), Count(3, 6)]
)
def test_deviation_is_smooth_through_the_best_value(form):
    best = {150: math.sqrt(150 * 200) if form.low == 150 else 0, 450: math.sqrt(450 * 550)}.get(form.low, 0.0)
    if getattr(form, "scale", "log") == "linear":
        best = 175.0
    if isinstance(form, Count):
        best = form._best[0]
    near = best * (1 + np.linspace(-1e-3, 1e-3, 21))
    slopes = np.diff(form.deviation(near)) / np.diff(near)
    assert np.all(slopes > 0)
    np.testing.assert_allclose(slopes, slopes.mean(), rtol=2e-3)


@pytest.mark.parametrize("form", ALL_FORMS, ids=name_of)
def test_every_finite_model_value_has_a_finite_log_likelihood(form):
    values = np.array([0.0, 1e-300, 1e-12, 1.0, 1e12, 1e300, -5.0])
    assert np.all(np.isfinite(form.log_likelihood(values)))
    assert np.all(form.log_likelihood(values) <= form.peak + 1e-9)


def test_finite_within_seven_hundred_edge_widths():
    s = logistic_scale(0.1)
    values = 170 * np.exp(np.array([-700, -300, 300, 700]) * s)
    result = Interval(150, 200, 0.1).log_likelihood(values)
    np.testing.assert_allclose(result, [-698, -298, -298, -698], atol=3)


@pytest.mark.parametrize("form", ALL_FORMS, ids=name_of)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_has_no_likelihood(form, value):
    assert form.log_likelihood(np.array([value]))[0] == NO_LIKELIHOOD


def test_holds_keeps_to_the_reported_edges_exactly():
    values = np.array([149.999, 150.0, 200.0, 200.001])
    assert Interval(150, 200, 0.1).holds(values).tolist() == [False, True, True, False]
    assert AtLeast(150, 0.1).holds(values).tolist() == [False, True, True, True]
    assert AtMost(200, 0.1).holds(values).tolist() == [True, True, True, False]
    assert Count(3, 6).holds(np.array([2.9, 3, 6, 6.1])).tolist() == [False, True, True, False]
    assert Count(2, 2).holds(np.array([1.4, 1.6, 2.4, 2.6])).tolist() == [False, True, True, False]


@given(
    value=st.floats(1e-3, 1e6),
    low=st.floats(0.1, 1e5),
    width=st.floats(1e-3, 3),
    sd=st.floats(0.01, 2),
)
def test_an_interval_never_scores_above_its_peak_and_falls_outward(value, low, width, sd):
    form = Interval(low, low * math.exp(width), sd)
    middle = low * math.exp(width / 2)
    further = middle * math.exp(1.5 * (math.log(value) - math.log(middle)))
    here, there = form.log_likelihood(np.array([value, further]))
    assert there <= here + 1e-9 <= form.peak + 2e-9


def test_scales_take_shares_and_levels_to_the_line():
    assert on_scale(0.5, "logit") == pytest.approx(0)
    assert on_scale(math.e, "log") == pytest.approx(1)
    assert on_scale(-3.0, "linear") == -3
    assert math.isnan(on_scale(math.nan, "log"))
