"""A model in which it is known who speaks: a sign put in, one that facts decide, one that they cannot, one open.

Each outcome is a number times whether the tactic is used, so that without the tactic it changes by minus that number:
  killed   positive by its prior: the sign is put in by the model;
  members  as likely above as below nothing before the facts, and one of them sees it near 2;
  money    above nothing in 95 of 100 before, and the one fact that speaks of it lies wide about nothing;
  threats  no more than three to one above nothing, and no fact speaks of it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iskdyn import open_study
from iskdyn.calibration import Sampling, Spread, every_number, sample_posterior
from iskdyn.calibration.nulls import NULLS, nulls_behind, sample_nulls
from iskdyn.levers import (
    HISTORY,
    Before,
    Effect,
    Measured,
    attribute,
    before_evidence,
    difference_table,
    effects,
    measure_arms,
    shapley,
    verify_expectations,
    with_before,
    with_marks,
)
from iskdyn.study import Expectation, Inputs, Reading, Scenario, Study
from iskdyn.study.readings import Statistic

OUTCOMES = ("killed", "members", "money", "threats")
MODEL = "{UTF-8}\n" + "".join(
    f"{name}= {name} by use*used\n\t~\tDmnl\n\t~\tAn outcome.\n\t|\n\n"
    f"{name} by use= 1\n\t~\tDmnl [{0 if name == 'killed' else -9},9]\n\t~\tA number.\n\t|\n\n"
    for name in OUTCOMES
)
MODEL += "used= 1\n\t~\tDmnl [0,1]\n\t~\tThe tactic.\n\t|\n\n"
for clock, value in (("INITIAL TIME", 0), ("FINAL TIME", 6), ("TIME STEP", 0.25), ("SAVEPER", 1)):
    MODEL += f"{clock}= {value}\n\t~\tMonth\n\t~\tTime.\n\t|\n\n"
SETTINGS = """
name = "Planted marks"
model = "planted.mdl"
headline = ["killed", "members", "money", "threats"]
human_cost = ["killed"]
observations = "observations.csv"
parameters = "parameters.csv"
results = "results"
tactics = { "the tactic" = "used" }
[groups]
""" + "".join(f'"of {name}" = ["{name}"]\n' for name in OUTCOMES)
PARAMETERS = """\
name,kind,unit,lower,upper,prior,a,b,free,source,note
killed by use,constant,Dmnl,0,9,lognormal,1,0.5,yes,assumption,
members by use,constant,Dmnl,-9,9,normal,0,1,yes,assumption,
money by use,constant,Dmnl,-9,9,normal,1.65,1,yes,assumption,
threats by use,constant,Dmnl,-9,9,normal,0.6,1,yes,assumption,
"""
OBSERVATIONS = """\
id,evidence,says,output,operation,start,end,base_start,base_end,low,high,unit,form,scale,spread,bias,source,fold,headline,note
K1,,killed,killed,mean,1,5,,,0.5,2,Dmnl,interval,linear,0.5,,author,fit,no,
M1,,members,members,mean,1,5,,,1.9,2.1,Dmnl,interval,linear,0.3,,author,fit,no,
F1,,money,money,mean,1,5,,,-6,6,Dmnl,interval,linear,1,,author,fit,no,
"""
SAMPLING = Sampling(n_draws=4000, runs=2, kept=1000)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The planted study with its nulls sampled."""
    folder: Path = tmp_path_factory.mktemp("planted")
    files = {"planted.mdl": MODEL, "study.toml": SETTINGS, "parameters.csv": PARAMETERS}
    for name, text in {**files, "observations.csv": OBSERVATIONS}.items():
        (folder / name).write_text(text)
    study = open_study(folder)
    sample_nulls(study, study.path_of("results") / NULLS, SAMPLING)
    return study


@pytest.fixture(scope="module")
def spread(study: Study) -> Spread:
    """Draws after the evidence."""
    objective = every_number(study)
    z = sample_posterior(objective, SAMPLING).z.reshape(-1, objective.n_parameters)
    draws = objective.priors.values(z)
    n = len(draws[0])
    names, where = objective.priors.names, np.zeros(len(draws), dtype=int)
    return Spread("posterior", names, np.ones(n, bool), draws[0], np.zeros(n), draws, ("as written",), where)


