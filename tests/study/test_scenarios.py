"""The ready scenarios of the study: each is its file and nothing else."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from iskdyn import open_study

STUDY = open_study(Path(__file__).parents[2])
RUNS = {f"CF{number}" for number in range(1, 15)}


@pytest.mark.parametrize("name", STUDY.scenarios)
def test_a_ready_scenario_reruns_to_the_same_numbers_from_its_file_and_from_python(name, tmp_path, iskdyn):
    until = "2023-12"
    file = shutil.copy(STUDY.path_of("scenarios") / f"{name}.toml", tmp_path / "alone.toml")
    printed = iskdyn("run", "--scenario", file, "--until", until, "--json", "--study", STUDY.root)
    outputs = json.loads(printed.stdout)["outputs"]
    inputs = STUDY.scenarios[name].inputs
    by_hand = STUDY.run(set=inputs.values, series=inputs.series, until=until)
    by_name = STUDY.run(scenario=name, until=until)
    for output in STUDY.settings.headline:
        assert outputs[output]["values"] == by_hand[output].values.tolist() == by_name[output].values.tolist()


def test_every_counterfactual_run_is_ready_and_says_what_it_changes_and_what_is_expected():
    runs = [one for one in STUDY.scenarios.values() if one.run]
    assert {one.run for one in runs} == RUNS
    for one in runs:
        assert all((one.title, one.says, one.expects, one.expect, one.source)), one.name


def test_every_ready_scenario_but_history_changes_something():
    for name, one in STUDY.scenarios.items():
        assert bool(one.inputs.values or one.inputs.series) is (name != "history"), name


def test_no_scenario_speaks_in_the_model_builders_words():
    for one in STUDY.scenarios.values():
        assert not re.search(
            r"counterfactual|exogenous|endogenous|open[- ]loop|parameter", one.says + one.expects
        )
