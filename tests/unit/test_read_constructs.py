"""What public models use is read right: each value is from a manual's rule or by hand; the rest is refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from iskdyn.errors import ModelError
from iskdyn.model import Program, read_model
from iskdyn.model.elements import elements_named, of_elements, with_dimensions
from iskdyn.model.reading.text import decode
from iskdyn.simulate import simulate

CLOCK = "FINAL TIME = 4 ~~|\nINITIAL TIME = 0 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = TIME STEP ~~|\n"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">'
SPECS = '<sim_specs method="euler"><start>0</start><stop>4</stop><dt>1</dt></sim_specs>'
AGES = '<dimensions><dim name="age"><elem name="young"/><elem name="old"/></dim></dimensions>'


def vensim(folder: Path, equations: str, below: str = "") -> Program:
    path = folder / "model.mdl"
    path.write_text("{UTF-8}\n" + equations + CLOCK + below, encoding="utf-8")
    return read_model(path)


def xmile(folder: Path, variables: str, before: str = "", after: str = "", specs: str = SPECS) -> Program:
    path = folder / "model.stmx"
    text = f"{HEAD}<header/>\n{specs}\n{before}<model><variables>\n{variables}\n</variables></model>{after}</xmile>"
    path.write_text(text, encoding="utf-8")
    return read_model(path)


def values(program: Program, name: str) -> list[float]:
    return simulate(program, outputs=[name], engine="numpy")[program[name].name].values.tolist()


VENSIM = {
    "literals only": ("x = 100-20-5 ~~|\n", "x", [75.0] * 5),
    "comment in an equation": ("x = {one} 2 + {two, | no} 3 ~~|\n".replace("| ", ""), "x", [5.0] * 5),
    "a name over two lines": ("x = long \\\n\t\tname ~~|\nlong name = 3 ~~|\n", "x", [3.0] * 5),
    "wrapped range of a graph": (
        "x = WITH LOOKUP(Time, ([(0,0)-(4,\\\n\t\t8)],(0,1),(4,9))) ~~|\n",
        "x",
        [1.0, 3.0, 5.0, 7.0, 9.0],
    ),
    "points as two lists": ("t(0,4, 1,9) ~~|\nx = t(Time) ~~|\n", "x", [1.0, 3.0, 5.0, 7.0, 9.0]),
    "sum over a range": ("r: a, b, c ~~|\nv[r] = 1, 2, 4 ~~|\nx = SUM(v[r!]) ~~|\n", "x", [7.0] * 5),
    "product, least, largest": (
        "r: a, b, c ~~|\nv[r] = 1, 2, 4 ~~|\nx = PROD(v[r!]) + 10*VMIN(v[r!]) + 100*VMAX(v[r!]) ~~|\n",
        "x",
        [418.0] * 5,
    ),
    "a table of rows": (
        "r: a, b ~~|\ns: c, d, e ~~|\nv[r,s] = 1,2,3; 4,5,6; ~~|\nx = v[b,c] ~~|\n",
        "x",
        [4.0] * 5,
    ),
    "numbered range": ("r: (a1-a9) ~~|\nv[r] = r ~~|\nx = v[a7] + ELMCOUNT(r) ~~|\n", "x", [16.0] * 5),
    "subrange": (
        "r: a, b, c ~~|\ns: b, c ~~|\nv[r] = r ~~|\nw[s] = v[s] * 10 ~~|\nx = w[c] ~~|\n",
        "x",
        [30.0] * 5,
    ),
    "exception": (
        "r: a, b, c ~~|\nv[r] :EXCEPT: [b] = 1 ~~|\nv[b] = 5 ~~|\nx = v[a] + 10*v[b] ~~|\n",
        "x",
        [51.0] * 5,
    ),
    "mapping": (
        "who: w1, w2 -> what ~~|\nwhat: p1, p2 ~~|\nv[who] = 3, 4 ~~|\nq[what] = v[who] ~~|\nx = q[p2] ~~|\n",
        "x",
        [4.0] * 5,
    ),
    "mapping to groups": (
        (
            "r: a, b -> (g: g1, g2) ~~|\ng: c, d, e ~~|\ng1: c, d ~~|\ng2: e ~~|\nv[r] = 3, 4 ~~|\n"
            "q[g] = v[r] ~~|\nx = q[c] + 10*q[d] + 100*q[e] ~~|\n"
        ),
        "x",
        [433.0] * 5,
    ),
    "another name of a range": (
        "r: a, b ~~|\nr2 <-> r ~~|\nv[r] = 1, 2 ~~|\nm[r,r2] = v[r] + 10*v[r2] ~~|\nx = m[a,b] ~~|\n",
        "x",
        [21.0] * 5,
    ),
    "stocks of an array": (
        "r: a, b ~~|\ns[r] = INTEG(s[r]*rate[r], 1) ~~|\nrate[r] = 1, 2 ~~|\nx = SUM(s[r!]) ~~|\n",
        "x",
        [2.0, 5.0, 13.0, 35.0, 97.0],
    ),
    "elements one after another": (
        (
            "r: a, b, c ~~|\nlater: b, c ~~|\nbefore: a, b -> later ~~|\nv[a] = 1 ~~|\n"
            "v[later] = v[before]*2 ~~|\nx = v[c] ~~|\n"
        ),
        "x",
        [4.0] * 5,
    ),
    "tables of an array": (
        "r: a, b ~~|\nt[a]((0,0),(4,4)) ~~|\nt[b]((0,0),(4,8)) ~~|\nv[r] = t[r](Time) ~~|\nx = v[b] ~~|\n",
        "x",
        [0.0, 2.0, 4.0, 6.0, 8.0],
    ),
    "element further on": (
        "r: a, b, c ~~|\nv[r] = 5, 6, 7 ~~|\nx = VECTOR ELM MAP(v[a], MIN(Time, 2)) ~~|\n",
        "x",
        [5.0, 6.0, 7.0, 7.0, 7.0],
    ),
    "selection": (
        "r: a, b, c ~~|\nv[r] = 5, 6, 7 ~~|\nm[r] = 1, 0, 1 ~~|\nx = VECTOR SELECT(m[r!], v[r!], 0, 0, 0) ~~|\n",
        "x",
        [12.0] * 5,
    ),
    "macro with the caller's clock": (
        ":MACRO: NOISY(x, k)\nNOISY = x*k + TIME STEP$ + Time$ ~~|\n:END OF MACRO:\ny = NOISY(Time, 2) ~~|\n",
        "y",
        [1.0, 4.0, 7.0, 10.0, 13.0],
    ),
    "second output of a macro": (
        ":MACRO: PAIR(x : more)\nPAIR = x ~~|\nmore = x + 1 ~~|\n:END OF MACRO:\ny = PAIR(2 : z) ~~|\nx = z ~~|\n",
        "x",
        [3.0] * 5,
    ),
    "present value": (
        "x = NPV(10, 0.1, 0, 1) ~~|\n",
        "x",
        [10.0 * sum(1.1**-k for k in range(n + 1)) for n in range(5)],
    ),
    "delay of material": ("x = DELAY MATERIAL(Time, 2, 0, 0) ~~|\n", "x", [0.0, 0.0, 0.0, 1.0, 2.0]),
    "beyond a table": ("t((0,0),(5,10),(10,30)) ~~|\nx = LOOKUP EXTRAPOLATE(t, 12) ~~|\n", "x", [38.0] * 5),
    "next point": ("t((0,0),(5,10),(10,30)) ~~|\nx = LOOKUP FORWARD(t, 2) ~~|\n", "x", [10.0] * 5),
    "last point": ("t((0,0),(5,10),(10,30)) ~~|\nx = LOOKUP BACKWARD(t, 6) ~~|\n", "x", [10.0] * 5),
    "table turned round": ("t((0,0),(5,10),(10,30)) ~~|\nx = LOOKUP INVERT(t, 20) ~~|\n", "x", [7.5] * 5),
    "its own last sample": ("x = SAMPLE IF TRUE(Time < 3, x + 1, 0) ~~|\n", "x", [1.0, 2.0, 3.0, 3.0, 3.0]),
    "not available": ("x = IF THEN ELSE(v = :NA:, 1, 0) ~~|\nv = :NA: ~~|\n", "x", [1.0] * 5),
}


@pytest.mark.parametrize("case", VENSIM.values(), ids=VENSIM)
def test_a_construct_of_vensim_has_its_value(case: tuple[str, str, list[float]], tmp_path: Path) -> None:
    equations, name, expected = case
    assert values(vensim(tmp_path, equations), name) == pytest.approx(expected, rel=1e-12)


def aux(equation: str) -> str:
    return f'<aux name="x"><eqn>{equation}</eqn></aux>'


XMILE = {
    "the step of time": (aux("DT"), [1.0] * 5),
    "lower case": (aux("if time &gt; 2 then 1 else 0"), [0.0, 0.0, 0.0, 1.0, 1.0]),
    "nested": (
        aux("IF TIME = 0 THEN 5 ELSE IF TIME &lt; 3 AND NOT (TIME = 1) THEN 6 ELSE 7 + 1"),
        [5.0, 8.0, 6.0, 8.0, 8.0],
    ),
    "comments": (aux("{a} 5 {b}"), [5.0] * 5),
    "mod": (aux("7 MOD 3 + (-7) MOD 3"), [3.0] * 5),
    "safe division": (aux("4 // 0 + 4 // 2"), [2.0] * 5),
    "int": (aux("INT(-2.5)"), [-3.0] * 5),
    "round": (aux("ROUND(2.4) + ROUND(2.6)"), [5.0] * 5),
    "many": (aux("MAX(1, 5, 3) + MIN(4, 2, 6) + MEAN(1, 2, 6)"), [10.0] * 5),
    "logarithm": (aux("LOG10(1000)"), [3.0] * 5),
    "previous": (aux("PREVIOUS(TIME * 2, 9)"), [9.0, 0.0, 2.0, 4.0, 6.0]),
    "itself": (aux("PREVIOUS(SELF, 9) + 1"), [10.0, 11.0, 12.0, 13.0, 14.0]),
    "names with blanks": ('<aux name="my  rate"><eqn>2</eqn></aux>' + aux("my rate * 3"), [6.0] * 5),
    "names in quotes": ('<aux name="a (b)"><eqn>2</eqn></aux>' + aux("&quot;a (b)&quot; * 3"), [6.0] * 5),
    "graph": (
        '<aux name="x"><eqn>TIME</eqn><gf><xscale min="0" max="4"/><ypts>1,9</ypts></gf></aux>',
        [1.0, 3.0, 5.0, 7.0, 9.0],
    ),
    "graph of a variable read elsewhere": (
        '<aux name="g"><eqn>0</eqn><gf><xscale min="0" max="4"/><ypts>1,9</ypts></gf></aux>'
        + aux("LOOKUP(g, TIME)"),
        [1.0, 3.0, 5.0, 7.0, 9.0],
    ),
    "initial equation": (
        '<aux name="x"><eqn>TIME</eqn><init_eqn>7</init_eqn></aux>',
        [0.0, 1.0, 2.0, 3.0, 4.0],
    ),
    "no less than nothing": (
        (
            '<stock name="s"><eqn>0</eqn><inflow>x</inflow></stock>'
            '<flow name="x"><eqn>2 - TIME</eqn><non_negative/></flow>'
        ),
        [2.0, 1.0, 0.0, 0.0, 0.0],
    ),
}


@pytest.mark.parametrize("case", XMILE.values(), ids=XMILE)
def test_a_construct_of_xmile_has_its_value(case: tuple[str, list[float]], tmp_path: Path) -> None:
    variables, expected = case
    assert values(xmile(tmp_path, variables), "x") == pytest.approx(expected, rel=1e-12)


POP = (
    '<stock name="pop"><dimensions><dim name="age"/></dimensions><element subscript="young"><eqn>10</eqn></element>'
    '<element subscript="old"><eqn>20</eqn></element><inflow>born</inflow></stock>'
    '<flow name="born"><dimensions><dim name="age"/></dimensions><eqn>pop*0.1</eqn></flow>'
)


@pytest.mark.parametrize("total", ["SUM(pop)", "SUM(pop[*])", "pop[young] + pop[old]", "2 * MEAN(pop)"])
def test_an_array_of_xmile_is_summed(total: str, tmp_path: Path) -> None:
    program = xmile(tmp_path, POP + aux(total), AGES)
    assert values(program, "x") == pytest.approx([30 * 1.1**t for t in range(5)])


def test_a_module_takes_its_input_from_outside(tmp_path: Path) -> None:
    outside = (
        '<module name="prey"><connect to="prey.hunters" from="wolves"/></module>'
        '<aux name="wolves"><eqn>2</eqn></aux>'
    )
    inside = (
        '<model name="prey"><variables><aux name="hunters" access="input"><eqn>0</eqn></aux>'
        '<stock name="animals"><eqn>100</eqn><outflow>eaten</outflow></stock>'
        '<flow name="eaten"><eqn>hunters*3</eqn></flow></variables></model>'
    )
    program = xmile(tmp_path, outside + aux("prey.animals * 2"), after=inside)
    assert values(program, "x") == [200.0, 188.0, 176.0, 164.0, 152.0]
    assert values(program, "prey.animals")[-1] == 76.0


def test_what_an_empty_stock_gives_is_shared_in_the_order_written(tmp_path: Path) -> None:
    program = xmile(
        tmp_path,
        '<stock name="s"><eqn>10</eqn><outflow>first</outflow><outflow>second</outflow><non_negative/></stock>'
        '<flow name="first"><eqn>7</eqn></flow><flow name="second"><eqn>7</eqn></flow>'
        '<stock name="t"><eqn>0</eqn><inflow>first</inflow></stock>'
        '<stock name="u"><eqn>0</eqn><inflow>second</inflow></stock>' + aux("s + t + u"),
    )
    assert values(program, "x") == [10.0] * 5
    assert values(program, "first")[:2] == [7.0, 0.0]
    assert values(program, "second")[:2] == [3.0, 0.0]


REFUSED_XMILE = {
    "conveyor": '<stock name="c"><eqn>0</eqn><conveyor><len>3</len></conveyor></stock>',
    "queue": '<stock name="c"><eqn>0</eqn><queue/></stock>',
    "oven": '<stock name="c"><eqn>0</eqn><oven/></stock>',
    "not known": '<stock name="c"><eqn>0</eqn><trapdoor/></stock>',
    "has no equation yet": '<aux name="c"><eqn>???</eqn></aux>',
    "is not supported": '<aux name="c"><eqn>COOKIES(1)</eqn></aux>',
    "no <model> of that name": '<module name="c"/>',
    "ELSE is missing": '<aux name="c"><eqn>IF TIME = 1 THEN 2</eqn></aux>',
    "is on the right but not on the left": POP.replace("pop*0.1", "1")
    + '<aux name="c"><eqn>pop + 1</eqn></aux>',
}


@pytest.mark.parametrize("words", REFUSED_XMILE)
def test_what_is_not_run_is_refused_with_line_and_column(words: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        xmile(tmp_path, "\n" + REFUSED_XMILE[words], AGES)
    found = [problem for problem in refused.value.problems if words in problem.message]
    assert found, refused.value.problems
    assert all(len(problem.place.split(":")) == 3 for problem in found)


def test_a_planted_tag_attribute_or_setting_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="attribute 'gravity'"):
        xmile(tmp_path, aux("1").replace("<aux", '<aux gravity="9"'))
    with pytest.raises(ModelError, match="settings line 250 is not known"):
        vensim(tmp_path, "x = 1 ~~|\n", "\\\\\\---/// Sketch\n///---\\\\\\\n250:7\n")


def test_an_old_stella_file_without_a_list_of_variables_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.stmx"
    path.write_text(f"{HEAD}<header/>{SPECS}<model>{aux('TIME * 2')}</model></xmile>")
    assert values(read_model(path), "x") == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_a_file_without_variables_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        xmile(tmp_path, "")


@pytest.mark.parametrize(
    ("line", "method"),
    [
        ("15:0,0,0,0,0,0", "euler"),
        ("15:0,0,0,1,0,0", "rk4 auto"),
        ("15:0,0,0,5,0,0", "rk4"),
        ("15:0,0,0,4,0,0", "rk2"),
    ],
)
def test_the_integration_of_the_settings_is_obeyed(line: str, method: str, tmp_path: Path) -> None:
    assert vensim(tmp_path, "x = 1 ~~|\n", f"\\\\\\---/// Sketch\n///---\\\\\\\n{line}\n").method == method


def test_the_integration_and_the_rows_of_xmile_are_obeyed(tmp_path: Path) -> None:
    clock = '<start>0</start><stop>4</stop><dt reciprocal="true">2</dt>'
    specs = f'<sim_specs method="RK4" isee:save_interval="2">{clock}</sim_specs>'
    program = xmile(
        tmp_path,
        '<stock name="x"><eqn>1</eqn><inflow>f</inflow></stock><flow name="f"><eqn>x</eqn></flow>',
        specs=specs,
    )
    assert (program.method, program["TIME STEP"].value, program["SAVEPER"].value) == ("rk4", 0.5, 2.0)
    step = 1 + 0.5 + 0.5**2 / 2 + 0.5**3 / 6 + 0.5**4 / 24
    assert values(program, "x") == pytest.approx([1.0, step**4, step**8])


@pytest.mark.parametrize("engine", ["numpy", "ensemble"])
def test_elements_are_named_and_set_from_outside(engine: str, tmp_path: Path) -> None:
    program = vensim(tmp_path, "r: a, b ~~|\nq: c, d ~~|\nv[r,q] = 1 ~~|\nw[r,q] = v[r,q]*10 ~~|\n")
    assert elements_named(program, ["v[a,*]", "w"]) == [
        "v[a,c]",
        "v[a,d]",
        "w[a,c]",
        "w[a,d]",
        "w[b,c]",
        "w[b,d]",
    ]
    result = simulate(program, of_elements(program, {"V[ b, * ]": 5.0}), engine=engine)  # type: ignore[arg-type]
    whole = with_dimensions(program, result)["w"]
    assert whole.dims == ("r", "q", "time")
    assert whole.sel(r="b", q="d").values.tolist() == [50.0] * 5
    assert whole.sel(r="a", q="d").values.tolist() == [10.0] * 5


def test_series_for_data_variables_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "series.csv").write_text("Time,sales\n0,1\n4,9\n")
    path = tmp_path / "model.mdl"
    path.write_text("{UTF-8}\nsales ~~|\nx = sales * 2 ~~|\n" + CLOCK)
    with pytest.raises(ModelError, match=r"is a data variable without an equation.*--data"):
        read_model(path)
    assert values(read_model(path, tmp_path / "series.csv"), "x") == [2.0, 6.0, 10.0, 14.0, 18.0]


def test_numbers_beside_the_model_are_read_and_nothing_outside_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("t,one,two\n0,1,10\n4,9,90\n")
    equations = (
        "r: a, b ~~|\nc = GET DIRECT CONSTANTS('table.csv', ',', 'C2') ~~|\n"
        "d[r] := GET DIRECT DATA('table.csv', ',', 'A', 'B2') ~~|\nx = c + d[b] ~~|\n"
    )
    program = vensim(tmp_path, equations)
    assert values(program, "x") == [20.0, 40.0, 60.0, 80.0, 100.0]
    assert [name for name, _ in program.beside] == ["table.csv"]
    (tmp_path / "table.csv").write_text("t,one,two\n0,1,11\n4,9,91\n")
    assert values(read_model(program.path), "x")[0] == 22.0
    with pytest.raises(ModelError, match="not in the model's folder"):
        vensim(tmp_path, equations.replace("table.csv", "../table.csv"))


def test_spellings_of_one_name_are_one_and_no_byte_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "model.mdl"
    path.write_bytes(("\ufeffcafe\u0301 = 3 ~~|\nx = caf\u00e9 * 2 ~~|\n" + CLOCK).encode())
    assert values(read_model(path), "x") == [6.0] * 5
    path.write_bytes(
        ("caf\u00e9 = 3 ~ \u20ac ~ \u0153uvre|\nx = caf\u00e9 * 2 ~~|\n" + CLOCK).encode("cp1252")
    )
    program = read_model(path)
    assert (program["caf\u00e9"].units, program["caf\u00e9"].documentation) == ("\u20ac", "\u0153uvre")
    assert any(row.what == "encoding cp1252" for row in program.ledger)
    assert decode(bytes(range(128, 256)))[0].isprintable() is False
    assert len(decode(bytes(range(128, 256)))[0]) == 128


def test_the_ledger_of_a_vensim_file_covers_every_entry(tmp_path: Path) -> None:
    program = vensim(
        tmp_path, "********\n\t.Group\n********~ |\nr: a, b ~~|\nv[r] = 1 ~~ :SUPPLEMENTARY |\n",
        "\\\\\\---/// Sketch\n///---\\\\\\\n22:Person,People\n5:x\n",
    )  # fmt: skip
    assert [
        (row.line, row.what, row.verdict)
        for row in program.ledger
        if "TIME" not in row.what and row.what != "equation SAVEPER"
    ] == [
        (2, "group of variables", "kept"),
        (5, "range r", "used"),
        (6, "equation v", "used"),
        (11, "sketch", "kept"),
        (13, "settings line 22: synonyms of units", "used"),
        (14, "settings line 5", "kept"),
    ]


def test_an_array_too_large_is_counted_before_it_is_made(tmp_path: Path) -> None:
    equations = "r: (a1-a300) ~~|\ns: (b1-b300) ~~|\nbig[r,s] = 1 ~~|\nsmall[r] = 1 ~~|\n"
    with pytest.raises(ModelError, match=r"90,304 scalars.*widest: big 90,000, small 300"):
        vensim(tmp_path, equations)


def test_a_table_of_many_points_is_read(tmp_path: Path) -> None:
    points = ",".join(f"({i},{i % 7})" for i in range(100_000))
    program = vensim(tmp_path, f"t({points}) ~~|\nx = t(Time) ~~|\n")
    assert values(program, "x") == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_random_numbers_of_an_input_are_those_of_its_smooth_at_the_start(tmp_path: Path) -> None:
    program = vensim(tmp_path, "x = SMOOTH(RANDOM UNIFORM(0, 1, 3), 1e9) ~~|\n")
    assert np.ptp(values(program, "x")) < 1e-6
