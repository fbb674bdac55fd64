"""A disk that is full, read-only or closed to us: one line, exit code 2, the former files whole, nothing half-written.

Each verb that writes meets one of the failures here; `tests/exam/failing_disk.py` tries every call of each.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from whole_tiny import TINY, WRITING, store_accepted, write_whole_tiny

from iskdyn.cache import entry
from iskdyn.calibration import cuts, weights
from iskdyn.calibration.frozen import load_frozen
from iskdyn.errors import InputError
from iskdyn.files import alone, write_bytes_whole

CODES = (errno.ENOSPC, errno.EROFS, errno.EACCES)
STEPS = {
    "open": (tempfile, "mkstemp"),
    "write": (Path, "write_bytes"),
    "mode": (Path, "chmod"),
    "sync": (os, "fsync"),
    "name": (os, "replace"),
}


def break_disk(monkeypatch: pytest.MonkeyPatch, step: str, code: int) -> None:
    """From now on this step of every write fails; a write when half of it is done."""
    place, name = STEPS[step]

    def fail(*arguments: object, **_: object) -> None:
        if step == "write":
            path, content = arguments
            with open(str(path), "wb") as file:
                file.write(bytes(content)[: len(bytes(content)) // 2])  # type: ignore[call-overload]
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(place, name, fail)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("step", STEPS)
def test_a_write_that_fails_leaves_the_former_file(step, code, tmp_path, monkeypatch):
    path = tmp_path / "fit.json"
    write_bytes_whole(path, b"former")
    break_disk(monkeypatch, step, code)
    with pytest.raises(InputError, match=rf"fit\.json: cannot be written: {os.strerror(code)}"):
        write_bytes_whole(path, b"later")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"fit.json": b"former"}


@pytest.mark.parametrize("code", CODES)
def test_a_folder_that_cannot_be_made_is_refused_before_the_work(code, tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "mkdir", fail)
    with pytest.raises(InputError, match=os.strerror(code)), alone(tmp_path / "results" / "fit.json"):
        pytest.fail("the work began")
    with pytest.raises(InputError, match=os.strerror(code)):
        write_bytes_whole(tmp_path / "results" / "fit.json", b"")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Path:
    folder = write_whole_tiny(tmp_path_factory.mktemp("disk") / "tiny")
    store_accepted(folder)
    return folder


@pytest.fixture
def study(ready, tmp_path, monkeypatch) -> Path:
    """A study on which every verb works, whose samplings of many structures are given, not made."""
    monkeypatch.setattr(cuts, "_sampled", lambda *_: (np.array([-1.0, -1.1]), {"O1": -0.5}))
    monkeypatch.setattr(weights, "_weighed", _weighed)
    monkeypatch.chdir(shutil.copytree(ready, tmp_path / "tiny"))
    return tmp_path / "tiny"


def _weighed(_: object, structure, priors: float, errors: float, __: object) -> weights.Weighed:
    return weights.Weighed(structure.name, dict(structure.set), priors, errors, -1.0, 0.1, [-0.5, -0.6])


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "step", "code"), list(zip(WRITING, cycle(STEPS), cycle(CODES))))
def test_a_verb_that_cannot_write_says_so_in_one_line(verb, step, code, study, iskdyn, monkeypatch):
    before = content(study)
    break_disk(monkeypatch, step, code)
    done = iskdyn(*WRITING[verb], "--study", study)
    errors = [line for line in done.stderr.splitlines() if not line.startswith("values of the stored fit")]
    assert (done.exit_code, len(errors)) == (2, 1), done.stderr
    assert errors[0].endswith(f"cannot be written: {os.strerror(code)}")
    assert content(study) == before


@pytest.mark.parametrize(
    ("place", "name", "code"),
    [
        (tempfile, "mkdtemp", errno.EROFS),
        (shutil, "copyfile", errno.ENOSPC),
        (os, "fsync", errno.ENOSPC),
        (os, "rename", errno.EACCES),
    ],
)
def test_a_study_that_cannot_be_written_is_not_there(place, name, code, tmp_path, iskdyn, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(place, name, fail)
    done = iskdyn("init", TINY / "models" / "tiny.mdl", "--out", tmp_path / "study")
    assert done.exit_code == 2
    assert done.stderr == f"{tmp_path / 'study'}: cannot be written: {os.strerror(code)}\n"
    assert list(tmp_path.iterdir()) == []


def test_every_verb_that_writes_is_tried():
    source = Path(__file__).parents[2] / "src" / "iskdyn" / "cli"
    elsewhere = {"recover", "report"}  # writes of other processes; brief, page and doc in one
    known = {verb.partition(".")[0] for verb in WRITING} | elsewhere
    writing = (
        "write_text_whole(",
        "write_bytes_whole(",
        "store_",
        "alone(",
        "sampling_bar(",
        "write_result(",
        "build_",
        "_and_store(",
    )
    for path in source.glob("*.py"):
        if path.stem != "app" and any(word in path.read_text(encoding="utf-8") for word in writing):
            assert path.stem in known, path


def test_a_frozen_model_that_cannot_be_unpacked_leaves_no_folder(frozen, tmp_path, monkeypatch):
    places = tmp_path / "places"
    places.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(places))
    break_disk(monkeypatch, "write", errno.ENOSPC)
    with pytest.raises(OSError, match="No space left"):
        load_frozen(frozen)
    assert list(places.iterdir()) == []


def test_without_room_for_a_cache_anywhere_the_work_is_done(tmp_path, monkeypatch):
    monkeypatch.setenv("ISKDYN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr("iskdyn.cache._temporary", lambda: Path(tempfile.mkdtemp()))
    (tmp_path / "cache").write_text("no folder")
    assert entry("kernels", "one", "role", lambda: b"made") == b"made"
