"""A structure with a model of its own: sampled, mixed, run and sealed as any other, or refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from claims_of_tiny import some_draws
from whole_tiny import write_whole_tiny

from iskdyn import open_study
from iskdyn.calibration import (
    Sampling,
    Variant,
    VariantDraws,
    every_number,
    load_variants,
    mixture,
    model_values,
    read_variants,
    study_of,
)
from iskdyn.errors import InputError, StudyError
from iskdyn.levers import run_arms
from iskdyn.levers.arms import HISTORY
from iskdyn.simulate import simulate
from iskdyn.study import Inputs, Study
from iskdyn.study.stamp import hashes

CROWDING = Variant("crowding", "members leave where they are many", {}, "models/crowded.mdl")
ROW = """
[[variant]]
name = "crowding"
title = "members leave where they are many"
model = "models/crowded.mdl"
"""
CROWD = "crowd=\n\t1000\n\t~\tPerson\n\t~\tMembers who leave as the other model says; assumption.\n\t|\n\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tiny study and a rival in which quiet exit grows with the square of the members."""
    folder = write_whole_tiny(tmp_path / "tiny")
    text = (folder / "models/tiny.mdl").read_text()
    changed = text.replace("\tmembers*quiet exit hazard", "\tmembers*quiet exit hazard*members/crowd")
    assert changed != text
    (folder / "models/crowded.mdl").write_text(
        changed.replace("initial members=", CROWD + "initial members=", 1)
    )
    with (folder / "calibration/variants.toml").open("a") as file:
        file.write(ROW)
    return folder


@pytest.fixture
def study(folder: Path) -> Study:
    return open_study(folder)


def mixed(study: Study, n_draws: int = 8):
    """Draws of the told model and of the rival, half and half, with rising recruits."""
    fit = type("Fit", (), {"constants": {"recruits per month": 55.0}, "biases": {"claim over truth": 1.2}})()
    draws = some_draws([{"recruits per month": 40.0 + i} for i in range(n_draws)])
    found = {
        name: VariantDraws(variant, None, None, draws, 0.0, 0.0, 0.5)
        for name, variant in (("as told", Variant("as told")), ("crowding", CROWDING))
    }
    return mixture(study, fit, found, n_draws, seed=1)


def test_each_draw_is_run_with_the_model_of_its_structure(study):
    spread = mixed(study)
    arms = run_arms(study, spread, {"no arrests": Inputs({"arrest hazard": 0.0})}, ["members"])
    assert set(spread.structure) == {0, 1}
    for i, (draw, structure) in enumerate(zip(spread.draws, spread.structure, strict=True)):
        own = study_of(study, read_variants(study)[(0, 2)[structure]])
        drawn = dict(zip(spread.names, draw, strict=True))
        values = {name: value for name, value in drawn.items() if name in own.program}
        for arm, changes in ((HISTORY, {}), ("no arrests", {"arrest hazard": 0.0})):
            run = simulate(own.program, values | changes, outputs=["members"], final_time=own.end_time())
            assert arms.draws[arm][i, 0, -1] == pytest.approx(float(run["members"][-1]), rel=1e-12)


def test_the_two_models_differ(study):
    runs = [
        simulate(one.program, {"quiet exit hazard": 0.2}, outputs=["members"])["members"].values[-1]
        for one in (study, study_of(study, CROWDING))
    ]
    assert abs(runs[0] - runs[1]) > 1


def test_observations_are_read_off_the_model_of_each_draw(study):
    spread = mixed(study)
    _, values = model_values(study, spread)
    for structure, variant in enumerate((Variant("as told"), CROWDING)):
        objective = every_number(study_of(study, variant))
        columns = [spread.names.index(name) for name in objective.priors.names]
        z = objective.priors.whiten(spread.draws[spread.structure == structure][:, columns])
        assert values[spread.structure == structure] == pytest.approx(objective.model_values(z), rel=1e-12)


def test_a_series_for_each_member_goes_to_the_member(study):
    spread = mixed(study)
    recruits = np.arange(1 + len(spread.draws), dtype=float)[:, None] * np.ones(2)
    change = Inputs({}, {"recruitment": (np.array([0.0, 12.0]), recruits)})
    arms = run_arms(study, spread, {"given": change}, ["recruitment"])
    assert arms.draws["given"][:, 0, 5].tolist() == recruits[1:, 0].tolist()
    assert arms.best["given"][0, 5] == 0.0


