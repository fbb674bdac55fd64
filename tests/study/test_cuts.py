"""Links cut one at a time: what the evidence loses, against a hand calculation; what was stopped goes on."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from scipy.integrate import quad

from iskdyn import open_study
from iskdyn.calibration import Sampling
from iskdyn.calibration import cuts as module
from iskdyn.calibration.cuts import CUTS, asked, cut_links, load_cuts, read_cuts
from iskdyn.errors import InputError, StudyError

# Recruits per month R show in one fitted row alone, O2: their mean over 2021-09 to 2022-06 lies in 20 to 60. Access is
# 0.7 falling to 0.5 in the first half month of the window and 0.5 after, so that the mean is 0.505 R.
ACCESS = (0.5 * 0.6 + 9.5 * 0.5) / 10
TEXT = """
[[variant]]
name = "many recruits"
title = "more join than was seen"
set = { "recruits per month" = 30 }

[[variant]]
name = "fewer recruits"
set = { "recruits per month" = 35 }

[[variant]]
name = "quiet exit"
title = "nobody leaves unseen, which no fitted row reads"
set = { "quiet exit hazard" = 0.0 }
"""
SAMPLING = Sampling(n_draws=8000, n_chains=200, runs=2, kept=2000)


def log_likelihood(recruits: float) -> float:
    """Of O2: the logistic error, of sd 0.1, that takes log(0.505 R) between log 20 and log 60."""
    scale = 0.1 * math.sqrt(3) / math.pi
    below, above = (1 / (1 + math.exp((math.log(ACCESS * recruits / edge)) / scale)) for edge in (60, 20))
    return math.log(below - above)


def over_prior(value) -> float:
    """The mean of value(R) over the prior of R: lognormal, median 50 and sd of the log 0.5, cut at 200."""

    def part(z: float) -> float:
        return value(50 * math.exp(0.5 * z)) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    end = math.log(4) / 0.5
    return quad(part, -4, end, limit=200)[0] / (0.5 * (1 + math.erf(end / math.sqrt(2))))


@pytest.fixture
def cutting(tiny: Path) -> Path:
    (tiny / "calibration" / "cuts.toml").write_text(TEXT)
    return tiny


def made(folder: Path, **options):
    study = open_study(folder)
    return cut_links(study, study.path_of("results") / CUTS, SAMPLING, **options)


@pytest.mark.slow
def test_a_cut_loses_what_a_hand_calculation_says(cutting: Path) -> None:
    rows = {row["name"]: row for row in made(cutting).to_dict("records")}
    evidence = over_prior(lambda recruits: math.exp(log_likelihood(recruits)))
    fits = (
        over_prior(lambda recruits: math.exp(log_likelihood(recruits)) * log_likelihood(recruits)) / evidence
    )
    expected = {
        "as written": 0.0,
        "many recruits": log_likelihood(30) - math.log(evidence),
        "fewer recruits": log_likelihood(35) - math.log(evidence),
        "quiet exit": 0.0,
    }
    for name, nats in expected.items():  # a weighted sample of 8,000 errs by about 0.02 in the log
        assert rows[name]["nats"] == pytest.approx(nats, abs=0.08)
    words = [asked(rows[name]["nats"]) for name in list(expected)[1:]]
    assert words == ["asked for firmly", "asked for weakly", "not asked for"]
    assert [list(row["suffers"]) for row in rows.values()] == [[], ["O2"], ["O2"], []]
    assert rows["many recruits"]["suffers"]["O2"] == pytest.approx(fits - log_likelihood(30), abs=0.08)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A sampler that gives one number at once; the structures that were sampled."""
    sampled: list[str] = []

    def sample(objective, structure, sampling, progress):
        if structure.name == "stop":
            raise KeyboardInterrupt
        sampled.append(structure.name)
        return module.np.array([-1.0, -2.0]) * len(sampled), {"O1": -0.5, "O2": -1.0 * len(sampled)}

    monkeypatch.setattr(module, "_sampled", sample)
    return sampled


