"""A decision that follows its own path: in scenarios, in draws and in a single run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from iskdyn import open_study
from iskdyn.calibration import Spread
from iskdyn.errors import StudyError
from iskdyn.levers import HISTORY, run_arms
from iskdyn.levers.claims.form import Claims
from iskdyn.levers.claims.measure import measure
from iskdyn.study import Inputs, Study
from iskdyn.study.expectations import BASE

TINY = Path(__file__).parent.parent / "data" / "tiny"
DECISIONS = '\ndecisions = ["arrest", "detained"]\n'
DRAWS = np.array([[0.01], [0.02], [0.07]])
SPREAD = Spread("posterior", ("arrest hazard",), np.array([True]), np.array([0.02]), np.array([0.5]), DRAWS)
WEAKER = '[set]\n"recruits per month" = 10\n'


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    with (folder / "study.toml").open("a") as file:
        file.write(DECISIONS)
    return folder


def read(folder: Path, text: str) -> Study:
    (folder / "models" / "scenarios" / "mine.toml").write_text(text, encoding="utf-8")
    return open_study(folder)


@pytest.mark.parametrize(
    "frozen", ['freeze = "all"', '[freeze]\narrest = "own path"', '[freeze]\nmembers = "own path"']
)
def test_freezing_alone_gives_the_base_run_back(tiny: Path, frozen: str) -> None:
    study = read(tiny, frozen)
    outputs = [one.name for one in (*study.program.stocks, *study.program.auxiliaries)]
    found = run_arms(study, SPREAD, {"mine": study.scenarios["mine"].inputs}, outputs, "2023-06")
    np.testing.assert_allclose(found.draws["mine"], found.draws[HISTORY], rtol=1e-9, atol=0)
    np.testing.assert_allclose(found.best["mine"], found.best[HISTORY], rtol=1e-9, atol=0)
    alone = study.run(scenario="mine", outputs=outputs)
    for name, values in study.run(outputs=outputs).items():
        np.testing.assert_allclose(alone[name].values, values.values, rtol=1e-9, atol=0)


def test_a_frozen_decision_no_longer_answers_what_else_is_changed(tiny: Path) -> None:
    study = read(tiny, WEAKER + '[freeze]\narrest = "own path"\n')
    outputs = ("arrest", "detained", "members")
    arms = {"free": Inputs({"recruits per month": 10.0}), "held": study.scenarios["mine"].inputs}
    found = run_arms(study, SPREAD, arms, outputs)
    arrested = {arm: found.series(arm, "arrest")[1] for arm in (HISTORY, "free", "held")}
    np.testing.assert_allclose(arrested["held"], arrested[HISTORY], rtol=1e-12)
    assert (arrested["free"][:, -1] < arrested[HISTORY][:, -1]).all()
    assert (found.series("held", "members")[1][:, -1] < found.series("free", "members")[1][:, -1]).all()


def test_the_path_is_that_of_the_base_and_of_each_draw(tiny: Path) -> None:
    study = read(tiny, '[freeze]\narrest = "own path"')
    base = Inputs({"recruits per month": 80.0})
    arms = {"held": Inputs({"arrest hazard": 0.5}, own=frozenset({"arrest"}))}
    found = run_arms(study, SPREAD, arms, ["arrest"], base=base)
    held, history = (found.series(arm, "arrest")[1] for arm in ("held", HISTORY))
    np.testing.assert_allclose(held, history, rtol=1e-12)
    assert np.ptp(held[:, -1]) > 0


def test_a_stock_can_be_frozen_or_given_a_series(tiny: Path) -> None:
    study = read(tiny, WEAKER + '[series.members]\n"2021-07" = 100\n"2022-06" = 50\n')
    run = study.run(scenario="mine", outputs=["members", "arrest"])
    assert (run["members"].values[0], run["members"].values[-1]) == (100.0, 50.0)
    np.testing.assert_allclose(run["arrest"].values, 0.02 * run["members"].values)


def test_all_but_what_the_file_changes_otherwise(tiny: Path) -> None:
    study = read(tiny, 'freeze = "all"\n[level]\narrest = { value = 3.0 }\n')
    found = study.scenarios["mine"].inputs
    assert (found.own, list(found.series)) == (frozenset({"detained"}), ["arrest"])


def test_an_arm_over_another_wins_for_each_variable() -> None:
    base = Inputs(series={"b": 1}, own=frozenset({"a"}))  # type: ignore[dict-item]
    assert Inputs(series={"a": 2}).over(base).own == frozenset()  # type: ignore[dict-item]
    over = Inputs(own=frozenset({"b"})).over(base)
    assert (over.own, dict(over.series)) == (frozenset({"a", "b"}), {})


def test_a_claim_keeps_exactly_the_path_of_the_base(tiny: Path) -> None:
    from claims_of_tiny import arm, relation

    from iskdyn.levers.claims.form import Claim
    from iskdyn.study import Arm, Reading

    study = open_study(tiny)
    taken = Reading("detained", "at_end", (11.0, 12.0))
    part = relation(taken, ("a",), "same", (BASE,), 1.0)
    held = arm("a", set={"recruits per month": 0.0}, keep=("arrest",))
    claims = Claims((Claim("C", "", "", "held_out", (part,), {}),), {BASE: Arm(BASE), "a": held})
    found = measure(study, claims, SPREAD)
    np.testing.assert_allclose(found["a", taken], found[BASE, taken], rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[freeze]\n"arrest hazard" = "own path"', "is of the kind constant; expected auxiliary or stock"),
        ('[freeze]\narest = "own path"', "did you mean 'arrest'"),
        ('freeze = "none"', "expected one of all, or a table of"),
        ('[freeze]\narrest = "own path"\n[level]\narrest = { value = 1.0 }', "'arrest' is changed twice"),
    ],
)
def test_a_wrong_freeze_is_told(tiny: Path, text: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        read(tiny, text)


def test_all_needs_decisions(tiny: Path) -> None:
    path = tiny / "study.toml"
    path.write_text(path.read_text().replace(DECISIONS, ""))
    with pytest.raises(StudyError, match=r"study\.toml names no decisions"):
        read(tiny, 'freeze = "all"')


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('decisions = ["arrest hazard"]', "decisions: 'arrest hazard' is of the kind constant"),
        ('decisions = ["arest"]', "decisions: the model has no variable 'arest'; did you mean 'arrest'"),
        ("decisions = 3", "expected a list of texts, got 3"),
        ('[tactic_decisions]\n"raids" = []', "the study has no tactic 'raids'"),
        ('[tactic_decisions]\n"selective repression" = ["arrest"]', "'arrest' is not among the decisions"),
        (
            '[tactic_decisions]\n"selective repression" = "arrest"',
            "19:selective repression: expected a list of texts, got 'arrest'",
        ),
        ('[outcomes]\nx = { variable = "membrs" }', "outcomes: the model has no variable 'membrs'"),
        (
            '[outcomes]\nx = { variable = "members", statistic = "mode" }',
            "19:statistic: expected one of mean, sum",
        ),
        (
            '[outcomes]\nx = { variable = "members", window = ["2022", "2023"] }',
            "19:window: '2022' is not a month",
        ),
        (
            '[outcomes]\nx = { variable = "members", window = ["2022"] }',
            r"19:window: expected two texts, got \['2022'\]",
        ),
    ],
)
def test_wrong_names_in_the_settings_are_told(tiny: Path, line: str, message: str) -> None:
    path = tiny / "study.toml"
    path.write_text(path.read_text().replace(DECISIONS, f"\n{line}\n"))
    with pytest.raises(StudyError, match=message):
        open_study(tiny)
