"""Members on a cluster give what they give here, to the last bit."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from local_clusters import local_cluster

from iskdyn.errors import InputError, ModelError, Problem
from iskdyn.model import Program, read_model
from iskdyn.simulate import ClusterRunner, NonFiniteError, cluster, prepare, simulate

MODEL = """{UTF-8}
growth = 0.1 ~ ~ |
lag = 2 ~ ~ |
shape((0,1),(2,0.5),(9,0.1)) ~ ~ |
push = 1 ~ ~ |
level = INTEG(growth * level * shape(level) + 0.01 * RANDOM UNIFORM(0, 1, 5) * push, 1.5) ~ ~ |
shown = DELAY3(level ^ 1.3, lag) + EXP(-level) + LN(level) ~ ~ |
root = SQRT(growth) ~ ~ |
FINAL TIME = 24 ~ ~ |
INITIAL TIME = 0 ~ ~ |
TIME STEP = 0.25 ~ ~ |
SAVEPER = 1 ~ ~ |
"""
with_distributed = pytest.mark.skipif(
    find_spec("distributed") is None, reason="distributed is not installed: no cluster to test"
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "model.mdl").write_text(MODEL)
    return read_model(tmp_path / "model.mdl")


@pytest.fixture(scope="module", params=[1, 2])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a cluster with one or two workers."""
    with local_cluster(request.param) as found:
        yield found.scheduler_address


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def members(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {"growth": rng.uniform(0.05, 0.2, n), "lag": rng.uniform(0.3, 4, n)}


@pytest.mark.parametrize("engine", ["auto", "ensemble", "numpy"])
@pytest.mark.parametrize("n", [1, 29])
@pytest.mark.slow
@with_distributed
def test_results_are_those_of_this_process_to_the_last_bit(
    program: Program, address: str, engine: str, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "constants": members(n),
        "series": {"push": (np.array([0.0, 9.0]), np.ones((n, 2)) * np.arange(n)[:, None])},
    }
    here = simulate(program, **given, engine=engine)
    for most in (8, 16, 1024):
        monkeypatch.setattr(cluster, "MOST_MEMBERS", most)
        there = simulate(program, **given, engine=engine, scheduler=address)
        for name in here:
            np.testing.assert_array_equal(there[name].values, here[name].values)
        assert there.attrs == here.attrs


@pytest.mark.slow
@with_distributed
def test_a_prepared_runner_runs_on_a_cluster(program: Program, address: str) -> None:
    runner = prepare(program, ["growth"], ["shown"], engine="ensemble")
    values = members(29)["growth"][:, None]
    with ClusterRunner(runner, address) as there:
        assert (there.inputs, there.outputs) == (runner.inputs, runner.outputs)
        for _ in range(2):
            np.testing.assert_array_equal(there(values, first=3), runner(values, first=3))


@pytest.mark.slow
@with_distributed
@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
def test_a_worker_that_is_killed_loses_nothing(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "MOST_MEMBERS", 8)
    runner = prepare(program, ["growth"], ["shown"], engine="ensemble")
    values = members(1600)["growth"][:, None]
    expected = runner(values)
    monkeypatch.setattr(cluster, "_run_part", marked(cluster._run_part, tmp_path))
    with local_cluster(2) as local, ClusterRunner(runner, local.scheduler_address) as there:
        first, _ = there._client.run(os.getpid).values()
        killer = threading.Thread(target=kill_in_the_middle, args=(first, tmp_path))
        killer.start()
        found = there(values)
        killer.join()
        done = {path.name.split("-")[1] for path in tmp_path.glob("part-*")}
    assert (tmp_path / "killed").exists()
    assert len(done) == 200
    np.testing.assert_array_equal(found, expected)


def test_a_runner_that_has_run_is_passed_on_without_its_code(program: Program) -> None:
    runner = prepare(program, ["growth"], ["level"], engine="ensemble")
    expected = runner(np.array([[0.1]]))
    passed = pickle.loads(pickle.dumps(runner))  # noqa: S301 - our own
    assert not passed._shared
    np.testing.assert_array_equal(passed(np.array([[0.1]])), expected)


def marked(run_part: Any, folder: Path) -> Any:
    """The same part, which leaves a mark, and 20 ms later, so that a kill falls in the middle."""

    def run(runner: Any, values: Any, first: int) -> Any:
        time.sleep(0.02)
        (folder / f"part-{first}-{os.getpid()}").touch()
        return run_part(runner, values, first)

    return run


def kill_in_the_middle(process: int, folder: Path) -> None:
    """Kill a worker that has done some parts, while most are to be done."""
    while not (done := list(folder.glob(f"part-*-{process}"))) or len(done) < 5:
        time.sleep(0.01)
    assert len(list(folder.glob("part-*"))) < 190
    os.kill(process, signal.SIGKILL)
    (folder / "killed").touch()


@pytest.mark.slow
@with_distributed
def test_errors_of_a_worker_are_those_of_this_process(program: Program, address: str) -> None:
    with pytest.raises(NonFiniteError, match="'root' is not a finite number at time 0 of member 1"):
        simulate(program, {"growth": [1.0, -1.0]}, outputs=["root"], scheduler=address)
    with pytest.raises(ModelError, match=r"model.mdl:7: 'shown': a delay of order 3 and time -1") as caught:
        simulate(program, {"lag": [1.0, -1.0]}, outputs=["shown"], scheduler=address)
    assert len(caught.value.problems) == 1


@pytest.mark.slow
@with_distributed
def test_an_address_where_nobody_answers_is_named(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "TIME_LIMIT", 1)
    with pytest.raises(
        InputError, match=r"scheduler: expected the address of a Dask scheduler.*nobody answers"
    ):
        simulate(program, scheduler=f"127.0.0.1:{free_port()}")
    with pytest.raises(InputError, match="scheduler: expected the address of a Dask scheduler"):
        simulate(program, scheduler="nonsense://nowhere")


@pytest.mark.slow
@with_distributed
def test_a_scheduler_without_workers_is_named(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "TIME_LIMIT", 1)
    with local_cluster(0) as empty, pytest.raises(InputError, match="has no worker"):
        simulate(program, scheduler=empty.scheduler_address)


def test_a_missing_package_is_named(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        InputError, match=r"scheduler: a cluster needs the package 'distributed': pip install"
    ):
        simulate(program, scheduler="127.0.0.1:8786")


def test_pysd_is_not_sent_to_a_cluster(program: Program) -> None:
    with pytest.raises(InputError, match="PySD runs only here"):
        simulate(program, engine="pysd", scheduler="127.0.0.1:8786")


def test_parts_are_whole_blocks_whatever_the_outputs(program: Program) -> None:
    sizes = [cluster.part_size(prepare(program, [], ["level"], save_every=every)) for every in (1.0, 0.25)]
    assert all(size % cluster.LANES == 0 and 0 < size <= cluster.MOST_MEMBERS for size in sizes)


def test_an_error_keeps_all_its_problems_between_processes() -> None:
    error = pickle.loads(pickle.dumps(ModelError([Problem("a", "b"), Problem("c", "d")])))  # noqa: S301
    assert (type(error), error.problems) == (ModelError, (Problem("a", "b"), Problem("c", "d")))
