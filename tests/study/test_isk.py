"""The study itself: it opens, runs with human cost first, and passes every check."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path

import pytest

from iskdyn import open_study

ROOT = Path(__file__).parents[2]


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
def test_every_check_passes(iskdyn):
    result = iskdyn("check", "--study", ROOT)
    assert result.exit_code == 0, result.output


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
def test_commands_of_the_readme_run(iskdyn, monkeypatch):
    monkeypatch.chdir(ROOT)
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [shlex.split(line)[2:] for line in lines if line.startswith("$ iskdyn ")]
    assert len(commands) == 6
    for command in commands:
        result = iskdyn(*command)
        assert result.exit_code == 0, (command, result.stderr)
