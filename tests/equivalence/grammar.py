"""Hypothesis strategies for small random models in Vensim's language.

Values stay in range (auxiliaries are cut at +-50, stocks decay) and no jump lies on a round number, so that the
last bit of a rounding cannot decide between two branches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import strategies as st

PLAIN = (
    "({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} + {1} * {2})", "-{0}", "{0} / (1 + ABS({1}))",
    "(0.1 + ABS({0})) ^ {p}", "(0.5 + ABS({0})) ^ TANH({1})", "POWER(1 + ABS({0}), {p})", "-2 ^ 2 * {0}",
    "MIN({0}, {1})", "MAX({0}, {1})", "MAX({0}, MIN({1}, {2}))", "ABS({0})", "SQRT(ABS({0}))",
    "EXP(MIN({0}, 2))", "LN(1 + ABS({0}))", "LOG(1 + ABS({0}), 10)", "SIN({0})", "COS({0})", "TANH({0})",
    "ARCTAN({0})", "INTEGER({0} + {j})", "MODULO({0} + {j}, 0.7)", "QUANTUM({0} + {j}, 0.3)",
    "ZIDZ({0}, INTEGER({1} + {j}))", "XIDZ({0}, INTEGER({1} + {j}), {2})",
    "IF THEN ELSE({0} > {j}, {1}, {2})", "IF THEN ELSE({0} <= {j} :OR: Time < {j}, {1}, {2})",
    "IF THEN ELSE(:NOT: ({0} > {j}) :AND: Time >= {j}, {1}, IF THEN ELSE({1} < {j}, {2}, 0.5))",
    "STEP({0}, {j})", "RAMP({0}, {j}, 5.3)",
    "table 1({0})", "table 2({0})", "WITH LOOKUP({0}, ([(-9,-9)-(9,9)],(-2.0,0.5),(0.3,1.0),(2.0,-1.0)))",
)  # fmt: skip
MEMORY = (
    "SMOOTH({0}, {d})", "SMOOTHI({0}, {d}, {n})", "SMOOTH3({0}, {d})", "SMOOTH3I({0}, {d}, {n})",
    "SMOOTH N({0}, {d}, {n}, 2)", "DELAY1({0}, {d})", "DELAY1I({0}, {d}, {n})", "DELAY3({0}, {d})",
    "DELAY3I({0}, {d}, {n})", "DELAY N({0}, {d}, {n}, 3)", "TREND(1 + ABS({0}), {d}, 0.1)",
    "FORECAST(1 + ABS({0}), {d}, 1.5)", "INITIAL({0}) + {1}", "ACTIVE INITIAL({0}, {n})",
)  # fmt: skip
READ_LATE = ("DELAY FIXED({0}, 1.5, {n})", "SAMPLE IF TRUE({0} > {j}, {1}, {n})")
"""PySD reads the input of these in the middle of its update of the stocks: not compared with it."""

PULSES = ("PULSE({j}, 1.7) * {0}", "PULSE TRAIN({j}, 0.6, 2.3, 7.1) * {0}")
"""PySD's pulses begin and end at other steps than Vensim's manual says."""

INPUTS = ("gain", "lag 1", "share")
CONTROLS = "FINAL TIME = 8 ~ ~ |\nINITIAL TIME = 0 ~ ~ |\nTIME STEP = 0.25 ~ ~ |\nSAVEPER = 0.5 ~ ~ |\n"
_FILL = {
    "p": st.sampled_from(("2", "0.5", "3", "1.5", "-1", "-0.5", "0", "1")),
    "j": st.integers(-2000, 6000).map(lambda i: repr(i / 1000 + 0.0001371)),
    "d": st.sampled_from(("2.5", "lag 1", "(lag 1 + 0.3)", "(1.5 + ABS(share))")),
    "n": st.integers(-20, 20).map(lambda i: repr(i / 10)),
}


@dataclass(frozen=True)
class Model:
    """A random model: its equations, in any order, and the names of its variables."""

    equations: tuple[str, ...]
    names: tuple[str, ...]

    def text(self) -> str:
        """The file."""
        return "{UTF-8}\n" + "".join(f"{equation} ~ ~ |\n" for equation in self.equations) + CONTROLS


@st.composite
def expressions(draw: st.DrawFn, names: tuple[str, ...], templates: tuple[str, ...], depth: int) -> str:
    """An expression of the given names."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from((*names, "Time", "0.37", "2", "-1.25")))
    template = draw(st.sampled_from(templates))
    parts = {}
    for place in sorted(set(re.findall(r"\{(\w)\}", template))):
        inner = _FILL[place] if place in _FILL else expressions(names, templates, depth - 1)
        parts[place] = draw(inner)
    return re.sub(r"\{(\w)\}", lambda found: parts[found.group(1)], template)


@st.composite
def models(draw: st.DrawFn, late: bool = True) -> Model:
    """A model of one to three stocks and three to seven auxiliaries; without `READ_LATE` and `PULSES` unless `late`."""
    templates = PLAIN + MEMORY + (READ_LATE + PULSES if late else ())
    stocks = tuple(f"Stock {i}" for i in range(draw(st.integers(1, 3))))
    names: tuple[str, ...] = (*INPUTS, *stocks)
    equations = ["gain = 0.8", "lag 1 = 2.4", "share = 0.25", *(_table(draw, i) for i in (1, 2))]
    auxiliaries = []
    for i in range(draw(st.integers(3, 7))):
        inside = draw(expressions(names, templates, 3))
        name = '"rate, 2"' if i == 2 else f"aux {i}"
        equations.append(f"{name} = MAX(-50, MIN(50, {inside}))")
        auxiliaries.append(name)
        names = (*names, name)
    for stock in stocks:
        flow, first = draw(expressions(names, templates, 2)), draw(_FILL["n"])
        equations.append(f"{stock} = INTEG(MAX(-3, MIN(3, {flow})) - 0.2 * {stock}, {first})")
    return Model(tuple(equations), (*stocks, *auxiliaries))


def _table(draw: st.DrawFn, number: int) -> str:
    values = draw(st.lists(st.integers(-20, 20), min_size=2, max_size=6))
    points = ",".join(f"({1.3 * i - 2},{value / 10})" for i, value in enumerate(values))
    return f"table {number}({points})"
