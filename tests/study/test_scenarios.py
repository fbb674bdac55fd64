"""The ready scenarios of the study: each is its file and nothing else."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from iskdyn import open_study
from iskdyn.simulate import simulate

STUDY = open_study(Path(__file__).parents[2])
RUNS = {f"CF{number}" for number in range(1, 15)}


@pytest.mark.parametrize("name", STUDY.scenarios)
def test_a_ready_scenario_reruns_to_the_same_numbers_from_its_file_and_from_python(name, tmp_path, iskdyn):
    until = "2023-12"
    file = shutil.copy(STUDY.path_of("scenarios") / f"{name}.toml", tmp_path / "alone.toml")
    printed = iskdyn("run", "--scenario", file, "--until", until, "--json", "--study", STUDY.root)
    outputs = json.loads(printed.stdout)["outputs"]
    inputs = STUDY.scenarios[name].inputs
    step = STUDY.program["TIME STEP"].value
    # What follows its own path is given it by hand: the path of the model as it stands, at each time step.
    own = (
        simulate(
            STUDY.program, outputs=sorted(inputs.own), final_time=STUDY.end_time(until), save_every=step
        ).to_dataframe()
        if inputs.own
        else pd.DataFrame()
    )
    series = {**inputs.series, **{held: own[held] for held in sorted(inputs.own)}}
    by_hand = STUDY.run(set=inputs.values, series=series, until=until)
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


HELD = [name for name, one in STUDY.scenarios.items() if one.inputs.own]


@pytest.mark.parametrize("name", HELD)
def test_a_held_decision_follows_its_own_path_whatever_else_is_changed(name):
    own = sorted(STUDY.scenarios[name].inputs.own)
    held, history = (STUDY.run(scenario=given, outputs=own, until="2023-12") for given in (name, None))
    for decision in own:
        assert held[decision].values.tolist() == history[decision].values.tolist(), decision


def test_scenarios_that_hold_decisions_have_something_to_hold_them_against():
    """`own` holds every scenario to its named decisions; without one the test above would test nothing."""
    assert {"no-autumn-wave-held", "promises-kept-held"} <= set(HELD)


def test_no_scenario_speaks_in_the_model_builders_words():
    for one in STUDY.scenarios.values():
        assert not re.search(
            r"counterfactual|exogenous|endogenous|open[- ]loop|parameter", one.says + one.expects
        )
