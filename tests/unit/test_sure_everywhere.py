"""What is sure over all draws but not in a part of the structures with weight is sure on no surface.

Planted: in nine draws of a hundred and more nobody is ever arrested, so that arrests do nothing there. The page's own
test of a direction is held against `verdict` in tests/page/test_numbers.py.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from claims_of_tiny import CLAIMS, some_draws, study_with

from iskdyn.calibration import Spread
from iskdyn.levers import difference_table, effects, measure_arms, with_marks
from iskdyn.levers.claims import judge, read_claims
from iskdyn.levers.compare import verify_expectations
from iskdyn.study import Inputs, Reading, Scenario, Study
from iskdyn.study.scenarios import Expectation

RIVALS = """
[[variant]]
name = "as told"
[[variant]]
name = "no arrests"
set = { "arrest hazard" = 0.0 }
"""
WITHOUT = "selective repression switch"
N = 200
SURE, OPEN, LIGHT = 0, 14, 8
"""Draws of 200 in which nobody is arrested: none, more than a twentieth, and less, which counts nowhere."""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = study_with(tmp_path, CLAIMS)
    (study.path_of("variants")).write_text(RIVALS)
    return study


def planted(n_without: int) -> Spread:
    """Draws in so many of which the arrests do nothing, as of a structure of their own."""
    rng = np.random.default_rng(1)
    hazards = np.where(np.arange(N) < n_without, 0.0, rng.uniform(0.02, 0.04, N))
    spread = some_draws([{"arrest hazard": one} for one in hazards])
    of = (np.arange(N) < n_without).astype(int)
    return replace(spread, structures=("as told", "no arrests"), structure=of)


@pytest.mark.parametrize(
    ("n_without", "told"), [(SURE, True), (OPEN, False), (LIGHT, True)], ids=["none", "weighty", "light"]
)
class TestASignOfNineDrawsInTen:
    def test_of_an_effect(self, study: Study, n_without: int, told: bool) -> None:
        spread = planted(n_without)
        readings = {"members": Reading("members", "at_end", (0.0, 12.0))}
        found = effects(study, spread, readings)
        (effect,) = with_marks(study, found, readings, ("as told",), 1)
        assert effect.shares.higher > 0.9
        assert effect.verdict == ("higher" if told else "open")
        assert (effect.speaks != "open") == told

    def test_of_a_claim(self, study: Study, n_without: int, told: bool) -> None:
        claim = judge(study, read_claims(study), planted(n_without)).claims[0]
        assert claim.posterior > 0.9
        assert (claim.verdict in ("confirmed", "as before")) == told
        assert claim.divided == (not told)

    def test_of_a_comparison_and_of_what_it_was_to_show(
        self, study: Study, n_without: int, told: bool
    ) -> None:
        arms = {"without": Inputs({WITHOUT: 0.0})}
        measured = measure_arms(study, planted(n_without), arms, {"members": "at_end"}, [12.0])
        (row,) = difference_table(study, measured, [("without", "history")], {"": "2022-06"}).to_dict(
            "records"
        )
        assert row["higher_share"] > 0.9
        assert row["verdict"] == ("higher" if told else "open")
        scenario = Scenario("without", expect=(Expectation("members", "higher"),))
        (expected,) = verify_expectations(study, measured, scenario)
        assert expected.verdict == ("as expected" if told else "versions disagree")
