"""What an answer is worth: by hand where it errs by chance, and less where it leans by nobody knows how much."""

from __future__ import annotations

import numpy as np
import pytest

from iskdyn.calibration import Spread
from iskdyn.sensitivity import Askable, learned, worth_asking
from iskdyn.sensitivity.asking import scores

N = 1000


@pytest.fixture(autouse=True)
def fewer(monkeypatch):
    monkeypatch.setattr("iskdyn.sensitivity.asking.REPEATS", 4)


@pytest.fixture(scope="module")
def known():
    rng = np.random.default_rng(1)
    return {name: rng.standard_normal(N) for name in ("cause", "other", "half")}


def removed(askable: Askable, known, change) -> float:
    return float(worth_asking([askable], known, np.asarray(change)[:, None]).removed[0, 0])


@pytest.mark.parametrize("error", [0.3, 1.0])
def test_an_answer_that_errs_by_chance_is_worth_what_geometry_says(known, error: float) -> None:
    """The sign of a normal number, told from the number plus an error, is wrong in arccos(rho) / pi."""
    left = np.arccos(1 / np.sqrt(1 + error**2)) / np.pi
    assert removed(Askable(("cause",), error), known, known["cause"]) == pytest.approx(0.5 - left, abs=0.03)


def test_an_answer_about_something_else_is_worth_nothing(known) -> None:
    found = worth_asking([Askable(("other",))], known, known["cause"][:, None])
    assert found.worth[0, 0] == 0.0
    assert found.doubt[0] == pytest.approx(0.5, abs=0.03)


def test_a_leaning_of_unknown_size_costs_and_its_direction_does_not_matter(known) -> None:
    worth = [removed(Askable(("cause",), 0.3, lean), known, known["cause"]) for lean in (0.0, 1.0, -1.0, 3.0)]
    assert worth[0] > worth[1] + 0.02
    assert worth[1] == pytest.approx(worth[2], abs=0.03)
    assert worth[1] > worth[3] + 0.02


def test_of_several_answers_the_best_counts(known) -> None:
    change = known["cause"] + known["half"] / 2
    alone = removed(Askable(("cause",), 0.3), known, change)
    both = removed(Askable(("half", "cause"), 0.3), known, change)
    assert both == pytest.approx(alone, abs=0.03)


def test_no_answer_is_worth_more_than_the_number_itself(known) -> None:
    change = known["cause"][:, None]
    perfect = learned(known["cause"][:, None], change).removed[0, 0]
    assert removed(Askable(("cause",), 0.5), known, known["cause"]) < perfect


def test_a_number_counts_in_sds_of_its_prior() -> None:
    draws = np.exp(np.random.default_rng(1).standard_normal((N, 2)))
    spread = Spread(
        "posterior", ("wide", "narrow"), np.ones(2, bool), np.ones(2), np.array([0.0, 0.75]), draws
    )
    found = scores(spread, {"outcome": draws[:, 0]})
    assert found["wide"].std() == pytest.approx(1.0, abs=0.01)
    assert found["narrow"].std() == pytest.approx(0.25, abs=0.01)
    np.testing.assert_array_equal(found["wide"], found["outcome"])
