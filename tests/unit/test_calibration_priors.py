"""Priors: the whitened parameter is standard normal, whatever the family."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from iskdyn.calibration import Prior, Priors, read_priors
from iskdyn.calibration.priors import log_standard_normal
from iskdyn.errors import StudyError

PRIORS = [
    Prior("n", "normal", 1.0, 2.0, -1.0, 8.0),
    Prior("l", "lognormal", 1.25, 0.25, 0.5, 4.0),
    Prior("g", "logitnormal", 0.6, 0.5, 0.1, 0.95),
    Prior("u", "uniform", math.nan, math.nan, 2.0, 5.0),
    Prior("b", "beta", 6.0, 4.0, 0.1, 0.9),
    Prior("open", "lognormal", 100.0, 1.0, 0.0, math.inf),
    Prior("wide", "beta", 6.0, 4.0, 0.0, 1.0),
]
UNTRUNCATED = {"open": stats.lognorm(1.0, scale=100.0), "wide": stats.beta(6, 4), "u": stats.uniform(2, 3)}


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.name)
def test_whitening_and_back_is_the_identity(prior):
    z = np.linspace(-6, 6, 121)
    value = prior.value(z)
    assert np.all(np.diff(value) > 0)
    assert np.all((value >= prior.lower) & (value <= prior.upper))
    inner = np.abs(z) <= 4  # nearer the range's ends, a value cannot tell neighbouring scores apart
    np.testing.assert_allclose(prior.whiten(value)[inner], z[inner], atol=1e-6)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.name)
def test_density_integrates_to_the_quantiles(prior):
    median, high = prior.quantile(0.5), prior.quantile(0.9)
    mass, _ = quad(lambda x: math.exp(prior.log_density(np.array(x))), median, high)
    assert mass == pytest.approx(0.4, abs=1e-8)


@pytest.mark.parametrize("name", UNTRUNCATED)
def test_open_priors_are_the_library_distributions(name):
    prior = next(p for p in PRIORS if p.name == name)
    probabilities = np.array([1e-3, 0.1, 0.5, 0.9, 0.999])
    np.testing.assert_allclose(
        prior.value(stats.norm.ppf(probabilities)), UNTRUNCATED[name].ppf(probabilities), rtol=1e-9
    )


def test_density_is_zero_outside_the_range():
    outside = PRIORS[1].log_density(np.array([0.4, 4.1]))
    assert np.all(np.isneginf(outside))


def test_density_in_z_is_density_of_the_value_times_the_slope():
    priors, step = Priors(tuple(PRIORS)), 1e-6
    z = np.random.default_rng(1).standard_normal((20, len(PRIORS)))
    slope = (priors.values(z + step) - priors.values(z - step)) / (2 * step)
    expected = priors.log_density(priors.values(z)) + np.log(slope).sum(axis=1)
    np.testing.assert_allclose(log_standard_normal(z), expected, atol=1e-6)


@given(
    family=st.sampled_from(["normal", "lognormal", "logitnormal", "beta"]),
    a=st.floats(0.1, 0.9),
    b=st.floats(0.2, 3),
    ends=st.tuples(st.floats(0.01, 0.5), st.floats(0.55, 0.99)),
    z=st.floats(-3.5, 3.5),
)
def test_any_truncated_prior_maps_back(family, a, b, ends, z):
    prior = Prior("x", family, a, b, *ends)
    if prior._mass < 1e-3:
        return
    assert float(prior.whiten(prior.value(np.array(z)))) == pytest.approx(z, abs=1e-4)


def table(**changes) -> pd.DataFrame:
    row = {"name": "rate", "prior": "lognormal", "a": 1.0, "b": 0.5, "lower": 0.1, "upper": 9.0}
    return pd.DataFrame([row | changes])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prior": "cauchy"}, "expected one of normal, lognormal"),
        ({"lower": 3.0, "upper": 1.0}, "lower 3 not below upper 1; swap them"),
        ({"b": 0.0}, "b above 0"),
        ({"a": -1.0}, "a above 0"),
        ({"lower": -1.0}, "lower at least 0"),
        ({"prior": "logitnormal", "a": 0.5}, "upper at most 1"),
        ({"prior": "logitnormal", "a": 1.5, "upper": 1.0}, "a inside"),
        ({"prior": "uniform", "upper": None}, "needs a lower and an upper"),
        ({"a": 1e9}, "less than 1e-6 of its prior"),
    ],
)
def test_an_impossible_prior_is_named_with_its_line(changes, message):
    with pytest.raises(StudyError, match=message) as error:
        read_priors(table(**changes), "parameters.csv")
    assert error.value.problems[0].place == "parameters.csv:2"


def test_empty_ends_are_open():
    assert read_priors(table(lower=None, upper=float("nan"))).parts[0].upper == math.inf
