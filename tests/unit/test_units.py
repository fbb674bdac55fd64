"""Units: the unit of every kind of expression, and what a modeller is told of a mistake."""

from __future__ import annotations

import pytest

from iskdyn.model import Call, Number, Reference, Variable
from iskdyn.model.assemble import assemble
from iskdyn.model.spelling import spell
from iskdyn.model.units_algebra import Unit, UnitReader
from iskdyn.model.units_check import embedded_numbers, unit_problems
from iskdyn.model.units_inference import RULES, Inference

SETTINGS = "\\\\\\---/// Sketch\n///---\\\\\\\n:L<%^E!@\n22:Person,People\n22:Ruble, Rbl ,\n22:,\n15:0,0\n"

BASE = """{UTF-8}
men = INTEG(hiring - hiring, men at start) ~ Person ~ a |
men at start = 10 ~ Person ~ a |
hiring = 5 ~ Person/Month ~ a |
rate = 0.1 ~ 1/Month ~ a |
share = 0.5 ~ Dmnl ~ a |
wait = 3 ~ Month ~ a |
bombs = 2 ~ Attack ~ a |
area = 4 ~ km^2 ~ a |
curve([(0,0)-(1,1)],(0,0),(1,1)) ~ Person ~ a |
"""
CLOCK = """
INITIAL TIME = 0 ~ Month ~ a |
FINAL TIME = 10 ~ Month ~ a |
TIME STEP = 0.5 ~ Months ~ a |
SAVEPER = 1 ~ Month ~ a |
"""


@pytest.fixture
def model(tmp_path):
    """`model("x = men ~ Person ~ a |")`: the base model with more equations."""

    def read(more="", base=BASE, clock=CLOCK, settings=SETTINGS):
        path = tmp_path / "case.mdl"
        path.write_text(base + more + clock + settings, encoding="utf-8")
        return assemble(path, path.read_bytes())

    return read


def messages(program, kind="mismatch"):
    return [one.problem.message for one in unit_problems(program) if one.kind == kind]


FITTING = [
    ("men + men at start", "Person"),
    ("men - 5", "Person"),
    ("-men", "Person"),
    ("1 + rate*wait", "Dmnl"),
    ("men*rate", "Person/Month"),
    ("2*men", "Person"),
    ("men/wait", "Person/Month"),
    ("1/wait", "1/Month"),
    ("men/men", "Dmnl"),
    ("men^2", "Person^2"),
    ("men^-1", "1/Person"),
    ("area^0.5", "km"),
    ("SQRT(area)", "km"),
    ("share^rate share", "Dmnl"),
    ("2^share", "Dmnl"),
    ("POWER(men, 2)", "Person*Person"),
    ("MAX(0, men)", "Person"),
    ("MIN(men, 7)", "Person"),
    ("MAX(men, men at start)", "Person"),
    ("ABS(men)", "Person"),
    ("INTEGER(men)", "Person"),
    ("QUANTUM(men, men at start)", "Person"),
    ("MODULO(Time, wait)", "Month"),
    ("EXP(share)", "Dmnl"),
    ("LN(share)", "Dmnl"),
    ("LOG(share, 10)", "Dmnl"),
    ("SIN(Time*rate)", "Dmnl"),
    ("IF THEN ELSE(Time > wait, men, 0)", "Person"),
    ("IF THEN ELSE(men = 3 :AND: share < 1, men, men at start)", "Person"),
    ("IF THEN ELSE(:NOT: (share > 0), 1, rate*wait)", "Dmnl"),
    ("ZIDZ(men, wait)", "Person/Month"),
    ("XIDZ(men, wait, hiring)", "Person/Month"),
    ("XIDZ(men, wait, 0)", "Person/Month"),
    ("STEP(men, wait)", "Person"),
    ("RAMP(hiring, wait, 5)", "Person"),
    ("PULSE(wait, wait)", "Dmnl"),
    ("PULSE TRAIN(1, wait, wait, 9)", "Dmnl"),
    ("RANDOM UNIFORM(men, men, 3)", "Person"),
    ("RANDOM NORMAL(men, men, men, men, 3)", "Person"),
    ("SMOOTH(men, wait)", "Person"),
    ("SMOOTH3I(men, wait, men at start)", "Person"),
    ("DELAY1(hiring, wait)", "Person/Month"),
    ("DELAY1I(hiring, wait, 5)", "Person/Month"),
    ("DELAY N(hiring, wait, 5, 3)", "Person/Month"),
    ("DELAY FIXED(men, wait, men at start)", "Person"),
    ("TREND(men, wait, 0)", "1/Month"),
    ("FORECAST(men, wait, wait)", "Person"),
    ("SAMPLE IF TRUE(Time < wait, men, men at start)", "Person"),
    ("INITIAL(men)", "Person"),
    ("ACTIVE INITIAL(men, men at start)", "Person"),
    ("INTEG(hiring, men at start)", "Person"),
    ("INTEG(hiring, 3)", "Person"),
    ("INTEG(rate, 0)", "Dmnl"),
    ("curve(share)", "Person"),
    ("curve(Time)", "Person"),
    ("Time/wait", "Dmnl"),
    ("TIME STEP", "Month"),
]  # fmt: skip


@pytest.mark.parametrize(("equation", "unit"), FITTING)
def test_expression_has_its_unit_and_no_other(equation, unit, model):
    more = "rate share = 2 ~ Dmnl ~ a |\n"
    right = model(f"{more}x = {equation} ~ {unit} ~ a |")
    assert unit_problems(right) == []
    wrong = messages(model(f"{more}x = {equation} ~ Attack*km ~ a |"))
    reader = UnitReader()
    if equation.startswith("INTEG("):
        flow = reader.read(unit) / reader.read("Month")
        assert f"is {flow}, expected Attack*km/Month" in wrong[-1]
    else:
        assert len(wrong) == 1
        assert f"is {reader.read(unit)}, expected Attack*km" in wrong[0]


WRONG = [
    # equation, its unit, what is said of it
    ("men + bombs", "Person", "in men + bombs: bombs is Attack, expected Person"),
    ("men - wait", "Person", "in men - wait: wait is Month, expected Person"),
    ("2*(men + wait)", "Person", "in men + wait: wait is Month, expected Person"),
    ("men^(1 - men)", "Person", "in men^(1 - men): 1 - men is Person, expected Dmnl"),
    ("men^share", "Person", "in men^share: men is Person, expected Dmnl"),
    ("MAX(men, wait)", "Person", "in MAX(men, wait): wait is Month, expected Person"),
    ("MIN(0, MIN(men, wait))", "Person", "in MIN(men, wait): wait is Month, expected Person"),
    ("MODULO(men, wait)", "Person", "wait is Month, expected Person"),
    ("QUANTUM(men, wait)", "Person", "wait is Month, expected Person"),
    ("EXP(men)", "Dmnl", "in EXP(men): men is Person, expected Dmnl"),
    ("LN(men)", "Dmnl", "in LN(men): men is Person, expected Dmnl"),
    ("LOG(share, men)", "Dmnl", "men is Person, expected Dmnl"),
    ("COS(men)", "Dmnl", "men is Person, expected Dmnl"),
    ("IF THEN ELSE(men, share, share)", "Dmnl", "men is Person, expected Dmnl"),
    ("IF THEN ELSE(men > wait, share, share)", "Dmnl", "in men > wait: wait is Month, expected Person"),
    ("IF THEN ELSE(Time > 3, men, wait)", "Person", "wait is Month, expected Person"),
    ("IF THEN ELSE(share > 0 :OR: men, 1, 2)", "Dmnl", "men is Person, expected Dmnl"),
    ("IF THEN ELSE(share > 0 :AND: men, 1, 2)", "Dmnl", "men is Person, expected Dmnl"),
    ("IF THEN ELSE(:NOT: men, 1, 2)", "Dmnl", "men is Person, expected Dmnl"),
    ("XIDZ(men, wait, men)", "Person", "men is Person, expected Person/Month"),
    ("STEP(men, men)", "Person", "in STEP(men, men): men is Person, expected Month"),
    ("RAMP(men, 1, 2)", "Person", "RAMP(men, 1, 2) is Month*Person, expected Person"),
    ("RAMP(hiring, share, 2)", "Person", "share is Dmnl, expected Month"),
    ("RAMP(hiring, 1, men)", "Person", "men is Person, expected Month"),
    ("PULSE(men, wait)", "Dmnl", "men is Person, expected Month"),
    ("PULSE(wait, men)", "Dmnl", "men is Person, expected Month"),
    ("PULSE TRAIN(1, 1, 1, men)", "Dmnl", "men is Person, expected Month"),
    ("RANDOM UNIFORM(men, wait, 3)", "Person", "wait is Month, expected Person"),
    ("RANDOM NORMAL(0, men, wait, 1, 3)", "Person", "wait is Month, expected Person"),
    ("SMOOTH(men, share)", "Person", "share is Dmnl, expected Month"),
    ("SMOOTHI(men, wait, share)", "Person", "share is Dmnl, expected Person"),
    ("DELAY3(men, rate)", "Person", "rate is 1/Month, expected Month"),
    ("DELAY1I(men, wait, hiring)", "Person", "hiring is Person/Month, expected Person"),
    ("DELAY N(men, wait, men, wait)", "Person", "wait is Month, expected Dmnl"),
    ("DELAY FIXED(men, men, men)", "Person", "men is Person, expected Month"),
    ("DELAY FIXED(men, wait, wait)", "Person", "wait is Month, expected Person"),
    ("TREND(men, men, 0)", "1/Month", "men is Person, expected Month"),
    ("TREND(men, wait, men)", "1/Month", "men is Person, expected 1/Month"),
    ("FORECAST(men, share, wait)", "Person", "share is Dmnl, expected Month"),
    ("FORECAST(men, wait, share)", "Person", "share is Dmnl, expected Month"),
    ("SAMPLE IF TRUE(men, share, 0)", "Dmnl", "men is Person, expected Dmnl"),
    ("SAMPLE IF TRUE(share > 1, men, wait)", "Person", "wait is Month, expected Person"),
    ("ACTIVE INITIAL(men, wait)", "Person", "wait is Month, expected Person"),
    ("INTEG(men, men at start)", "Person", "men is Person, expected Person/Month"),
    ("INTEG(hiring, wait)", "Person", "in INTEG(hiring, wait): wait is Month, expected Person"),
    ("curve(men)", "Person", "in curve(men): men is Person, expected Dmnl"),
    ("curve(Time + 1)", "Person", "in curve(Time + 1): Time + 1 is Month, expected Dmnl"),
    ("WITH LOOKUP(men, ([(0,0)-(9,9)],(0,0),(9,9)))", "Person", "in (points)(men): men is Person, expected"),
    ("men", "Attack", "men is Person, expected Attack"),
]  # fmt: skip


