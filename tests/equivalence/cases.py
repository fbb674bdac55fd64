"""One case for each function of the language, all in one model, so that each target compiles once."""

from __future__ import annotations

CONTROLS = """
FINAL TIME = 12 ~ Month ~ |
INITIAL TIME = 0 ~ Month ~ |
TIME STEP = 0.25 ~ Month ~ |
SAVEPER = TIME STEP ~ Month ~ |
"""

BASE = """{UTF-8}
x = Time / 3 - 1.37 ~ ~ |
y = 0.3 + Time / 5 ~ ~ |
level = INTEG(0.1 * level * (1 - level / 9.0), 1.5) ~ ~ |
lag = 2.2 ~ ~ |
bent((0,1),(0.5,1.3),(1,0.8),(2,0.1),(3,2)) ~ ~ |
"""

CASES: dict[str, str] = {
    "+": "x + y + level",
    "-": "x - y - level",
    "*": "x * y * level",
    "/": "x / y / level",
    "^": "y ^ 2 + y ^ 0.5 + y ^ x ^ 2 + (0 - y) ^ 3 - 2 ^ 2",
    "negative": "-x * -level",
    "=": "IF THEN ELSE(INTEGER(Time) = Time, x, y)",
    "<>": "IF THEN ELSE(INTEGER(Time) <> Time, x, y)",
    "<": "IF THEN ELSE(x < 0.5, level, y)",
    "<=": "IF THEN ELSE(Time <= 5, level, y)",
    ">": "IF THEN ELSE(x > 0.5, level, y)",
    ">=": "IF THEN ELSE(Time >= 5, level, y)",
    "and": "IF THEN ELSE(x > 0 :AND: y < 2, level, 0)",
    "or": "IF THEN ELSE(x < 0 :OR: y > 2, level, 0)",
    "not": "IF THEN ELSE(:NOT: (x < 0), level, 0)",
    "abs": "ABS(x) + ABS(-level)",
    "power": "POWER(y, x)",
    "min": "MIN(x, y) + MIN(level, 2)",
    "max": "MAX(x, 0) + MAX(level, 2)",
    "exp": "EXP(x) + EXP(-level * 30)",
    "ln": "LN(y) + LN(level * 1000)",
    "log": "LOG(y, 10) + LOG(level, 2)",
    "sqrt": "SQRT(y) + SQRT(level)",
    "sin": "SIN(x) + SIN(level)",
    "cos": "COS(x) + COS(level)",
    "tan": "TAN(x / 3) + TAN(level / 9)",
    "arcsin": "ARCSIN(x / 4) + ARCSIN(level / 10)",
    "arccos": "ARCCOS(x / 4) + ARCCOS(level / 10)",
    "arctan": "ARCTAN(x) + ARCTAN(level)",
    "sinh": "SINH(x) + SINH(level)",
    "cosh": "COSH(x) + COSH(level)",
    "tanh": "TANH(x) + TANH(level)",
    "integer": "INTEGER(x * 2.9) + INTEGER(level * 3)",
    "quantum": "QUANTUM(x, 0.3) + QUANTUM(level, 0.7)",
    "modulo": "MODULO(x, 0.37) + MODULO(level, 0.7)",
    "zidz": "ZIDZ(level, INTEGER(x)) + ZIDZ(y, 0)",
    "xidz": "XIDZ(level, INTEGER(x), 3) + XIDZ(y, 0, 7)",
    "if_then_else": "IF THEN ELSE(x > y, level, IF THEN ELSE(y, x, 5))",
    "step": "STEP(level, 5) + STEP(3, 2.2)",
    "ramp": "RAMP(level, 3, 8) + RAMP(1, 2.1, 30)",
    "pulse": "PULSE(3, 2) * level + PULSE(5, 0)",
    "pulse_train": "PULSE TRAIN(1, 0.5, 3, 9) * level",
    "integ": "level * 2",
    "smooth": "SMOOTH(x, 2) + SMOOTHI(level, lag, 3.0) + SMOOTH3(x, 4) + SMOOTH3I(y, lag, 1.5)"
    " + SMOOTH N(level, 3, 2.0, 2)",
    "delay": "DELAY1(x, 2) + DELAY1I(level, lag, 3.0) + DELAY3(x, 4) + DELAY3I(y, lag + 0.1 * level, 1.5)",
    "delay_n": "DELAY N(level, lag + 0.1 * x, 2.0, 3)",
    "delay_fixed": "DELAY FIXED(x, 2, 7.5) + DELAY FIXED(y, 0.75, 1.5)",
    "trend": "TREND(level, 3, 0.1)",
    "forecast": "FORECAST(level, 3, 4)",
    "sample_if_true": "SAMPLE IF TRUE(MODULO(Time, 3) = 0, x, 3.5)",
    "initial": "INITIAL(level * y + Time) + level",
    "active_initial": "ACTIVE INITIAL(level, 5.5)",
    "lookup": "bent(y) + bent(level / 3) + bent(0 - y) + WITH LOOKUP(x, ([(0,0)-(9,9)],(-1,2),(0,0.5),(1.1,3)))",
    "random_0_1": "RANDOM 0 1()",
    "random_uniform": "RANDOM UNIFORM(2, 5, 77)",
    "random_normal": "RANDOM NORMAL(-1, 4, 1, 2, 77)",
    "random_exponential": "RANDOM EXPONENTIAL(0, 9, 1, 2, 77)",
}
"""Function -> an equation in Vensim's language that uses it on a stock, on time and on constants."""

