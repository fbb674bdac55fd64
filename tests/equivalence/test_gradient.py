"""The gradient kernel gives the slopes that central differences of the ensemble kernel give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import BASE, CASES, CONTROLS, XMILE_CASES, case_name, xmile_model

from iskdyn.compile.adjoint import make_adjoint
from iskdyn.compile.block_gradient import compile_gradient
from iskdyn.compile.derivatives import RULES, WITHOUT
from iskdyn.compile.events import JUMPING, TIMING
from iskdyn.compile.graph import ARITHMETIC, BOOLEAN, UNARY
from iskdyn.compile.kernels import Layout, _stamp, lower_program
from iskdyn.compile.target_gradient import print_gradient
from iskdyn.errors import InputError
from iskdyn.model import Program, read_model
from iskdyn.simulate import GradientRunner, prepare_gradient

ROOT = Path(__file__).parents[2]
Case = tuple[GradientRunner, np.ndarray, np.ndarray]
"""A runner, its members, and the slopes of all its outputs by central differences."""
N_MEMBERS = 11
"""One whole block and a part of a second."""
STEP = 1e-6
"""Of the central differences, relative; their error is about 1e-9 of the largest slope."""

GRADIENT_BASE = BASE.replace("level = INTEG(0.1 * level", "growth = 0.1 ~ ~ |\nlevel = INTEG(growth * level")
INPUTS = ("growth", "lag", "level")
OWN_CASES = {
    "=": "IF THEN ELSE(INTEGER(Time) = Time, level, y * lag)",
    "<>": "IF THEN ELSE(INTEGER(Time) <> Time, level, y * lag)",
    "^": "level ^ 2 + level ^ 0.5 + lag ^ x ^ 2 + (0 - level) ^ 3 + 2 ^ lag + level ^ lag + (level - level) ^ lag",
    "exp": "EXP(x * lag) + EXP(-level)",
    "if_then_else": "IF THEN ELSE(x > 0.5, level, IF THEN ELSE(y, x * lag, 5))",
    "power": "POWER(lag, x) + POWER(level, lag)",
    "integer": "INTEGER(level * 3) + level",
    "quantum": "QUANTUM(level, 0.7) + level",
    "modulo": "MODULO(x, 0.37) * lag + MODULO(level, 0.7)",
    "log": "LOG(lag, 10) + LOG(level, lag)",
    "min": "MIN(x * lag, y) + MIN(level, 2)",
    "max": "MAX(x * lag, 0) + MAX(level, 2)",
    "step": "STEP(level, 5) + STEP(lag, 2.2)",
    "ramp": "RAMP(level, 3, 8) + RAMP(lag, 2.1, lag * 3)",
    "pulse": "PULSE(3, 2) * level + PULSE(5, 0) * lag",
    "delay_fixed": "DELAY FIXED(level, 2, lag) + DELAY FIXED(y * lag, 0.6, 1.5)",
    "sample_if_true": "SAMPLE IF TRUE(MODULO(Time, 3) = 0, level, lag)",
    "smooth": "SMOOTH(x, lag) + SMOOTHI(level, lag, 3.0) + SMOOTH3(level, 4) + SMOOTH3I(y, lag, growth)",
    "random_0_1": "RANDOM 0 1() * level",
    "random_uniform": "RANDOM UNIFORM(lag, 5 + level, 77)",
    "random_normal": "RANDOM NORMAL(-1, 4 + level, lag, lag, 77)",
    "random_exponential": "RANDOM EXPONENTIAL(0, 9, growth, lag, 77)",
}
"""Equations that differ from the shared table's, so that each depends on the inputs."""

EVENTS = {
    "step": "STEP(1, when)", "ramp": "RAMP(1, when, 9)", "pulse": "PULSE(when, 2) + PULSE(1, when)",
    "pulse_train": "PULSE TRAIN(when, 0.5, 3, 9)", "smooth": "SMOOTH N(level, 3, 1, when)",
    "delay": "DELAY3(level, when)", "delay_n": "DELAY N(level, 3, 1, when)",
    "delay_fixed": "DELAY FIXED(level, when, 1)",
    "sample_if_true": "SAMPLE IF TRUE(Time > when, level, 1)", "=": "IF THEN ELSE(Time = when, 1, 0)",
    "<>": "IF THEN ELSE(Time <> when, 1, 0)", "<": "IF THEN ELSE(Time < when + 1, 1, 0)",
    "<=": "IF THEN ELSE(Time * 2 <= when, 1, 0)", ">": "IF THEN ELSE(when > Time, 1, 0)",
    ">=": "IF THEN ELSE(bent(Time) >= when, 1, 0)", "integer": "INTEGER(Time / when)",
    "quantum": "QUANTUM(Time, when)", "modulo": "MODULO(Time, when)",
}  # fmt: skip
"""Function -> an event whose time, or a number of states, is set by the constant `when`."""
XMILE_EVENTS = {"ramp_without_end", "pulse_magnitude", "pulse_train_magnitude"}
SMOOTH_WHEN_FIXED = {"delay"}
"""A DELAY's time is no event; only its order is."""


