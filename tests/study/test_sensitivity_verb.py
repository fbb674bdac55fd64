"""`iskdyn sensitivity` on the tiny study, as a user types it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from iskdyn.calibration import Spread
from iskdyn.sensitivity import failures, prepare_answers, sensitivity
from iskdyn.sensitivity.answers import measured
from iskdyn.sensitivity.policy import STRENGTH
from iskdyn.study import Expectation, Inputs, Scenario, open_study

PROMISE = """title = "Fewer arrests"
expect = [{ of = "detained", is = "lower", by = 0.3 }]

[set]
"arrest hazard" = 0.0
"""


@pytest.fixture
def fitted(tiny, iskdyn):
    iskdyn("fit", "--study", tiny, "--starts", "2")
    return tiny


def drawn(study, n=400, **fixed):
    """Draws about the middle of each number's range, with some of them held."""
    rng = np.random.default_rng(1)
    names = ("recruits per month", "arrest hazard", "quiet exit hazard", "claim over truth")
    columns = [
        rng.uniform(30, 80, n),
        rng.uniform(0.01, 0.04, n),
        rng.uniform(0.0, 0.1, n),
        rng.uniform(1, 1.5, n),
    ]
    draws = np.stack(columns, axis=1)
    inside = np.array([True, True, True, False])
    return Spread("posterior", names, inside, draws.mean(axis=0), np.array([0.5, 0.0, 0.05, 0.2]), draws)


def test_each_outcome_is_told_with_its_numbers_human_cost_first(fitted, iskdyn):
    result = iskdyn("sensitivity", "--study", fitted, "--samples", "64")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("question"))
    assert lines[first + 1].startswith("detained")
    assert "arrest hazard" in result.stdout
    assert "claim over truth" not in result.stdout, "the model does not have it"


def test_everything_is_in_the_json(fitted, iskdyn, tmp_path):
    out = tmp_path / "found.json"
    result = iskdyn("sensitivity", "--study", fitted, "--samples", "64", "--json", "--out", out)
    found = json.loads(result.stdout)
    assert found.items() <= json.loads(out.read_text()).items()
    asked = {(one["output"], one["without"]) for one in found["questions"]}
    assert asked == {
        (output, tactic)
        for output in ("detained", "members", "recruitment")
        for tactic in (None, "selective repression")
    }
    assert all(
        len(shares) == len(found["times"]) for one in found["questions"] for shares in one["total"].values()
    )


def test_one_outcome_is_told_with_each_tactics_effect_on_it(fitted, iskdyn):
    result = iskdyn("sensitivity", "--study", fitted, "--samples", "64", "--outcome", "detained")
    assert "detained without selective repression, less with it" in result.stdout
    assert "recruitment" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--outcome", "detaned"), "did you mean 'detained'"),
        (("--samples", "100"), "a power of 2"),
        (("--scenario", "no-arrests"), "expects nothing"),
        (("--scenario", "none-such"), "no scenario 'none-such'"),
    ],
)
def test_a_wrong_argument_is_named(fitted, iskdyn, arguments, said):
    result = iskdyn("sensitivity", "--study", fitted, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_without_a_fit_it_says_what_is_missing(tiny, iskdyn):
    result = iskdyn("sensitivity", "--study", tiny)
    assert result.exit_code == 2
    assert "iskdyn fit" in result.stderr


def test_a_scenario_fails_where_its_change_is_weak(fitted, iskdyn):
    (fitted / "models/scenarios/fewer.toml").write_text(PROMISE)
    result = iskdyn("sensitivity", "--study", fitted, "--scenario", "fewer")
    assert result.exit_code == 0
    assert "expected: detained lower by 30%; fails in 0.0% +- 0.0% of draws" in result.stdout
    assert "of the change in arrest hazard" in result.stdout
    found = json.loads(iskdyn("sensitivity", "--study", fitted, "--scenario", "fewer", "--json").stdout)
    low, high = found["expectations"][0]["boxes"][0]["limits"][STRENGTH + "arrest hazard"]
    assert low is None
    assert 0.2 < high < 0.5


def test_answers_are_the_differences_that_runs_give(tiny):
    study = open_study(tiny)
    names = ("recruits per month", "arrest hazard")
    answers = prepare_answers(study, names, {"detained": "at_end", "recruitment": "sum"})
    values = np.array([[50.0, 0.02], [60.0, 0.03]])
    history, without = answers.by_arm([values[:1], values[1:]])
    assert history.shape == without.shape == (2, 2, len(answers.times))
    for i, (recruits, hazard) in enumerate(values):
        set_to = {"recruits per month": recruits, "arrest hazard": hazard}
        run = study.run(set=set_to)
        off = study.run(set={**set_to, "selective repression switch": 0.0})
        assert history[i, 0, -1] == pytest.approx(float(run["detained"][-1]))
        assert without[i, 0, -1] == pytest.approx(float(off["detained"][-1] - run["detained"][-1]))


def test_a_sum_a_mean_and_a_last_value_are_measured_to_each_moment():
    times = np.linspace(0, 4, 17)
    series = np.broadcast_to(times, (1, 3, 17))
    found = measured(series, times, {"a": "at_end", "b": "sum", "c": "mean"}, np.array([2.0, 4.0]))
    np.testing.assert_allclose(found[0], [[2, 4], [2, 8], [1, 2]])


def test_the_whole_is_the_same_when_it_is_run_again(tiny):
    study = open_study(tiny)
    one, two = (sensitivity(study, drawn(study), {"members": "at_end"}, n_base=64) for _ in range(2))
    np.testing.assert_array_equal(one.prior.total, two.prior.total)
    np.testing.assert_array_equal(one.posterior.index, two.posterior.index)
    assert one.factors == two.factors


def expecting(**of):
    return Scenario("s", inputs=Inputs({"arrest hazard": 0.0}), expect=(Expectation(**of),))


@pytest.mark.parametrize(
    ("direction", "by", "share"),
    [
        ("lower", 0.0, 0.0),
        ("lower", 1.5, 1.0),
        ("higher", 0.0, 1.0),
        ("not lower", 0.0, 1.0),
        ("not lower", 1.5, 0.0),
        ("not higher", 0.0, 0.0),
        ("same", 0.0, 1.0),
        ("same", 1.5, 0.0),
    ],
)
def test_each_direction_of_an_expectation_can_hold_and_fail(tiny, direction, by, share):
    study = open_study(tiny)
    scenario = expecting(output="detained", kind=direction, by=by)
    (found,) = failures(study, drawn(study, 50), scenario, {})
    assert found.share == share
    assert found.error == 0.0  # all draws say the same


def test_an_expectation_about_before_compares_a_scenario_with_itself(tiny):
    study = open_study(tiny)
    scenario = expecting(output="detained", kind="higher", since="2021-12")
    (found,) = failures(study, drawn(study, 50), scenario, {})
    assert found.share == 1.0, "with nobody arrested, nobody is added after December"


def test_half_a_change_of_a_coded_history_lies_half_way(tiny):
    from iskdyn.sensitivity.policy import _mixed

    before, after = pd.Series([1.0, 3.0], index=[0.0, 2.0]), pd.Series([5.0], index=[1.0])
    times, values = _mixed(before, after, np.array([0.0, 0.5, 1.0]))
    np.testing.assert_array_equal(times, [0, 1, 2])
    np.testing.assert_allclose(values, [[1, 2, 3], [3, 3.5, 4], [5, 5, 5]])
