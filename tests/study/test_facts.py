"""`iskdyn score --frozen --facts`: scores by hand, bands, rivals, and bad facts named all at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.special import expit

from iskdyn.calibration import load_posterior
from iskdyn.calibration.facts import read_facts
from iskdyn.calibration.facts_scored import gains, score_facts
from iskdyn.calibration.frozen import load_frozen
from iskdyn.errors import StudyError

HEAD = (
    "id,evidence,says,output,operation,start,end,base_start,base_end,low,high,unit,form,scale,spread,bias,"
    "source,fold,headline,note\n"
)
HELD = "F1,N1,people held by June,detained,at_end,2022-06,2022-06,,,150,,Person,at_least,log,0.2,,police,held,no,\n"
LATER = "F2,N2,recruits later,recruitment,mean,2022-09,2022-12,,,20,60,Person/Month,interval,log,0.1,,police,fit,no,\n"
WRONG = {
    "output": (",recruitment,", ",recruitmnt,", "no variable 'recruitmnt'"),
    "window": ("2022-12", "2024-12", "outside of the study's horizon, 2021-07 to 2023-06"),
    "number": (",20,60,", ",twenty,60,", "'twenty' is not a finite number"),
    "edges": (",20,60,", ",60,20,", "low 60 is above high 20"),
    "form": (",interval,", ",range,", "'range' is none of"),
    "bias": (",0.1,,police", ",0.1,claim,police", "no parameter of the kind bias is named 'claim'"),
    "fitted": ("F2,", "O2,", "'O2' is fitted already"),
    "month": ("2022-09", "2022-13", "'2022-13' is not"),
}


def write(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "".join(rows))
    return path


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    return write(tmp_path / "facts.csv", HELD, LATER)


def test_scores_are_those_of_the_frozen_draws(frozen: Path, facts: Path) -> None:
    model = load_frozen(frozen)
    table = score_facts(model, read_facts(model.study, facts), 1).set_index("id")
    told = model.structures[0]
    names = [name for name in told.names if name in model.study.program]
    draws = told.draws[:, [told.names.index(name) for name in names]].tolist()
    runs = [model.study.run(dict(zip(names, draw, strict=True)), until="2022-06") for draw in draws]
    values = [float(run["detained"][-1]) for run in runs]
    scale = 0.2 * np.sqrt(3) / np.pi
    by_hand = np.mean(expit((np.log(values) - np.log(150)) / scale))
    assert table.loc["F1", "chance"] == pytest.approx(by_hand, rel=0.03)  # the chance is of resampled draws
    assert table.loc["F1", "score"] == pytest.approx(np.log(by_hand), abs=1e-3)
    assert table.loc["F1", "median"] == pytest.approx(np.median(values), rel=0.02)
    assert table.loc["F2", "expected_low"] < table.loc["F2", "from"] < table.loc["F2", "median"]
    assert np.isnan(table.loc["F1", "constant"])  # nothing fitted reads it
    assert np.isfinite(table.loc["F2", ["prior", "constant", "trend"]].astype(float)).all()


def test_what_shares_a_sentence_counts_once(frozen: Path, tmp_path: Path) -> None:
    model = load_frozen(frozen)
    alone = score_facts(model, read_facts(model.study, write(tmp_path / "a.csv", HELD, LATER)), 1)
    twin = HELD.replace("F1,", "F3,").replace("no,\n", "no,shares:F1\n")
    both = score_facts(model, read_facts(model.study, write(tmp_path / "b.csv", HELD, LATER, twin)), 1)
    assert both["weight"].tolist() == [0.5, 1.0, 0.5]
    assert gains(both)["prior"][0] == pytest.approx(gains(alone)["prior"][0])


def test_the_verb_tells_hits_and_totals(frozen: Path, facts: Path, iskdyn) -> None:
    result = iskdyn("score", "--frozen", frozen, "--facts", facts)
    told = json.loads(iskdyn("score", "--frozen", frozen, "--facts", facts, "--json").stdout)
    assert result.exit_code == 0
    assert f"{told['hits']} of 2 facts hit" in result.stdout
    assert set(told["gain_over"]) == {"prior", "constant", "trend"}
    assert told["gain_over"]["constant"]["facts"] == 1


@pytest.mark.parametrize("what", WRONG)
def test_a_bad_fact_is_named(frozen: Path, tmp_path: Path, iskdyn, what: str) -> None:
    old, new, message = WRONG[what]
    assert old in LATER
    path = write(tmp_path / "facts.csv", HELD, LATER.replace(old, new))
    result = iskdyn("score", "--frozen", frozen, "--facts", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "facts.csv:3" in result.stderr


def test_all_bad_facts_are_named_at_once(frozen: Path, tmp_path: Path, iskdyn) -> None:
    rows = [
        LATER.replace(old, new).replace("F2,", f"F{i},") for i, (old, new, _) in enumerate(WRONG.values(), 10)
    ]
    result = iskdyn("score", "--frozen", frozen, "--facts", write(tmp_path / "facts.csv", *rows[:6]))
    missing = [message for _, _, message in list(WRONG.values())[:6] if message not in result.stderr]
    assert (result.exit_code, missing) == (2, [])


def test_frozen_and_facts_belong_together(frozen: Path, iskdyn) -> None:
    result = iskdyn("score", "--frozen", frozen)
    assert result.exit_code == 2
    assert "--facts" in result.stderr


def test_assimilated_facts_are_stored_beside_the_posterior(sampled: Path, facts: Path, iskdyn) -> None:
    results = sampled / "calibration" / "results"
    before = (results / "posterior.nc").read_bytes()
    result = iskdyn("assimilate", "--study", sampled, "--facts", facts, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0, result.stderr
    assert [one["name"] for one in told["outcomes"]] == ["detained", "members", "recruitment"]
    assert (results / "posterior.nc").read_bytes() == before
    path = results / "assimilated" / "facts" / "as-written.nc"
    stored = load_posterior(path, kind="assimilated posterior")
    assert stored.log_evidence[0] == pytest.approx(told["log_score"])
    assert iskdyn("verify", path, "--study", sampled).exit_code == 0
    with pytest.raises(StudyError, match="is not a stored posterior but a stored assimilated posterior"):
        load_posterior(path)
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        assert [line.split(",")[0] for line in tree.attrs["facts"].splitlines()] == ["id", "F1", "F2"]


def test_a_frozen_model_assimilates_as_the_study_it_was_made_of(
    sampled: Path, frozen: Path, facts: Path, iskdyn, tmp_path: Path
) -> None:
    options = ("assimilate", "--study", sampled, "--facts", facts, "--json")
    first = json.loads(iskdyn(*options, "--out", tmp_path / "a").stdout)
    second = json.loads(iskdyn(*options, "--out", tmp_path / "b", "--frozen", frozen).stdout)
    assert second["log_score"] == pytest.approx(first["log_score"], abs=0.05)
    assert second["weights"] == {"as written": [1.0, 1.0]}


def test_nothing_stored_is_written_over_by_assimilating(sampled: Path, facts: Path, iskdyn) -> None:
    path = sampled / "calibration" / "results" / "posterior.nc"
    before = path.read_bytes()
    for place in (path, path.parent):
        result = iskdyn("assimilate", "--study", sampled, "--facts", facts, "--out", place)
        assert (result.exit_code, path.read_bytes()) == (2, before)
        assert "is another result" in result.stderr
