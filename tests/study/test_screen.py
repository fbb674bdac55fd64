"""Very many structures screened: which are made, what their evidence is against a hand calculation, what goes on."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from test_cuts import TEXT, log_likelihood, over_prior

from iskdyn import open_study
from iskdyn.calibration import load_variants
from iskdyn.calibration import screen as module
from iskdyn.calibration.cuts import IMPOSSIBLE
from iskdyn.calibration.log_evidence import peak, weighed_evidence
from iskdyn.calibration.screen import SCREEN, candidates, screen
from iskdyn.calibration.spread import every_number
from iskdyn.reports.section_structures import _screened as screened_words

RIVALS = """
[[variant]]
name = "as told"

[[variant]]
name = "nobody leaves"
set = { "quiet exit hazard" = 0.0 }
"""


@pytest.fixture
def many(sampled: Path) -> Path:
    """The tiny study with two variants, three cuts and one switch."""
    (sampled / "calibration" / "cuts.toml").write_text(TEXT)
    (sampled / "calibration" / "variants.toml").write_text(RIVALS)
    settings = sampled / "study.toml"
    settings.write_text('switches = ["selective repression switch"]\n' + settings.read_text())
    return sampled


def names(folder: Path) -> list[str]:
    return [one.structure.name for one in candidates(open_study(folder))]


def test_every_variant_with_every_switch_and_cut_is_made_once(many: Path) -> None:
    found = candidates(open_study(many))
    turned = "selective repression switch"
    assert [one.structure.name for one in found] == [
        "as told", "nobody leaves",  # a variant, so that the cut "quiet exit" is none again
        "many recruits", "fewer recruits", turned,
        "nobody leaves + many recruits", "nobody leaves + fewer recruits", f"nobody leaves + {turned}",
        f"{turned} + many recruits", f"{turned} + fewer recruits",
        f"nobody leaves + {turned} + many recruits", f"nobody leaves + {turned} + fewer recruits",
    ]  # fmt: skip
    sets = {one.structure.name: one.structure.set for one in found}
    assert sets[f"nobody leaves + {turned} + many recruits"] == {
        "quiet exit hazard": 0.0,
        turned: 0.0,  # 1 in the model
        "recruits per month": 30.0,
    }


def test_a_cut_that_sets_otherwise_than_its_variant_is_no_structure(many: Path) -> None:
    cuts = many / "calibration" / "cuts.toml"
    cuts.write_text(TEXT.replace('"quiet exit hazard" = 0.0', '"quiet exit hazard" = 0.1'))
    assert "quiet exit" in names(many)
    assert not [name for name in names(many) if name.startswith("nobody leaves +") and "exit" in name]


@pytest.mark.parametrize("recruits", [None, 30.0, 35.0])
def test_the_evidence_is_that_of_a_hand_calculation(tiny: Path, recruits: float | None) -> None:
    """All else is the same with recruits free and fixed, so that only the row O2 tells them apart."""
    study = open_study(tiny)

    def found(fixed: dict[str, float]) -> tuple[float, float, float]:
        objective = every_number(study, fixed)
        top = peak(objective, np.zeros(objective.n_parameters))
        assert top is not None
        return top.log_evidence, *weighed_evidence(objective, top, 1)

    fixed = {} if recruits is None else {"recruits per month": recruits}
    free = math.log(over_prior(lambda one: math.exp(log_likelihood(one))))
    expected = free if recruits is None else log_likelihood(recruits)
    base, other = found({"recruits per month": 50.0}), found(fixed)
    error = math.hypot(base[2], other[2])
    assert 0 < error < 0.05
    assert other[1] - base[1] == pytest.approx(expected - log_likelihood(50.0), abs=4 * error)


def test_what_was_stopped_goes_on_where_it_was(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    own = module._screened

    def some(study, one, best, *, always):
        if len(made) == 5:
            raise KeyboardInterrupt
        made.append(one.structure.name)
        return own(study, one, best, always=always)

    monkeypatch.setattr(module, "_screened", some)
    monkeypatch.setattr(module, "SAVE_EVERY", 1)
    study = open_study(many)
    path = study.path_of("results") / SCREEN
    with pytest.raises(KeyboardInterrupt):
        screen(study, path)
    assert made == names(many)[:5]
    monkeypatch.setattr(module, "_screened", own)
    done: list[int] = []
    table = screen(study, path, done.append)
    assert done == list(range(6, 13))
    assert list(table["name"]) == names(many)
    assert screen(study, path).equals(table)


def test_what_was_too_far_behind_is_weighed_once_it_is_not(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = open_study(many)
    path = study.path_of("results") / SCREEN
    monkeypatch.setattr(module, "MARGIN", -50.0)
    first = screen(study, path).set_index("name")
    assert list(first.index[first["weighed"].notna()]) == ["as told", "nobody leaves"]
    monkeypatch.undo()
    again = screen(study, path).set_index("name")
    near = again["laplace"] >= again["laplace"].max() - module.NEAR - module.MARGIN
    assert near.sum() > 2
    assert (again["weighed"].notna() == near).all()
    assert again["laplace"].equals(first["laplace"])


def test_the_annex_is_silent_where_nothing_was_screened(many: Path) -> None:
    assert screened_words(SimpleNamespace(study=open_study(many), variants={})) == ""  # type: ignore[arg-type]


def test_no_structure_with_the_facts_against_it_is_weighed(many: Path, iskdyn) -> None:
    (many / "calibration" / "cuts.toml").write_text(
        '[[variant]]\nname = "nobody joins"\nset = { "recruits per month" = 1e-3 }\n'
        '[[variant]]\nname = "many recruits"\nset = { "recruits per month" = 34 }\n'
    )
    found = json.loads(iskdyn("variants", "--screen", "--study", many, "--json").stdout)
    rows = {row["name"]: row for row in found["structures"]}
    assert rows["nobody joins"]["weighed"] is None
    assert rows["nobody joins"]["laplace"] < rows["as told"]["laplace"] - 100
    assert rows["nobody joins"]["laplace"] >= IMPOSSIBLE
    assert list(found["sampled"]) == ["as told"]
    assert "nobody leaves" in found["worth_sampling"]
    assert not [name for name in found["worth_sampling"] if "nobody joins" in name]
    text = iskdyn("variants", "--screen", "--study", many).stdout
    assert f"{len(rows)} structures" in text
    study = open_study(many)
    annex = screened_words(SimpleNamespace(study=study, variants=load_variants(study, 1)))  # type: ignore[arg-type]
    assert annex.startswith(f"{len(rows)} combinations with a switch")
    assert f"{len(found['worth_sampling'])}, not sampled, come" in annex
    assert "against those sampled the curvature is off by" in text
    assert iskdyn("verify", many / "calibration" / "results" / SCREEN, "--study", many).exit_code == 0
