"""Paired runs and the file of levers, on the tiny study."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from whole_tiny import LEVER, TINY

from iskdyn import open_study
from iskdyn.calibration import Spread
from iskdyn.errors import GateError, InputError, StudyError
from iskdyn.levers import HISTORY, read_levers, run_arms
from iskdyn.study import Inputs, Study

OUTPUTS = ("detained", "members", "recruitment")
DRAWS = np.array([[0.01], [0.02], [0.03]])
SPREAD = Spread("posterior", ("arrest hazard",), np.array([True]), np.array([0.02]), np.array([0.5]), DRAWS)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    (folder / "models" / "levers.toml").write_text(LEVER, encoding="utf-8")
    return folder


def test_a_lever_names_the_variable_that_shows_what_was_done(tiny: Path) -> None:
    path = tiny / "models" / "levers.toml"
    assert read_levers(open_study(tiny))[0].path == ""
    path.write_text(LEVER + 'path = "Members"\n', encoding="utf-8")
    assert read_levers(open_study(tiny))[0].path == "members"


@pytest.fixture
def study(tiny: Path) -> Study:
    return open_study(tiny)


def test_an_arm_runs_the_same_draws_as_history(study: Study) -> None:
    arms = run_arms(study, SPREAD, {"off": Inputs({"selective repression switch": 0.0})}, OUTPUTS)
    alone = study.run(set={"arrest hazard": 0.03}, outputs=OUTPUTS)
    np.testing.assert_allclose(
        arms.series(HISTORY, "members")[1][2][::4], alone["members"].values, rtol=1e-12
    )
    assert (arms.series("off", "detained")[1] == 0).all()
    assert (arms.series(HISTORY, "detained")[1][:, -1] > 0).all()


def test_two_kernels_serve_all_arms_one_where_draws_have_their_own_series(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iskdyn.compile import kernels
    from iskdyn.simulate import runner

    made: list[kernels.Kernel] = []
    compiled = kernels.compile_kernel
    monkeypatch.setattr(runner, "compile_kernel", lambda *layout: made.append(compiled(*layout)) or made[-1])
    arms = {
        "few": Inputs(series={"recruitment": pd.Series([5.0], index=[0.0])}),
        "own": Inputs({"arrest hazard": 0.5}, own=frozenset({"arrest"})),
        "off": Inputs({"selective repression switch": 0.0}),
        "many": Inputs(series={"detained": pd.Series([50.0], index=[0.0])}),
        "free": Inputs({"arrest hazard": 0.1}, own=frozenset({"recruitment"})),
    }
    together = run_arms(study, SPREAD, arms, OUTPUTS)
    shared = made[1:]  # the first gives the paths that are followed
    layouts = [len(kernel.plan.member_series) for kernel in shared]
    assert len({id(kernel) for kernel in shared}) == len(set(layouts)) == 2
    for name, one in arms.items():
        np.testing.assert_allclose(
            run_arms(study, SPREAD, {name: one}, OUTPUTS).draws[name], together.draws[name], rtol=1e-12
        )


def test_a_series_cuts_the_causes_of_any_variable(study: Study) -> None:
    changes = Inputs(series={"recruitment": pd.Series([5.0, 5.0], index=[0.0, 12.0])})
    arms = run_arms(study, SPREAD, {"few": changes}, OUTPUTS)
    assert (arms.series("few", "recruitment")[1] == 5.0).all()


def test_a_value_of_an_arm_replaces_the_draws_and_the_base_holds_in_every_arm(study: Study) -> None:
    base = Inputs({"recruits per month": 0.0})
    arms = run_arms(study, SPREAD, {"fixed": Inputs({"arrest hazard": 0.02})}, OUTPUTS, base=base)
    ends = arms.series("fixed", "members")[1][:, -1]
    assert np.ptp(ends) == 0.0
    assert np.ptp(arms.series(HISTORY, "members")[1][:, -1]) > 0
    assert (arms.series(HISTORY, "recruitment")[1] == 0).all()


def test_a_longer_run_measured_to_the_end_of_a_shorter_one_gives_the_same(study: Study) -> None:
    short, long = (run_arms(study, SPREAD, {}, OUTPUTS, until=until) for until in ("2022-06", "2023-06"))
    for measure, output in (("at_end", "members"), ("sum", "recruitment"), ("mean", "members")):
        np.testing.assert_allclose(
            short.measured(measure, HISTORY, output)[1],
            long.measured(measure, HISTORY, output, 12.0)[1],
            rtol=1e-12,
        )


def test_a_run_without_a_number_is_an_error_that_names_the_arm(study: Study) -> None:
    broken = Inputs(series={"recruitment": pd.Series([1e308, 1e308], index=[0.0, 12.0])})
    with pytest.raises(GateError, match=r"broken: gave no number in 4 of 4 runs"):
        run_arms(study, SPREAD, {"broken": broken}, OUTPUTS)


def test_a_run_in_pieces_reads_the_series_of_its_own_members(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.arange(1.0, 5.0)[:, None] * np.ones((4, 2))
    changes = Inputs(series={"recruitment": ([0.0, 12.0], rows)})  # type: ignore[dict-item]
    monkeypatch.setattr("iskdyn.levers.arms.CHUNK", 3)
    arms = run_arms(study, SPREAD, {"own": changes}, OUTPUTS)
    assert arms.series("own", "recruitment")[1][:, 0].tolist() == [2.0, 3.0, 4.0]


def test_an_unknown_name_is_refused(study: Study) -> None:
    with pytest.raises(InputError, match="arrest hazzard"):
        run_arms(
            study, SPREAD, {"wrong": Inputs(series={"arrest hazzard": pd.Series([1.0], [0.0])})}, OUTPUTS
        )


def test_a_lever_takes_its_unit_and_default_from_the_model(study: Study) -> None:
    (lever,) = read_levers(study)
    assert (lever.unit, lever.default, lever.low, lever.high, lever.off) == ("Dmnl", 1.0, 0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "selective', 'name = "selectiv', "is not a constant of the model; did you mean"),
        ("range = [0, 1]", "range = [0, 2]", "is not inside of the model's limits"),
        ("range = [0, 1]", "range = 1", "range: expected two numbers, got 1"),
        ("off = 0", "off = -1", "off -1 is outside of the range"),
        ("off = 0", "", "the key 'off' is missing"),
        ('group = "tactic"', 'group = "tactics"', "group: expected one of tactic, sub-lever, assumption"),
        ('tactic = "selective repression"', 'tactic = "selection"', "the study has no tactic 'selection'"),
        ('costs = "Money."', 'cost = "Money."', "the key 'cost' is not known"),
        ("off = 0", 'off = 0\npath = "member"', "path: 'member' is not a variable of the model"),
        (LEVER, LEVER + LEVER, "stands there twice"),
        (LEVER, "lever = 1", "lever: expected a list of tables, got 1"),
    ],
)
def test_a_wrong_lever_is_told_with_its_place(tiny: Path, old: str, new: str, message: str) -> None:
    path = tiny / "models" / "levers.toml"
    path.write_text(LEVER.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        read_levers(open_study(tiny))