@pytest.mark.parametrize(("equation", "unit", "words"), WRONG)
def test_mismatch_names_the_part_and_both_units(equation, unit, words, model):
    found = [one for one in unit_problems(model(f"x = {equation} ~ {unit} ~ a |")) if one.kind == "mismatch"]
    assert found[0].variable == "x"
    assert found[0].problem.place.startswith("case.mdl:")
    assert words in found[0].problem.message
    assert "; " in found[0].problem.message


def test_every_function_has_a_rule_for_all_its_arguments():
    from iskdyn.model.expression import STATEFUL
    from iskdyn.model.functions import FUNCTIONS

    own = {"*", "/", "zidz", "xidz", "safediv", "^", "power", "sqrt"}
    assert set(RULES) == (set(FUNCTIONS) | set(STATEFUL)) - own
    for name, (kinds, _) in RULES.items():
        assert len(kinds) == (len(STATEFUL[name]) if name in STATEFUL else FUNCTIONS[name][0]), name


@pytest.mark.parametrize(
    ("call", "unit"),
    [
        (Call("ramp_without_end", (Reference("hiring"), Reference("wait"))), "Person"),
        (Call("pulse_magnitude", (Reference("men"), Reference("wait"))), "Person/Month"),
        (Call("pulse_train_magnitude", (Reference("men"), Number(1.0), Reference("wait"))), "Person/Month"),
        (Call("integ_non_negative", (Reference("hiring"), Reference("men"))), "Person"),
        (Call("random_exponential", (Reference("men"),) * 5), "Person"),
        (Call("arctan", (Reference("share"),)), "Dmnl"),
        (Call("pi", ()), "Dmnl"),
        (Call("random_0_1", ()), "Dmnl"),
    ],
)
def test_functions_of_other_dialects_have_units(call, unit, model):
    program = model()
    reader = UnitReader()
    units = {variable.key: reader.read(variable.units) for variable in program}
    inference = Inference(program, units)
    assert inference.unit(call) == reader.read(unit)
    assert inference.mismatches == []


