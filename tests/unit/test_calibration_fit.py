"""The fit on a toy whose truth is known."""

import dataclasses

import numpy as np
import pytest
from calibration_toy import CONSTANTS, TRUTH, ToyRunner, toy_observations, toy_parameters

from iskdyn.calibration import build_objective, fit_objective, laplace
from iskdyn.calibration.fit import start_points
from iskdyn.errors import InputError, StudyError


def toy_objective(observations=None, parameters=None, **options):
    return build_objective(
        toy_observations() if observations is None else observations,
        toy_parameters() if parameters is None else parameters,
        ToyRunner,
        {name: TRUTH[name] for name in CONSTANTS},
        **options,
    )


@pytest.fixture(scope="module")
def result():
    return fit_objective(toy_objective(), starts=16)


def test_known_values_are_recovered(result):
    assert result.status == "converged"
    for name, value in zip(result.parameters["name"], result.parameters["value"], strict=True):
        assert value == pytest.approx(TRUTH[name], rel=0.01)
    assert set(result.constants) == {"joining", "leaving"}
    assert set(result.biases) == {"claim"}


def test_every_row_is_scored_and_says_whether_it_holds(result):
    rows = result.rows.set_index("id")
    assert rows["holds"].all()
    assert result.holding == (5, 5)
    assert rows.loc["T5", "fold"] == "held"
    assert np.isfinite(rows["log_likelihood"]).all()
    assert np.isnan(rows.loc["T6", "high"])
    assert rows.loc["T3", "model"] / TRUTH["claim"] == pytest.approx(rows.loc["T6", "model"] / 1.5, rel=0.2)


def test_held_rows_never_move_the_fit(result):
    observations = toy_observations()
    observations.loc[4, ["low", "high"]] = [1.0, 2.0]
    other = fit_objective(toy_objective(observations), starts=16)
    assert other.objective == result.objective
    assert not other.rows.set_index("id").loc["T5", "holds"]


def test_all_starts_are_kept_and_find_one_optimum(result):
    assert len(result.starts) == 16
    assert result.share_of_starts_at_best > 0.9
    assert result.starts["n_runs"].sum() < result.n_runs
    assert result.objective <= result.starts["objective"].min() + 1e-9


def test_the_same_seed_gives_the_same_numbers(result):
    again = fit_objective(toy_objective(), starts=16)
    np.testing.assert_array_equal(again.parameters["value"], result.parameters["value"])


def test_objective_is_half_the_squares_of_the_residuals_above_the_floor():
    objective = toy_objective()
    z = np.random.default_rng(2).normal(0, 0.5, (20, objective.n_parameters))
    squares = 0.5 * np.sum(objective.residuals(z) ** 2, axis=1)
    np.testing.assert_allclose(objective.loss(z), squares + objective.floor, rtol=1e-10)


def test_evolution_finds_the_same_optimum(result):
    evolved = fit_objective(toy_objective(), starts=1, method="evolution")
    assert evolved.objective == pytest.approx(result.objective, abs=1e-3)


def test_an_interrupt_keeps_the_best_so_far():
    class Interrupted(ToyRunner):
        def __call__(self, values):
            if self.n_calls == 40:  # Ctrl-C once: the table of the best point is still made
                self.n_calls += 1
                raise KeyboardInterrupt
            return super().__call__(values)

    runner = Interrupted(inputs=("joining", "leaving"), outputs=toy_objective().runner.outputs)
    objective = dataclasses.replace(toy_objective(), runner=runner)
    result = fit_objective(objective, starts=16)
    assert result.status == "interrupted"
    assert 0 < len(result.starts) < 16
    assert result.objective <= result.starts["objective"].min() + 1e-9
    assert len(result.rows) == 6


def test_cancelling_stops_as_an_interrupt_does():
    asked = iter(range(10**6))
    result = fit_objective(toy_objective(), starts=64, cancelled=lambda: next(asked) > 30)
    assert result.status == "interrupted"
    assert result.n_runs < 200


def test_progress_is_told_after_every_start():
    told = []
    fit_objective(toy_objective(), starts=4, progress=lambda *state: told.append(state))
    assert [done for done, _, _ in told] == [1, 2, 3, 4]
    best = [loss for _, _, loss in told]
    assert best == sorted(best, reverse=True)


