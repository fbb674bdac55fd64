"""JavaScript in which a variable follows a path of its own in each member, or its rule; values by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from iskdyn.model import read_model
from iskdyn.simulate import to_javascript
from iskdyn.simulate.node import node_command, run_in_node

MODEL = """{UTF-8}
Stock = INTEG(order, start) ~ ~ |
order = gain * Stock ~ ~ |
start = 1 ~ ~ |
gain = 1 ~ ~ |
INITIAL TIME = 0 ~ ~ |
FINAL TIME = 1 ~ ~ |
TIME STEP = 0.5 ~ ~ |
SAVEPER = 0.5 ~ ~ |
"""
GIVEN = """
const simulate = (values, n, { path, keep }) => {
  const series = { order: path ? Float64Array.from(path.flat()) : [[0], [NaN]] };
  const { times, values: found, paths } = inner(values, n, { series, keep });
  return { times, values: keep ? paths.order : found };
};
"""
PATHS = [[1.0, 2.0, 4.0], [0.0, 8.0, 0.0]]

pytestmark = pytest.mark.skipif(node_command() is None, reason="node is not installed")


@pytest.fixture(params=[False, True], ids=["javascript", "webassembly"])
def compiled(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def text(tmp_path: Path, method: str, compiled: bool) -> str:
    path = tmp_path / "own.mdl"
    path.write_text(MODEL)
    return (
        to_javascript(
            read_model(path), ["start"], ["Stock"], name="inner", method=method,  # type: ignore[arg-type]
            series={"order": ([0.0], [np.nan])}, lapsing=True, own=["order"], compiled=compiled,
        )
        + GIVEN
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # the path at the start of each step, times half a month
        ("euler", [[1, 1.5, 2.5], [1, 1, 5]]),
        # the path is straight between steps, so that Runge-Kutta gives the area under it
        ("rk4", [[1, 1.75, 3.25], [1, 3, 5]]),
    ],
)
def test_each_member_follows_its_own_path(
    tmp_path: Path, method: str, expected: list[list[float]], compiled: bool
) -> None:
    _, found = run_in_node(text(tmp_path, method, compiled), [[1.0], [1.0]], 1, {"path": PATHS})
    assert found[:, 0] == pytest.approx(np.array(expected), rel=1e-14)


def test_without_a_path_the_rule_speaks_and_its_path_is_kept(tmp_path: Path, compiled: bool) -> None:
    source = text(tmp_path, "euler", compiled)
    _, stock = run_in_node(source, [[1.0], [4.0]], 1)
    grown = np.array([[1, 1.5, 2.25], [4, 6, 9]])  # half of itself at each step
    assert stock[:, 0] == pytest.approx(grown, rel=1e-14)
    _, kept = run_in_node(source, [[1.0], [4.0]], 1, {"keep": True})
    assert kept[:, 0] == pytest.approx(grown, rel=1e-14)
    _, again = run_in_node(source, [[1.0], [4.0]], 1, {"path": kept[:, 0].tolist()})
    assert np.array_equal(again, stock)
