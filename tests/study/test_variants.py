"""Rival structures: read with every problem, fitted and sampled by themselves, left out when they changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from iskdyn import open_study
from iskdyn.calibration import Sampling, every_number, load_variants, read_variants, variant_files
from iskdyn.errors import StudyError
from iskdyn.levers import stored_draws

RIVALS = """
[[variant]]
name = "as told"

[[variant]]
name = "no arrests"
title = "nobody is arrested"
set = { "arrest hazard" = 0.0 }
"""


@pytest.fixture
def rivals(tiny: Path) -> Path:
    (tiny / "calibration" / "variants.toml").write_text(RIVALS)
    return tiny


def test_a_study_without_the_file_has_one_structure(tiny: Path) -> None:
    assert [one.set for one in read_variants(open_study(tiny))] == [{}]


def test_a_fixed_constant_is_free_no_longer_and_reaches_the_model(rivals: Path) -> None:
    study = open_study(rivals)
    variant = read_variants(study)[1]
    objective = every_number(study, variant.set)
    assert "arrest hazard" not in objective.priors.names
    held = list(objective.sheet.table["id"]).index("O3")  # people detained
    assert objective.model_values(np.zeros((1, objective.n_parameters)))[0, held] == 0.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[variant]]\nname = 'a'\nset = { 'arest hazard' = 0.0 }", "arrest hazard"),
        ("[[variant]]\nname = 'a'\nset = { 'arrest hazard' = 3.0 }", "3"),
        (
            "[[variant]]\nname = 'a'\nset = { 'arrest hazard' = 'no' }",
            "variants.toml:3:arrest hazard: expected a number, got 'no'",
        ),
        ("[[variant]]\nname = 'a'\nsets = 1", "'sets' is not known; did you mean 'set'?"),
        ("[[variant]]\nname = 'a'\n[[variant]]\nname = 'a'", "'a' is named twice"),
        (
            "[[variant]]\nname = 'a'\nset = { 'arrest hazard' = 0.0 }",
            "the first variant is the model as it stands",
        ),
        ("[[variant]]\ntitle = 'a'", "the key 'name' is missing"),
        ("variant = 3", "variant: expected a list of one or more tables, got 3"),
        ("[[variant]\n", "is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tiny: Path, text: str, message: str) -> None:
    (tiny / "calibration" / "variants.toml").write_text(text)
    with pytest.raises(StudyError) as caught:
        read_variants(open_study(tiny))
    assert "calibration/variants.toml" in str(caught.value)
    assert message in str(caught.value)


def test_an_unknown_variant_is_refused_by_name(iskdyn, rivals: Path) -> None:
    result = iskdyn("posterior", "--study", rivals, "--variant", "no arrest")
    assert result.exit_code == 2
    assert "no variant 'no arrest'; did you mean 'no arrests'?" in result.stderr


@pytest.fixture
def sampled(rivals: Path, iskdyn, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both structures of the tiny study, fitted and sampled quickly."""
    monkeypatch.setattr(Sampling, "__init__", _quick(Sampling.__init__))
    result = iskdyn("variants", "--study", rivals, "--json")
    assert result.exit_code == 0, result.output
    return rivals


def _quick(made):
    def init(self, *arguments, **named):
        made(self, **{**named, "n_draws": 8000, "n_chains": 200, "kept": 100})

    return init


@pytest.mark.slow
def test_structures_are_sampled_compared_and_kept(sampled: Path, iskdyn) -> None:
    found = load_variants(open_study(sampled))
    assert list(found) == ["as told", "no arrests"]
    assert min(one.behind for one in found.values()) == 0.0
    before = [
        path.stat().st_mtime_ns
        for one in found.values()
        for path in variant_files(open_study(sampled), one.variant)
    ]
    again = iskdyn("variants", "--study", sampled, "--json")
    assert [row["name"] for row in json.loads(again.stdout)] == list(found)
    after = [
        path.stat().st_mtime_ns
        for one in found.values()
        for path in variant_files(open_study(sampled), one.variant)
    ]
    assert before == after


@pytest.mark.slow
def test_a_structure_that_changed_since_is_left_out(sampled: Path) -> None:
    path = sampled / "calibration" / "variants.toml"
    path.write_text(path.read_text().replace("0.0 }", "0.01 }"))
    assert list(load_variants(open_study(sampled))) == ["as told"]


@pytest.mark.slow
def test_all_surfaces_draw_each_structure_as_often_as_it_weighs(sampled: Path) -> None:
    study = open_study(sampled)
    found = load_variants(study)
    odds = np.exp(found["no arrests"].log_evidence - found["as told"].log_evidence)
    assert found["no arrests"].weight == pytest.approx(odds / (1 + odds))
    drawn = stored_draws(study, 200, 1)
    assert drawn.structures == ("as told", "no arrests")
    assert np.mean(drawn.structure == 1) == pytest.approx(odds / (1 + odds), abs=0.5 / 200)
