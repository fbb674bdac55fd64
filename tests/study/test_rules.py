"""Rules fitted alone and closed one by one, on data made by hand from known numbers."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from iskdyn import open_study
from iskdyn.calibration import fit_objective, store_fit, study_objective
from iskdyn.calibration.rules import load_rules, read_rules
from iskdyn.errors import StudyError
from iskdyn.study import FIT

RECRUITS, HAZARD = 80.0, 0.035
MEAN_RECRUITMENT = (0.5 * 0.6 + 9.5 * 0.5) / 10 * RECRUITS  # access 0.7 falling to 0.5, then 0.5
TEXT = """
[[rule]]
name = "raids"
decisions = ["arrest"]
numbers = ["arrest hazard"]
reads = ["detained"]

[[rule]]
name = "joining"
decisions = ["recruitment"]
numbers = ["recruits per month"]
"""


def by_hand() -> tuple[float, float]:
    """People detained and members a year on, by Euler steps of 1/32 month."""
    points = [(0.5, 1.0), (1.5, 0.9), (2.5, 0.5), (24.0, 0.5)]
    members, detained = 1000.0, 0.0
    for i_step in range(12 * 32):
        time, access = i_step / 32, 1.0
        for (t0, a0), (t1, a1) in itertools.pairwise(points):
            if t0 <= time < t1:
                access = a0 + (a1 - a0) * (time - t0) / (t1 - t0)
        arrest = members * HAZARD
        members += (RECRUITS * access - arrest - 0.01 * members) / 32
        detained += arrest / 32
    return detained, members


def study_with(folder: Path, members: float, spread: float = 0.01) -> Path:
    """The tiny study with rows made from the known numbers, members as given, recruits so loosely, and a fit."""
    detained, _ = by_hand()
    path = folder / "calibration" / "observations.csv"
    header = path.read_text().splitlines()[0]
    rows = [
        ("O1", "E02", "recruitment", "mean", "2021-09", MEAN_RECRUITMENT, "Person/Month", spread),
        ("O2", "E01", "detained", "at_end", "2022-06", detained, "Person", 0.01),
        ("O3", "E01", "members", "at_end", "2022-06", members, "Person", 0.01),
    ]
    lines = [
        f"{name},{evidence},said,{output},{operation},{start},2022-06,,,{value / 1.01},{value * 1.01},{unit},"
        f"interval,log,{sd},,author,fit,no,"
        for name, evidence, output, operation, start, value, unit, sd in rows
    ]
    path.write_text("\n".join([header, *lines]) + "\n")
    (folder / "calibration" / "rules.toml").write_text(TEXT)
    settings = folder / "study.toml"
    settings.write_text('decisions = ["arrest", "recruitment"]\n' + settings.read_text())
    study = open_study(folder)
    store_fit(fit_objective(study_objective(study), starts=2), study.path_of("results") / FIT, study)
    return folder


@pytest.fixture
def ruled(tiny: Path) -> Path:
    return study_with(tiny, by_hand()[1])


def shown(folder: Path, iskdyn) -> tuple[list[dict], list[dict]]:
    rows = json.loads(iskdyn("rules", "--study", folder, "--json").stdout)
    return ([row for row in rows if row["kind"] == kind] for kind in ("alone", "closing"))


def test_a_rule_alone_finds_the_numbers_that_made_its_data(ruled: Path, iskdyn) -> None:
    alone, closing = shown(ruled, iskdyn)
    raids, joining = (row["numbers"] for row in alone)
    assert raids["arrest hazard"]["median"] == pytest.approx(0.02, rel=1e-3)  # of the prior, where it starts
    assert raids["arrest hazard"]["alone"] == pytest.approx(
        HAZARD, rel=0.02
    )  # the rows are 1 % wide each way
    assert joining["recruits per month"]["alone"] == pytest.approx(RECRUITS, rel=0.02)
    assert [(row["n_rows"], row["median_holding"], row["holding"]) for row in alone] == [(1, 0, 1), (1, 0, 1)]
    assert [(row["name"], row["holding"]) for row in closing] == [
        ("every decision on its path", 3),
        ("raids", 3),
        ("joining", 3),
        ("the whole fit", 3),
    ]


def test_what_only_the_whole_fit_reads_does_not_move_a_rule_alone(tiny: Path, iskdyn) -> None:
    # More members than the recruits reported can give; those are reported more loosely, so that the fit moves them.
    alone, closing = shown(study_with(tiny, 1.2 * by_hand()[1], spread=0.05), iskdyn)
    recruits = alone[1]["numbers"]["recruits per month"]
    assert recruits["alone"] == pytest.approx(RECRUITS, rel=0.02)
    assert recruits["whole"] > 1.05 * RECRUITS
    best = [row["best"] for row in closing]
    assert best == pytest.approx([best[-1]] * 4, rel=1e-6)  # freed at the fit's numbers, all keep their paths
    assert closing[0]["log_likelihood"] == pytest.approx(best[-1], rel=1e-6)
    assert closing[2]["log_likelihood"] < best[-1] - 1


def test_a_rule_without_numbers_stays_where_it_is(ruled: Path, iskdyn) -> None:
    path = ruled / "calibration" / "rules.toml"
    path.write_text(TEXT.replace('numbers = ["recruits per month"]', "numbers = []"))
    alone, _ = shown(ruled, iskdyn)
    assert alone[1]["log_likelihood"] == alone[1]["best"] == alone[1]["median"]


def test_both_tables_are_printed(ruled: Path, iskdyn) -> None:
    lines = iskdyn("rules", "--study", ruled).stdout.splitlines()
    assert [line.split("  ")[0] for line in lines[1:3]] == ["raids", "joining"]
    assert [line.split("  ")[0] for line in lines[6:9]] == ["+ raids", "+ joining", "the whole fit"]


def test_a_result_is_refused_once_the_fit_or_a_rule_has_changed(ruled: Path, iskdyn) -> None:
    iskdyn("rules", "--study", ruled)
    study = open_study(ruled)
    assert len(load_rules(study).rows) == 6
    path = ruled / "calibration" / "rules.toml"
    path.write_text(TEXT.replace('"detained"', '"members"'))
    with pytest.raises(StudyError, match=r"before a change of calibration/rules\.toml; run `iskdyn rules`"):
        load_rules(study)
    path.write_text(TEXT)
    fit = study.path_of("results") / FIT
    fit.write_text(fit.read_text() + "\n")
    with pytest.raises(StudyError, match="before a change of fit"):
        load_rules(study)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('["arrest"]', '["arest"]', "'arest' is no decision of study.toml; did you mean 'arrest'"),
        ('["arrest hazard"]', '["arrest hazrd"]', "no parameter of the study; did you mean 'arrest hazard'"),
        ('["detained"]', '["detaind"]', "'detaind' is no variable of the model; did you mean 'detained'"),
        ('reads = ["detained"]', "", "no observation reads what it decides; add `reads`"),
        ('["recruitment"]', '["arrest"]', "'arrest' is named twice"),
        ('["recruitment"]', '["arrest"]', "no rule has the decision 'recruitment' of study.toml"),
        ('["recruitment"]', "[]", "decisions: expected a list of one or more texts, got []"),
        ('"joining"', '"raids"', "'raids' is named twice"),
        ("reads", "read", "the key 'read' is not known; did you mean 'reads'"),
        ('numbers = ["arrest hazard"]', "", "the key 'numbers' is missing"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(ruled: Path, old: str, new: str, message: str, iskdyn) -> None:
    path = ruled / "calibration" / "rules.toml"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(StudyError) as caught:
        read_rules(open_study(ruled))
    assert "calibration/rules.toml" in str(caught.value)
    assert message in str(caught.value)


def test_without_the_file_or_the_fit_it_says_what_is_missing(ruled: Path, iskdyn) -> None:
    (ruled / "calibration" / "results" / FIT).unlink()
    assert "`iskdyn fit` writes it" in iskdyn("rules", "--study", ruled).stderr
    (ruled / "calibration" / "rules.toml").unlink()
    assert "calibration/rules.toml: is not there" in iskdyn("rules", "--study", ruled).stderr
