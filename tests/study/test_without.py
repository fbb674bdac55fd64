"""`--without`: a source or a fact struck out of every structure, with a banner that stays."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from claims_of_tiny import CLAIMS
from test_ask import story_of

from iskdyn import open_study
from iskdyn.calibration import every_number
from iskdyn.calibration.frozen import Structure
from iskdyn.calibration.moved_structures import move_structures
from iskdyn.calibration.without import strike, struck_rows
from iskdyn.cli import main
from iskdyn.errors import InputError


def test_structures_are_weighed_anew_by_what_is_left(tiny: Path) -> None:
    """Against weighted draws of the prior, in which the evidence of each structure is a mean."""
    study, rng = open_study(tiny), np.random.default_rng(1)
    rows = struck_rows(study, "O2")
    structures, evidence, means = [], [], {}
    for name, fixed in {"as written": {}, "no quiet exit": {"quiet exit hazard": 0.0}}.items():
        objective = every_number(study, fixed)
        z = rng.standard_normal((30_000, objective.n_parameters))
        weights = objective.sheet.weights * objective.sheet.fitted
        scores = objective.log_likelihoods(z) @ np.array([weights, np.where(rows, 0.0, weights)]).T
        share = np.exp(scores - scores.max(axis=0))
        share /= share.sum(axis=0)
        evidence.append(np.logaddexp.reduce(scores, axis=0))
        means[name] = share[:, 1] @ z, np.sqrt(share[:, 1] @ (z - share[:, 1] @ z) ** 2)
        chosen = rng.choice(len(z), 1000, p=share[:, 0])
        values = objective.priors.values(z[chosen])
        structures.append(Structure(name, 0.5, fixed, objective.priors.names, values, scores[chosen, 0]))
    expected = np.exp(np.diff(np.array(evidence), axis=0)[0])  # odds of the second, before and after
    structures = [
        Structure(one.name, weight, one.fixed, one.names, one.draws, one.log_likelihood)
        for one, weight in zip(
            structures, (1 / (1 + expected[0]), expected[0] / (1 + expected[0])), strict=True
        )
    ]
    found = move_structures(
        study, structures, lambda sheet: np.where(rows, 0.0, sheet.weights * sheet.fitted), 1
    )
    first, second = found.structures
    assert np.log(second.weight / first.weight) == pytest.approx(np.log(expected[1]), abs=0.15)
    for one, result in zip(found.structures, found.moved, strict=True):
        mean, sd = means[one.name]
        np.testing.assert_array_less(np.abs(result.z.mean(axis=0) - mean) / sd, 0.12)


def test_the_banner_stands_above_the_table_and_in_every_record(sampled: Path, iskdyn) -> None:
    text = iskdyn("effects", "--study", sampled, "--without", "O2", "--draws", "50")
    rows = json.loads(
        iskdyn("effects", "--study", sampled, "--without", "O2", "--draws", "50", "--json").stdout
    )
    plain = json.loads(iskdyn("effects", "--study", sampled, "--draws", "50", "--json").stdout)
    assert text.exit_code == 0, text.stderr
    assert text.stdout.startswith("WITHOUT O2: 1 of 3 fitted facts struck out (O2).")
    assert {row["without"] for row in rows} == {text.stdout.splitlines()[0]}
    assert all("without" not in row for row in plain)
    assert rows[0]["base"] != plain[0]["base"]


VERBS = {
    "effects": ("--draws", "50"),
    "compare": ("no-arrests", "--draws", "50"),
    "ask": ("--draws", "50"),
    "claims": (),
    "sensitivity": ("--samples", "64"),
    "loops": (),
}
"""Every verb that shows draws of the stored posterior; brief, page and report tell the study's answer."""


def _numbers(content: object) -> list[object]:
    """All leaves of a record but the banner."""
    if isinstance(content, dict):
        return [leaf for key, part in content.items() if key != "without" for leaf in _numbers(part)]
    return [leaf for part in content for leaf in _numbers(part)] if isinstance(content, list) else [content]


def test_every_verb_that_shows_draws_takes_it() -> None:
    taking = {
        name for name, verb in main.commands.items() if "--without" in str([p.opts for p in verb.params])
    }
    assert taking == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_the_banner_stays_whatever_is_asked(
    sampled: Path, iskdyn, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr("iskdyn.app.looping.N_DRAWS", 10)
    (sampled / "models" / "claims.toml").write_text(CLAIMS)
    story_of(sampled, "")
    asked = (verb, *VERBS[verb], "--study", sampled)
    text, found = iskdyn(*asked, "--without", "O2"), iskdyn(*asked, "--without", "O2", "--json")
    assert text.exit_code == found.exit_code == 0, text.stderr
    banner = text.stdout.splitlines()[0]
    assert banner.startswith("WITHOUT O2: 1 of 3 fitted facts struck out (O2).")
    assert "nats" in banner
    content = json.loads(found.stdout)
    assert {one["without"] for one in (content if isinstance(content, list) else [content])} == {banner}
    plain = iskdyn(*asked, "--json").stdout
    assert "WITHOUT" not in plain
    assert _numbers(json.loads(plain)) != _numbers(content)


def test_what_is_asked_of_one_structure_is_struck_there_alone(sampled: Path) -> None:
    (sampled / "calibration" / "variants.toml").write_text('[[variant]]\nname = "as told"\n')
    struck = strike(open_study(sampled), "O2", 1, structure="as told")
    assert [(one.name, one.weight) for one in struck.found.structures] == [("as told", 1.0)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "authr",
            r"no fitted fact has the source or id 'authr'; did you mean 'author'.*the sources are author",
        ),
        ("O3", "no fitted fact has the source or id 'O3'"),  # it is held
        ("author", "without 'author' no fitted fact is left"),
    ],
)
def test_what_cannot_be_struck_is_refused(tiny: Path, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        struck_rows(open_study(tiny), name)


def test_it_goes_with_draws_of_all_structures_only(sampled: Path, iskdyn) -> None:
    result = iskdyn("effects", "--study", sampled, "--without", "O2", "--prior")
    assert result.exit_code == 2
    assert "--without" in result.stderr
