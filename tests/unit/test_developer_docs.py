"""What whoever changes the code is told: files that are there, targets that are there, commands that run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TOLD = ("CONTRIBUTING.md", "docs/architecture.md", "docs/debts.md")
FOLDERS = ("src", "tests", "docs", "models", "calibration", "reports")
DEBTS = re.findall(
    r"^\| .*? \| `(.+?)` \| .+ \|$", (ROOT / "docs" / "debts.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_every_file_they_name_is_there() -> None:
    there = [
        "/" + path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*")
    ]
    there += ["/" + path.name for path in ROOT.iterdir()]
    named = {
        name
        for page in TOLD
        for name in re.findall(r"`([\w/.]+\.(?:py|js|toml|csv|mdl|md|txt|html))`", (ROOT / page).read_text())
    }
    assert len(named) > 20
    assert [name for name in sorted(named) if not any(path.endswith("/" + name) for path in there)] == []


def test_every_target_they_name_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in TOLD for name in re.findall(r"`make ([\w-]+)", (ROOT / page).read_text())}
    assert named <= targets


@pytest.mark.skipif(sys.platform == "win32", reason="commands of a POSIX shell")
@pytest.mark.parametrize("command", DEBTS)
def test_a_debt_is_measured_by_its_command(command: str, tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    done = subprocess.run(
        [shutil.which("bash") or "sh", "-c", command.replace("\\|", "|")],
        cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout, "nothing is owed any more: strike the line"


def test_what_a_commit_runs_is_what_make_test_asks_first_and_fetches_nothing() -> None:
    """Every hook is a command of .venv that stands in the Makefile too; what pre-commit adds is its list of files."""
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    first = re.findall(r"^\t\$\(BIN\)/((?:ruff|mypy) .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    run = [
        hook["entry"].removeprefix(".venv/bin/").replace(" --force-exclude", "")
        for hook in repository["hooks"]
    ]
    assert run == [line.removesuffix(" .") for line in first]
