"""Runs: overrides, clocks, outcomes; no compiler is needed for these."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iskdyn.errors import InputError, ModelError, ModelWarning
from iskdyn.model import Program, read_model
from iskdyn.simulate import NonFiniteError, prepare, simulate

TEXT = """{UTF-8}
People = INTEG(births - deaths, 100) ~ person ~|
births = birth rate * People * season(Time) ~ person/Month ~|
deaths = People / lifetime ~ person/Month ~|
birth rate = 0.1 ~ 1/Month ~|
lifetime = 20 ~ Month ~|
season((0,1),(2,2),(4,1)) ~ ~|
late = DELAY3(births, lag) + DELAY FIXED(births, pause, 0) ~ ~|
lag = 3 ~ Month ~|
pause = 1 ~ Month ~|
odd = 1 / (3 - Time * switch) ~ ~|
switch = 0 ~ ~|
noise = RANDOM UNIFORM(0, 1, 0) ~ ~|
FINAL TIME = 4 ~~|
INITIAL TIME = 0 ~~|
TIME STEP = 0.5 ~~|
SAVEPER = 1 ~~|
"""
ENGINES = ("numpy", "ensemble")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path = tmp_path_factory.mktemp("model") / "people.mdl"
    path.write_text(TEXT)
    return read_model(path)


def test_a_run_is_labelled_with_time_and_units(program: Program) -> None:
    data = simulate(program)
    assert data["People"].dims == ("time",)
    assert data["People"].attrs["units"] == "person"
    assert data["time"].values.tolist() == [0, 1, 2, 3, 4]
    assert data.attrs["model"] == program.digest


def test_euler_by_hand(program: Program) -> None:
    data = simulate(program, outputs=["People"], save_every=0.5, final_time=1)
    first = 100 + 0.5 * (100 * 0.1 * 1 - 100 / 20)
    second = first + 0.5 * (first * 0.1 * 1.25 - first / 20)
    np.testing.assert_allclose(data["People"], [100, first, second], rtol=1e-14)


@pytest.mark.parametrize("engine", ENGINES)
def test_constants_and_initial_values_may_differ_between_members(program: Program, engine: str) -> None:
    data = simulate(program, {"birth rate": [0.1, 0.2], "people": [100, 50]}, engine=engine)
    assert data["People"].dims == ("draw", "time")
    single = simulate(program, {"birth rate": 0.2, "People": 50}, engine=engine)
    np.testing.assert_allclose(data["late"][1], single["late"], rtol=1e-12)


def test_arrays_of_different_length_are_refused(program: Program) -> None:
    with pytest.raises(InputError, match="one length"):
        simulate(program, {"birth rate": [0.1, 0.2], "lifetime": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["birth rate", "births", "season"])
def test_a_series_replaces_a_variable_and_cuts_its_causes(program: Program, name: str, engine: str) -> None:
    series = pd.Series([0.5, 1.5, 1.0], index=[0.0, 1.0, 3.0])
    data = simulate(program, series={name: series}, engine=engine, save_every=0.5)
    expected = np.interp(data["time"], series.index, series.to_numpy())
    season = np.interp(data["time"], [0, 2, 4], [1, 2, 1])
    people = data["People"].values
    flows = {"birth rate": expected * people * season, "births": expected, "season": 0.1 * people * expected}
    np.testing.assert_allclose(data["births"], flows[name], rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_series_may_differ_between_members(program: Program, engine: str) -> None:
    values = np.array([[0.1, 0.2], [0.3, 0.1], [0.2, 0.2]])
    data = simulate(program, series={"birth rate": ([0.0, 4.0], values)}, engine=engine)
    for i, one in enumerate(values):
        single = simulate(program, series={"birth rate": ([0.0, 4.0], one)}, engine=engine)
        np.testing.assert_allclose(data["People"][i], single["People"], rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["births", "People", "birth rate", "late"])
def test_where_a_lapsing_series_is_nan_the_equation_speaks(program: Program, engine: str, name: str) -> None:
    outputs = ["People", "births", "late"]
    given = (np.array([0.0, 4.0]), np.array([7.0, 9.0]))
    absent = {one: (np.zeros(1), np.full(1, np.nan)) for one in ("births", "People", "birth rate", "late")}
    open_ = prepare(
        program, ["lifetime"], outputs, series={**absent, name: given}, engine=engine, lapsing=True
    )
    cut = prepare(program, ["lifetime"], outputs, series={name: given}, engine=engine)
    free = prepare(program, ["lifetime"], outputs, series=absent, engine=engine, lapsing=True)
    rows = np.array([[20.0], [30.0]])
    np.testing.assert_allclose(open_(rows), cut(rows), rtol=1e-13)
    plain = prepare(program, ["lifetime"], outputs, engine=engine)
    np.testing.assert_allclose(free(rows), plain(rows), rtol=1e-13)
    assert not np.allclose(cut(rows), plain(rows))
    assert open_._compiled(open_.orders_of(rows[0])) is free._compiled(free.orders_of(rows[0]))


def test_only_a_lapsing_series_of_a_value_may_be_nan(program: Program) -> None:
    nothing = (np.zeros(1), np.full(1, np.nan))
    with pytest.raises(InputError, match="finite values"):
        prepare(program, [], ["People"], series={"births": nothing})
    with pytest.raises(InputError, match="finite values"):
        prepare(program, [], ["People"], series={"season": nothing}, lapsing=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_table_may_be_replaced(program: Program, engine: str) -> None:
    data = simulate(program, tables={"season": ([0.0, 1.0, 4.0], [1.0, 3.0, 3.0])}, engine=engine)
    np.testing.assert_allclose(data["births"] / data["People"], [0.1, 0.3, 0.3, 0.3, 0.3], rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_tables_may_differ_between_members(program: Program, engine: str) -> None:
    rows = np.array([[1.0, 3.0], [2.0, 2.0]])
    data = simulate(program, tables={"season": ([0.0, 4.0], rows)}, engine=engine)
    np.testing.assert_allclose((data["births"] / data["People"])[:, -1], [0.3, 0.2], rtol=1e-12)


def third_order(inputs: list[float], time: float, step: float) -> list[float]:
    """DELAY3 by its definition, three stocks in a row, also where a stage is shorter than a step."""
    stocks, seen = [inputs[0] * time / 3] * 3, []
    for value in inputs:
        out = [stock / (time / 3) for stock in stocks]
        seen.append(out[-1])
        stocks = [
            stock + step * (more - less)
            for stock, more, less in zip(stocks, [value, *out[:-1]], out, strict=True)
        ]
    return seen


@pytest.mark.parametrize("engine", ENGINES)
def test_members_may_differ_in_their_delays_and_no_delay3_loses_a_stage(
    program: Program, engine: str
) -> None:
    lags, pauses = np.array([3.0, 1.2, 0.6, 3.0]), np.array([1.0, 2.0, 1.0, 0.5])
    names = ["late", "births"]
    data = simulate(program, {"lag": lags, "pause": pauses}, outputs=names, engine=engine, save_every=0.5)
    for i in range(4):
        births = data["births"][i].values.tolist()
        held = int(pauses[i] / 0.5)
        expected = np.array(third_order(births, lags[i], 0.5)) + ([0.0] * held + births)[: len(births)]
        np.testing.assert_allclose(data["late"][i], expected, rtol=1e-9)


def written(folder: Path, equations: str) -> Program:
    path = folder / "model.mdl"
    path.write_text("{UTF-8}\n" + equations + TEXT[TEXT.index("FINAL TIME") :])
    return read_model(path)


def test_a_delay_n_of_too_many_stages_says_with_how_many_it_runs(tmp_path: Path) -> None:
    late, shorter = (written(tmp_path, f"y = DELAY N(Time, 1, 0, {n}) ~~|\n") for n in (5, 2))
    with pytest.warns(ModelWarning, match="model.mdl:2: 'y': DELAY N of 5 stages in 1 runs with 2"):
        found = simulate(late)
    np.testing.assert_array_equal(found["y"], simulate(shorter)["y"])


def test_a_delay_that_cannot_run_is_refused_by_name(tmp_path: Path) -> None:
    program = written(tmp_path, "y = DELAY N(Time, lag, 0, 3) ~~|\nlag = 0.1 ~~|\n")
    with (
        pytest.warns(ModelWarning, match="runs with 0"),
        pytest.raises(ModelError, match=r"model.mdl:2: 'y': a delay of order 3 and time 0.1"),
    ):
        simulate(program)


DELAYS = {
    "DELAY1(Time, lag)": "a delay of order 1",
    "DELAY3(Time, lag)": "a delay of order 3",
    "DELAY N(Time, lag, 0, 2)": "a delay of order 2",
    "SMOOTH(Time, lag)": "a smooth of order 1",
    "SMOOTH3I(Time, lag, 5)": "a smooth of order 3",
    "SMOOTH N(Time, lag, 5, 4)": "a smooth of order 4",
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("equation", DELAYS)
@pytest.mark.parametrize("time", [0.0, -3.0])
def test_a_delay_without_a_positive_time_is_refused_by_name(
    equation: str, time: float, engine: str, tmp_path: Path
) -> None:
    program = written(tmp_path, f"y = {equation} ~~|\nlag = {time} ~~|\n")
    words = rf"model.mdl:2: 'y': {DELAYS[equation]} and time {time:g} at the start; expected a time above 0; where"
    with pytest.raises(ModelError, match=words) as caught:
        simulate(program, engine=engine)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("equation", DELAYS)
def test_members_with_a_delay_without_a_positive_time_are_named(
    equation: str, engine: str, tmp_path: Path
) -> None:
    program = written(tmp_path, f"y = {equation} ~~|\nz = DELAY1(Time, lag - 1) ~~|\nlag = 2 ~~|\n")
    with pytest.raises(ModelError) as caught:
        simulate(program, {"lag": [5.0, 0.0, 1.0, -2.0]}, engine=engine)
    y, z = (str(problem) for problem in caught.value.problems)
    assert f"{DELAYS[equation]} and time 0 at the start of member 1 and of 1 more;" in y
    assert "'z': a delay of order 1 and time -1 at the start of member 1 and of 2 more;" in z
    runner = prepare(program, ["lag"], ["z"], engine=engine)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="time -1 at the start of member 12;"):
        runner(np.array([[5.0], [4.0], [0.0]]), first=10)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_delay_may_be_shorter_than_a_step_but_for_its_sign(engine: str, tmp_path: Path) -> None:
    program = written(tmp_path, "y = SMOOTHI(8, lag, 0) ~~|\nlag = 1 ~~|\n")
    data = simulate(program, {"lag": [1e-3, 1.0]}, outputs=["y"], engine=engine, save_every=0.5)
    np.testing.assert_allclose(data["y"][:, 1], [0.5 * 8 / 1e-3, 4.0], rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_delay_whose_time_is_a_members_series_has_its_length(engine: str, tmp_path: Path) -> None:
    program = written(tmp_path, "y = DELAY FIXED(Time, lag, 9) ~~|\nlag = 1 ~~|\n")
    lags = ([0.0, 4.0], [[1.0, 1.0], [2.0, 2.0]])
    data = simulate(program, series={"lag": lags}, outputs=["y"], engine=engine)
    np.testing.assert_allclose(data["y"], [[9, 0, 1, 2, 3], [9, 9, 0, 1, 2]], rtol=0, atol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_delay_may_last_as_chance_has_it(engine: str, tmp_path: Path) -> None:
    program = written(
        tmp_path, "y = DELAY FIXED(Time, lag, -1) ~~|\nlag = RANDOM UNIFORM(1, 4, 0) ~~|\nz = 1 ~~|\n"
    )
    data = simulate(program, {"z": np.ones(20)}, outputs=["y", "lag"], engine=engine, save_every=0.5)
    waited = 0.5 * (data["y"] < 0).sum("time")
    np.testing.assert_array_equal(waited, 0.5 * np.maximum(np.floor(data["lag"][:, 0] / 0.5 + 0.5), 1))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_choice_of_outputs_changes_no_value(program: Program, engine: str) -> None:
    everything = simulate(program, engine=engine)
    for name in everything:
        alone = simulate(program, outputs=[str(name)], engine=engine)
        np.testing.assert_allclose(alone[name], everything[name], rtol=1e-12)


@pytest.mark.parametrize("engine", [*ENGINES, "pysd"])
def test_an_override_does_not_stay(program: Program, engine: str) -> None:
    before = simulate(program, outputs=["People"], engine=engine)
    simulate(program, {"birth rate": 0.9, "People": 5}, {"lifetime": ([0.0], [3.0])}, engine=engine)
    assert simulate(program, outputs=["People"], engine=engine).identical(before)


def test_random_numbers_depend_on_seed_and_member_only(program: Program) -> None:
    rates = np.full(30, 0.1)
    whole = simulate(program, {"birth rate": rates}, outputs=["noise"], engine="ensemble")["noise"]
    other = simulate(program, {"birth rate": rates}, outputs=["noise"], engine="ensemble", seed=2)["noise"]
    runner = prepare(program, ["birth rate"], ["noise"], engine="ensemble")
    assert np.array_equal(runner(rates[:5, None], first=17)[:, 0], whole[17:22])
    assert len(np.unique(whole)) == whole.size
    assert not np.any(whole.values == other.values)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_value_that_is_not_finite_is_an_error_with_variable_and_time(program: Program, engine: str) -> None:
    with pytest.raises(
        NonFiniteError, match=r"people.mdl:11: 'odd' is not a finite number at time 3 of member 1"
    ):
        simulate(program, {"switch": [0.0, 1.0]}, engine=engine)
    kept = simulate(program, {"switch": [0.0, 1.0]}, engine=engine, nonfinite="keep")
    assert np.isfinite(kept["odd"][0]).all()
    assert np.isinf(kept["odd"][1, 3])


def test_a_prepared_run_gives_nan_for_a_member_that_is_not_finite(program: Program) -> None:
    result = prepare(program, ["switch"], ["odd", "People"])(np.array([[0.0], [1.0]]))
    assert result.shape == (2, 2, 5)
    assert np.isfinite(result[0]).all()
    assert np.isnan(result[1]).all()


def test_prepare_keeps_the_order_of_inputs_and_outputs(program: Program) -> None:
    runner = prepare(program, ["lifetime", "birth rate"], ["births", "People"], final_time=2)
    result = runner(np.array([[10.0, 0.2]]))
    data = simulate(program, {"lifetime": 10, "birth rate": 0.2}, final_time=2)
    np.testing.assert_allclose(result[0], [data["births"], data["People"]], rtol=1e-12)
    assert runner.inputs == ("lifetime", "birth rate")
    assert runner.outputs == ("births", "People")
    assert runner.times.tolist() == [0, 1, 2]


MOVING = {
    "end": ("FINAL TIME = IF THEN ELSE(s > 4, 6, 20) ~~|\nSAVEPER = TIME STEP ~~|\n", [0, 1, 2, 3, 4, 5, 6]),
    "saving": ("FINAL TIME = 6 ~~|\nSAVEPER = IF THEN ELSE(Time < 2, 1, 2) ~~|\n", [0, 1, 2, 4, 6]),
}


@pytest.mark.parametrize(("controls", "times"), MOVING.values(), ids=MOVING)
def test_a_clock_that_the_model_moves_is_followed(tmp_path: Path, controls: str, times: list[int]) -> None:
    path = tmp_path / "moving.mdl"
    path.write_text("{UTF-8}\ns = INTEG(1, 0) ~~|\nINITIAL TIME = 0 ~~|\nTIME STEP = 1 ~~|\n" + controls)
    moving = read_model(path)
    data = simulate(moving, engine="numpy")
    assert data["time"].values.tolist() == times
    assert data["s"].equals(simulate(moving, engine="pysd")["s"])
    with pytest.raises(ModelError, match="clock"):
        simulate(moving, {"s": [1.0, 2.0]})


def test_a_step_that_is_lost_beside_the_start_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "far.mdl"
    controls = "INITIAL TIME = 1e17 ~~|\nFINAL TIME = 1.0000000000000001e17 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"
    path.write_text("{UTF-8}\ns = INTEG(1, 0) ~~|\n" + controls)
    with pytest.raises(InputError, match="lost beside INITIAL TIME"):
        simulate(read_model(path), engine="numpy")


WRONG = {
    "unknown constant": {"constants": {"brith rate": 1}},
    "not a constant": {"constants": {"births": 1}},
    "control as constant": {"constants": {"TIME STEP": 1}},
    "not a number": {"constants": {"birth rate": "many"}},
    "infinite": {"constants": {"birth rate": np.inf}},
    "series that falls back": {"series": {"birth rate": ([0, 2, 1], [1, 2, 3])}},
    "series of wrong length": {"series": {"birth rate": ([0, 2], [1, 2, 3])}},
    "series for the clock": {"series": {"TIME STEP": ([0, 2], [1, 2])}},
    "table that is none": {"tables": {"births": ([0, 2], [1, 2])}},
    "unknown output": {"outputs": ["Peple"]},
    "table as output": {"outputs": ["season"]},
    "time step zero": {"time_step": 0},
    "time step that vanishes": {"time_step": 1e-320, "final_time": 0, "save_every": 1e-320},
    "end before start": {"final_time": -1},
    "unknown method": {"method": "magic"},
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_the_callers_error(program: Program, arguments: dict) -> None:
    with pytest.raises(InputError):
        simulate(program, **arguments)


def test_all_wrong_names_are_reported_at_once(program: Program) -> None:
    with pytest.raises(InputError) as caught:
        simulate(program, {"a": 1, "b": 2}, {"c": ([0], [1])})
    assert len(caught.value.problems) == 3


def test_progress_reaches_the_end(program: Program) -> None:
    seen: list[tuple[int, int]] = []
    simulate(program, {"birth rate": np.full(10, 0.1)}, progress=lambda done, all_: seen.append((done, all_)))
    assert seen[-1] == (10, 10)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_number_of_threads_changes_no_bit(program: Program, threads: int) -> None:
    values = np.random.default_rng(1).uniform(0.05, 0.2, (203, 1))
    runner = prepare(program, ["birth rate"], ["People", "late"], engine="ensemble")
    expected = runner(values)
    runner.threads = threads
    assert np.array_equal(runner(values), expected)
    assert np.array_equal(np.concatenate([runner(values[:50]), runner(values[50:])]), expected)


def test_the_fast_lookups_of_the_reference_are_bit_identical(program: Program) -> None:
    from iskdyn.simulate.pysd_runner import fast_lookups, load_pysd, quiet

    with quiet():
        stock = load_pysd(program).run(return_columns=["births", "People"])
        with fast_lookups():
            fast = load_pysd(program).run(return_columns=["births", "People"])
    assert stock.equals(fast)
