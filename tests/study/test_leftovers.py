"""What a killed process leaves is removed at the next start; what a living one holds stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iskdyn.errors import InputError
from iskdyn.files import ABANDONED, alone, remove_leftovers, write_text_whole

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes and locks as POSIX has them")
CHILD = """
import sys, time
from pathlib import Path
from iskdyn.files import alone, write_whole
path = Path(sys.argv[1])
def slowly(part):
    part.write_text("half of")
    print("ready", flush=True)
    time.sleep(600)
with alone(path):
    write_whole(path, slowly)
"""


@pytest.fixture
def writing(tmp_path):
    """A process in the middle of a write."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "fit.json")], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child
        child.kill()


def test_what_a_killed_write_left_goes_at_the_next_start(writing, tmp_path):
    path = tmp_path / "fit.json"
    assert {one.suffix for one in tmp_path.iterdir()} == {".part", ".lock"}
    with pytest.raises(InputError, match="another process"), alone(path):
        pass
    remove_leftovers(tmp_path)
    assert {one.suffix for one in tmp_path.iterdir()} == {".part", ".lock"}
    os.kill(writing.pid, signal.SIGKILL)
    writing.wait()
    with alone(path):
        assert {one.suffix for one in tmp_path.iterdir()} == {".lock"}
        write_text_whole(path, "whole")
    assert [one.name for one in tmp_path.iterdir()] == ["fit.json"]


def test_a_folder_that_a_killed_process_left_goes_too(writing, tmp_path):
    (part,) = tmp_path.glob("*.part")
    folder = tmp_path / part.name.replace("fit.json", "study")
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "half.mdl").write_text("half of")
    remove_leftovers(tmp_path)
    assert folder.exists()
    os.kill(writing.pid, signal.SIGKILL)
    writing.wait()
    remove_leftovers(tmp_path)
    assert {one.suffix for one in tmp_path.iterdir()} == {".lock"}


def test_what_another_machine_writes_stays_for_a_day(tmp_path):
    part = tmp_path / f".fit.json.0123abcd.{os.getpid()}.x1.part"
    part.write_text("half of")
    remove_leftovers(tmp_path)
    assert part.exists()
    old = time.time() - ABANDONED - 60
    os.utime(part, (old, old))
    remove_leftovers(tmp_path)
    assert not part.exists()


@pytest.mark.parametrize("name", [".hidden.part", ".a.b.part", ".x.1.notanumber.y.part", "scores.part"])
def test_files_of_others_stay(name, tmp_path):
    (tmp_path / name).write_text("theirs")
    remove_leftovers(tmp_path)
    assert (tmp_path / name).exists()


def test_the_files_of_a_write_are_ignored_by_git():
    root = Path(__file__).parent.parent.parent
    ignored = (root / ".gitignore").read_text().splitlines()
    assert {".*.part", ".*.lock"} <= set(ignored)


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(InputError, match="cannot be written"), alone(blocked / "fit.json"):
        pass
