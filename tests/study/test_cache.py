"""The cache heals: whatever stands there, results are right, nothing breaks off and nothing in it is executed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from damage_of_files import damaged

from iskdyn.cache import cache_folder, entry
from iskdyn.seal import enclose

RUN = "import sys; from iskdyn.cli import main; main(sys.argv[1:])"
posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes as POSIX has them")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the administrator can give files away"
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("ISKDYN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run(tiny: Path, cache: Path) -> str:
    """What a run of the tiny study prints, in a process of its own."""
    command = [sys.executable, "-c", RUN, "run", "--engine", "ensemble", "--study", str(tiny)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"ISKDYN_CACHE": str(cache)}
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1), done.stderr
    return done.stdout


def test_whatever_happened_to_an_entry_it_is_made_anew(cache, tmp_path):
    assert entry("models", "one", "role", lambda: b"made " * 50) == b"made " * 50
    path = cache / "models" / "one"
    content, witness = path.read_bytes(), tmp_path / "ran"
    others = [enclose("models", "other role", b"x"), enclose("kernels", "role", b"x"), b""]
    for how, now in damaged(content, others, witness):
        path.write_bytes(now)
        assert entry("models", "one", "role", lambda: b"made anew") == b"made anew", how
        assert entry("models", "one", "role", lambda: b"not asked") == b"made anew", how
    assert not witness.exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_cut_cache_is_healed_in_silence(share, tiny, cache):
    told = run(tiny, cache)
    entries = [path for path in cache.rglob("*") if path.is_file()]
    assert {path.suffix for path in entries} == {".o"}
    whole = {path: path.read_bytes() for path in entries}
    for path, content in whole.items():
        path.write_bytes(content[: int(share * len(content))])
    assert run(tiny, cache) == told
    assert {path: path.read_bytes() for path in entries} == whole


@posix
def test_a_folder_that_others_can_write_is_not_used(tiny, cache):
    told = run(tiny, cache)
    for folder in (cache / "kernels", cache):
        folder.chmod(0o777)
        before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
        assert run(tiny, cache) == told
        assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == before
        folder.chmod(0o700)


@posix
@pytest.mark.parametrize("change", ["mode", "link", pytest.param("owner", marks=as_root)])
def test_an_entry_that_others_can_write_is_made_anew(change, cache, tmp_path):
    entry("models", "one", "role", lambda: b"old")
    path = cache / "models" / "one"
    if change == "mode":
        path.chmod(0o666)
    elif change == "owner":
        os.chown(path, 12345, -1)
    else:
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    assert entry("models", "one", "role", lambda: b"new") == b"new"
    status = path.lstat()
    assert stat.S_ISREG(status.st_mode)
    assert (status.st_uid, status.st_mode & 0o022) == (os.geteuid(), 0)


@posix
@as_root
def test_a_folder_of_somebody_else_is_not_used(cache):
    cache.mkdir(mode=0o700)
    os.chown(cache, 12345, -1)
    assert cache not in (cache_folder(), *cache_folder().parents)


@posix
def test_a_pipe_in_the_cache_does_not_wait(cache):
    cache_folder("models")
    os.mkfifo(cache / "models" / "one")
    assert entry("models", "one", "role", lambda: b"new") == b"new"


def test_a_cache_that_cannot_be_kept_changes_nothing(cache, monkeypatch):
    cache_folder("models")
    monkeypatch.setattr("iskdyn.files.os.replace", _no_room)
    assert entry("models", "one", "role", lambda: b"new") == b"new"
    assert list((cache / "models").iterdir()) == []


def _no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")