def test_an_arm_that_changes_what_a_rival_model_lacks_is_refused_by_name(folder):
    told, rival = folder / "models/tiny.mdl", folder / "models/crowded.mdl"
    told.write_text(told.read_text().replace("initial members=", CROWD + "initial members=", 1).replace(
        "members*arrest hazard", "members*arrest hazard*crowd/1000"))  # fmt: skip
    rival.write_text(rival.read_text().replace("crowd", "throng"))
    study = open_study(folder)
    with pytest.raises(InputError, match=r"'crowd', which models/crowded.mdl lacks"):
        run_arms(study, mixed(study), {"fewer": Inputs({"crowd": 500.0})}, ["members"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("models/crowded.mdl", "models/none.mdl", "models/none.mdl"),
        ("models/crowded.mdl", "../crowded.mdl", "expected a file in the study's folder"),
        ("models/crowded.mdl", "study.toml", "expected a model"),
    ],
)
def test_a_model_that_cannot_be_taken_is_refused_with_its_place(folder, old, new, message):
    path = folder / "calibration/variants.toml"
    path.write_text(path.read_text().replace(old, new))
    _refused(folder, message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("detained", "held people", "the model has no variable 'detained'"),
        ("arrest hazard", "catch hazard", "the model has no constant 'arrest hazard'"),
        ("0.03125", "0.0625", "TIME STEP is 0.0625, but 0.03125 in models/tiny.mdl"),
        ("members*members", "members*(members", "crowded.mdl"),
    ],
)
def test_a_model_that_the_tables_do_not_fit_is_refused_by_name(folder, old, new, message):
    path = folder / "models/crowded.mdl"
    text = path.read_text().replace("members*quiet exit hazard*members", "members*members*quiet exit hazard")
    path.write_text(text.replace(old, new))
    _refused(folder, message)


def _refused(folder: Path, message: str) -> None:
    with pytest.raises(StudyError) as caught:
        read_variants(open_study(folder))
    assert "crowding" in str(caught.value)
    assert message in str(caught.value)


def test_the_first_structure_and_a_cut_have_the_studys_own_model(folder):
    variants, cuts = folder / "calibration/variants.toml", folder / "calibration/cuts.toml"
    variants.write_text(ROW)
    with pytest.raises(StudyError, match="names no other model"):
        read_variants(open_study(folder))
    cuts.write_text(ROW)
    variants.unlink()
    from iskdyn.calibration.cuts import read_cuts

    with pytest.raises(StudyError, match="the key 'model' is not known"):
        read_cuts(open_study(folder))


def test_another_text_of_the_model_changes_what_rests_on_the_structures(folder):
    path, study = folder / "models/crowded.mdl", open_study(folder)
    before = hashes(study)
    path.write_text(
        path.read_text().replace(
            "\t1000\n\t~\tPerson\n\t~\tMembers who", "\t900\n\t~\tPerson\n\t~\tMembers who"
        )
    )
    after = hashes(open_study(folder))
    assert {name for name in before if before[name] != after[name]} == {"variants"}


@pytest.mark.slow
def test_verbs_take_it_as_any_structure_and_the_page_refuses(folder, iskdyn, monkeypatch):
    made = Sampling.__init__

    def quick(self, *arguments, **named):
        made(self, **{**named, "n_draws": 8000, "n_chains": 200, "kept": 100})

    monkeypatch.setattr(Sampling, "__init__", quick)
    frozen = folder / "then.frozen"
    for verb in (
        ("variants", "--quiet"), ("effects", "--draws", "20"), ("compare", "no-arrests", "--draws", "20"),
        ("claims", "--quiet"), ("freeze", "--out", frozen), ("assimilate", "--facts", folder / "facts.csv"),
        ("score", "--facts", folder / "facts.csv", "--frozen", frozen), ("brief", "--quiet"),
    ):  # fmt: skip
        result = iskdyn(*verb, "--study", folder)
        assert result.exit_code == 0, (verb, result.output)
    assert list(load_variants(open_study(folder))) == ["as told", "nobody leaves", "crowding"]
    assert iskdyn("verify", "--study", folder).exit_code == 0
    page = iskdyn("page", "--quiet", "--study", folder)
    assert (page.exit_code, page.stderr.count("\n")) == (2, 1)
    assert "'crowding': is sampled with models/crowded.mdl" in page.stderr
    rival = folder / "models/crowded.mdl"
    rival.write_text(rival.read_text().replace("\t1000\n", "\t900\n", 1))
    verified = iskdyn("verify", "--study", folder)
    assert verified.exit_code == 1
    stale = {
        line.split()[0].rsplit("/", 1)[-1]
        for line in verified.stdout.splitlines()
        if line.endswith("changed")
    }
    assert stale == {"crowding.json", "crowding.nc", "brief.html"}
    assert list(load_variants(open_study(folder))) == ["as told", "nobody leaves"]
