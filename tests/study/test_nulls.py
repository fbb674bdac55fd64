"""Nulls: a tactic cut off from one kind of outcome; what the rows read, and what is stored."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from iskdyn import open_study
from iskdyn.calibration import cuts as sampling
from iskdyn.calibration.nulls import NULLS, null_objective, nulls_behind, read_nulls, sample_nulls
from iskdyn.errors import InputError, StudyError
from iskdyn.simulate import simulate

GROUPS = '[groups]\nheld = ["detained"]\n"the group" = ["members", "recruitment"]\nunread = ["arrest"]\n'
SWITCH = "selective repression switch"


@pytest.fixture
def grouped(tiny: Path) -> Path:
    """The tiny study with groups, and with its row of the detained fitted."""
    with (tiny / "study.toml").open("a") as file:
        file.write(GROUPS)
    rows = tiny / "calibration" / "observations.csv"
    rows.write_text(rows.read_text().replace("O3,E03", "O3,E02").replace("author,held", "author,fit"))
    return tiny


def test_a_null_for_each_tactic_and_group_that_a_fitted_row_reads(grouped: Path) -> None:
    nulls = read_nulls(open_study(grouped))
    assert [one.name for one in nulls] == [
        "as written",
        "selective repression on held",
        "selective repression on the group",
    ]
    assert [dict(one.set) for one in nulls] == [{}, {SWITCH: 0.0}, {SWITCH: 0.0}]


def test_the_group_reads_the_run_without_the_tactic_and_all_else_the_run_with_it(grouped: Path) -> None:
    study = open_study(grouped)
    null = read_nulls(study)[1]
    objective = null_objective(study, null, study.settings.groups["held"])
    z = np.random.default_rng(1).standard_normal((20, objective.n_parameters))
    values = objective.priors.values(z)
    series = objective.series(values)
    for i_draw in (0, 7):
        drawn = dict(zip(objective.parameters["name"], values[i_draw], strict=True))
        drawn = {name: value for name, value in drawn.items() if name in study.program}
        step = objective.runner.times[1] - objective.runner.times[0]
        as_was, without = (
            simulate(study.program, drawn | off, save_every=step, engine="numpy")
            for off in ({}, {SWITCH: 0.0})
        )
        for name, path in zip(objective.runner.outputs, series[i_draw], strict=True):
            run = without if name == "detained" else as_was
            np.testing.assert_allclose(path, run[name].values[-len(path) :], rtol=1e-9, atol=1e-9)
    assert (series[:, list(objective.runner.outputs).index("detained")] == 0).all()


@pytest.mark.slow
def test_facts_object_where_they_saw_what_the_tactic_does_and_are_silent_where_it_does_nothing(
    grouped: Path,
) -> None:
    study = open_study(grouped)
    sample_nulls(study, study.path_of("results") / NULLS)
    behind = nulls_behind(study)
    assert behind["selective repression", "held"] > 5  # 150 or more were held
    assert abs(behind["selective repression", "the group"]) < 0.1  # no row reads members after the start


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A sampler that gives numbers at once; what was sampled."""
    sampled: list[str] = []

    def sample(objective, structure, settings, progress):
        sampled.append(structure.name)
        return np.array([-1.0, -1.0]) * len(sampled), {"O1": -0.5}

    monkeypatch.setattr(sampling, "_sampled", sample)
    return sampled


def test_what_is_stored_goes_on_and_belongs_to_its_groups(grouped: Path, quick: list[str], iskdyn) -> None:
    result = iskdyn("nulls", "--study", grouped, "--only", "selective repression on held", "--quiet")
    assert result.exit_code == 0, result.stderr
    assert quick == ["as written", "selective repression on held"]
    result = iskdyn("nulls", "--study", grouped, "--quiet")
    assert len(quick) == 3
    assert "selective repression   1.0        2.0" in result.stdout
    assert nulls_behind(open_study(grouped)) == {
        ("selective repression", "held"): 1.0,
        ("selective repression", "the group"): 2.0,
    }
    stored = json.loads(iskdyn("nulls", "--study", grouped, "--json", "--quiet").stdout)
    assert [row["nats"] for row in stored] == [0.0, -1.0, -2.0]
    settings = grouped / "study.toml"
    settings.write_text(settings.read_text().replace('["members", "recruitment"]', '["recruitment"]'))
    assert nulls_behind(open_study(grouped)) == {("selective repression", "held"): 1.0}
    iskdyn("nulls", "--study", grouped, "--quiet")
    assert quick[3:] == ["selective repression on the group"]


def test_what_cannot_be_asked_is_told(tiny: Path, grouped: Path) -> None:
    study = open_study(grouped)
    with pytest.raises(InputError, match="no null 'selective repression on hold'; did you mean"):
        sample_nulls(study, study.path_of("results") / NULLS, only=["selective repression on hold"])
    settings = grouped / "study.toml"
    settings.write_text(settings.read_text().replace('unread = ["arrest"]', 'unread = ["detained"]'))
    with pytest.raises(StudyError, match="groups: 'detained' stands in 'held' and in 'unread'"):
        open_study(grouped)
    settings.write_text(settings.read_text().split("[groups]")[0])
    with pytest.raises(InputError, match=r"names no \[groups\]"):
        sample_nulls(open_study(grouped), study.path_of("results") / NULLS)


def test_what_cannot_be_is_not_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a share of surrenders is read, and nobody surrenders."""

    class Hopeless:
        n_parameters = 3

        def log_likelihood(self, z: np.ndarray) -> np.ndarray:
            return np.full(len(z), -1e300)

    monkeypatch.setattr(sampling, "sample_posterior", None)
    levels, means = sampling._sampled(Hopeless(), None, sampling.SHORT, None)
    assert (levels == sampling.IMPOSSIBLE).all()
    assert means == {}


def test_nulls_of_another_study_are_none(grouped: Path, quick: list[str], iskdyn) -> None:
    iskdyn("nulls", "--study", grouped, "--quiet")
    assert len(nulls_behind(open_study(grouped))) == 2
    parameters = grouped / "calibration" / "parameters.csv"
    parameters.write_text(parameters.read_text().replace("1.25,0.25", "1.25,0.26"))
    assert nulls_behind(open_study(grouped)) == {}
    (grouped / "calibration" / "results" / NULLS).write_text("{}")
    with pytest.raises(StudyError, match="is not a stored null table"):
        nulls_behind(open_study(grouped))
