"""Reading: names, lines, kinds, order, refusals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from iskdyn.errors import InputError, ModelError
from iskdyn.model import Call, Number, Program, Reference, read_model

CONTROLS = "FINAL TIME = 4 ~~|\nINITIAL TIME = 0 ~~|\nTIME STEP = 0.5 ~~|\nSAVEPER = 1 ~~|\n"
PEOPLE = (
    "{UTF-8}\nPeople = INTEG(births - deaths - leaving, 100)\n\t~\tperson [0,?]\n\t~\tAll of them.\n\t|\n"
    "births = Birth Rate * People ~ person/Month ~|\n"
    'deaths = People * "death rate (all)" ~ person/Month ~|\n'
    "leaving = effect(People / 100) ~ ~|\n"
    "effect((0,0),(1,2),(3,4)) ~ Dmnl ~|\n"
    "birth rate = 1/12 ~ 1/Month [0,1] ~ A share. |\n"
    '"death rate (all)" = 0.02 ~ 1/Month ~|\n'
)


read = read_model


def make(folder: Path, text: str, name: str = "model.mdl") -> Path:
    path = folder / name
    path.write_text(text if "TIME STEP" in text else text + CONTROLS)
    return path


@pytest.fixture
def people(tmp_path: Path) -> Program:
    return read(make(tmp_path, PEOPLE))


def test_a_name_is_found_in_any_case_and_spacing(people: Program) -> None:
    assert people["BIRTH_RATE"] is people["birth  rate"]
    assert people["death rate (all)"].name == '"death rate (all)"'


def test_an_unknown_name_gets_close_ones(people: Program) -> None:
    with pytest.raises(InputError, match=r"no variable 'brith rate'; did you mean 'birth rate'"):
        people["brith rate"]


def test_each_variable_has_its_kind_line_units_limits_and_words(people: Program) -> None:
    stock = people["people"]
    assert (stock.kind, stock.line, stock.units, stock.limits) == ("stock", 2, "person", (0.0, None))
    assert stock.documentation == "All of them."
    assert stock.equation == "INTEG(births - deaths - leaving, 100)"
    assert stock.initial == Number(100.0)
    assert {v.name: v.kind for v in people} == {
        "People": "stock", "births": "auxiliary", "deaths": "auxiliary", "leaving": "auxiliary",
        "effect": "table", "birth rate": "constant", '"death rate (all)"': "constant",
        "FINAL TIME": "control", "INITIAL TIME": "control", "TIME STEP": "control", "SAVEPER": "control",
    }  # fmt: skip


def test_the_value_of_a_constant_may_be_written_as_a_fraction(people: Program) -> None:
    assert people["birth rate"].value == 1 / 12


def test_a_stock_knows_its_flows_and_a_variable_its_causes_and_uses(people: Program) -> None:
    assert people.flows("People") == ((Reference("births"),), (Reference("deaths"), Reference("leaving")))
    assert [v.name for v in people.causes("leaving")] == ["effect", "People"]
    assert [v.name for v in people.uses("People")] == ["births", "deaths", "leaving"]


def test_minus_before_a_power_belongs_to_the_power(tmp_path: Path) -> None:
    program = read(make(tmp_path, "{UTF-8}\na = -2 ^ 2 ~~|\n"))
    assert program["a"].expression == Call("negative", (Call("^", (Number(2.0), Number(2.0))),))


def test_a_negative_number_in_brackets_is_raised_as_a_whole(tmp_path: Path) -> None:
    program = read(make(tmp_path, "{UTF-8}\na = 3 - (-2) ^ 2 ~~|\n"))
    assert program["a"].value == -1.0


def test_one_number_may_be_raised_with_and_without_brackets(tmp_path: Path) -> None:
    program = read(make(tmp_path, "{UTF-8}\na = (-2) ^ 2 + 3 * -2 ^ 2 ~~|\n"))
    assert program["a"].value == -8.0


def test_and_binds_closer_than_or(tmp_path: Path) -> None:
    text = "{UTF-8}\na = IF THEN ELSE(0>1 :AND: 1>0 :OR: 1>0, 1, 0) ~~|\n"
    condition = read(make(tmp_path, text))["a"].expression.arguments[0]
    assert (condition.function, condition.arguments[0].function) == ("or", "and")


def test_a_macro_is_expanded_at_each_call(tmp_path: Path) -> None:
    text = (
        "{UTF-8}\n:MACRO: GROW(rate, start)\nGROW = INTEG(rate * GROW, start) ~~|\n:END OF MACRO:\n"
        "a = GROW(0.1, 2) ~~|\nb = GROW(0.2, 3) ~~|\n"
    )
    program = read(make(tmp_path, text))
    assert [v.kind for v in program.hidden if v.name == "GROW"] == ["stock", "stock"]
    assert [v.name for v in program][:2] == ["a", "b"]


REFUSALS = {
    "unknown range": "a[x] = 1 ~~|\n",
    "subscripts missing": "a = b ~~|\nb[x] = 1 ~~|\nx: one, two ~~|\n",
    "range only on the right": "a = b[x] ~~|\nb[x] = 1 ~~|\nx: one, two ~~|\n",
    "external data": "a := GET XLS DATA('f', 't', 'A', 'B') ~~|\n",
    "external lookups": "a( GET XLS LOOKUPS('f', 't', 'A', 'B')) ~~|\n",
    "external constants": "a = GET XLS CONSTANTS('f', 't', 'B2') ~~|\n",
    "allocation": "a = ALLOCATE BY PRIORITY(1, 2, 3, 4, 5) ~~|\n",
    "unknown function": "a = SHIFT IF TRUE(1, 2, 3) ~~|\n",
    "vector function": "a = VECTOR RANK(1, 2) ~~|\n",
    "missing name": "a = nothing + 1 ~~|\n",
    "table without argument": "a = t + 1 ~~|\nt((0,0),(1,1)) ~~|\n",
    "defined twice": "a = 1 ~~|\na = 2 ~~|\n",
    "no equation yet": "a = A FUNCTION OF(Time) ~~|\n",
    "circle": "a = b ~~|\nb = a ~~|\n",
    "circle at the start": "a = INTEG(1, b) ~~|\nb = INTEG(1, a) ~~|\n",
    "wrong number of arguments": "a = MIN(1, 2, 3) ~~|\n",
}


@pytest.mark.parametrize("equations", REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_run_is_refused_with_variable_and_line(tmp_path: Path, equations: str) -> None:
    with pytest.raises(ModelError) as caught:
        read(make(tmp_path, "{UTF-8}\n" + equations))
    assert all(problem.place.startswith("model.mdl:") for problem in caught.value.problems)
    assert any("'a'" in str(problem) or " a" in str(problem) for problem in caught.value.problems)


def test_all_refusals_are_listed_at_once(tmp_path: Path) -> None:
    text = "{UTF-8}\na = MIN(1) ~~|\nb = nothing ~~|\nc = GET XLS CONSTANTS('f', 't', 'B2') ~~|\n"
    with pytest.raises(ModelError) as caught:
        read(make(tmp_path, text))
    assert [problem.place for problem in caught.value.problems] == [
        "model.mdl:2:5",
        "model.mdl:3:5",
        "model.mdl:4:5",
    ]


def test_a_text_that_cannot_be_parsed_is_placed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model.mdl:3:10: cannot be parsed"):
        read(make(tmp_path, "{UTF-8}\na = 1 ~~|\nb = (2 + ~~|\nc = 3 ~~|\n"))


@pytest.mark.parametrize("name", ["model.txt", "missing.mdl"])
def test_a_file_that_is_no_model_is_the_callers_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "model.txt").write_text("")
    with pytest.raises(InputError):
        read_model(tmp_path / name)


def test_a_model_read_before_needs_no_pysd(tmp_path: Path) -> None:
    path = make(tmp_path, PEOPLE)
    read_model(path)
    code = (
        "import sys; from iskdyn.model import read_model; read_model(sys.argv[1]);"
        "sys.exit(any(m in sys.modules for m in ('pysd', 'numba', 'scipy', 'xarray')))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0
