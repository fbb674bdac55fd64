"""The study itself: it opens, runs with human cost first, and passes every check."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from iskdyn import open_study

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"^```text\n\$ iskdyn ([^\n]+)\n(.*?)\n```", README, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def answered():
    """What a command prints to its end in the study's folder, asked once."""

    @cache
    def ask(command):
        done = subprocess.run(
            [sys.executable, "-m", "iskdyn.cli", *shlex.split(command)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip()

    return ask


def test_the_readme_shows_commands():
    assert len(SHOWN) == 6


def test_run_reports_human_cost_first(iskdyn):
    result = iskdyn("run", "--study", ROOT, "--json")
    assert result.exit_code == 0, result.stderr
    found, study = json.loads(result.stdout), open_study(ROOT)
    assert tuple(found["outputs"]) == study.settings.headline
    assert tuple(found["outputs"])[: len(study.settings.human_cost)] == study.settings.human_cost
    assert (found["month"][0], found["time"][-1]) == ("2021-07", 22.0)


def test_the_five_tactics_can_be_removed():
    study = open_study(ROOT)
    assert len(study.settings.tactics) == 5
    assert all(study.program[name].limits[0] == 0 for name in study.settings.tactics.values())


@pytest.mark.slow
def test_every_scenario_runs_to_the_horizon(iskdyn):
    study = open_study(ROOT)
    assert study.scenarios
    for name in study.scenarios:
        change = ("--scenario", name, "--until", study.horizon[1])
        result = iskdyn("run", "--study", ROOT, "--json", *change)
        assert result.exit_code == 0, (name, result.stderr)


@pytest.mark.slow
def test_every_check_passes(answered):
    header, *rows = answered("check").splitlines()
    assert header.split()[0] == "check"
    assert {row.split()[0] for row in rows} == {"pass"}


@pytest.mark.slow
def test_no_confidence_test_is_red(iskdyn):
    result = iskdyn("confidence", "--study", ROOT)
    assert result.exit_code == 0, result.output


def test_every_pattern_of_the_wheel_matches_a_file():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["study"]
    assert [pattern for pattern in patterns if not any(path.is_file() for path in ROOT.glob(pattern))] == []


def test_constraints_are_exact_versions_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(line.startswith("#") or line.count("==") == 1 for line in lines)
    assert not any("://" in line or line.startswith("-") for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("command", SHOWN)
def test_commands_of_the_readme_run(command, answered):
    """Each prints, word for word, what the README shows."""
    assert answered(command) == SHOWN[command]
