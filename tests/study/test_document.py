"""The model document: nothing is lost on the way from the model to the reader and back."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from rebuild import read_told, sector, whole

from iskdyn.model import read_model
from iskdyn.reports.compliance import Row, missing, read_items
from iskdyn.reports.document_build import write_document
from iskdyn.simulate import simulate
from iskdyn.study import Study, open_study

ROOT = Path(__file__).parents[2]
CLOSE = 1e-9
"""Relative to the largest value of a series: the same equations in another order, so rounding only."""
SECTORS = (
    "People", "Totals", "Recruitment", "Moves", "Money", "Attacks", "Repression", "Intelligence",
    "Choking-off", "Deals", "Human cost",
)  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(ROOT)


@pytest.fixture(scope="module")
def written(study: Study, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Row, ...]]:
    return write_document(study, tmp_path_factory.mktemp("document"))


@pytest.fixture(scope="module")
def text(written: tuple[Path, tuple[Row, ...]]) -> str:
    return written[0].with_suffix(".md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def truth(study: Study) -> pd.DataFrame:
    """Every variable of the study's model at every time step."""
    step = study.program["TIME STEP"].value
    names = [one.name for one in study.program if one.kind in ("stock", "auxiliary", "constant")]
    return simulate(study.program, outputs=names, save_every=step, engine="numpy").to_dataframe()[names]


def _agree(found: pd.DataFrame, truth: pd.DataFrame) -> None:
    scale = truth[found.columns].abs().max().clip(lower=1e-12)
    gap = ((found - truth[found.columns]).abs().max() / scale).sort_values(ascending=False)
    assert gap.iloc[0] <= CLOSE, gap.head()


def test_the_model_is_built_again_from_the_document_alone(text, truth, tmp_path):
    file = tmp_path / "again.mdl"
    file.write_text(whole(read_told(text)), encoding="utf-8")
    program = read_model(file)
    step = program["TIME STEP"].value
    again = simulate(program, outputs=list(truth), save_every=step, engine="numpy").to_dataframe()
    assert len(program) == len(read_told(text))
    _agree(again[list(truth)], truth)


def test_every_sector_with_a_computed_variable_is_tried(text):
    """Control computes from Time alone, levers and the clock of the run are given: none has an input."""
    told = read_told(text)
    assert {one.sector for one in told.values()} - set(SECTORS) == {"Control", "Levers", "Run"}


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one == "Money" else pytest.mark.slow) for one in SECTORS]
)
def test_a_sector_is_built_again_from_the_document_alone(name, text, truth, tmp_path):
    model, names, inputs = sector(read_told(text), name)
    file = tmp_path / "sector.mdl"
    file.write_text(model, encoding="utf-8")
    program = read_model(file)
    step = program["TIME STEP"].value
    series = {one: truth[one] for one in inputs}
    names = [one for one in names if one in truth]
    again = simulate(program, series=series, outputs=names, save_every=step, engine="numpy")
    assert inputs
    _agree(again.to_dataframe()[names], truth)


def test_a_changed_equation_is_seen(text, truth, tmp_path):
    """The comparison above can fail."""
    told = read_told(text)
    file = tmp_path / "again.mdl"
    assert whole(told).count("hiding rate = 0.12\n") == 1
    file.write_text(whole(told).replace("hiding rate = 0.12\n", "hiding rate = 0.13\n"), encoding="utf-8")
    program = read_model(file)
    again = simulate(program, outputs=["Hidden Nangarhar"], save_every=program["TIME STEP"].value)
    with pytest.raises(AssertionError):
        _agree(again.to_dataframe()[["Hidden Nangarhar"]], truth)


def test_every_link_of_the_page_leads_somewhere(written):
    html = written[0].read_text(encoding="utf-8")
    anchors = re.findall(r'\bid="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(anchors)


def test_evidence_stands_with_its_sentence_and_priors_with_what_was_learned(study, text):
    told = dict(zip(study.evidence["id"], study.evidence["says"], strict=True))
    assert f"- evidence B03: {told['B03']}" in text
    assert text.count("- before the evidence: ") == (study.parameters["kind"] == "constant").sum() + sum(
        name in study.program for name in study.parameters.loc[study.parameters["kind"] == "bias", "name"]
    )
    assert "not learned from the source" in text or "no stored posterior" in text


def test_every_reporting_item_is_answered(written):
    rows = written[1]
    assert not missing(rows)
    assert len(rows) == len(read_items())
    assert {row.item.standard for row in rows} == {
        "STRESS-SD 1.1", "Rahmandad-Sterman", "TRACE", "SDM-Doc",
    }  # fmt: skip


def test_a_study_without_answers_is_told_what_is_missing(tiny, iskdyn):
    result = iskdyn("doc", "--study", tiny)
    assert result.exit_code == 1
    assert "TRACE 1: has no answer" in result.stderr
    assert (tiny / "reports/out/model.md").is_file()


def test_an_answer_to_no_item_is_refused_with_its_line(tiny, iskdyn):
    file = tiny / "reports/compliance.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text("standard,item,status,answer\nTRACE,9,manual,yes\n")
    result = iskdyn("doc", "--study", tiny)
    assert (result.exit_code, "reports/compliance.csv:2:item" in result.stderr) == (2, True)
