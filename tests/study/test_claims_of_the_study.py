"""`iskdyn claims`, as a user types it, and what the study's own claims must be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iskdyn import open_study
from iskdyn.levers.claims import read_claims
from iskdyn.study.expectations import BASE

ROOT = Path(__file__).parents[2]
IDS = {*(f"CL{number:02d}" for number in range(1, 52) if number not in (3, 7, 26)), "CL07a", "CL07b", "CL07c"}
"""CL03 was never a claim that a run could fail, and the model has no defectors for CL26."""


def test_the_study_holds_every_claim_of_the_paper_that_can_be_run():
    claims = {claim.id: claim for claim in read_claims(open_study(ROOT)).claims}
    assert set(claims) == IDS
    assert all("paragraph" in claim.place for claim in claims.values())


def test_what_the_fit_saw_is_no_test():
    """A claim that only reads the history and reads what a fitted row reads has the role fitted."""
    study = open_study(ROOT)
    rows = study.observations[study.observations["fold"].isin(["fit", "seen"])]
    fitted = set(zip(rows["output"], rows["start"], rows["base_start"], strict=True))
    for claim in read_claims(study).claims:
        if all(part.named == (BASE,) for part in claim.parts):
            read = {
                (q.output, study.month(q.window[0]), study.month(q.against[0]) if q.against else "")
                for _, q in claim.needed()
            }
            assert claim.role == "fitted" or not fitted & read, claim.id


def test_a_claim_that_nobody_made_is_refused(iskdyn):
    result = iskdyn("claims", "--study", ROOT, "--claim", "CL99", "--quiet")
    assert result.exit_code == 2
    assert "no claim 'CL99'" in result.stderr


@pytest.mark.slow
def test_a_claim_is_told_with_its_parts_and_its_place(iskdyn):
    result = iskdyn("claims", "--study", ROOT, "--claim", "CL43", "--quiet")
    assert result.exit_code == 0, result.stderr
    assert "paragraph 8" in result.stdout
    assert "mean of guerrilla attacks: outsiders stay > base by 5 %" in result.stdout


@pytest.mark.slow
def test_every_claim_is_judged_before_and_after_the_evidence(iskdyn, tmp_path):
    result = iskdyn("claims", "--study", ROOT, "--json", "--quiet", "--out", tmp_path / "claims.json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    stored = json.loads((tmp_path / "claims.json").read_text())
    assert stored.pop("run").startswith("iskdyn run ")
    assert found == stored
    assert {one["id"] for one in found["claims"]} == IDS
    for one in found["claims"]:
        assert max(one["prior_error"], one["posterior_error"]) <= 0.02
        assert one["control"] < 0.5, f"{one['id']} cannot fail"
        assert one["margin"]["5"] <= one["margin"]["50"] <= one["margin"]["95"]
        assert (one["verdict"] == "fitted") == (one["role"] == "fitted")
    assert sum(found["counts"].values()) == len(found["claims"])
