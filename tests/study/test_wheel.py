"""The wheel alone: built, installed into a fresh environment, and asked in an empty folder what the README asks."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ASKED = re.findall(r"^\$ iskdyn (.+)$", README, re.MULTILINE)
WITHOUT_NETWORK = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="paths of a POSIX environment"),
    pytest.mark.skipif(
        find_spec("hatchling") is None, reason="hatchling is not installed: no wheel can be built"
    ),
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The command of an environment that has the wheel, and for all else the packages of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    _done(sys.executable, "-m", "venv", str(folder / "venv"), cwd=folder)
    python = folder / "venv" / "bin" / "python"
    (wheel,) = (folder / "dist").glob("*.whl")
    _done(str(python), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel), cwd=folder)
    found = _done(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    others = sysconfig.get_path("purelib")
    Path(found.strip(), "others.pth").write_text(others + "\n", encoding="utf-8")
    where = _done(str(python), "-c", "import iskdyn; print(iskdyn.__file__)", cwd=folder)
    assert where.startswith(str(folder))
    return folder / "venv" / "bin" / "iskdyn"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A folder with nothing in it and nothing of a study above it."""
    return tmp_path_factory.mktemp("empty")


def test_the_readme_asks_something():
    assert len(ASKED) >= 5


@pytest.mark.parametrize("asked", ASKED)
def test_a_command_of_the_readme_answers_in_an_empty_folder(asked, installed, empty):
    done = _run(str(installed), *shlex.split(asked), cwd=empty)
    assert done.returncode in (0, 1), done.stderr  # 1: a check of the study that fails, and says which
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) > 2
    assert list(empty.iterdir()) == []


def test_what_is_written_goes_to_the_working_folder_and_is_read_from_there(installed, tmp_path):
    assert _run(str(installed), "fit", "--starts", "1", "--quiet", cwd=tmp_path).returncode == 0
    written = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert written == ["calibration/results/fit.json"]
    (tmp_path / written[0]).write_text("{}")
    done = _run(str(installed), "run", "--fitted", cwd=tmp_path)
    assert (done.returncode, "fit.json: is not a stored fit" in done.stderr) == (2, True)


def _run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Without the paths that this process was given, which would hide what the wheel lacks."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=cwd, env=clean | WITHOUT_NETWORK, capture_output=True, text=True, check=False
    )


def _done(*command: str, cwd: Path) -> str:
    done = _run(*command, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout
