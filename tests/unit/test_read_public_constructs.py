"""Constructs of public models that came later: order of elements, computed subscripts, parts of a range, modules."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from test_read_constructs import CLOCK, aux, values, vensim, xmile

from iskdyn.errors import ModelError
from iskdyn.model import read_model
from iskdyn.model.write_out import functions
from iskdyn.model.write_out.calls import WAYS_ON

AGES = (
    '<dimensions><dim name="age"><elem name="child"/><elem name="young"/><elem name="old"/></dim>'
    '<dim name="grown"><elem name="young"/><elem name="old"/></dim></dimensions>'
)
POP = (
    '<aux name="pop"><dimensions><dim name="age"/></dimensions><element subscript="child"><eqn>30</eqn></element>'
    '<element subscript="young"><eqn>10</eqn></element><element subscript="old"><eqn>20</eqn></element></aux>'
    '<aux name="place"><eqn>1 + TIME</eqn></aux>'
)
XMILE = {
    "a part of a range": ("SUM(pop[*:grown])", [30.0] * 5),
    "the number of an element": ("10 * age.old + grown.old", [32.0] * 5),
    "an element by its number": ("pop[INT(TIME / 2) + 1]", [30.0, 30.0, 10.0, 10.0, 20.0]),
    "an element by the number of a variable": ("pop[age.old]", [20.0] * 5),
    "the size of a range": ("10 * SIZE(age) + SIZE(grown)", [32.0] * 5),
    "the smallest": ("RANK(pop, 1)", [2.0] * 5),
    "the largest by its number": ("pop[RANK(pop[*], SIZE(pop[*]))]", [30.0] * 5),
}


@pytest.mark.parametrize("case", XMILE.values(), ids=XMILE)
def test_an_array_of_xmile_is_read(case: tuple[str, list[float]], tmp_path: Path) -> None:
    assert values(xmile(tmp_path, POP + aux(case[0]), AGES), "x") == case[1]


def test_an_element_outside_of_the_range_has_no_value(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a finite number at time 3"):
        values(xmile(tmp_path, POP + aux("pop[place]"), AGES), "x")


def test_a_part_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'trees' is no part of the range 'age'"):
        xmile(tmp_path, POP + aux("SUM(pop[*:trees])"), AGES)


def test_a_name_in_quotes_behind_a_module_is_one_name(tmp_path: Path) -> None:
    outside = '<module name="m"><connect to="m.&quot;of %&quot;" from="n.&quot;to %&quot;"/></module><module name="n"/>'
    m = '<model name="m"><variables><aux name="of %"><eqn>0</eqn></aux></variables></model>'
    n = '<model name="n"><variables><aux name="to %"><eqn>7</eqn></aux></variables></model>'
    assert values(xmile(tmp_path, outside + aux('m."of %"'), after=m + n), "x") == [7.0] * 5


def test_an_input_without_the_name_of_its_module_is_inside_of_it(tmp_path: Path) -> None:
    outside = '<module name="m"><connect to="area" from=".area"/></module><aux name="area"><eqn>7</eqn></aux>'
    inside = '<model name="m"><variables><aux name="area"><eqn>0</eqn></aux></variables></model>'
    assert values(xmile(tmp_path, outside + aux("m.area + area"), after=inside), "x") == [14.0] * 5


@pytest.mark.parametrize("given", [True, False])
def test_a_module_knows_whether_an_input_comes_from_outside(given: bool, tmp_path: Path) -> None:
    link = '<connect to="m.first" from="start"/>' if given else ""
    outside = f'<module name="m">{link}</module><aux name="start"><eqn>7</eqn></aux>'
    inside = (
        '<model name="m"><variables><aux name="first"><eqn>NAN</eqn></aux>'
        '<aux name="y"><eqn>IF isModuleInput(first) THEN first ELSE 3</eqn></aux></variables></model>'
    )
    assert values(xmile(tmp_path, outside + aux("m.y"), after=inside), "x") == [7.0 if given else 3.0] * 5


@pytest.mark.parametrize("note", ["ai_state", "label"])
def test_what_a_tool_notes_of_a_module_changes_nothing(note: str, tmp_path: Path) -> None:
    inside = '<model name="m"><variables><aux name="y"><eqn>7</eqn></aux></variables></model>'
    assert (
        values(xmile(tmp_path, f'<module name="m" {note}="C"/>' + aux("m.y"), after=inside), "x") == [7.0] * 5
    )


def test_an_arrow_of_the_sketch_is_no_second_equation(tmp_path: Path) -> None:
    program = vensim(tmp_path, "x = A FUNCTION OF(-y) ~~|\nx = 2 + y ~~|\ny = 1 ~~|\n")
    assert values(program, "x") == [3.0] * 5


def test_a_long_array_is_not_put_in_order(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="VECTOR SORT ORDER of 41 elements; at most 40"):
        vensim(tmp_path, "r: (a1-a41) ~~|\nv[r] = r ~~|\ns[r] = VECTOR SORT ORDER(v[r], 1) ~~|\n")


@pytest.mark.parametrize("last", ["A", "A4", "2"])
def test_elements_of_a_range_stand_in_a_file(last: str, tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("heading,,\na,b,c\nb,,\nc,,\n", encoding="utf-8")
    program = vensim(
        tmp_path,
        f"r: GET DIRECT SUBSCRIPT('names.csv', ',', 'A2', '{last}', 'x ') -> s ~~|\ns: d, e, f ~~|\n"
        "v[r] = 1, 2, 4 ~~|\nw[s] = v[r] ~~|\nx = v[x b] + 10 * w[f] + 100 * ELMCOUNT(r) ~~|\n",
    )
    assert values(program, "x") == [342.0] * 5
    assert [file for file, _ in program.beside] == ["names.csv"]


def test_a_range_without_its_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'names.csv' is not beside the model"):
        vensim(tmp_path, "r: GET DIRECT SUBSCRIPT('names.csv', ',', 'A2', 'A', '') ~~|\nv[r] = 1 ~~|\n")


BELT = (
    '<stock name="belt"><eqn>{0}</eqn><inflow>onto</inflow><inflow>too</inflow><outflow>off</outflow>'
    "<conveyor{1}><len>{2}</len>{3}</conveyor><non_negative/></stock>"
    '<flow name="onto"><eqn>5 + TIME</eqn></flow><flow name="too"><eqn>5</eqn></flow><flow name="off"/>'
    '<aux name="length"><eqn>2</eqn></aux><aux name="slow"><eqn>2 + TIME</eqn></aux>'
)


def test_a_conveyor_gives_what_came_in_a_length_ago(tmp_path: Path) -> None:
    program = xmile(tmp_path, BELT.format("12", "", "length", "") + aux("belt"))
    assert values(program, "off") == [6.0, 6.0, 10.0, 11.0, 12.0]
    assert values(program, "x") == [12.0, 16.0, 21.0, 23.0, 25.0]


@pytest.mark.parametrize(
    ("belt", "words"),
    [
        (("0", ' discrete="true"', "2", ""), "'belt' is a conveyor, which is not run here"),
        (("0", "", "2", "<capacity>9</capacity>"), "'belt' is a conveyor, which is not run here"),
        (("0", "", "slow", ""), "a conveyor is run with a constant length only"),
    ],
)
def test_a_conveyor_with_more_than_a_length_is_refused(
    belt: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=words):
        xmile(tmp_path, BELT.format(*belt))


@pytest.mark.parametrize("written", ["isee:spreadflow", "spreadflow"])
@pytest.mark.parametrize("where", ["beginning", "source", "even", "dest", "dist"])
def test_what_enters_a_conveyor_elsewhere_than_at_its_beginning_is_refused(
    where: str, written: str, tmp_path: Path
) -> None:
    belt = BELT.format("0", "", "2", "").replace('name="too"', f'name="too" {written}="{where}"')
    if written == "isee:spreadflow":
        belt = belt.replace("<flow ", '<flow xmlns:isee="http://iseesystems.com/XMILE" ')
    if where in ("beginning", "source"):
        assert values(xmile(tmp_path, belt), "off")[:3] == [0.0, 0.0, 10.0]
    else:
        with pytest.raises(ModelError, match=f"'too' is spread over a conveyor .{where}."):
            xmile(tmp_path, belt)


NA = -(2.0**109)
GET_DATA = {
    "GET DATA BETWEEN TIMES(v, Time + 1, 0)": [10.0, 20.0, 40.0, 60.0, NA],
    "GET DATA BETWEEN TIMES(v, MAX(0, Time - 1), -1)": [0.0, 0.0, 0.0, 10.0, 20.0],
    "GET DATA BETWEEN TIMES(v, MIN(4, Time + 1), -1)": [0.0, 10.0, 20.0, 20.0, 20.0],
    "GET DATA BETWEEN TIMES(v, MIN(4, Time + 0.5), 1)": [0.0, 10.0, 20.0, 60.0, 60.0],
    "GET DATA LAST TIME(v) + 10 * GET DATA FIRST TIME(v)": [4.0] * 5,
    "GET DATA MIN(v, Time, 2.5)": [0.0, 10.0, 20.0, NA, NA],
    "GET DATA MAX(v, 0, Time)": [0.0, 10.0, 20.0, 20.0, 60.0],
    "GET DATA MEAN(v, 0, Time)": [0.0, 5.0, 10.0, 10.0, 22.5],
}


@pytest.mark.parametrize("equation", GET_DATA)
def test_the_points_of_a_data_variable_are_asked_for(equation: str, tmp_path: Path) -> None:
    """As published output of Vensim has it (SDEverywhere, models/getdata): the earlier point is one before the time."""
    (tmp_path / "v.csv").write_text("time,v\n0,0\n1,10\n2,20\n4,60\n", encoding="utf-8")
    text = f"v ~~|\nx = {equation} ~~|\n" + CLOCK
    (tmp_path / "model.mdl").write_text("{UTF-8}\n" + text, encoding="utf-8")
    assert values(read_model(tmp_path / "model.mdl", tmp_path / "v.csv"), "x") == GET_DATA[equation]


def test_only_a_data_variable_has_points(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="GET DATA LAST TIME takes the name of a data variable"):
        vensim(tmp_path, "v = 1 ~~|\nx = GET DATA LAST TIME(v) ~~|\n")


def test_a_named_range_of_a_workbook_stands_for_its_first_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "s"
    for row in (["years", 0, 2, 4], ["v", 1, 5, 9], ["c", 3, 7, None]):
        sheet.append(row)
    for name, cells in {"years": "$B$1:$D$1", "v_all": "$B$2:$D$2", "c_first": "$B$3:$C$3"}.items():
        book.defined_names[name] = DefinedName(name, attr_text=f"s!{cells}")
    book.save(tmp_path / "b.xlsx")
    program = vensim(
        tmp_path,
        "r: a, b ~~|\nv := GET DIRECT DATA('b.xlsx', 's', 'years', 'v_all') ~~|\n"
        "c[r] = GET DIRECT CONSTANTS('b.xlsx', 's', 'C_first') ~~|\nx = v + 10 * c[b] ~~|\n",
    )
    assert values(program, "x") == [71.0, 73.0, 75.0, 77.0, 79.0]
    with pytest.raises(ModelError, match="'nothing' is neither a cell such as B2 nor the name of a range"):
        vensim(tmp_path, "x = GET DIRECT CONSTANTS('b.xlsx', 's', 'nothing') ~~|\n")


def test_a_raw_data_variable_has_values_at_its_points_only(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("time,v\n0,5\n1,10\n3,30\n4,40\n", encoding="utf-8")
    text = "v :RAW: ~~|\nx = IF THEN ELSE(v = :NA:, 0, v) ~~|\n" + CLOCK
    (tmp_path / "model.mdl").write_text("{UTF-8}\n" + text, encoding="utf-8")
    assert values(read_model(tmp_path / "model.mdl", tmp_path / "v.csv"), "x") == [5.0, 10.0, 0.0, 30.0, 40.0]


@pytest.mark.parametrize("key", WAYS_ON)
def test_a_function_of_public_models_that_is_not_run_names_a_way_on(key: str, tmp_path: Path) -> None:
    assert key not in functions.VENSIM
    assert key not in functions.XMILE
    with pytest.raises(ModelError) as refused:
        vensim(tmp_path, f"x = 1 + {key.upper().replace('_', ' ')}(Time) ~~|")
    (problem,) = refused.value.problems
    spelled = key.upper().replace("_", " ")
    assert problem.place.endswith(":2:9")
    assert problem.message == f"'x': the function {spelled} is not supported; {WAYS_ON[key]}"


def test_a_function_that_nobody_knows_is_refused_with_a_way_on(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"the function ZZYZX is not supported; write it out .* --data FILE\.csv"
    ):
        vensim(tmp_path, "x = ZZYZX(Time) ~~|")
