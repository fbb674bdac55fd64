"""The verbs as functions for a notebook: the text that the command line prints, a table with units, and HTML."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from whole_tiny import store_accepted, write_whole_tiny

from iskdyn import app
from iskdyn.app.result import Result, table_of
from iskdyn.calibration import load_fit
from iskdyn.cli import main
from iskdyn.errors import Problem
from iskdyn.model import read_model
from iskdyn.study import FIT, Study, open_study

ROOT = Path(__file__).parents[2]
FEW = 20

VERBS: dict[str, tuple[str, Callable[[Study], Result[object]]]] = {
    "ask": (f"ask --draws {FEW}", lambda study: app.ask(study, draws=FEW)),
    "check": ("check --quiet", app.check),
    "claims": ("claims --quiet", app.claims),
    "compare": (
        f"compare no-arrests --draws {FEW}",
        lambda study: app.compare(study, "no-arrests", draws=FEW),
    ),
    "confidence": ("confidence --quiet", app.confidence),
    "cuts": ("cuts --quiet", app.cuts),
    "effects": (f"effects --draws {FEW} --quiet", lambda study: app.effects(study, draws=FEW)),
    "nulls": ("nulls --quiet", app.nulls),
    "profile": (
        "profile --quiet --parameter 'arrest hazard'",
        lambda study: app.profile(study, ["arrest hazard"]),
    ),
    "rules": ("rules --quiet", app.rules),
    "run": ("run --fitted", lambda study: app.run(study, fitted=True)),
    "screen": ("variants --screen --quiet", app.screen),
    "variants": ("variants --quiet", app.variants),
    "verify": ("verify", app.verify),
}
"""As a user types them and as a notebook calls them; those that take long are tried as commands elsewhere."""
UNITS = {
    "compare": "unit",
    "effects": "unit",
    "profile": "unit",
    "ask": "points",
    "run": "detained",
    "cuts": "nats",
    "screen": "laplace",
}
"""Where a table of numbers says in what they are: in a column of units, or for this column."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_whole_tiny(tmp_path_factory.mktemp("app") / "whole")
    store_accepted(folder)
    app.variants(open_study(folder))
    return folder


def test_every_verb_is_a_function() -> None:
    assert set(main.commands) <= set(app.__all__)
    assert [verb for verb in main.commands if not callable(getattr(app, verb))] == []


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_a_function_gives_what_the_command_prints(verb: str, whole: Path, iskdyn) -> None:
    words, call = VERBS[verb]
    study = open_study(whole)
    result = call(study)
    told = iskdyn(*shlex.split(words), "--study", whole)
    assert told.stdout == result.text + "\n"
    assert told.exit_code == (0 if result.passed else 1)
    assert json.loads(result.json)
    assert repr(result) == result.text
    assert len(result.table) > 0
    if verb in UNITS:
        units = result.table.attrs.get("units", {})
        assert units.get(UNITS[verb]) or all(result.table[UNITS[verb]])
    html = result.to_html()
    assert html.count("<tr") == len(result.table) + 1
    assert "None" not in html


@pytest.mark.slow
def test_a_table_has_the_numbers_of_the_json(whole: Path, iskdyn) -> None:
    result = app.effects(open_study(whole), draws=FEW)
    assert result.json + "\n" == iskdyn("effects", "--study", whole, "--draws", FEW, "--json").stdout
    for row, record in zip(result.table.to_dict("records"), json.loads(result.json), strict=True):
        assert [row["median"], row["base_range low"], row["base_range high"]] == [
            record["median"],
            *record["base_range"],
        ]


@pytest.mark.slow
def test_a_table_without_a_fact_has_the_banner_of_the_text(whole: Path) -> None:
    result = app.effects(open_study(whole), without="O2", draws=FEW)
    banner = result.text.splitlines()[0]
    assert banner.startswith("WITHOUT O2")
    assert set(result.table["without"]) == {banner}
    assert result.to_html().count("WITHOUT O2") == len(result.table)


@pytest.mark.slow
def test_a_run_starts_from_the_numbers_of_the_stored_fit(whole: Path) -> None:
    study = open_study(whole)
    assert study.fitted_values() == load_fit(study.stored(FIT)).constants


def test_a_model_without_a_study_is_run_read_and_checked() -> None:
    program = read_model(ROOT / "tests" / "data" / "epidemic" / "models" / "sir.mdl")
    ran = app.run_model(program)
    assert set(ran.table.attrs["units"].values()) == {"Person"}
    assert list(ran.found.data_vars) == [name for name in ran.table if name != "time"]
    assert app.check_model(program).passed


def test_html_holds_no_markup_of_a_study() -> None:
    table = table_of(
        [{"<b>": "<script>alert(1)</script>", "right": "a\u202eb", "none": None}], {"<b>": "<i>"}
    )
    html = Result(0, table, "", "", ("<u>",), (Problem("<s>", "x"),)).to_html()
    assert not [mark for mark in ("<b>", "<script", "<i>", "<u>", "<s>", "\u202e") if mark in html]
    assert "&lt;script&gt;" in html
    assert "a\\u202eb" in html


def test_progress_counts_up_to_all_steps() -> None:
    seen: list[tuple[int, int | None]] = []
    study = open_study(ROOT / "tests" / "data" / "tiny")
    app.effects(study, before=True, draws=FEW, progress=lambda done, total, what: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