@pytest.fixture(scope="module")
def found(study: Study, spread: Spread) -> dict[str, Effect]:
    """The effect of doing without the tactic on each outcome, with who speaks."""
    readings = {name: Reading(name, "at_end", (0.0, 6.0)) for name in OUTCOMES}
    marked = with_marks(study, effects(study, spread, readings), readings, ("as written",), 1)
    return {one.outcome: one for one in marked}


@pytest.fixture(scope="module")
def compared(study: Study, spread: Spread) -> tuple[pd.DataFrame, Before, Measured]:
    """The tactic never used, ended half-way, and never used together with another change; each against history."""
    arms = {
        "never used": Inputs({"used": 0.0}),
        "ended": Inputs(series={"used": pd.Series([1.0, 0.0], index=[0.0, 3.0])}),
        "no link": Inputs({f"{name} by use": 0.0 for name in OUTCOMES}),
        "never used, and more": Inputs({"used": 0.0, "threats by use": 0.0}),
    }
    measures: dict[str, Statistic] = dict.fromkeys(OUTCOMES, "at_end")
    pairs = [(name, HISTORY) for name in arms]
    measured = measure_arms(study, spread, arms, measures, [6.0])
    before = before_evidence(study, arms, pairs, measures, [6.0], 1)
    return difference_table(study, measured, pairs, {"": "5"}, before=before), before, measured


MARKS = [("killed", "structure"), ("members", "evidence"), ("money", "judgement"), ("threats", "open")]


@pytest.mark.parametrize(("outcome", "speaks"), MARKS)
@pytest.mark.parametrize("scenario", ["never used", "ended"])
def test_a_comparison_that_one_tactic_makes_has_its_marks(compared, scenario, outcome, speaks) -> None:
    table, *_ = compared
    row = table[(table["scenario"] == scenario) & (table["outcome"] == outcome)].iloc[0]
    assert row["speaks"] == speaks
    assert row["prior_lower_share"] == pytest.approx(
        {"killed": 1, "members": 0.5}.get(outcome, 0.84), abs=0.13
    )


@pytest.mark.parametrize("scenario", ["no link", "never used, and more"])
def test_what_no_null_is_sampled_of_is_never_the_facts(compared, scenario) -> None:
    table, *_ = compared
    rows = table[table["scenario"] == scenario].set_index("outcome")
    # the very differences of `never used`, by another way or with another change beside it
    assert dict(rows["speaks"]) == {**dict(MARKS), "members": "judgement"}
    assert set(rows["null"]) == {None}


@pytest.mark.parametrize(
    ("direction", "speaks"), [("lower", "evidence"), ("higher", "evidence"), ("not higher", "judgement")]
)
def test_an_expectation_has_the_null_of_its_difference_where_it_says_which_way(
    study, compared, direction, speaks
) -> None:
    _, before, measured = compared
    wish = Expectation("members", direction, until="5")
    (found,) = verify_expectations(study, measured, Scenario("never used", expect=(wish,)), before)
    # members are lower: one holds, one fails; that they are not higher holds in the null as well
    assert found.speaks == speaks
    assert found.verdict == ("not as expected" if direction == "higher" else "as expected")


@pytest.mark.parametrize(("outcome", "speaks"), MARKS)
def test_a_share_of_the_credit_has_its_mark(study, spread, outcome, speaks) -> None:
    measures: dict[str, Statistic] = dict.fromkeys(OUTCOMES, "at_end")
    shared = with_before(study, attribute(study, spread, measures, [6.0]), measures, 1)
    null = shared.nulls.get(("the tactic", outcome))
    assert shared.speaks(lambda worths: shapley(worths)[:, 0], outcome, 6.0, null) == speaks


@pytest.mark.parametrize(("outcome", "speaks"), MARKS)
def test_who_speaks_is_who_was_planted(found: dict[str, Effect], outcome: str, speaks: str) -> None:
    assert found[outcome].speaks == speaks


def test_only_the_path_that_a_fact_saw_has_a_null_behind(study: Study, found: dict[str, Effect]) -> None:
    behind = nulls_behind(study)
    assert set(behind) == {("the tactic", f"of {name}") for name in ("killed", "members", "money")}
    assert behind["the tactic", "of members"] > 5
    assert abs(behind["the tactic", "of money"]) < 0.5
    assert found["money"].null == behind["the tactic", "of money"]
    assert found["threats"].null is None
    # a fact saw the killed too, and yet the sign is the equations' own
    assert behind["the tactic", "of killed"] > 0