def test_points_without_a_number_are_counted_and_survived():
    parameters = toy_parameters()
    parameters.loc[1, "a"] = 0.9
    result = fit_objective(toy_objective(parameters=parameters), starts=16)
    assert result.n_not_finite > 0
    assert (result.starts["status"] == "not finite").any()
    assert result.constants["leaving"] == pytest.approx(TRUTH["leaving"], rel=0.02)


def test_a_model_without_numbers_is_an_error():
    parameters = toy_parameters()
    parameters.loc[1, ["lower", "upper", "a"]] = [1.1, 2.0, 1.5]
    with pytest.raises(InputError, match="no number"):
        fit_objective(toy_objective(parameters=parameters), starts=4)


def test_starts_are_the_median_and_spread_over_the_prior():
    points = start_points(64, 3, 1)
    assert points.shape == (64, 3)
    np.testing.assert_array_equal(points[0], 0)
    np.testing.assert_allclose(points[1:].std(axis=0), 1, atol=0.12)
    assert not np.array_equal(points, start_points(64, 3, 0))


def test_chosen_constants_join_the_free_biases():
    objective = toy_objective(free=["beginning"])
    assert objective.priors.names == ("beginning", "claim")


def test_a_bias_that_is_not_free_stands_at_its_median():
    parameters = toy_parameters()
    parameters.loc[3, "free"] = "no"
    objective = toy_objective(parameters=parameters)
    assert objective.fixed["claim"] == pytest.approx(1.25, rel=0.03)


def test_wrong_choices_of_free_parameters_are_refused():
    with pytest.raises(InputError, match="it has joining"):
        toy_objective(free=["leving"])


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("operation", "median", "expected one of mean"),
        ("form", "roughly", "expected one of interval"),
        ("scale", "cubic", "expected one of log"),
        ("spread", 0.0, "above 0"),
        ("low", 1e9, "not below high"),
        ("low", 0.0, "log scale needs it inside"),
        ("end", np.nan, "without start or end"),
        ("start", "2021-07", "nothing tells when Time 0 is"),
    ],
)
def test_an_impossible_row_is_named_with_its_line(column, cell, message):
    observations = toy_observations()
    observations[column] = observations[column].astype(object)
    observations.loc[1, column] = cell
    with pytest.raises(StudyError, match=message) as error:
        toy_objective(observations)
    assert error.value.problems[0].place.endswith("observations.csv:3")


def test_calendar_months_are_windows_to_their_end():
    observations = toy_observations()
    observations[["start", "end"]] = observations[["start", "end"]].astype(object)
    observations.loc[0, ["start", "end"]] = ["2022-05", "2022-08"]
    months = {"2022-05": 10.0, "2022-08": 13.0}
    objective = toy_objective(observations, time=months.__getitem__)
    assert objective.sheet.readings[0].window == (10.0, 14.0)


def test_rows_on_one_sentence_count_once():
    observations = toy_observations()
    observations.loc[2, "note"] = "the mean, not the end; shares:T2"
    observations.loc[4, "note"] = "shares:T2"
    weights = toy_objective(observations).sheet.weights
    assert weights.tolist() == [1, 0.5, 0.5, 1, 1, 1]


def test_curvature_says_what_was_learned(result):
    assert np.all(result.laplace.eigenvalues >= 1 - 1e-9)
    assert (result.parameters["contraction"] > 0.9).all()
    assert set(result.parameters["learned"]) == {"learned"}
    draws = result.approximate_draws(4000, seed=3)
    assert draws.attrs["kind"] == "approximation"
    spread = (draws["joining"].quantile(0.95) - draws["joining"].quantile(0.05)) / 2
    row = result.parameters.set_index("name").loc["joining"]
    assert spread == pytest.approx((row["post_high"] - row["post_low"]) / 2, rel=0.1)


def test_an_unseen_parameter_is_not_learned():
    observations = toy_observations()
    objective = toy_objective(observations[observations["output"] == "recruits"].reset_index(drop=True))
    curvature = laplace(objective, np.zeros(3))
    assert curvature.contraction[0] > 0.5
    np.testing.assert_allclose(curvature.contraction[1:], 0, atol=1e-9)
