"""Judged claims: what is counted of them, and what a reader and a machine are told."""

from __future__ import annotations

import numpy as np
import pytest
from claims_of_tiny import band, relation

from iskdyn.levers.claims import (
    Claim,
    Judged,
    Judgement,
    counts,
    judgement_json,
    judgement_text,
    together,
    words_of,
)
from iskdyn.levers.claims.result import _together, monte_carlo_error
from iskdyn.study import Reading

NOTE = "a judgement of ours about what the source may have meant when it said so, which is long enough to be wrapped"


def one(name: str, prior: float, posterior: float, role: str = "held_out", note: str = "") -> Judged:
    claim = Claim(name, f"says {name}", f"page {name}", role, (), {}, note)  # type: ignore[arg-type]
    parts = (("members rise", 0.25), ("members fall", 0.75))
    return Judged(claim, prior, posterior, 0.125, (-1234.5, 0.0, 20.4), parts, 1000, 400, {"rival": 0.5})


JUDGED = (
    one("C1", 0.5, 0.95),
    one("C2", 0.0, 0.0, note=NOTE),
    one("C3", 1.0, 1.0),
    one("C4", 0.5, 0.5, role="contested"),
    one("C5", 0.1, 0.9, role="fitted"),
)
FOUND = Judgement(JUDGED, np.array([1, 2, 2, 3]), 0.04, 0.123, 0.456)


def test_the_counts_are_in_the_order_of_the_verdicts():
    assert counts(FOUND) == (
        "5 claims: 1 confirmed; 0 likely, hardly by the evidence; 1 assumed by structure; 1 undecided; 1 failed; "
        "1 fitted, not a test (1 of the failed are ruled out by the equations themselves)"
    )
    few = Judgement((one("C1", 0.5, 0.05),), np.array([0]), 0.0, 0.0, 0.0)
    assert counts(few).endswith("; 1 failed; 0 fitted, not a test")


def test_the_held_out_claims_are_told_together():
    assert together(FOUND) == (
        "Of the 3 held-out claims 1 to 3 hold in one version; all at once hold in 12.3% of the versions (4.0% before "
        "the evidence). Those that the structure neither assumes nor rules out hold all at once in 45.6%."
    )
    assert together(Judgement(JUDGED[3:], np.zeros(4, dtype=int), 0, 0, 0)) == "No claim is held out."


def test_the_text_has_a_row_for_each_claim_by_verdict_and_then_what_it_says():
    told = judgement_text(FOUND).split("\n\n")
    assert told[0] == counts(FOUND)
    assert told[2] == together(FOUND)
    assert told[3].splitlines() == [f"C{i}  says C{i} (page C{i})" for i in range(1, 6)]
    header, *rows = (line for line in told[1].splitlines() if line.strip(" -─"))
    assert " ".join(header.split()) == "claim verdict before after error exchanged margin % (5, 50, 95)"
    assert [" ".join(row.split()) for row in rows] == [
        "C1 confirmed 0.500 0.950 0.016 0.125 -1,234, 0, 20",
        "C3 assumed by structure 1.000 1.000 0.000 0.125 -1,234, 0, 20",
        "C4 undecided 0.500 0.500 0.025 0.125 -1,234, 0, 20",
        "C2 failed 0.000 0.000 0.000 0.125 -1,234, 0, 20",
        "C5 fitted, not a test 0.100 0.900 0.015 0.125 -1,234, 0, 20",
    ]
    first, second = rows[0], rows[1]
    assert first.index("confirmed") == second.index("assumed")
    assert len(first) == len(second)


def test_with_parts_each_expectation_and_structure_has_a_line():
    *_, second, third, fourth, fifth = judgement_text(FOUND, parts=True).split("\n\n")
    assert second.splitlines() == [
        "C2  says C2",
        "  page C2; held out",
        "  a judgement of ours about what the source may have meant when it said so, which is long enough to be",
        "  wrapped",
        "  0.250  members rise",
        "  0.750  members fall",
        "  0.500  in all, under the structure 'rival'",
    ]
    assert (third[:2], fourth.splitlines()[1], fifth[:2]) == ("C3", "  page C4; contested", "C5")


