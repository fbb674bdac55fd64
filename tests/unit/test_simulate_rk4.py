"""Runge-Kutta: its order, what it holds within a step, and who chooses it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iskdyn.errors import InputError
from iskdyn.model import Program, read_model
from iskdyn.simulate import simulate

CONTROLS = "FINAL TIME=6~~|\nINITIAL TIME=0~~|\nTIME STEP=0.1~~|\nSAVEPER=1~~|\n"
SWING = "{UTF-8}\nx=INTEG(v,1)~~|\nv=INTEG(-k*x+drive,0)~~|\ndrive=0~~|\nk=1~~|\n" + CONTROLS
ENGINES = ("numpy", "ensemble")


@pytest.fixture(scope="session")
def swing(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path = tmp_path_factory.mktemp("swing") / "swing.mdl"
    path.write_text(SWING)
    return read_model(path)


@pytest.mark.parametrize("engine", ENGINES)
def test_halving_the_step_divides_the_error_by_sixteen(swing: Program, engine: str) -> None:
    drive = {"drive": ([0.0, 6.0], [0.0, 6.0])}

    def error(step: float) -> float:
        data = simulate(swing, series=drive, method="rk4", engine=engine, time_step=step)
        exact = np.cos(data["time"]) + data["time"] - np.sin(data["time"])
        return float(np.abs(data["x"] - exact).max())

    assert error(0.1) < 1e-5
    assert 13 < error(0.1) / error(0.05) < 19


@pytest.mark.parametrize("engine", ENGINES)
def test_members_may_have_their_own_series(swing: Program, engine: str) -> None:
    drives = np.array([[0.0, 6.0], [0.0, 0.0]])
    data = simulate(swing, series={"drive": ([0.0, 6.0], drives)}, method="rk4", engine=engine)
    time = data["time"].values
    np.testing.assert_allclose(data["x"], [np.cos(time) + time - np.sin(time), np.cos(time)], atol=1e-5)


HELD = {
    "STEP(Time + 1, 0.25)": [0, 0, 0, 1.3, 1.4],
    "RAMP(2, 0.15, 0.32)": [0, 0, 0.1, 0.3, 0.34],
    "PULSE(0.1, 0.2)": [0, 1, 1, 0, 0],
    "PULSE TRAIN(0.1, 0.1, 0.2, 9)": [0, 1, 0, 1, 0],
    "SAMPLE IF TRUE(Time > 0.15, Time, 9)": [9, 9, 0.2, 0.3, 0.4],
    "DELAY FIXED(Time, 0.2, 9)": [9, 9, 0, 0.1, 0.2],
}
"""Equation -> its values at 0, 0.1 ... 0.4 (by the manuals of each); TIME STEP is 0.1."""


@pytest.mark.parametrize("method", ["rk2", "rk4"])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("equation", HELD)
def test_what_changes_with_the_steps_only_is_held_within_one(
    tmp_path: Path, equation: str, engine: str, method: str
) -> None:
    """Its integral is then its sum: a method that looked into the step would add parts of later values."""
    path = tmp_path / "model.mdl"
    path.write_text("{UTF-8}\nodd=" + equation + "~~|\ns=INTEG(odd,0)~~|\n" + CONTROLS)
    data = simulate(read_model(path), method=method, engine=engine, save_every=0.1, final_time=0.4)
    np.testing.assert_allclose(data["odd"], HELD[equation], atol=1e-12)
    np.testing.assert_allclose(data["s"], 0.1 * np.cumsum([0, *HELD[equation][:-1]]), atol=1e-12)


def test_random_numbers_and_delay_n_are_held_within_a_step(tmp_path: Path) -> None:
    path = tmp_path / "model.mdl"
    odd = "odd=RANDOM UNIFORM(s, s + 1, 0)~~|\nlate=DELAY N(s, 1, 0, 2)~~|\n"
    path.write_text("{UTF-8}\n" + odd + "s=INTEG(odd,0)~~|\nt=INTEG(late,0)~~|\n" + CONTROLS)
    program = read_model(path)
    data = simulate(program, method="rk4", save_every=0.1)
    for stock, flow in (("s", "odd"), ("t", "late")):
        np.testing.assert_allclose(np.diff(data[stock]), 0.1 * data[flow][:-1], atol=1e-12)


def test_the_second_order_goes_by_the_middle(swing: Program) -> None:
    """x'' = -x by hand: k2 of x is v - 0.05 x, of v is -(x + 0.05 v)."""
    data = simulate(swing, method="rk2", save_every=0.1, final_time=0.1)
    np.testing.assert_allclose([data["x"][1], data["v"][1]], [1 - 0.1 * 0.05, -0.1], rtol=1e-14)


def test_the_method_of_the_file_is_obeyed(swing: Program) -> None:
    asked = simulate(swing, method="rk4")
    np.testing.assert_array_equal(simulate(replace(swing, method="rk4"))["x"], asked["x"])
    euler = simulate(replace(swing, method="rk4"), method="euler")
    np.testing.assert_array_equal(euler["x"], simulate(swing)["x"])
    with pytest.raises(InputError, match="expected euler, rk2, rk4, got 'gear'"):
        simulate(swing, method="gear")


def test_pysd_has_no_runge_kutta(swing: Program) -> None:
    with pytest.raises(InputError, match="only Euler"):
        simulate(swing, method="rk4", engine="pysd")