def test_a_table_given_in_the_equation_takes_the_unit_of_its_variable(model):
    program = model("x = WITH LOOKUP(share, ([(0,0)-(9,9)],(0,0),(9,9))) ~ Attack ~ a |")
    assert unit_problems(program) == []


def test_macros_are_looked_through(model):
    macro = ":MACRO: TWICE(a, b)\nTWICE = a + held ~ a ~ ~ |\nheld = INTEG(b, a) ~ a ~ ~ |\n:END OF MACRO:\n"
    right = "x = TWICE(men, hiring) ~ Person ~ a |"
    assert unit_problems(model(right, base="{UTF-8}\n" + macro + BASE.removeprefix("{UTF-8}"))) == []
    wrong = "x = TWICE(men, hiring) ~ Attack ~ a |"
    found = messages(model(wrong, base="{UTF-8}\n" + macro + BASE.removeprefix("{UTF-8}")))
    assert len(found) == 1
    assert "is Person, expected Attack" in found[0]


def test_what_has_no_unit_is_missing_and_raises_no_mismatch(model):
    program = model("x = men + y ~ Person ~ a |\ny = bombs*z ~ ~ a |\nz = 3 ~ Wid(get ~ a |")
    assert messages(program) == []
    assert messages(program, "missing") == ["'y' has no unit"]
    (unreadable,) = messages(program, "unreadable")
    assert unreadable == "'z': 'Wid(get' is no unit: a bracket is not closed"
    assert [one.variable for one in unit_problems(program)] == ["y", "z"]


def test_what_has_no_unit_is_told_with_its_line(model):
    program = model("y = 3 ~ ~ a |\nz = 4 ~ ^ ~ a |")
    assert [(one.kind, one.problem.place) for one in unit_problems(program)] == [
        ("missing", program.place("y")),
        ("unreadable", program.place("z")),
    ]


def test_a_number_may_stand_for_an_unknown_unit_but_not_hide_it(model):
    assert messages(model("x = MAX(0, y)*men ~ Attack ~ a |\ny = 3 ~ ~ a |")) == []
    (found,) = messages(model("x = RAMP(2, wait, 5)*men ~ Attack ~ a |"))
    assert found.startswith("'x': RAMP(2, wait, 5)*men is Person, expected Attack; ")


@pytest.mark.parametrize(
    "equation",
    ["INTEG(hiring, men)", "RAMP(hiring, wait, 5)", "SMOOTH(men, wait)", "FORECAST(men, wait, wait)",
     "men*TREND(men, wait, 0)/rate", "men*PULSE(wait, wait)"],
)  # fmt: skip
def test_without_a_unit_of_time_nothing_is_said_of_time(equation, model):
    found = unit_problems(
        model(f"x = {equation} ~ Person ~ a |", clock=CLOCK.replace("Months", "").replace("Month", ""))
    )
    assert {one.kind for one in found} == {"missing"}
    program = model()
    units = {
        variable.key: UnitReader().read(variable.units) for variable in program if variable.kind == "stock"
    }
    inference = Inference(program, units)
    call = Call("pulse_magnitude", (Reference("men"), Number(1.0)))
    assert not isinstance(inference.unit(call), Unit)
    assert inference.mismatches == []


def test_an_unknown_term_does_not_hide_the_others(model):
    assert len(messages(model("x = y + men + bombs ~ Person ~ a |\ny = 3 ~ ~ a |"))) == 1
    assert len(messages(model("x = INTEG(y, men) ~ Attack ~ a |\ny = 3 ~ ~ a |"))) == 1
    assert len(messages(model("x = y*men + EXP(wait) ~ Attack ~ a |\ny = 3 ~ ~ a |"))) == 1


def test_one_mistake_is_said_once(model):
    assert len(messages(model("x = 2*(men + bombs)*wait ~ Attack ~ a |"))) == 1
    assert len(messages(model("x = (men + bombs)/(men + bombs) ~ Attack ~ a |"))) == 1


def test_problems_come_in_the_order_of_the_file(model):
    program = model("y = men ~ Month ~ a |\nx = 4 ~ ~ a |\nz = men ~ Month ~ a |")
    assert [(one.variable, one.kind) for one in unit_problems(program)] == [
        ("y", "mismatch"),
        ("x", "missing"),
        ("z", "mismatch"),
    ]


def test_clock_has_one_unit(model):
    clock = CLOCK.replace("FINAL TIME = 10 ~ Month", "FINAL TIME = 10 ~ Year")
    (message,) = messages(model(clock=clock))
    assert message.startswith("'FINAL TIME': 10 is Year, expected Month")


