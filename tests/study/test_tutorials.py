"""Every command, file and line of code of the tutorials, run in a copy of the study."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIALS = sorted((ROOT / "docs").glob("tutorial-*.md"))
ANALYST = ROOT / "docs" / "tutorial-analyst.md"
TYPED = [path for path in TUTORIALS if path != ANALYST]
LARGEST = 200_000
"""Bytes of a picture: for a reader with a slow line."""
PARTS = ("study.toml", "models", "calibration", "reports")
_BLOCK = re.compile(r"(?:<!-- file: (\S+) -->\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PROGRAMS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the study; each tutorial has one of its own."""
    folder = tmp_path_factory.mktemp("copy")
    for part in PARTS:
        whole = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        whole(ROOT / part, folder / part)
    shutil.rmtree(folder / "reports" / "out", ignore_errors=True)
    return folder


@pytest.mark.parametrize("tutorial", TYPED, ids=lambda path: path.stem)
def test_everything_in_a_tutorial_works(tutorial: Path, copy: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(copy, tmp_path / "study"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    n_run = 0
    for file, language, text in _BLOCK.findall(tutorial.read_text(encoding="utf-8")):
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        elif language in _PROGRAMS:
            done = subprocess.run(
                [*_PROGRAMS[language], text], cwd=folder, env={**os.environ, "PATH": path},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
            assert "Traceback" not in done.stderr
            n_run += 1
    assert n_run >= 3


def test_there_is_a_tutorial_for_each_kind_of_user() -> None:
    assert [path.stem for path in TUTORIALS] == [
        "tutorial-analyst",
        "tutorial-researcher",
        "tutorial-your-model",
    ]


def test_the_analysts_needs_no_terminal_and_its_pictures_are_small() -> None:
    text = ANALYST.read_text(encoding="utf-8")
    assert "```" not in text
    assert not re.search(r"\biskdyn \w+", text)
    pictures = re.findall(r"!\[[^\]]+\]\((\S+\.png)\)", text)
    assert 3 <= len(pictures) <= 4
    assert max((ANALYST.parent / name).stat().st_size for name in pictures) <= LARGEST


def test_what_the_analyst_is_told_to_press_is_on_the_page() -> None:
    """Words in italics that begin with a capital letter name something to press."""
    page = ROOT / "src" / "iskdyn" / "reports"
    files = [*page.glob("page/page.html"), *page.glob("page/js/*.js"), *page.glob("templates/answer*.html")]
    shown = " ".join(file.read_text(encoding="utf-8") for file in (*files, ROOT / "reports" / "story.toml"))
    named = re.findall(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)", ANALYST.read_text(encoding="utf-8"))
    assert len(named) >= 4
    assert [name for name in named if name not in shown] == []