def test_what_was_stopped_goes_on_where_it_was(cutting: Path, quick: list[str]) -> None:
    path = cutting / "calibration" / "cuts.toml"
    path.write_text(TEXT.replace('"fewer recruits"', '"stop"'))
    with pytest.raises(KeyboardInterrupt):
        made(cutting)
    assert quick == ["as written", "many recruits"]
    path.write_text(TEXT)
    table = made(cutting)
    assert quick == ["as written", "many recruits", "fewer recruits", "quiet exit"]
    assert list(table["name"]) == quick
    assert list(table["nats"]) == [0.0, -1.5, -3.0, -4.5]  # the means of the quick sampler
    assert table["suffers"][3] == {"O2": 3.0}
    assert made(cutting).equals(table)
    assert len(quick) == 4


def test_only_one_is_sampled_beside_the_model_as_written(cutting: Path, quick: list[str]) -> None:
    made(cutting, only=["quiet exit"])
    assert quick == ["as written", "quiet exit"]
    made(cutting)
    assert quick[2:] == ["many recruits", "fewer recruits"]
    with pytest.raises(InputError, match="no cut 'quiet exits'; did you mean 'quiet exit'"):
        made(cutting, only=["quiet exits"])


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("calibration/parameters.csv", "1.25,0.25", "1.25,0.26"),
        ("models/tiny.mdl", "Joining with", "Who join with"),
    ],
)
def test_a_table_of_another_study_is_refused_and_made_anew(
    cutting: Path, quick: list[str], file: str, old: str, new: str
) -> None:
    made(cutting)
    assert list(load_cuts(open_study(cutting)).rows["name"]) == quick
    path = cutting / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(StudyError, match=r"before a change of (model|parameters); run `iskdyn cuts`"):
        load_cuts(open_study(cutting))
    made(cutting)
    assert len(quick) == 8


def test_a_cut_that_changed_is_refused_and_made_anew(cutting: Path, quick: list[str]) -> None:
    made(cutting)
    (cutting / "calibration" / "cuts.toml").write_text(TEXT.replace("= 35", "= 36"))
    with pytest.raises(StudyError, match="no longer so: fewer recruits"):
        load_cuts(open_study(cutting))
    made(cutting)
    assert quick[4:] == ["fewer recruits"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[variant]]\nname = 'a'", "'a' sets nothing, so it cuts no link"),
        ("[[variant]]\nname = 'as written'\nset = { 'arrest hazard' = 0.0 }", "'as written' is named twice"),
        ("[[variant]]\nname = 'a'\nset = { 'arest hazard' = 0.0 }", "did you mean 'arrest hazard'"),
    ],
)
def test_a_wrong_file_is_refused(cutting: Path, text: str, message: str) -> None:
    (cutting / "calibration" / "cuts.toml").write_text(text)
    with pytest.raises(StudyError) as caught:
        read_cuts(open_study(cutting))
    assert "calibration/cuts.toml" in str(caught.value)
    assert message in str(caught.value)


def test_the_verb_prints_the_dearest_cut_first(cutting: Path, quick: list[str], iskdyn) -> None:
    shown = iskdyn("cuts", "--study", cutting).stdout.splitlines()
    assert [line.split("  ")[0] for line in shown[1:4]] == ["quiet exit", "fewer recruits", "many recruits"]
    assert "asked for firmly" in shown[1]
    assert "O2 -3.0" in shown[1]
    rows = json.loads(iskdyn("cuts", "--study", cutting, "--json").stdout)
    assert [row.get("asked") for row in rows] == [
        None,
        "asked for weakly",
        "asked for weakly",
        "asked for firmly",
    ]
    assert len(quick) == 4


def test_a_study_without_cuts_is_told(tiny: Path, iskdyn) -> None:
    result = iskdyn("cuts", "--study", tiny)
    assert result.exit_code == 2
    assert "calibration/cuts.toml: is not there" in result.stderr
