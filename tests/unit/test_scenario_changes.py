"""The kinds of change of a scenario: the series each stands for, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iskdyn import open_study
from iskdyn.errors import IskdynError, StudyError
from iskdyn.study import Study
from iskdyn.study.changes import KINDS

TINY = Path(__file__).parent.parent / "data" / "tiny"
SWITCH, ACCESS = '"selective repression switch"', '"access table"'


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def read(folder: Path, text: str) -> Study:
    (folder / "models" / "scenarios" / "mine.toml").write_text(text, encoding="utf-8")
    return open_study(folder)


def at(series: pd.Series, times: list[float]) -> list[float]:
    return [float(one) for one in np.interp(times, series.index, series.to_numpy())]


CASES = {
    "level": (f'{SWITCH} = {{ value = 0.5, from = "2021-10" }}', [2.96, 3.0, 12.0], [1.0, 0.5, 0.5]),
    "ramp": (
        f'{SWITCH} = {{ value = 0.0, from = "2021-10", to = "2021-11" }}',
        [3.0, 4.0, 5.0, 9.0],
        [1.0, 0.5, 0.0, 0.0],
    ),
    "pulse": (
        f'{SWITCH} = {{ value = 0.2, from = "2021-09", to = "2021-10" }}',
        [0.0, 2.0, 3.96, 4.0],
        [1.0, 0.2, 0.2, 1.0],
    ),
    "scale": (
        f'{ACCESS} = {{ by = 0.5, from = "2021-09", to = "2021-10" }}',
        [1.5, 2.0, 2.5, 3.9, 4.0],
        [0.9, 0.35, 0.25, 0.25, 0.5],
    ),
    "freeze": (f'{ACCESS} = {{ at = "2021-08" }}', [0.5, 1.0, 1.5, 9.0], [1.0, 0.95, 0.9, 0.9]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_the_series_that_its_words_say(tiny: Path, kind: str) -> None:
    text, times, expected = CASES[kind]
    (series,) = read(tiny, f"[{kind}]\n{text}\n").scenarios["mine"].inputs.series.values()
    assert at(series, times) == pytest.approx(expected)


@pytest.mark.parametrize("written", ["{ value = 0.0 }", "0.0"])
def test_a_level_without_a_date_is_a_value_for_the_whole_run(tiny: Path, written: str) -> None:
    scenario = read(tiny, f"[level]\n{SWITCH} = {written}\n").scenarios["mine"]
    assert scenario.inputs.values == {"selective repression switch": 0.0}


def test_a_computed_variable_may_be_held_for_the_whole_run(tiny: Path) -> None:
    study = read(tiny, '[level]\n"recruitment" = { value = 7.0 }\n')
    assert (study.run(scenario="mine", outputs=["recruitment"])["recruitment"] == 7.0).all()


def test_a_step_happens_where_its_month_begins(tiny: Path) -> None:
    study = read(tiny, f'[level]\n{SWITCH} = {{ value = 0.0, from = "2021-10" }}\n')
    held = study.run(scenario="mine", outputs=["detained"])["detained"].values
    assert held[2] < held[3]
    assert (held[3:] == held[3]).all()


def test_a_series_may_be_the_coded_history_of_another_variable(tiny: Path) -> None:
    study = read(tiny, '[series]\n"recruitment" = "access table"\n')
    run = study.run(scenario="mine", outputs=["recruitment"])["recruitment"].values
    assert run[[0, 6]] == pytest.approx([1.0, 0.5])


def test_changing_nothing_runs_to_the_same_numbers_as_history(tiny: Path) -> None:
    study = read(tiny, f'[scale]\n{ACCESS} = {{ by = 1.0, from = "2021-09", to = "2021-10" }}\n')
    same, history = study.run(scenario="mine"), study.run()
    for name in history:
        np.testing.assert_allclose(same[name].values, history[name].values, rtol=1e-12)


WRONG = {
    "kind's key missing": (f"[ramp]\n{SWITCH} = {{ value = 1 }}\n", "toml:2:.*: the keys 'from', 'to' are missing"),
    "kind's key unknown": (f"[level]\n{SWITCH} = {{ valeu = 1 }}\n", "did you mean 'value'"),
    "not a table": (f"[pulse]\n{SWITCH} = 1\n", "mine.toml:2:.*: expected a table, got 1"),
    "kind is no table": ("level = 3\n", "level: expected a table of numbers, or tables, got 3"),
    "bad month": (f'[level]\n{SWITCH} = {{ value = 1, from = "2021-13" }}\n', "from: expected a month"),
    "NaN": (f"[level]\n{SWITCH} = {{ value = nan }}\n", "value: expected a number, got nan"),
    "backwards": (
        f'[pulse]\n{SWITCH} = {{ value = 0, from = "2022-02", to = "2021-12" }}\n',
        "from 2022-02 is not before to 2021-12",
    ),
    "out of range": (f'[level]\n{SWITCH} = {{ value = 3, from = "2022-01" }}\n', "3 Dmnl is outside of its range"),
    "beyond the horizon": (f'[freeze]\n{ACCESS} = {{ at = "2031-01" }}\n', "outside of the horizon"),
    "unknown": ('[scale]\n"acess table" = { by = 2 }\n', "did you mean 'access table'"),
    "computed": ('[scale]\n"members" = { by = 2 }\n', "'members' is neither a constant nor a series"),
    "fitted": ('[scale]\n"arrest hazard" = { by = 2 }\n', "'arrest hazard' is a fitted number"),
    "twice": (f"[set]\n{SWITCH} = 0\n[level]\n{SWITCH} = {{ value = 0 }}\n", "is changed twice"),
    "series of nothing": ('[series]\n"recruitment" = "members"\n', "'members' is neither a constant nor a series"),
    "against": ('against = "histroy"\n', "against: the study has no scenario 'histroy'"),
    "source": ('source = ["Z99"]\n', "'Z99' is no id of the evidence"),
    "expect": ('expect = [{ of = "members", is = "down" }]\n', "is: expected one of lower, higher, .*, got 'down'"),
    "expect output": ('expect = [{ of = "member", is = "lower" }]\n', "did you mean 'members'"),
    "expect month": ('expect = [{ of = "members", is = "lower", until = "2022" }]\n', "until: '2022' is not"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_change_is_told_with_its_place(tiny: Path, case: str) -> None:
    text, message = WRONG[case]
    with pytest.raises(StudyError, match=message):
        read(tiny, text)


def test_every_problem_of_a_file_is_told_at_once(tiny: Path) -> None:
    text = f'[level]\n{SWITCH} = {{ value = inf, from = "x" }}\n[freeze]\n{ACCESS} = {{ at = "no" }}\n'
    with pytest.raises(IskdynError) as caught:
        read(tiny, text)
    assert len(caught.value.problems) == 3
