"""Each function of the language has one value: the same in every target and in PySD."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cases import BY_THE_MANUAL, CASES, RANDOM, XMILE_CASES, case_name, vensim_model, xmile_model

from iskdyn.model import Program, read_model
from iskdyn.model.expression import STATEFUL
from iskdyn.model.functions import FUNCTIONS
from iskdyn.simulate import simulate, to_javascript
from iskdyn.simulate.node import node_command, run_in_node

TARGETS = ("numpy", "ensemble", *(("javascript", "webassembly") if node_command() else ()))
LAGS = np.array([1.7, 2.2, 3.1])


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    folder = tmp_path_factory.mktemp("cases")
    (folder / "cases.mdl").write_text(vensim_model())
    (folder / "cases.xmile").write_text(xmile_model())
    return {suffix: read_model(Path(folder / f"cases.{suffix}")) for suffix in ("mdl", "xmile")}


@pytest.fixture(scope="session")
def results(programs: dict[str, Program]) -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """(file, engine) -> variable -> values over time; members differ in `lag`, the second is the model's own."""
    found = {}
    for suffix, program in programs.items():
        for engine in (*TARGETS, "pysd"):
            if engine in ("javascript", "webassembly"):
                found[suffix, engine] = _in_node(program, suffix, compiled=engine == "webassembly")
                continue
            override = {"lag": LAGS} if suffix == "mdl" and engine != "pysd" else None
            data = simulate(program, override, engine=engine, nonfinite="keep")
            found[suffix, engine] = {str(name): data[name].values for name in data}
    return found


def _in_node(program: Program, suffix: str, *, compiled: bool) -> dict[str, np.ndarray]:
    names = [variable.name for variable in program if variable.kind not in ("table", "control")]
    inputs = ["lag"] if suffix == "mdl" else []
    values = LAGS[:, None] if inputs else np.zeros((1, 0))
    _, result = run_in_node(to_javascript(program, inputs, names, compiled=compiled), values, len(names))
    return {name: result[:, i] if inputs else result[0, i] for i, name in enumerate(names)}


def test_node_is_there_to_run_the_javascript() -> None:
    if node_command() is None:
        pytest.skip("node is not installed: the JavaScript target is not tested")


def test_every_function_of_the_language_has_a_case() -> None:
    # PySD cannot read these two; the table of meanings judges them (tests/semantics).
    judged = {"floored_mod", "integ_non_negative"}
    assert {*FUNCTIONS, *STATEFUL, "lookup"} - judged == {*CASES, *XMILE_CASES} - judged


@pytest.mark.parametrize("engine", TARGETS)
@pytest.mark.parametrize("function", [name for name in CASES if name not in RANDOM | BY_THE_MANUAL])
def test_a_function_has_the_value_that_pysd_gives(results: dict, function: str, engine: str) -> None:
    expected = results["mdl", "pysd"][case_name(function)]
    found = results["mdl", engine][case_name(function)][1]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.nanmax(np.abs(expected)))


@pytest.mark.parametrize("engine", TARGETS)
@pytest.mark.parametrize("function", XMILE_CASES)
def test_a_function_of_xmile_has_the_value_that_pysd_gives(results: dict, function: str, engine: str) -> None:
    expected = results["xmile", "pysd"][case_name(function)]
    np.testing.assert_allclose(results["xmile", engine][case_name(function)], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("engine", [name for name in TARGETS if name != "numpy"])
@pytest.mark.parametrize("function", CASES)
def test_all_members_of_a_target_equal_the_plain_kernel(results: dict, function: str, engine: str) -> None:
    expected = results["mdl", "numpy"][case_name(function)]
    found = results["mdl", engine][case_name(function)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.nanmax(np.abs(expected)))