def gradient_model(folder: Path, text: str, name: str = "model.mdl") -> Program:
    (folder / name).write_text(text)
    return read_model(folder / name)


def spread(
    program: Program, inputs: tuple[str, ...], starts: dict[str, float], width: float = 0.05
) -> np.ndarray:
    """Members around the model's own values."""
    centre = np.array([starts.get(name, program[name].value) for name in inputs])
    return centre * (1 + width * np.random.default_rng(3).uniform(-1, 1, (N_MEMBERS, len(inputs))))


def central_differences(runner: GradientRunner, values: np.ndarray) -> np.ndarray:
    """(n, n_inputs, n_outputs, n_times) slopes of the outputs."""
    found = np.empty((*values.shape, len(runner.outputs), len(runner.times)))
    for column in range(values.shape[1]):
        step = STEP * np.maximum(np.abs(values[:, column]), 1e-3)
        above, below = values.copy(), values.copy()
        above[:, column] += step
        below[:, column] -= step
        width = (above[:, column] - below[:, column])[:, None, None]
        found[:, column] = (runner.values(above) - runner.values(below)) / width
    return found


def weighted(slopes: np.ndarray, bars: np.ndarray) -> np.ndarray:
    return np.einsum("niot,not->ni", slopes, bars)


def assert_same_slopes(found: np.ndarray, expected: np.ndarray, tolerance: float = 1e-5) -> None:
    scale = np.abs(expected).max(axis=1, keepdims=True)
    assert np.all(scale > 0), "nothing depends on the inputs"
    np.testing.assert_array_less(np.abs(found - expected) / scale, tolerance)


@pytest.fixture(scope="module")
def vensim(tmp_path_factory: pytest.TempPathFactory) -> Case:
    equations = CASES | OWN_CASES
    cases = "".join(f"{case_name(name)} = {text} ~ ~ |\n" for name, text in equations.items())
    program = gradient_model(tmp_path_factory.mktemp("gradient"), GRADIENT_BASE + cases + CONTROLS)
    runner = prepare_gradient(program, INPUTS, [case_name(name) for name in equations])
    values = spread(program, INPUTS, {"level": 1.5})
    return runner, values, central_differences(runner, values)


@pytest.fixture(scope="module")
def xmile(tmp_path_factory: pytest.TempPathFactory) -> Case:
    program = gradient_model(tmp_path_factory.mktemp("gradient"), xmile_model(), "model.xmile")
    runner = prepare_gradient(program, ("level", "store"), [case_name(name) for name in XMILE_CASES])
    values = spread(program, ("level", "store"), {"level": 1.5, "store": 2.0})
    return runner, values, central_differences(runner, values)


def test_every_operation_of_the_graph_has_a_derivative() -> None:
    assert {*RULES, *WITHOUT, "lookup"} == {
        *ARITHMETIC,
        *UNARY,
        *BOOLEAN,
        "select",
        "float",
        "random",
        "lookup",
    }


@pytest.mark.parametrize("function", [*CASES, *XMILE_CASES])
def test_the_slope_of_a_function_is_that_of_central_differences(
    function: str, vensim: Case, xmile: Case
) -> None:
    runner, values, slopes = vensim if function in CASES else xmile
    bars = np.zeros((len(values), len(runner.outputs), len(runner.times)))
    row = runner.outputs.index(case_name(function))
    bars[:, row] = np.random.default_rng(1).normal(size=bars[:, row].shape)
    outputs, gradient = runner.vjp(values, bars)
    # The kernel that only goes forward multiplies by reciprocals: equal up to rounding, not in every bit.
    np.testing.assert_allclose(outputs[:, row], runner.values(values)[:, row], rtol=1e-12)
    assert_same_slopes(gradient, weighted(slopes, bars))


def test_every_function_with_a_time_has_a_case_of_an_event() -> None:
    assert {*TIMING, *JUMPING} == {*EVENTS, *XMILE_EVENTS}


@pytest.mark.parametrize("function", [name for name in EVENTS if name not in SMOOTH_WHEN_FIXED])
def test_an_event_that_an_input_moves_is_refused_with_variable_and_line(
    function: str, tmp_path: Path
) -> None:
    text = (
        BASE + f"when = 4 ~ ~ |\nsudden = {EVENTS[function]} ~ ~ |\nafter = sudden + when ~ ~ |\n" + CONTROLS
    )
    program = gradient_model(tmp_path, text)
    with pytest.raises(InputError, match=r"model.mdl:\d+: sudden = .* depends on the input 'when'"):
        prepare_gradient(program, ["lag", "when"], ["after"])
    prepare_gradient(program, ["lag"], ["after"])


def test_an_event_that_the_outputs_do_not_see_is_allowed(tmp_path: Path) -> None:
    program = gradient_model(tmp_path, BASE + "when = 4 ~ ~ |\nsudden = STEP(1, when) ~ ~ |\n" + CONTROLS)
    assert prepare_gradient(program, ["when"], ["level"]).inputs == ("when",)


