"""Reading: names, lines, kinds, order, refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iskdyn.errors import InputError, ModelError, ModelWarning
from iskdyn.model import Call, Lookup, Number, Program, Reference, Table, read_model

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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("model.txt", "expected a model .*got 'model.txt'"),
        ("missing.mdl", "missing.mdl: cannot be read: No such file"),
        ("", "expected a model .*got a folder"),
        ("folder.mdl", "folder.mdl: cannot be read: .*directory"),
        ("pipe.mdl", "cannot be read: it is a pipe"),
    ],
)
def test_a_file_that_is_no_model_is_the_callers_error(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "model.txt").write_text("")
    (tmp_path / "folder.mdl").mkdir()
    if name == "pipe.mdl":
        if not hasattr(os, "mkfifo"):
            pytest.skip("no pipes with a name here")
        os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match=words):
        read_model(tmp_path / name)


@pytest.mark.parametrize("name", ["model.mdl", "model.xmile"])
def test_a_model_that_is_no_text_is_one_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes(range(256)) * 20)
    with pytest.raises(ModelError, match=f"{name}: is not text; expected a Vensim or XMILE model") as caught:
        read_model(tmp_path / name)
    assert len(caught.value.problems) == 1


FLOWS = "{UTF-8}\noil price ~~|\nother = 3 ~~|\nspent = oil price * other ~~|\n"
BAD_DATA = {
    # file: (content, place, words of the message)
    "empty.csv": ("", "", "found no numbers"),
    "header.csv": ("time,oil price\n", "", "found no numbers"),
    "word.csv": (
        "time,oil price\n0,1\n2,dear\n4,5\n",
        ":3",
        "'oil price' is 'dear', expected a number or nothing",
    ),
    "infinite.csv": ("time,oil price\n0,1\n\n4,inf\n", ":4", "'oil price' is 'inf'"),
    "time.csv": ("time,oil price\n0,1\nMarch,2\n", ":3", "the time is 'March', expected a number"),
    "twice.csv": ("time,oil price\n0,1\n2,3\n2,4\n", ":4", "the time 2 of 'oil price' stands in line 3 too"),
    "column.csv": ("time,oil price,Oil_Price\n0,1,2\n", ":2", "'Oil_Price' stands twice; keep one"),
    "nameless.csv": ("time,,oil price\n0,1,2\n", ":1", "a column has numbers and no name"),
    "comma.csv": ("time,oil price\n0,1,5\n", ":2", "has 3 cells, the first line 2; a decimal comma"),
    "semicolon.csv": ("time;oil price\n0;1\n", "", "it has ';' between, write ','"),
    "one.csv": ("oil price\n1\n2\n", "", "the first line has one cell"),
    "names.csv": ("0,1\n4,3\n", ":1", "expected names in the first line"),
    "quote.csv": ('time,oil price\n0,"1\n4,3\n', ":3", "is no table: unexpected end of data"),
    "long.csv": (f'time,oil price\n0,"{"1" * 200_000}"\n', ":2", "is no table: field larger"),
    "bytes.csv": ("time,oil price\n0,\0\n", "", "is not text; save it as .csv"),
    "word.dat": ("oil price\n0\t1\n4\tdear\n", ":3", "'oil price' is 'dear'"),
    "nameless.dat": ("0\t1\n4\t2\n", ":1", "has a time and a value before any name"),
    "sheet.xlsx": ("PK", "", "expected a table of series .*got 'sheet.xlsx'; save it as .csv"),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_a_table_of_series_that_is_wrong_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    text, place, words = BAD_DATA[name]
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=rf"{name}{place}: .*{words}"):
        read(make(tmp_path, FLOWS), tmp_path / name)


@pytest.mark.parametrize(
    ("name", "words"), [("none.csv", "No such file"), ("folder.csv", "directory"), ("pipe.csv", "a pipe")]
)
def test_a_table_of_series_that_is_no_file_is_refused(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    if name == "pipe.csv":
        if not hasattr(os, "mkfifo"):
            pytest.skip("no pipes with a name here")
        os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match=rf"{name}: cannot be read: .*{words}"):
        read(make(tmp_path, FLOWS), tmp_path / name)


def test_all_bad_cells_of_a_table_of_series_are_told_up_to_a_count(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("time,oil price\n" + "".join(f"{i},x\n" for i in range(30)))
    with pytest.raises(InputError) as caught:
        read(make(tmp_path, FLOWS), tmp_path / "data.csv")
    assert [problem.place[-3:] for problem in caught.value.problems[:2]] == ["v:2", "v:3"]
    assert caught.value.problems[20].message == "and 10 more problems"


def test_a_series_by_another_name_is_no_series_of_a_data_variable(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("time,oil prise\n0,1\n4,2\n")
    words = r"'oil price': has no equation, and data.csv no series of that name; did you mean 'oil prise'\?"
    with pytest.raises(ModelError, match=words):
        read(make(tmp_path, FLOWS), tmp_path / "data.csv")


TOLD = {
    # rows: the note
    "time,oil price,oil\n0,1,2\n4,2,3\n": "'oil' is not in the model; its series is not used",
    "time,oil price,other\n0,1,2\n4,2,3\n": "'other' has an equation, which is kept",
    "time,oil price\n1,1\n4,2\n": "'oil price' has times 1 to 4, the run 0 to 4; beyond its ends",
    "time,oil price\n0,1\n3,2\n": "'oil price' has times 0 to 3, the run 0 to 4",
    "time,oil price\n100,1\n": "'oil price' has times 100 to 100, the run 0 to 4",
}


@pytest.mark.parametrize("text", TOLD)
def test_what_a_table_of_series_does_not_do_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "data.csv").write_text(text)
    with pytest.warns(ModelWarning, match=f"data.csv: {TOLD[text]}"):
        read(make(tmp_path, FLOWS), tmp_path / "data.csv")


def test_a_table_of_series_for_a_model_without_data_variables_is_told(tmp_path: Path) -> None:
    (tmp_path / "data.dat").write_text("People\n0\t1\n4\t2\n")
    with pytest.warns(ModelWarning, match="data.dat: none of its series is used"):
        read(make(tmp_path, PEOPLE), tmp_path / "data.dat")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data.csv", 'Time, Oil  Price \n4,9\n\n0,1\n2,\n3,NA\n'),
        ("data.csv", "\ufefftime,oil_price,,\n0,1,,\n4,9,,\n"),
        ("data.csv", "time,0,2,4\noil price,1,,9\n"),
        ("data.tab", "time\toil price\n0\t1\n4\t9\n"),
        ("data.txt", "time,oil price\r\n0,1\r\n4,9\r\n"),
        ("data.dat", "other\n0\t7\noil price\n0\t1\n4\t9\n"),
        ("data.dat", "oil price\n0 1\n4 9\n"),
    ],
)  # fmt: skip
def test_a_table_of_series_is_read_in_each_of_its_forms(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found = read(make(tmp_path, FLOWS), tmp_path / name)["oil price"].expression
    assert isinstance(found, Lookup)
    assert isinstance(found.table, Table)
    assert (found.table.x, found.table.y) == ((0.0, 4.0), (1.0, 9.0))


def test_a_model_read_before_needs_no_pysd(tmp_path: Path) -> None:
    path = make(tmp_path, PEOPLE)
    read_model(path)
    code = (
        "import sys; from iskdyn.model import read_model; read_model(sys.argv[1]);"
        "sys.exit(any(m in sys.modules for m in ('pysd', 'numba', 'scipy', 'xarray')))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0