@pytest.mark.parametrize(
    ("more", "mend"),
    [
        # the one variable whose unit is the cause, though others would do
        ("odds = 3 ~ Month ~ a |\nx = men*odds ~ Person/Month ~ a |\ny = hiring*odds ~ Person/Month^2 ~ a |",
         "smallest mend: give 'odds' the unit 1/Month"),
        ("x = men*rate ~ Person ~ a |\ny = x + hiring ~ Person/Month ~ a |",
         "smallest mend: give 'x' the unit Person/Month"),
        ("x = men + persns ~ Person ~ a |\npersns = 3 ~ Persn ~ a |\ny = persns ~ Persn ~ a |",
         "declare them to be one: 22:Persn,Person"),
        ("x = men + crowd ~ Person ~ a |\ncrowd = 3 ~ kPerson ~ a |\ny = crowd ~ kPerson ~ a |",
         "multiply crowd by a constant in Person/kPerson"),
        ("x = EXP(men) ~ Dmnl ~ a |\ny = men + men at start ~ Person ~ a |",
         "multiply men by a constant in 1/Person"),
    ],
)  # fmt: skip
def test_mend_is_the_smallest(more, mend, model):
    found = messages(model(more))
    assert mend in found[0]


def test_mend_may_be_the_unit_of_time(model):
    clock = CLOCK.replace("Months", "Year").replace("Month", "Year")
    found = messages(model("x = INTEG(rate, 1) ~ Dmnl ~ a |", clock=clock))
    assert len(found) == 2
    assert all("give every clock (as TIME STEP) the unit Month" in one for one in found)


def test_numbers_in_equations_are_embedded_parameters(model):
    more = (
        "x = 0*men + 1*men - 1*men + 2*men + 2*men - 3*men ~ Person ~ a |\n"
        "y = 12*30 ~ Dmnl ~ a |\n"
        "z = SMOOTH3(men, 6) ~ Person ~ a |\n"
        "w = IF THEN ELSE(share = :NA:, -1, 1) ~ Dmnl ~ a |\n"
        "u = INTEG(hiring, 40) ~ Person ~ a |\n"
        "v = DELAY N(men, wait, men, 3) ~ Person ~ a |\n"
    )
    found = embedded_numbers(model(more))
    assert [one.message.split(";")[0] for one in found] == [
        "'x' holds the number 2",
        "'x' holds the number 3",
        "'z' holds the number 6",
        "'u' holds the number 40",
    ]
    assert all(one.place.startswith("case.mdl:") for one in found)
    assert found[0].message.endswith("make it a constant with a name and a unit")


@pytest.mark.parametrize(
    ("equation", "written"),
    [
        ("IF THEN ELSE(men = :NA:, 1e+06, 0)", None),
        ("men + men*share - (men - men at start)", None),
        ("(men + men) - men", "men + men - men"),
        ("men/(wait*share)/share", None),
        ("men*(share/share)", None),
        ("-(men + men)", None),
        ("(-men)^2", None),
        ("-men^2", None),
        ("(share^share)^share", None),
        ("share^(share^share)", "share^share^share"),
        ("(men + 1)*(men - 1)", None),
        ("MAX(0, curve(share))", None),
        ("DELAY FIXED(men, wait, 3)", None),
        *((f"IF THEN ELSE(men + 3 {sign} -men, 1, 0.25)", None) for sign in ("=", "<>", "<", "<=", ">", ">=")),
        ("IF THEN ELSE(men > 3 :AND: (share = 1 :OR: share <> 0), men, 0.25)", None),
        ("IF THEN ELSE((men > 3 :AND: share = 1) :OR: share <> 0, men, 0)",
         "IF THEN ELSE(men > 3 :AND: share = 1 :OR: share <> 0, men, 0)"),
    ],
)  # fmt: skip
def test_expression_is_spelled_as_it_is_written(equation, written, model):
    program = model(f"x = {equation} ~ a ~ a |")
    assert spell(program, program["x"].expression) == (written or equation)


def test_variables_without_a_program_do_not_break_the_words(model):
    program = model()
    assert spell(program, Call("+", (Reference("time"), Reference("gone")))) == "Time + Gone"
    assert isinstance(program["men"], Variable)
    assert spell(program, program["curve"].expression) == "(points)"