def test_an_input_that_moves_the_clock_is_refused(tmp_path: Path) -> None:
    text = BASE + "end = 9 ~ ~ |\n" + CONTROLS.replace("FINAL TIME = 12", "FINAL TIME = end")
    with pytest.raises(InputError, match="the clock depends on the input 'end'"):
        prepare_gradient(gradient_model(tmp_path, text), ["end"], ["level"])


def test_what_a_switch_leaves_out_does_not_spoil_the_slope(tmp_path: Path) -> None:
    """0 times an infinite slope is 0 here."""
    cases = """none = 0 ~ ~ |
    case a = IF THEN ELSE(none = 0, lag, lag / none) * 2 ~ ~ |
    case b = MIN(level / none * lag, lag) ~ ~ |
    case c = ZIDZ(lag, none) + lag ~ ~ |
    case d = bent(lag / none) + lag ~ ~ |
    case e = EXP(-lag / none) + lag + IF THEN ELSE(none > 0, LN(none * lag), lag) ~ ~ |
    case f = SQRT(lag * none) * none + lag ~ ~ |
    """
    program = gradient_model(tmp_path, BASE + cases + CONTROLS)
    runner = prepare_gradient(program, ["lag"], [f"case {letter}" for letter in "abcdef"])
    bars = np.zeros((1, 6, len(runner.times)))
    bars[..., -1] = 1.0
    np.testing.assert_allclose(runner.vjp([[2.2]], bars)[1], 2 + 1 + 1 + 1 + 2 + 1)


def test_a_run_that_fails_has_no_gradient_and_spoils_no_other(tmp_path: Path) -> None:
    program = gradient_model(tmp_path, BASE + "root = SQRT(lag) ~ ~ |\n" + CONTROLS)
    runner = prepare_gradient(program, ["lag"], ["root"])
    _, gradient = runner.vjp([[1.0], [-1.0], [4.0]], np.ones((3, 1, len(runner.times))))
    np.testing.assert_allclose(gradient[:, 0], np.array([0.5, np.nan, 0.25]) * len(runner.times))


@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_slopes_hold_with_series_tables_and_both_methods(tmp_path: Path, method: str) -> None:
    program = gradient_model(
        tmp_path, GRADIENT_BASE + "seen = SMOOTH(y * level, lag) * bent(y) ~ ~ |\n" + CONTROLS
    )
    members = np.random.default_rng(2).uniform(0.5, 1.5, (N_MEMBERS, 3))
    runner = prepare_gradient(
        program, INPUTS, ["seen"], series={"y": (np.array([0.0, 5.0, 12.0]), members)},
        tables={"bent": ([0.0, 3.0], [1.0, 2.0])}, constants={"growth": 0.2}, time_step=0.5, method=method,
    )  # fmt: skip
    values = spread(program, INPUTS, {"level": 1.5})
    bars = np.ones((N_MEMBERS, 1, len(runner.times)))
    assert_same_slopes(runner.vjp(values, bars)[1], weighted(central_differences(runner, values), bars))


def test_the_code_is_the_same_each_time_and_shows_the_equations(tmp_path: Path) -> None:
    program = gradient_model(tmp_path, GRADIENT_BASE + "seen = SMOOTH(level, lag) * y ~ ~ |\n" + CONTROLS)
    layout = Layout(("lag", "level"), ("seen",), orders=(1,))
    lowered = lower_program(program, (), (1,))
    texts = {
        print_gradient(make_adjoint(lowered, ("lag", "level"), ("seen",)), program, "") for _ in range(2)
    }
    assert texts == {
        compile_gradient(program, layout).run.text.replace(_stamp(program.digest, "gradient"), "")
    }
    assert "; seen = SMOOTH(level, lag) * y" in texts.pop()


def test_bars_of_the_wrong_shape_are_refused(vensim: Case) -> None:
    runner, values, _ = vensim
    with pytest.raises(InputError, match="cotangent: expected an array"):
        runner.vjp(values, np.zeros((1, 1, 1)))


@pytest.mark.slow
def test_all_parameters_of_the_study_have_the_slope_of_central_differences() -> None:
    program = read_model(ROOT / "models" / "isk.mdl")
    rows = pd.read_csv(ROOT / "calibration" / "parameters.csv")
    names = tuple(name for name in rows["name"] if name in program)
    shown = sorted(set(pd.read_csv(ROOT / "calibration" / "observations.csv")["output"]))
    assert len(names) > 70
    runner = prepare_gradient(program, names, shown)
    values = spread(program, names, {}, width=0.02)
    outputs = runner.values(values)
    bars = np.random.default_rng(5).normal(size=outputs.shape) / np.abs(outputs).max(
        axis=(0, 2), keepdims=True
    )
    found, again = runner.vjp(values, bars)[1], runner.vjp(values, bars)[1]
    np.testing.assert_array_equal(found, again)
    assert_same_slopes(found, weighted(central_differences(runner, values), bars))
