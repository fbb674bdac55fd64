"""Runge-Kutta: fourth order where it has a meaning, refused by name where it has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from iskdyn.errors import InputError, ModelError
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


REFUSED = {
    "DELAY FIXED": "DELAY FIXED(Time, 1, 0)",
    "SAMPLE IF TRUE": "SAMPLE IF TRUE(Time > 2, Time, 0)",
    "PULSE": "PULSE(2, 1)",
    "DELAY N": "DELAY N(Time, 1, 0, 2)",
    "a random function": "RANDOM UNIFORM(0, 1, 0)",
}


@pytest.mark.parametrize("function", REFUSED)
def test_what_has_no_meaning_between_steps_is_refused_by_name(tmp_path: Path, function: str) -> None:
    path = tmp_path / "model.mdl"
    path.write_text("{UTF-8}\nodd=" + REFUSED[function] + "~~|\ns=INTEG(odd,0)~~|\n" + CONTROLS)
    with pytest.raises(ModelError, match=f"odd: {function} has no meaning between steps"):
        simulate(read_model(path), method="rk4", engine="numpy")


def test_a_step_is_run_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "model.mdl"
    path.write_text("{UTF-8}\nodd=STEP(1,2)~~|\ns=INTEG(odd,0)~~|\n" + CONTROLS)
    with pytest.warns(UserWarning, match="'odd' uses STEP"):
        simulate(read_model(path), method="rk4", engine="numpy")


def test_pysd_has_no_runge_kutta(swing: Program) -> None:
    with pytest.raises(InputError, match="only Euler"):
        simulate(swing, method="rk4", engine="pysd")
