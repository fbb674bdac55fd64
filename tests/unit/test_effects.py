"""What a tactic does: paired with history, with and without the others' reactions, in three shares."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iskdyn import open_study
from iskdyn.calibration import Spread
from iskdyn.errors import InputError
from iskdyn.levers import effects, readings_of
from iskdyn.levers.effects import Effect, Shares
from iskdyn.levers.measured import median_error
from iskdyn.study import Reading, Study

TINY = Path(__file__).parent.parent / "data" / "tiny"
SETTINGS = """
decisions = ["arrest", "quiet exit"]
[tactic_decisions]
"selective repression" = ["arrest"]
[outcomes]
"joined in 2022" = { variable = "recruitment", statistic = "sum", window = ["2022-01", "2022-06"] }
"members then" = { variable = "members" }
"""
DRAWS = np.array([[0.01], [0.02], [0.0]])
SPREAD = Spread("posterior", ("arrest hazard",), np.array([True]), np.array([0.02]), np.array([0.5]), DRAWS)
MEASURES = {"detained": "at_end", "members": "at_end", "recruitment": "mean"}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    with (folder / "study.toml").open("a") as file:
        file.write(SETTINGS)
    return folder


@pytest.fixture
def study(tiny: Path) -> Study:
    return open_study(tiny)


def by_outcome(found: list[Effect], at: float = 0.0) -> dict[str, Effect]:
    return {one.outcome: one for one in found if one.at == at}


def test_the_outcomes_are_the_headline_then_what_the_study_names(study):
    readings = readings_of(study, MEASURES)
    assert list(readings) == ["detained", "members", "recruitment", "joined in 2022", "members then"]
    assert readings["joined in 2022"] == Reading("recruitment", "sum", (6.0, 12.0))
    assert readings["members then"] == Reading("members", "at_end", (0.0, 12.0))
    late = readings_of(study, MEASURES, ("2022-05", "2022-06"))
    assert late["members"].window == (10.0, 12.0)
    assert late["joined in 2022"].window == (6.0, 12.0)


def test_a_tactic_taken_away_takes_away_what_it_does(study):
    found = by_outcome(effects(study, SPREAD, readings_of(study, MEASURES)))
    detained = study.run(set={"arrest hazard": 0.01}, outputs=["detained"])["detained"].values[-1]
    one = found["detained"]
    assert (one.unit, one.window, one.base) == ("Person", "2022-06", pytest.approx(detained))
    assert one.median == pytest.approx(-detained)
    assert one.shares == Shares(pytest.approx(2 / 3), pytest.approx(1 / 3), 0.0)
    assert one.relative[:2] == (-1.0, -1.0)
    assert found["recruitment"].shares == Shares(0.0, 1.0, 0.0)
    assert found["recruitment"].about_nil
    assert (found["joined in 2022"].unit, found["recruitment"].unit) == ("Person", "Person/Month")
    assert found["joined in 2022"].window == "2022-01 to 2022-06"


def test_held_at_their_own_paths_the_others_do_not_answer(study):
    """With exits as they were, the members gained are those not arrested, no one of them leaving."""
    readings = readings_of(study, MEASURES)
    free, held = (by_outcome(effects(study, SPREAD, readings, frozen=frozen)) for frozen in (False, True))
    assert held["members"].median == pytest.approx(-held["detained"].median, rel=1e-9)
    assert free["members"].median < held["members"].median * 0.98
    assert held["detained"].median == pytest.approx(-held["detained"].base)


def test_a_tactics_own_decision_moves_with_its_intensity(study):
    found = effects(study, SPREAD, readings_of(study, MEASURES), (0.0, 0.5, 1.0), frozen=True)
    change = {one.at: one.relative[1] for one in found if one.outcome == "detained"}
    assert change[0.0] == -1.0
    assert -0.5 < change[0.5] < -0.4, "half the hazard, of members who are more"
    assert change[1.0] == 0.0


def test_shares_before_the_evidence_stand_beside(study):
    draws = np.array([[0.0], [0.02]])
    prior = Spread("approximation", SPREAD.names, SPREAD.in_model, SPREAD.centre, SPREAD.contraction, draws)
    record = by_outcome(effects(study, SPREAD, readings_of(study, MEASURES), prior=prior))[
        "detained"
    ].record()
    assert record["prior"] == {"lower": 0.5, "same": 0.5, "higher": 0.0}
    assert record["lower"] + record["same"] + record["higher"] == 1.0
    assert {"tactic", "outcome", "at", "window", "unit", "median", "low", "high"} <= set(record)
    # Two of three draws are lower, one of two before: sqrt(2/27), sqrt(1/8).
    assert record["errors"]["lower"] == pytest.approx(0.2722, abs=1e-4)
    assert record["errors"]["median"] > 0
    assert record["prior_errors"]["lower"] == pytest.approx(0.3536, abs=1e-4)


def test_the_error_of_a_median_is_how_far_medians_of_other_draws_scatter():
    draws = np.random.default_rng(1).standard_exponential((2000, 400))
    assert np.mean([median_error(one) for one in draws]) == pytest.approx(
        np.median(draws, axis=1).std(), rel=0.05
    )


def with_fixed(name: str, value: float) -> Spread:
    """The draws with one more column, the same in all of them."""
    values = np.full((len(DRAWS), 1), value)
    return replace(
        SPREAD,
        names=(*SPREAD.names, name),
        in_model=np.array([True, True]),
        centre=np.append(SPREAD.centre, value),
        draws=np.hstack([DRAWS, values]),
    )


def test_what_a_draw_fixes_stands_in_history_too(study):
    spread = with_fixed("recruits per month", 0.0)
    found = by_outcome(effects(study, spread, readings_of(study, MEASURES)))
    assert found["recruitment"].base == 0.0
    assert found["recruitment"].record()["relative"]["median"] == 0.0


def test_a_share_of_nothing_is_no_number(study):
    """Arrests under a tactic that is off in history: they rise from zero."""
    spread = with_fixed("selective repression switch", 0.0)
    one = by_outcome(effects(study, spread, readings_of(study, MEASURES), (1.0,)), 1.0)["detained"]
    assert one.base == 0.0
    assert one.median > 0
    assert one.record()["relative"]["median"] is None
    assert not one.about_nil


def test_what_cannot_be_asked_is_told(study, tiny):
    with pytest.raises(InputError, match="3 Dmnl is outside of its range, 0 to 1"):
        effects(study, SPREAD, readings_of(study, MEASURES), (3.0,))
    with pytest.raises(InputError, match="2022-01 to 2021-12 does not rise within the study's horizon"):
        readings_of(study, MEASURES, ("2022-01", "2021-12"))
    path = tiny / "study.toml"
    path.write_text(path.read_text().replace('"selective repression" = ["arrest"]\n', ""))
    with pytest.raises(InputError, match="does not say which decisions are those of 'selective repression'"):
        effects(open_study(tiny), SPREAD, readings_of(study, MEASURES), frozen=True)
    with pytest.raises(InputError, match="names no `decisions`"):
        effects(open_study(TINY), SPREAD, readings_of(study, MEASURES), frozen=True)