def test_a_machine_is_told_everything():
    found = judgement_json(FOUND)
    assert found["counts"] == {
        "confirmed": 1, "as before": 0, "assumed": 1, "undecided": 1, "failed": 1, "fitted": 1,
    }  # fmt: skip
    together = found["held_out_together"]
    shares = ("prior", "posterior", "posterior_of_the_tested")
    assert [together[name] for name in shares] == [0.04, 0.123, 0.456]
    # Of 1,000 draws before the evidence, and four after it.
    errors = [0.0062, 0.1642, 0.2490]
    assert [together[f"{name}_error"] for name in shares] == pytest.approx(errors, abs=1e-4)
    assert [row["id"] for row in found["claims"]] == ["C1", "C2", "C3", "C4", "C5"]
    assert found["claims"][1] == {
        "id": "C2",
        "says": "says C2",
        "place": "page C2",
        "role": "held_out",
        "note": NOTE,
        "verdict": "failed",
        "prior": 0.0,
        "prior_error": 0.0,
        "posterior": 0.0,
        "posterior_error": 0.0,
        "excluded_by_structure": True,
        "odds_ratio": pytest.approx((0.5 / 400.5) / (0.5 / 1000.5)),
        "control": 0.125,
        "control_error": pytest.approx(0.0165, abs=1e-4),
        "margin": {"5": -1234.5, "50": 0.0, "95": 20.4},
        "margin_error": None,
        "parts": [
            {"expects": "members rise", "posterior": 0.25, "error": pytest.approx(0.02165, abs=1e-5)},
            {"expects": "members fall", "posterior": 0.75, "error": pytest.approx(0.02165, abs=1e-5)},
        ],
        "structures": {"rival": 0.5},
        "weighty": [],
    }
    first = found["claims"][0]
    assert first["prior_error"] == pytest.approx(monte_carlo_error(0.5, 1000))
    assert first["posterior_error"] == pytest.approx(monte_carlo_error(0.95, 400))
    assert first["verdict"] == "confirmed"
    assert not first["excluded_by_structure"]


def test_only_held_out_claims_that_the_structure_leaves_open_are_tested():
    draws = {
        "C1": np.array([True, True, False, False]),
        "C2": np.array([False, False, False, True]),
        "C3": np.array([True, False, True, False]),
        "C4": np.array([False, False, False, False]),
        "edge": np.array([False, True, True, True]),
    }
    held = (one("C1", 0.5, 0.5), one("C3", 0.5, 0.5), one("C4", 0.5, 0.5, role="contested"))
    found = _together(held, draws, {name: ~values for name, values in draws.items()})
    assert found.claims == held
    assert found.held_out.tolist() == [0, 1, 1, 2]
    assert (found.joint_prior, found.joint_posterior, found.joint_tested) == (0.25, 0.25, 0.25)
    shut = (*held, one("C2", 0.01, 0.0), one("edge", 0.99, 1.0))
    found = _together(shut, draws, draws)
    assert (found.joint_prior, found.joint_posterior, found.joint_tested) == (0.0, 0.0, 0.25)
    none = _together(held[2:], draws, draws)
    assert none.held_out.tolist() == [0, 0, 0, 0]
    assert (none.joint_prior, none.joint_posterior, none.joint_tested) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (relation(Reading("x", "mean", (0, 1)), ("a",), "higher", ("b",), 5.0), "mean of x: a > b by 5 %"),
        (relation(Reading("x", "at_end", (0, 1)), ("a", "c"), "lower", ("b", "d"), 0.0), "at end of x: a + c < b + d"),
        (relation(Reading("x", "sum", (0, 1), share_of="y"), ("a",), "same", ("b",), 2.5),
         "sum of x as a share of y: a ~ b within 2.5 %"),
        (relation(Reading("x", "mean", (0, 1)), ("a",), "not lower", ("b",), 5.0), "mean of x: a > b by -5 %"),
        (band(Reading("x", "max", (0, 1)), "a", 1.0, 2.0), "max of x: a, 1 to 2"),
        (band(Reading("x", "max", (0, 1)), "a", 1.0, float("inf")), "max of x: a, at least 1"),
        (band(Reading("x", "max", (0, 1)), "a", -float("inf"), 2.0), "max of x: a, at most 2"),
    ],
)  # fmt: skip
def test_an_expectation_is_said_in_short(part, words):
    assert words_of(part) == words