XMILE_CASES: dict[str, str] = {
    "pi": "PI() * level",
    "ramp_without_end": "RAMP(level, 3)",
    "pulse_magnitude": "PULSE(level, 3)",
    "pulse_train_magnitude": "PULSE(level, 3, 2)",
    "floor": "INT(level * 3) + level",
    "safediv": "SAFEDIV(level, 2) + SAFEDIV(level, 0, 3)",
    "step_at": "STEP(level, 3)",
}

RANDOM = frozenset(name for name in CASES if name.startswith("random"))
BY_THE_MANUAL = frozenset({"pulse"})
"""Functions that PySD computes otherwise than Vensim's manual says: judged by the table of meanings alone."""
READ_LATE = frozenset({"delay_fixed", "sample_if_true"})
"""Functions whose input PySD reads in the middle of its update of the stocks."""


def case_name(function: str) -> str:
    """The variable that holds a function's case."""
    words = {"+": "plus", "-": "minus", "*": "times", "/": "divided", "^": "raised", "=": "equal", "<>": "unequal",
             "<": "below", "<=": "at most", ">": "above", ">=": "at least"}  # fmt: skip
    return f"case {words.get(function, function.replace('_', ' '))}"


def vensim_model() -> str:
    """All Vensim cases as one model."""
    cases = "".join(f"{case_name(function)} = {equation} ~ ~ |\n" for function, equation in CASES.items())
    return BASE + cases + CONTROLS


def xmile_model() -> str:
    """All XMILE cases as one model."""
    cases = "".join(
        f'<aux name="{case_name(function)}"><eqn>{equation}</eqn></aux>'
        for function, equation in XMILE_CASES.items()
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><name>cases</name><vendor>none</vendor><product version="1">none</product></header>
<sim_specs method="euler" time_units="Month"><start>0</start><stop>12</stop><dt>0.25</dt></sim_specs>
<model><variables>
<stock name="level"><eqn>1.5</eqn><inflow>growth</inflow></stock>
<flow name="growth"><eqn>0.1 * level * (1 - level / 9)</eqn></flow>
<stock name="store"><eqn>2</eqn><outflow>drain</outflow><non_negative/></stock>
<flow name="drain"><eqn>0.5 * level</eqn></flow>
{cases}
</variables></model></xmile>"""
