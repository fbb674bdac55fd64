"""The report's section on sensitivity, on the tiny study with a story and a scenario that can fail."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from iskdyn.calibration import Spread, Variant
from iskdyn.errors import GateError, Problem
from iskdyn.reports.section_sensitivity import sensitivity_section
from iskdyn.reports.section_sensitivity_policies import _draws
from iskdyn.reports.sections import Materials
from iskdyn.reports.story import read_story
from iskdyn.study import Inputs, Scenario, open_study

TINY = Path(__file__).parent.parent / "data" / "tiny"
STORY = """title = "Tiny"
[outcomes.detained]
label = "people detained"
measure = "at_end"
[outcomes.members]
label = "its members"
measure = "at_end"
[outcomes.recruitment]
label = "its recruits"
measure = "sum"
"""
LENIENT = """title = "Half the arrests"
expect = [
  { of = "members", is = "higher", by = 0.01 },
  { of = "members", is = "lower" },
]
[set]
"arrest hazard" = 0.005
"""
HARSH = """title = "More arrests"
expect = [{ of = "members", is = "lower" }]
[set]
"arrest hazard" = 0.2
"""


@pytest.fixture(scope="module")
def section(tmp_path_factory):
    tiny = shutil.copytree(TINY, tmp_path_factory.mktemp("study") / "tiny")
    (tiny / "story.toml").write_text(STORY)
    (tiny / "models/scenarios/lenient.toml").write_text(LENIENT)
    (tiny / "models/scenarios/harsh.toml").write_text(HARSH)
    study = open_study(tiny)
    rng = np.random.default_rng(1)
    names = ("recruits per month", "arrest hazard", "quiet exit hazard", "claim over truth")
    spans = [(30, 80), (0.01, 0.04), (0.0, 0.1), (1, 1.5)]
    draws = np.stack([rng.uniform(low, high, 400) for low, high in spans], axis=1)
    narrowed = np.array([0.5, 0.0, 0.05, 0.2])
    around = Spread(
        "posterior", names, np.array([True, True, True, False]), draws.mean(axis=0), narrowed, draws
    )
    story = read_story(tiny / "story.toml", study.settings.headline)
    return sensitivity_section(Materials(study, None, story, around, around, None, lambda _: None))


@pytest.fixture(scope="module")
def html(section):
    return section.html


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_each_outcome_has_a_row_human_cost_foremost(html):
    table = html[html.index("Every outcome: shares") :]
    rows = re.findall(r"<tr( class=\"human\")?><th scope=\"row\">(.*?)</tr>", table, re.S)
    labels = [text(row).split()[:2] for _, row in rows[:3]]
    assert labels == [["people", "detained"], ["its", "members"], ["its", "recruits"]]
    assert [bool(human) for human, _ in rows[:3]] == [True, False, False]
    assert "arrest hazard" in rows[0][1]
    assert re.match(r"its recruits ?recruits per month", text(rows[2][1]).replace("  ", " "))


def test_the_finding_counts_what_leads_and_what_of_it_the_facts_narrow(section):
    n_lead, n_all, n_narrowed = map(int, re.findall(r"\d+", section.finding))
    assert n_all == 3  # the bias of a source moves no run
    assert (n_lead, n_narrowed) == (3, 1)  # only "recruits per month" is narrowed by a tenth or more


def test_words_stand_before_the_figure(html):
    assert html.index("<p>") < html.index("<svg")
    folded = re.sub(r"<details>.*?</details>", "", html, flags=re.S)
    assert folded.count("<svg") == 1


def test_a_scenario_that_raises_a_human_cost_says_so_before_all_else(html):
    policies = html[html.index("When does a policy fail?") :]
    first = text(re.findall(r"<li>(.*?)</li>", policies, re.S)[0])
    assert first.startswith("A human cost rises by more than 2%")
    assert "“More arrests” (people detained)" in first
    assert "Half the arrests" not in first


def test_shares_never_told_by_the_words_of_the_method_outside_the_details(html):
    folded = re.sub(r"<details>.*?</details>", "", html, flags=re.S)
    assert not re.search(r"Sobol|Morris|PAWN|PRIM|variance|posterior|prior\b", text(folded))


def test_a_scenario_under_rules_stands_on_the_draws_of_that_structure():
    rules = Scenario("rules", inputs=Inputs({"endogenous": 1.0}))
    under = Scenario("under rules", inputs=Inputs({"endogenous": 1.0, "effort": 0.0}), against="rules")
    study = SimpleNamespace(scenarios={"rules": rules, "under rules": under})
    sampled = SimpleNamespace(variant=Variant("rules", set={"endogenous": 1.0}), spread="its own")
    variants = {"rules": sampled}
    materials = Materials(study, None, None, "the report's", None, None, lambda _: None, variants)
    assert _draws(materials, under) == "its own"
    assert _draws(materials, rules) == "the report's"
    materials = replace(materials, variants={})
    assert _draws(materials, under) == "the report's"


def test_runs_without_a_number_over_the_priors_leave_the_rest_of_the_report(monkeypatch):
    def failing(*_):
        raise GateError(Problem("without a tactic", "gave no number in 16 of 80 runs"))

    monkeypatch.setattr("iskdyn.reports.section_sensitivity.sensitivity", failing)
    story = SimpleNamespace(outcomes={}, measures={})
    section = sensitivity_section(SimpleNamespace(study=None, story=story, own=None, tell=lambda _: None))
    assert section.finding.startswith("Not computed")
    assert "without a tactic: gave no number in 16 of 80 runs" in section.html
