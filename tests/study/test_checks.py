"""Each check of `iskdyn check` fails on the defect that it is there for, and all failures are listed."""

from __future__ import annotations

import json

import pytest

from iskdyn import open_study
from iskdyn.confidence import CHECKS
from iskdyn.confidence.people import check_first_order

MODEL = "models/tiny.mdl"
CLIPPED = "MIN(members, members*arrest hazard*selective repression switch)"

DEFECTS = {
    # name of the check: (file, text, its replacement, place, words)
    "every variable is documented": (
        MODEL,
        "Joining; E02.",
        "Joining.",
        "tiny.mdl:16",
        "evidence ids or the word",
    ),
    "cited evidence exists": (MODEL, "Joining; E02.", "Joining; E02 E77.", "tiny.mdl:16", "cites E77"),
    "no default rests on held-out evidence": (
        MODEL,
        "taken a month; assumption.",
        "taken a month; E03.",
        "tiny.mdl:46",
        "rests on E03",
    ),
    "core mechanisms are covered": (
        "models/README.md",
        "## Left out",
        "## Kept: E01",
        "models/evidence.csv:5:id",
        "E04",
    ),
    "initial values are floats": (MODEL, "\t0.0)", "\t0)", "tiny.mdl:9", "write 0.0"),
    "observations and priors can be used": (
        "calibration/observations.csv",
        ",20,60,",
        ",,60,",
        "calibration/observations.csv:3",
        "O2",
    ),
    "no evidence is used twice": (
        "calibration/parameters.csv",
        "yes,E04",
        "yes,E02",
        "calibration/parameters.csv:2:source",
        "the prior of 'recruits per month' rests on E02, which O2, O4 fits",
    ),
    "what comes from outside is named": (
        "study.toml",
        'human_cost = ["detained"]',
        'human_cost = ["detained"]\nexogenous = ["arrest"]',
        "tiny.mdl:16",
        "'recruitment' reads Time and is not among the exogenous series",
    ),
    "units agree everywhere": (
        MODEL,
        "Person/Month\n\t~\tMembers taken",
        "Person\n\t~\tMembers taken",
        "tiny.mdl:22",
        "smallest mend: give 'arrest' the unit Person/Month",
    ),
    "no number hides in an equation": (
        MODEL,
        "members*quiet exit hazard",
        "members*quiet exit hazard*1.5",
        "tiny.mdl:28",
        "holds the number 1.5",
    ),
    "every flow of people has two ends": (
        "study.toml",
        '"recruitment", "quiet',
        '"quiet',
        "tiny.mdl:16",
        "recruitment",
    ),
    "outflows of people are first-order": (
        MODEL,
        "members*arrest hazard*selective repression switch",
        CLIPPED,
        "tiny.mdl:22",
        "holds 'members' in a MIN",
    ),
    "no people hidden in delays or clips": (
        MODEL,
        "members*quiet exit hazard",
        "SMOOTHI(members*quiet exit hazard, 2, 10.0)",
        "tiny.mdl:28",
        "SMOOTH",
    ),
    "people are neither made nor lost": (
        MODEL,
        "\tarrest,",
        "\tarrest*1.1,",
        "models/tiny.mdl",
        "made or lost",
    ),
    "nothing leaves an empty stock of people": (
        MODEL,
        "members*quiet exit hazard",
        "(members+5)*quiet exit hazard",
        "tiny.mdl:28",
        "when it is empty",
    ),
    "no negative stock in any combination": (
        MODEL,
        "members*quiet exit hazard",
        "0*members+1500*(1-selective repression switch)*quiet exit hazard*10",
        "tiny.mdl:2",
        "is negative",
    ),
    "no negative stock in any draw": (
        MODEL,
        "members*quiet exit hazard",
        "members*quiet exit hazard*100",
        "tiny.mdl:2",
        "is negative",
    ),
    "the time step is small enough": (MODEL, "0.03125", "1", "tiny.mdl", "halving the time step"),
    "every variable stays in its range": (
        MODEL,
        "Person [0,?]\n\t~\tPeople held",
        "Person [0,10]\n\t~\tPeople held",
        "tiny.mdl:9",
        "its range is 0.0 to 10.0",
    ),
    "what must happen at extremes happens": (
        MODEL,
        "arrest hazard*selective repression switch",
        "arrest hazard*(1 - selective repression switch)",
        "tiny.mdl:22",
        "'arrest' should be none with selective repression switch = 0, and is higher",
    ),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_check_fails_on_its_defect(name, tiny, iskdyn):
    file, old, new, place, words = DEFECTS[name]
    text = (tiny / file).read_text()
    assert old in text
    (tiny / file).write_text(text.replace(old, new, 1))
    result = iskdyn("check", "--study", tiny)
    assert result.exit_code == 1, result.output
    assert f"FAIL  {name}" in result.stdout
    assert any(line.startswith(place) and words in line for line in result.stderr.splitlines()), result.stderr


@pytest.mark.parametrize(
    ("outflow", "first_order"),
    [
        ("members/1*quiet exit hazard", True),
        ("(members*quiet exit hazard + 2*recruits left)", True),
        ("recruits left*MAX(quiet exit hazard, 0)", True),
        ("SQRT(members)*quiet exit hazard", True),
        ("initial members*quiet exit hazard", False),
        ("initial members*quiet exit hazard*bill", False),
        ("(members + recruits left - 5)*quiet exit hazard", False),
        ("EXP(members/initial members)*quiet exit hazard", False),
        ("detained*quiet exit hazard", False),
    ],
)
def test_an_outflow_must_be_a_multiple_of_its_stock_and_not_only_depend_on_it(outflow, first_order, tiny):
    """`bill` depends on members and is something without them, as pay and totals are."""
    more = (
        "recruits left = members*0.1 ~ Person ~ X; assumption. |\n"
        "bill = 1 + members/initial members ~ Dmnl ~ X; assumption. |\n"
    )
    text = (tiny / MODEL).read_text().replace("members*quiet exit hazard", outflow, 1)
    (tiny / MODEL).write_text(text.replace("FINAL TIME", f"{more}\nFINAL TIME", 1))
    check = check_first_order(open_study(tiny))
    assert check.passed == first_order
    if not first_order:
        assert "'quiet exit' leaves 'members' but is no multiple of it" in check.problems[0].message


def test_every_check_has_a_defect(tiny, iskdyn):
    found = json.loads(iskdyn("check", "--study", tiny, "--json").stdout)
    assert [check["name"] for check in found] == list(DEFECTS)
    assert len(CHECKS) == len(DEFECTS)


def test_all_failures_are_listed_with_exit_code_1(tiny, iskdyn):
    text = (tiny / MODEL).read_text().replace("Joining; E02.", "Joining.").replace("\t0.0)", "\t0)")
    (tiny / MODEL).write_text(text)
    result = iskdyn("check", "--study", tiny, "--json")
    assert result.exit_code == 1
    failed = [check["name"] for check in json.loads(result.stdout) if not check["passed"]]
    assert failed == ["every variable is documented", "initial values are floats"]
