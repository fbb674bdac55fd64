"""The study's own model: one value in every target, over many random draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from iskdyn.model import Program, read_model
from iskdyn.simulate import prepare, simulate, to_javascript
from iskdyn.simulate.node import node_command, run_in_node

MODEL = Path(__file__).parents[2] / "models" / "isk.mdl"
N_DRAWS = 500
SPREAD = 0.05


@pytest.fixture(scope="module")
def program() -> Program:
    return read_model(MODEL)


@pytest.fixture(scope="module")
def draws(program: Program) -> tuple[list[str], np.ndarray]:
    """Names of constants, and values around those of the model."""
    chosen = [v for v in program.constants if v.value not in (0.0, 1.0)][:60]
    factors = np.random.default_rng(7).uniform(1 - SPREAD, 1 + SPREAD, (N_DRAWS, len(chosen)))
    return [v.name for v in chosen], factors * [v.value for v in chosen]


@pytest.fixture(scope="module")
def expected(program: Program, draws: tuple[list[str], np.ndarray]) -> np.ndarray:
    names, values = draws
    return prepare(program, names, outputs(program), engine="numpy", save_every=1)(values)


def outputs(program: Program) -> list[str]:
    return [v.name for v in (*program.stocks, *program.auxiliaries)]


def worst(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, relative to each variable's own scale in its draw."""
    scale = np.abs(expected).max(axis=2, keepdims=True)
    return float((np.abs(found - expected) / np.where(scale == 0, 1, scale)).max())


def test_every_variable_is_within_1e9_of_pysd(program: Program) -> None:
    ours, theirs = simulate(program, engine="ensemble"), simulate(program, engine="pysd")
    for name in theirs:
        scale = float(np.abs(theirs[name]).max()) or 1.0
        assert float(np.abs(ours[name] - theirs[name]).max()) <= 1e-9 * scale, name


def test_every_member_of_an_ensemble_equals_the_plain_kernel(
    program: Program, draws: tuple[list[str], np.ndarray], expected: np.ndarray
) -> None:
    names, values = draws
    runner = prepare(program, names, outputs(program), engine="ensemble", save_every=1)
    assert worst(runner(values), expected) < 1e-9


@pytest.mark.skipif(node_command() is None, reason="node is not installed")
def test_javascript_equals_the_plain_kernel(
    program: Program, draws: tuple[list[str], np.ndarray], expected: np.ndarray
) -> None:
    names, values = draws
    source = to_javascript(program, names, outputs(program), save_every=1)
    _, found = run_in_node(source, values, len(outputs(program)))
    assert worst(found, expected) < 1e-9


def test_pysimlin_gives_the_same(program: Program) -> None:
    simlin = pytest.importorskip("simlin", reason="pysimlin is not installed")
    from iskdyn.model import name_key

    frame = simlin.load(str(MODEL)).run(analyze_loops=False).results
    ours = simulate(program, engine="ensemble")
    columns = {name_key(str(name)): frame[name] for name in frame.columns}
    compared = 0
    for name in ours:
        theirs = columns.get(program[str(name)].key)
        if theirs is None:
            continue
        at = np.interp(ours["time"], np.asarray(theirs.index, dtype=float), theirs.to_numpy(dtype=float))
        scale = float(np.abs(at).max()) or 1.0
        assert float(np.abs(ours[name] - at).max()) <= 1e-9 * scale, name
        compared += 1
    assert compared > 100
