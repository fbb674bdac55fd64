"""What no file and no request may do: exhaust the machine, lose an old result, or tread on another process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iskdyn.errors import InputError
from iskdyn.files import alone, write_text_whole
from iskdyn.study import open_study
from iskdyn.study.settings import MAX_DEPTH, read_toml

COMMAND = [sys.executable, "-m", "iskdyn.cli"]
SMALL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from iskdyn.cli import main
from iskdyn.study import open_study
open_study(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
main(sys.argv[2:])
"""
"""The command line on a system that lets no file grow beyond 300 bytes, as a full disk would not."""

DEEP = {
    "tables": "[" + ".".join("a" * (MAX_DEPTH + 5)) + "]\nb = 1\n",
    "keys": ".".join("a" * 3000) + " = 1\n",
    "lists": "a = " + "[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5) + "\n",
    "lists without end": "a = " + "[" * 100_000 + "\n",
    "inline tables": "a = " + "{a = " * 100_000 + "\n",
    "a giant number": "a = " + "9" * 5000 + "\n",
    "a number beyond all": "a = " + "9" * 400 + "\n",
    "a key twice": "a = 1\na = 2\n",
    "a date that is none": "a = 2021-13-45\n",
}


@pytest.mark.parametrize("what", DEEP)
def test_toml_that_would_exhaust_its_reader_is_refused_at_once(what):
    problems = []
    began = time.process_time()
    assert read_toml(DEEP[what], "file.toml", problems) is None
    assert [problem.place.partition(":")[0] for problem in problems] == ["file.toml"]
    assert time.process_time() - began < 5


@pytest.mark.parametrize("file", ["study.toml", "models/scenarios/no-arrests.toml"])
def test_a_study_file_that_is_too_deep_is_one_message(file, tiny, iskdyn):
    (tiny / file).write_text((tiny / file).read_text() + "\n" + DEEP["tables"])
    result = iskdyn("run", "--study", tiny)
    assert result.exit_code == 2
    assert f"{file}: has tables inside one another, more than {MAX_DEPTH} deep" in result.stderr


def test_a_cell_without_end_is_refused(tiny, iskdyn):
    table = tiny / "models/drivers.csv"
    table.write_text(table.read_text() + '"' + "x" * 200_000)
    result = iskdyn("run", "--study", tiny)
    assert (result.exit_code, "models/drivers.csv:" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("fit", "--starts", "10000000000"),
        ("posterior", "--draws", "40000000000"),
    ],
    ids=["fit", "posterior"],
)
def test_memory_is_estimated_before_the_start(arguments, tiny, iskdyn):
    began = time.process_time()
    result = iskdyn(*arguments, "--study", tiny, "--quiet")
    assert (result.exit_code, "GB that may be used" in result.stderr) == (2, True)
    assert time.process_time() - began < 20


def test_an_ensemble_that_would_not_fit_is_refused(tiny):
    import numpy as np

    from iskdyn.simulate import prepare

    program = open_study(tiny).program
    runner = prepare(program, ["arrest hazard"], ["members", "detained"], final_time=12)
    huge = np.broadcast_to(np.array([[0.02]]), (10**9, 1))
    with pytest.raises(InputError, match="GB that may be used"):
        runner(huge)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--out", "result.csv"),
        pytest.param(("doc",), marks=pytest.mark.slow),
        pytest.param(("fit", "--starts", "1"), marks=pytest.mark.slow),
    ],
)
def test_a_full_disk_leaves_the_old_file_whole(arguments, tiny, tmp_path):
    old = {"run": "result.csv", "doc": "reports/out/model.md", "fit": "calibration/results/fit.json"}
    file = tiny / old[arguments[0]]
    write_text_whole(file, "the old result\n")
    command = [sys.executable, "-c", SMALL_DISK, str(tiny), *arguments, "--study", str(tiny)]
    result = subprocess.run(command, cwd=tiny, capture_output=True, text=True, check=False)
    assert result.returncode == 2, result.stderr
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.stderr
    assert file.read_text() == "the old result\n"
    assert [one.name for one in file.parent.iterdir() if one.name.startswith(".")] == []


def test_a_second_process_towards_one_file_is_refused_before_it_begins(tiny, iskdyn):
    with alone(tiny / "calibration/results/fit.json"):
        waiting = subprocess.run(
            [*COMMAND, "fit", "--starts", "1", "--study", str(tiny), "--quiet"],
            capture_output=True, text=True, check=False, env={**os.environ},
        )  # fmt: skip
        assert (waiting.returncode, "another process" in waiting.stderr) == (2, True)
    assert iskdyn("fit", "--starts", "1", "--study", tiny, "--quiet").exit_code == 0


@pytest.mark.slow
def test_processes_that_read_and_write_at_once_see_whole_files(tiny):
    """Six at one study: each fit is kept under its own name, and the report folder holds whole files."""
    fits = [tiny / f"fit{seed}.json" for seed in (1, 2)]
    jobs = [
        [*COMMAND, "fit", "--starts", "1", "--seed", str(i + 1), "--out", str(fit), "--quiet"]
        for i, fit in enumerate(fits)
    ]
    jobs += [[*COMMAND, "doc"] for _ in range(2)]
    jobs += [[*COMMAND, "run", "--out", str(tiny / "run.csv")] for _ in range(2)]
    running = [
        subprocess.Popen([*job, "--study", str(tiny)], cwd=tiny, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for job in jobs
    ]  # fmt: skip
    said = [one.communicate()[1] for one in running]
    codes = [one.returncode for one in running]
    assert codes == [0, 0, 1, 1, 0, 0], said  # the tiny study leaves reporting items open, hence 1
    for file in (*fits, tiny / "run.csv", tiny / "reports/out/model.md"):
        checked = subprocess.run(
            [*COMMAND, "verify", str(file), "--study", str(tiny)], capture_output=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
    assert not list(Path(tiny).rglob(".fit*"))
