"""What an ordinary machine does to a command: pipes, devices, closed outputs, little memory, hostile text."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from iskdyn.errors import InputError
from iskdyn.model import read_model
from iskdyn.shown import csv_text, plain_text
from iskdyn.simulate import memory

posix = pytest.mark.skipif(sys.platform == "win32", reason="files and signals as POSIX has them")
RUN = [sys.executable, "-m", "iskdyn.cli", "run", "--study"]
TABLES = ["study.toml", "models/drivers.csv", "models/scenarios/no-arrests.toml"]


@posix
@pytest.mark.parametrize("file", TABLES)
@pytest.mark.parametrize("sort", ["pipe", "folder", "device", "large"])
def test_what_is_no_file_is_refused_at_once(sort, file, tiny, iskdyn):
    _replace(tiny / file, sort)
    began = time.process_time()
    result = iskdyn("run", "--study", tiny)
    assert result.exit_code == 2
    expected = "holds no study.toml" if file == "study.toml" and sort != "large" else Path(file).name
    assert expected in result.stderr
    assert time.process_time() - began < 5


@posix
@pytest.mark.parametrize("sort", ["pipe", "folder", "device", "large"])
def test_a_model_that_is_no_file_is_refused_at_once(sort, tiny):
    _replace(tiny / "models/tiny.mdl", sort)
    with pytest.raises(InputError, match=r"tiny\.mdl: cannot be read"):
        read_model(tiny / "models/tiny.mdl")


def _replace(path: Path, sort: str) -> None:
    path.unlink()
    if sort == "pipe":
        os.mkfifo(path)
    elif sort == "folder":
        path.mkdir()
    elif sort == "device":
        path.symlink_to("/dev/zero")
    else:
        with path.open("wb") as file:
            file.truncate(10**12)  # a hole: no disk is filled, and reading it would take the machine


@posix
def test_an_output_that_is_full_closed_or_left_is_one_line(tiny):
    with open("/dev/full", "w") as full:
        done = subprocess.run([*RUN, str(tiny)], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "the output or the working folder: No space left on device",
    )
    assert "Traceback" not in done.stderr
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *RUN, str(tiny)]
    done = subprocess.run(closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "output: it is closed\n")
    left = ["sh", "-c", '{ "$@"; echo $? >&2; } | true', "sh", *RUN, str(tiny)]
    done = subprocess.run(left, stderr=subprocess.PIPE, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "141"
    assert "Traceback" not in done.stderr


@posix
def test_a_working_folder_that_is_gone_is_one_line(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    command = ["sh", "-c", 'cd "$1" && rmdir "$1" && shift && exec "$@"', "sh", str(gone)]
    done = subprocess.run([*command, *RUN[:-1]], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "No such file or directory" in done.stderr


def test_text_of_files_does_not_reach_the_terminal_raw(tiny, iskdyn):
    result = iskdyn("run", "--study", tiny, "--set", "arrest\x1b]0;owned\x07\u202e hazard=1")
    assert result.exit_code == 2
    assert not {"\x1b", "\x07", "\u202e"} & set(result.stderr)
    assert "\\x1b" in result.stderr


@pytest.mark.parametrize("text", ["plain", "Größe − 5 %", "a\tb\nc", "日本"])
def test_ordinary_text_stays_as_it_is(text):
    assert plain_text(text) == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_a_table_is_a_formula(start):
    table = pd.DataFrame({f"{start}A1": [f"{start}cmd|' /C calc'!A0", "fine"], "n": [-1.5, 2.0]})
    read = csv_text(table).splitlines()
    assert read[0].startswith(f"'{start}A1,n")
    assert read[1].startswith(f"'{start}cmd")
    assert [line.rpartition(",")[2] for line in read[1:]] == ["-1.5", "2.0"]


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A machine with 8 GB available, whose control groups the test writes."""
    (tmp_path / "meminfo").write_text("MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable: 8000000 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_OWN_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(memory, "_GROUPS", tmp_path / "groups")

    def write(line: str, folder: str, limit: tuple[str, str], used: tuple[str, int], stat: str) -> None:
        place = tmp_path / "groups" / folder
        place.mkdir(parents=True)
        (tmp_path / "cgroup").write_text(line + "\n")
        (place / limit[0]).write_text(limit[1] + "\n")
        (place / used[0]).write_text(f"{used[1]}\n")
        (place / "memory.stat").write_text(stat + "\n")

    return write


def test_what_files_hold_counts_as_available(groups):
    assert memory.available_bytes() == 8_000_000 * 1024


@pytest.mark.parametrize("folder", ["box", "."])
def test_the_limit_of_a_container_is_seen(groups, folder):
    groups(
        "0::/box",
        folder,
        ("memory.max", "3000000000"),
        ("memory.current", 2 * 10**9),
        "inactive_file 500000000",
    )
    assert memory.available_bytes() == 1_500_000_000


def test_the_limit_of_an_old_container_is_seen(groups):
    names = ("memory.limit_in_bytes", "2000000000"), ("memory.usage_in_bytes", 10**9)
    groups("4:memory:/box", "memory/box", *names, "total_inactive_file 0")
    assert memory.available_bytes() == 10**9


@pytest.mark.parametrize("limit", ["max", str(2**63 - 4096)])
def test_a_container_without_a_limit_changes_nothing(groups, limit):
    groups("0::/box", "box", ("memory.max", limit), ("memory.current", 2 * 10**9), "inactive_file 0")
    assert memory.available_bytes() == 8_000_000 * 1024
