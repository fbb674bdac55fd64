"""Faults of formulation that others planted in an epidemic, rebuilt in a queue of patients; and what is no fault.

The kinds are those of the error-fixing set of isee systems' sd-ai: the input of a delay is a stock over a time,
a table over time is read at the time step, a sum is made a stock. Each was found there, and the sound model passes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from iskdyn.model import read_model
from iskdyn.model.units_check import embedded_numbers, unit_problems

SOUND = """{UTF-8}
Waiting = INTEG(arriving - admitting - leaving untreated, 0) ~ Patient ~ |
In treatment = INTEG(admitting - dismissing, 0) ~ Patient ~ |
Treated = INTEG(dismissing, 0) ~ Patient ~ |
arriving = WITH LOOKUP( Time , ([(0,0)-\
		(60,90)],(0,0),(4.5,70),(20\
		,80),(30,55),(60,90) ) ) ~ Patient/Week ~ |
admitting = DELAY3 ( arriving * share admitted , patience / days a week ) ~ Patient/Week ~ |
leaving untreated = DELAY1(( 1 - share admitted ) * arriving, patience / days a week) ~ Patient/Week ~ |
dismissing = DELAY3(admitting, stay) ~ Patient/Week ~ |
here = Waiting + In treatment ~ Patient ~ |
all patients = Waiting + In treatment + Treated ~ Patient ~ |
patience = 3 ~ Day ~ |
stay = 2 ~ Week ~ |
days a week = 7 ~ Day/Week ~ |
share admitted = 0.8 ~ Dmnl ~ |
INITIAL TIME = 0 ~ Week ~ |
FINAL TIME = 60 ~ Week ~ |
TIME STEP = 0.0625 ~ Week [0,?] ~ |
SAVEPER = 1 ~ Week ~ |
"""

PLANTED = {
    "a stock over a time in a delay": (
        "admitting",
        "DELAY3 ( arriving * share admitted , ",
        "DELAY3 ( Waiting / patience\\\n\t\t / days a week , ",
    ),
    "a stock over a time in a delay of first order": (
        "leaving untreated",
        "DELAY1(( 1 - share admitted ) * arriving, ",
        "DELAY1(Waiting / patience / days a week, ",
    ),
    "a stock in a delay": ("dismissing", "DELAY3(admitting,", "DELAY3(In treatment,"),
    "a series read at the time step": ("arriving", "LOOKUP( Time ,", "LOOKUP( TIME STEP ,"),
    "a sum that piles up": (
        "all patients",
        "all patients = Waiting + In treatment + Treated ",
        "all patients = INTEG(Waiting + In treatment + Treated, 0) ",
    ),
    "a sum of some that piles up": (
        "here",
        "= Waiting + In treatment ~",
        "= INTEG(Waiting + In treatment,\n0) ~",
    ),
}


def _wrong(text: str, path: Path) -> list[str]:
    path.write_text(text, encoding="utf-8")
    return [problem.variable for problem in unit_problems(read_model(path))]


def test_the_sound_model_raises_no_alarm(tmp_path: Path) -> None:
    assert _wrong(SOUND, tmp_path / "sound.mdl") == []
    assert embedded_numbers(read_model(tmp_path / "sound.mdl")) == []


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_fault_is_found_where_it_is_and_nowhere_else(kind: str, tmp_path: Path) -> None:
    variable, right, wrong = PLANTED[kind]
    assert SOUND.count(right) == 1
    assert _wrong(SOUND.replace(right, wrong), tmp_path / "planted.mdl") == [variable]


ARRAY = """{UTF-8}
town : a, b, c ~~|
stock[town] = INTEG(flow[town], start[town]) ~ Person ~ |
start[a] = 1 ~~|
start[b] = 2 ~~|
start[c] = 3 ~ Person ~ |
flow[town] = stock[town]*2 + stock[town] ~ Person/Month ~ |
level[town] = stock[town] ~ Goods units ~ |
INITIAL TIME = 0 ~ Month ~ |
FINAL TIME = 2 ~ Month ~ |
TIME STEP = 1 ~ Month ~ |
SAVEPER = 1 ~ Month ~ |
"""


def test_equations_of_one_variable_share_their_unit_and_elements_their_problem(tmp_path: Path) -> None:
    path = tmp_path / "array.mdl"
    path.write_text(ARRAY, encoding="utf-8")
    program = read_model(path)
    assert program["start[a]"].units == "Person"
    problems = unit_problems(program)
    assert [(problem.kind, problem.variable) for problem in problems] == [
        ("mismatch", "flow[a]"),
        ("mismatch", "level[a]"),
    ]
    assert all(problem.problem.message.endswith("(and 2 more of its elements)") for problem in problems)
    assert [problem.message[:25] for problem in embedded_numbers(program)] == ["'flow[a]' holds the numbe"]


def test_a_unit_of_xmile_may_be_made_of_others(tmp_path: Path) -> None:
    path = tmp_path / "units.xmile"
    path.write_text(
        """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><vendor>x</vendor><product version="1">x</product></header>
<sim_specs time_units="Month"><start>0</start><stop>2</stop><dt>1</dt></sim_specs>
<model_units><unit name="Pay rate"><eqn>Coin/Person/Month</eqn></unit>
<unit name="Person"><eqn/><alias>soldier</alias></unit></model_units>
<model><variables>
<stock name="purse"><eqn>0</eqn><inflow>pay</inflow><units>Coin</units></stock>
<flow name="pay"><eqn>wage*men</eqn><units>Coin/Month</units></flow>
<aux name="wage"><eqn>2</eqn><units>Pay rate</units></aux>
<aux name="men"><eqn>3</eqn><units>soldiers</units></aux>
</variables></model></xmile>""",
        encoding="utf-8",
    )
    assert unit_problems(read_model(path)) == []
