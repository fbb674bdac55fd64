"""The posterior as groups that ArviZ takes: what stands in them, and that its summaries and plots work."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import second_writing
import xarray as xr

from iskdyn import open_study
from iskdyn.calibration import inference_data, load_posterior
from iskdyn.errors import StudyError

ROOT = Path(__file__).parents[2]
GROUPS = {
    "posterior", "prior", "log_prior", "log_likelihood", "posterior_predictive", "observed_data",
    "sample_stats", "constant_data",
}  # fmt: skip
ROWS = second_writing.table(ROOT / "calibration" / "observations.csv")
PARAMETERS = second_writing.table(ROOT / "calibration" / "parameters.csv")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    return inference_data(open_study(ROOT))


def test_it_has_every_group_with_names_dimensions_and_units(tree: xr.DataTree) -> None:
    assert set(tree.children) == GROUPS
    for group in ("posterior", "prior", "log_prior"):
        numbers = tree[group].dataset
        assert list(numbers.data_vars) == [row["name"] for row in PARAMETERS]
        assert {number.dims for number in numbers.values()} == {("chain", "draw")}
    units = {name: number.attrs["units"] for name, number in tree["posterior"].dataset.items()}
    assert units == {row["name"]: row["unit"] for row in PARAMETERS}
    assert tree["log_likelihood"]["fact"].sizes == {"chain": 4, "draw": 250, "observation": 94}


def test_densities_are_those_that_were_sampled(tree: xr.DataTree) -> None:
    stored = load_posterior(ROOT / "calibration" / "results" / "posterior.nc").log_likelihood
    summed = tree["log_likelihood"]["fact"].sum("observation")
    # The file keeps draws with seven digits, and their likelihood with sixteen.
    np.testing.assert_allclose(summed, stored, atol=1e-3)
    np.testing.assert_allclose(tree["sample_stats"]["log_likelihood"], summed)
    draw = {name: float(number[2, 100]) for name, number in tree["posterior"].dataset.items()}
    prior = sum(float(number[2, 100]) for number in tree["log_prior"].dataset.values())
    assert prior == pytest.approx(second_writing.log_prior(PARAMETERS, draw), abs=1e-9)
    assert float(tree["sample_stats"]["lp"][2, 100]) == pytest.approx(prior + float(summed[2, 100]))


def test_prior_draws_follow_their_prior(tree: xr.DataTree) -> None:
    for row in PARAMETERS[::9]:
        z = [second_writing.whitened(row, value) for value in tree["prior"][row["name"]].values.ravel()[:200]]
        # Of 200 standard normals: five standard errors of the mean.
        assert abs(np.mean(z)) < 5 / np.sqrt(200), row["name"]


def test_what_was_said_is_the_table_and_what_would_be_said_goes_with_the_likelihood(
    tree: xr.DataTree,
) -> None:
    said, would = tree["observed_data"], tree["posterior_predictive"]
    assert float(said["bracket"].sel(bracket_id="T10")) == pytest.approx(np.sqrt(150 * 200))
    assert float(said["bracket"].sel(bracket_id="T16")) == pytest.approx(4.5)
    assert (said["statement"] == 1).all()
    assert {*said["bracket_id"].values, *said["statement_id"].values} == {row["id"] for row in ROWS}
    # A statement is affirmed as often as its likelihood says: T29 has half the weight of a sentence.
    chance = np.exp(2 * tree["log_likelihood"]["fact"].sel(observation="T29"))
    affirmed = would["statement"].sel(statement_id="T29")
    error = np.sqrt(float((chance * (1 - chance)).mean()) / chance.size)
    assert abs(float(affirmed.mean() - chance.mean())) < 4 * error


def test_a_study_without_a_posterior_says_so(tiny: Path) -> None:
    with pytest.raises(StudyError, match=r"posterior\.nc"):
        inference_data(open_study(tiny))


def test_a_posterior_of_another_state_is_refused(tiny: Path) -> None:
    stored = load_posterior(ROOT / "calibration" / "results" / "posterior.nc")
    with pytest.raises(StudyError, match="has changed since the posterior"):
        inference_data(open_study(tiny), stored)


@pytest.fixture(scope="module")
def arviz() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it announces its next version when it is imported
        return pytest.importorskip("arviz", reason="the extra 'arviz' is not installed")


@pytest.fixture(scope="module")
def data(arviz: Any, tree: xr.DataTree) -> Any:
    return arviz.from_datatree(tree) if hasattr(arviz, "from_datatree") else tree


def test_arviz_summarises_and_scores_it(arviz: Any, data: Any) -> None:
    summary = arviz.summary(data, var_names=["hiding rate"])
    assert float(summary["r_hat"].iloc[0]) < 1.02
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few facts weigh too much for importance sampling, and it says so
        assert arviz.loo(data).n_data_points == 94
        compared = arviz.compare({"one": data, "the same": data}, var_name="fact")
    assert set(compared.index) == {"one", "the same"}
    assert float(arviz.psens(data, component="likelihood", var_names=["genuine share"])) > 0.05


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("plot", "options"),
    [
        ("plot_trace", {"var_names": ["hiding rate"]}),
        ("plot_rank", {"var_names": ["hiding rate"]}),
        ("plot_forest", {"var_names": ["hiding rate"], "combined": True}),
        ("plot_dist_comparison", {"var_names": ["hiding rate"]}),
        (
            "plot_ppc",
            {"var_names": ["bracket"], "coords": {"bracket_id": ["T10", "T21"]}, "num_pp_samples": 9},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arviz_draws_it(plot: str, options: dict[str, Any], arviz: Any, data: Any) -> None:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("Agg")
    axes = np.ravel(getattr(arviz, plot)(data, **options))
    assert any(axis.has_data() for axis in axes if axis is not None)
    plt.close("all")
