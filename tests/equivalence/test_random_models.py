"""Random models from a grammar: one value in every target, whatever the order and the outputs; nothing leaks.

ISKDYN_RANDOM_MODELS=20 runs twenty times as many, other ones each time.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grammar import INPUTS, Model, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iskdyn.model import Program, read_model
from iskdyn.simulate import prepare, simulate, to_javascript

NODE = shutil.which("node")
FACTOR = int(os.environ.get("ISKDYN_RANDOM_MODELS", "1"))
TOLERANCE = 1e-9
SMALLEST_SCALE = 1e-3
"""A variable below this is a difference of larger ones: its scale is theirs."""
MEMBERS = np.random.default_rng(7).uniform([0.1, 1.8, -1.0], [3.0, 4.0, 1.5], (11, 3))
"""Values of gain, lag 1 and share: one block of lanes and a part of one."""

_SERVER = """
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { source, values, n } = JSON.parse(line);
  const result = new Function(source + "return simulate;")()(Float64Array.from(values), n, {});
  const text = Array.from(result.values, (v) => (Number.isFinite(v) ? v : String(v)));
  process.stdout.write(JSON.stringify(text) + "\\n");
});
"""


def examples(n: int) -> Callable[[Any], Any]:
    """Settings for n models, the same ones each time."""
    return settings(
        max_examples=n * FACTOR, deadline=None, derandomize=FACTOR == 1, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


class Desk:
    """One node for all models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0

    @functools.cached_property
    def node(self) -> subprocess.Popen[str]:
        command = [str(NODE), "-e", _SERVER]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, model: Model) -> Program:
        self.number += 1
        path = self.folder / f"random{self.number}.mdl"
        path.write_text(model.text())
        return read_model(path)

    def javascript(self, program: Program, names: tuple[str, ...], values: Any) -> Any:
        source = to_javascript(program, INPUTS, names)
        request = {"source": source, "values": values.ravel().tolist(), "n": len(values)}
        assert self.node.stdin is not None
        assert self.node.stdout is not None
        self.node.stdin.write(json.dumps(request) + "\n")
        self.node.stdin.flush()
        numbers = [float(value) for value in json.loads(self.node.stdout.readline())]
        return np.array(numbers).reshape(len(values), len(names), -1)

    def close(self) -> None:
        if "node" in self.__dict__:
            self.node.kill()
            self.node.communicate()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISKDYN_CACHE", str(tmp_path_factory.mktemp("cache")))
        one = Desk(tmp_path_factory.mktemp("models"))
        yield one
        one.close()


def run(program: Program, names: tuple[str, ...], engine: str, values: Any = MEMBERS) -> Any:
    """(n, n_outputs, n_times)"""
    return prepare(program, INPUTS, names, engine=engine)(values)  # type: ignore[arg-type]


def assert_same(found: Any, expected: Any, names: tuple[str, ...], text: str) -> None:
    """Equal within the tolerance of each variable's own scale, and finite alike."""
    for i, name in enumerate(names):
        scale = max(np.nanmax(np.abs(expected[:, i]), initial=0.0), SMALLEST_SCALE)
        np.testing.assert_allclose(
            found[:, i], expected[:, i], rtol=0, atol=TOLERANCE * scale, err_msg=f"{name}\n{text}"
        )


@examples(30)
@given(models())
def test_every_target_gives_the_same_values(desk: Desk, model: Model) -> None:
    program = desk.read(model)
    expected = run(program, model.names, "numpy")
    assert np.isfinite(expected).all()
    assert_same(run(program, model.names, "ensemble"), expected, model.names, model.text())
    if NODE is not None:
        found = desk.javascript(program, model.names, MEMBERS)
        assert_same(found, expected, model.names, model.text())


@pytest.mark.slow
@examples(5)
@given(models(late=False))
def test_pysd_gives_the_same_values(desk: Desk, model: Model) -> None:
    program = desk.read(model)
    expected = simulate(program, outputs=model.names, engine="pysd")
    found = simulate(program, outputs=model.names, engine="numpy")
    for name in expected:
        pair = found[name].values[None, None], expected[name].values[None, None]
        assert_same(*pair, (str(name),), model.text())


@pytest.mark.parametrize("engine", ["numpy", "ensemble"])
@examples(12)
@given(model=models(), data=st.data())
def test_the_order_of_equations_changes_nothing(
    desk: Desk, engine: str, model: Model, data: st.DataObject
) -> None:
    shuffled = Model(tuple(data.draw(st.permutations(model.equations))), model.names)
    first, second = (run(desk.read(one), model.names, engine) for one in (model, shuffled))
    np.testing.assert_array_equal(second, first, err_msg=model.text())


@pytest.mark.parametrize("engine", ["numpy", "ensemble"])
@examples(12)
@given(model=models(), data=st.data())
def test_the_choice_of_outputs_changes_nothing(
    desk: Desk, engine: str, model: Model, data: st.DataObject
) -> None:
    program = desk.read(model)
    chosen = data.draw(st.lists(st.sampled_from(model.names), min_size=1, unique=True))
    expected = run(program, model.names, engine)[:, [model.names.index(name) for name in chosen]]
    np.testing.assert_array_equal(run(program, tuple(chosen), engine), expected, err_msg=model.text())


@pytest.mark.parametrize("engine", ["numpy", "ensemble"])
@examples(8)
@given(models())
def test_parameters_do_not_leak_into_the_next_run(desk: Desk, engine: str, model: Model) -> None:
    program = desk.read(model)
    own = [[program[name].value for name in INPUTS]]
    runner = prepare(program, INPUTS, model.names, engine=engine)  # type: ignore[arg-type]
    before = runner(np.array(own))
    runner(MEMBERS)
    np.testing.assert_array_equal(runner(np.array(own)), before)
    given_ = dict(zip(INPUTS, MEMBERS[0], strict=True)) | {"Stock 0": 1.7}
    simulate(program, given_, outputs=model.names, engine=engine)  # type: ignore[arg-type]
    after = simulate(program, outputs=model.names, engine=engine)  # type: ignore[arg-type]
    for name, values in zip(model.names, before[0], strict=True):
        np.testing.assert_allclose(after[program[name].name].values, values, rtol=1e-12, atol=1e-12)


@examples(8)
@given(models())
def test_a_member_does_not_depend_on_its_neighbours(desk: Desk, model: Model) -> None:
    program = desk.read(model)
    together = run(program, model.names, "ensemble")
    backwards = run(program, model.names, "ensemble", MEMBERS[::-1].copy())
    np.testing.assert_array_equal(backwards[::-1], together)
