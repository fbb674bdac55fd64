"""A stored result is read only if it is whole and belongs in its place; anything else is one sentence."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from damage_of_files import damaged
from whole_tiny import FILES

from iskdyn import open_study
from iskdyn.app.facts import _reached
from iskdyn.calibration import (
    load_fit,
    load_posterior,
    load_table,
    load_variants,
    read_variants,
    variant_files,
)
from iskdyn.calibration.assimilated import KIND as ASSIMILATED
from iskdyn.calibration.checkpoint import load_arrays, load_population, save_arrays, save_population
from iskdyn.calibration.frozen import load_frozen
from iskdyn.calibration.moves import Terms
from iskdyn.calibration.recovered import load_recovered
from iskdyn.calibration.smc import first_population
from iskdyn.calibration.table_store import store_table
from iskdyn.cli import main
from iskdyn.confidence.provenance import SEALED, verify_file
from iskdyn.errors import StudyError
from iskdyn.seal import enclose
from iskdyn.study import FIT, POSTERIOR

ROOT = Path(__file__).parent.parent.parent
RESULTS = ROOT / "calibration" / "results"


@pytest.fixture(scope="module")
def isk():
    return open_study(ROOT)


@pytest.fixture(scope="module")
def readers(isk):
    return {
        "fit.json": lambda path: load_fit(path, {}),
        "posterior.nc": lambda path: load_posterior(path, {}),
        "recover.nc": load_recovered,
    } | {name: partial(_table, isk, kind) for name, kind in TABLES.items()}


def _table(study, kind, path):
    return load_table(study, path, kind)


TABLES = {
    "scores.json": "score table",
    "profiles.json": "profile table",
    "cuts.json": "cut table",
    "nulls.json": "null table",
    "rules.json": "rule table",
    "weights.json": "weight table",
    "screen.json": "screen table",
}
# Those that are stored with the study; a kind that is not there cannot be damaged.
STORED = [name for name in ("fit.json", "posterior.nc", "recover.nc", *TABLES) if (RESULTS / name).exists()]


@pytest.mark.parametrize("name", STORED)
def test_whatever_happened_to_a_result_it_is_refused(name, readers, tmp_path):
    neighbours = [
        other.read_bytes()
        for other in [*RESULTS.glob("*.*"), *(RESULTS / "variants").glob("[dmt]*")]
        if other.is_file() and other.name != name
    ]
    assert len(neighbours) > 4
    refuse_whatever_happened((RESULTS / name).read_bytes(), tmp_path / name, neighbours, readers[name])


@pytest.mark.parametrize("which", [0, 1], ids=["fit", "posterior"])
def test_whatever_happened_to_a_structure_it_is_refused(which, isk, tmp_path):
    """Its neighbours are the same of the study and of two rivals."""
    rival, *others = [variant for variant in read_variants(isk) if variant.set][:3]
    read = partial((load_fit, load_posterior)[which], fixed=dict(rival.set))
    neighbours = [variant_files(isk, other)[which].read_bytes() for other in others]
    neighbours.append((RESULTS / (FIT, POSTERIOR)[which]).read_bytes())
    stored = variant_files(isk, rival)[which]
    refuse_whatever_happened(stored.read_bytes(), tmp_path / stored.name, neighbours, read)


@pytest.mark.parametrize("kind", ["run", "replicate"])
def test_whatever_happened_to_stopped_work_it_is_refused(kind, tmp_path):
    """A population of a sampling, a truth of `recover`; neighbours are of another run and of the other kind."""
    rng = np.random.default_rng(1)
    population = first_population(Terms(lambda z: -np.sum(z**2, axis=1, keepdims=True)), 40, 3, rng)
    arrays = {"ranks": np.arange(9)}
    made = []
    for name in ("mine 1", "mine 0"):
        save_population(tmp_path / "run", population, rng, name)
        save_arrays(tmp_path / "replicate", "replicate", name, arrays)
        made += [(tmp_path / each).read_bytes() for each in ("run", "replicate")]
    mine = made[2:][("run", "replicate").index(kind)]
    read = (
        partial(load_population, label="mine 0")
        if kind == "run"
        else partial(load_arrays, kind=kind, role="mine 0")
    )
    refuse_whatever_happened(mine, tmp_path / kind, [content for content in made if content != mine], read)


def test_whatever_happened_to_stopped_scores_they_begin_again(tmp_path):
    part, witness = tmp_path / "scores.part", tmp_path / "ran"
    whole = enclose("scores", "mine", b'[{"kind": "row", "name": "O1", "score": -1.0}]')
    part.write_bytes(whole)
    assert [row["name"] for row in _reached(part, "mine")] == ["O1"]
    for how, now in damaged(
        whole, [enclose("scores", "other", b"[1]"), enclose("run", "mine", b"[1]")], witness
    ):
        part.write_bytes(now)
        assert _reached(part, "mine") == [], how
    assert not witness.exists()


def refuse_whatever_happened(content, path, neighbours, read):
    """Every damage to this content is refused with one sentence, and nothing in it is executed."""
    path.write_bytes(content)
    read(path)
    witness = path.with_name("ran")
    for how, now in damaged(content, neighbours, witness):
        path.write_bytes(now)
        with pytest.raises(StudyError) as caught:
            pytest.fail(f"{how}: {read(path)}")
        assert len(caught.value.problems) == 1
        assert caught.value.problems[0].place == str(path)
    assert not witness.exists()


@pytest.fixture(scope="module")
def later(once, tmp_path_factory):
    """A frozen model and an assimilated posterior of the tiny study."""
    folder = tmp_path_factory.mktemp("later")
    facts, frozen = folder / "facts.csv", folder / "then.frozen"
    facts.write_text(FILES["facts.csv"])
    for asked in (["freeze", "--out", frozen], ["assimilate", "--facts", facts, "--out", folder]):
        done = CliRunner().invoke(main, [str(word) for word in [*asked, "--study", once]])
        assert done.exit_code == 0, done.output
    return {"frozen": frozen, "assimilated": folder / "as-written.nc"}


@pytest.mark.parametrize("name", ["frozen", "assimilated"])
def test_whatever_happened_to_what_came_later_it_is_refused(name, later, once, tmp_path):
    read = load_frozen if name == "frozen" else partial(load_posterior, kind=ASSIMILATED)
    results = once / "calibration" / "results"
    others = [*(path for kind, path in later.items() if kind != name), *results.glob("*.*")]
    assert len(others) == 3
    neighbours = [path.read_bytes() for path in others]
    refuse_whatever_happened(later[name].read_bytes(), tmp_path / later[name].name, neighbours, read)


def test_verify_sees_a_result_in_the_place_of_another(later, once, tmp_path, monkeypatch):
    """Every kind, all of this study and fresh, in the place of every other."""
    folder = Path(shutil.copytree(once, tmp_path / "study"))
    study, results = open_study(folder), folder / "calibration" / "results"
    rows = pd.DataFrame({"name": ["one"]})
    for name, kind in TABLES.items():
        store_table(rows, {}, results / name, study, kind)
    (results / "assimilated" / "facts").mkdir(parents=True)
    shutil.copy(later["assimilated"], results / "assimilated" / "facts")
    shutil.copy(later["frozen"], results)
    places = [path.relative_to(results) for path in results.rglob("*") if path.suffix in SEALED]
    assert len(places) == 11
    monkeypatch.chdir(results)
    for place in places:
        assert verify_file(study, place).problems == [], place
        whole = place.read_bytes()
        for other in places:
            if other != place:
                place.write_bytes((results / other).read_bytes())
                assert len(verify_file(study, place).problems) == 1, (place, other)
        place.write_bytes(whole)


def test_the_posterior_of_another_structure_is_refused_by_every_reader(tmp_path, isk, iskdyn):
    study = tmp_path / "study"
    for part in ("models", "calibration", "reports"):
        shutil.copytree(ROOT / part, study / part, ignore=shutil.ignore_patterns("out", "*.runs"))
    shutil.copy(ROOT / "study.toml", study)
    rival = next(one for one in read_variants(isk) if one.set)
    results = study / "calibration" / "results"
    stored = [path.relative_to(RESULTS) for path in variant_files(isk, rival)]
    shutil.copy(results / stored[1], results / POSTERIOR)
    scenario = next(name for name in isk.scenarios if name != "history")
    compared = iskdyn("compare", scenario, "--study", study)
    assert (compared.exit_code, "posterior of another structure" in compared.stderr) == (2, True)
    verified = iskdyn("verify", results / POSTERIOR, "--study", study)
    assert (verified.exit_code, "not the result that belongs in this place" in verified.stderr) == (1, True)
    shutil.copy(results / stored[0], results / FIT)
    ran = iskdyn("run", "--fitted", "--study", study)
    assert (ran.exit_code, "fit of another structure" in ran.stderr) == (2, True)


def test_a_structure_in_the_place_of_another_is_left_out(tmp_path, isk):
    rivals = [one for one in read_variants(isk) if one.set]
    stored = load_variants(isk, n_draws=1)
    if len(stored) < 3:
        pytest.skip("fewer than two rival structures are stored and accepted")
    study = tmp_path / "study"
    for part in ("models", "calibration"):
        shutil.copytree(ROOT / part, study / part, ignore=shutil.ignore_patterns("*.runs"))
    shutil.copy(ROOT / "study.toml", study)
    one, other = [rival for rival in rivals if rival.name in stored][:2]
    copied = open_study(study)
    shutil.copy(variant_files(copied, one)[1], variant_files(copied, other)[1])
    assert other.name not in load_variants(copied, n_draws=1)


def test_an_envelope_is_for_one_role():
    from iskdyn.seal import disclose

    enclosed = enclose("runs", "one", b"content\nmore")
    assert disclose(enclosed, "runs", "one") == b"content\nmore"
    assert disclose(enclosed, "runs", "other") is None
    assert disclose(enclosed, "models", "one") is None


def test_draws_that_are_no_numbers_are_refused(tiny):
    from iskdyn.calibration import Sampling, every_number, sample_posterior, store_posterior

    study, sampling = open_study(tiny), Sampling(n_draws=800, runs=2, kept=100)
    drawn = sample_posterior(every_number(study), sampling)
    drawn.values[0, 0, 0] = np.nan
    store_posterior(drawn, sampling, tiny / "posterior.nc", study)
    with pytest.raises(StudyError, match="not finite"):
        load_posterior(tiny / "posterior.nc")
