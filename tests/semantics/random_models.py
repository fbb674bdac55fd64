"""Small random models of one dialect: events on and off the steps, odd steps, memories, any method.

An expression is a tuple: ("number", text), ("name", name), ("time",), or a word of `FORMS` and its arguments.
Values stay in range (auxiliaries are cut at +-50, stocks decay) and no jump of a value lies on a round number,
so that the last bit of a rounding cannot decide between two branches. Times of events are decimals, exact ties too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

Node = tuple[object, ...]
NUMBERS = ("0.37", "2", "-1.25", "0.8")
PLAIN = {
    "add": ("({0} + {1})", "({0} + {1})"), "sub": ("({0} - {1})", "({0} - {1})"),
    "mul": ("({0} * {1})", "({0} * {1})"), "over": ("({0} / (1 + ABS({1})))", "({0} / (1 + ABS({1})))"),
    "minus": ("(-{0})", "(-{0})"), "root": ("SQRT(ABS({0}))", "SQRT(ABS({0}))"),
    "power": ("(0.1 + ABS({0})) ^ 1.5", "(0.1 + ABS({0})) ^ 1.5"), "sin": ("SIN({0})", "SIN({0})"),
    "exp": ("EXP(MIN({0}, 2))", "EXP(MIN({0}, 2))"), "ln": ("LN(1 + ABS({0}))", "LN(1 + ABS({0}))"),
    "min": ("MIN({0}, {1})", "MIN({0}, {1})"), "max": ("MAX({0}, {1})", "MAX({0}, {1})"),
    "whole": ("INTEGER({0} + 0.0713)", "INT({0} + 0.0713)"),
    "if": ("IF THEN ELSE({0} > 0.3137, {1}, {2})", "(IF {0} > 0.3137 THEN {1} ELSE {2})"),
    "if_or": ("IF THEN ELSE({0} <= 0.4137 :OR: {1} > 1.7137, {1}, {2})",
              "(IF {0} <= 0.4137 OR {1} > 1.7137 THEN {1} ELSE {2})"),
    "if_and": ("IF THEN ELSE({0} <= 0.4137 :AND: {1} > -1.7137, {1}, {2})",
               "(IF {0} <= 0.4137 AND {1} > -1.7137 THEN {1} ELSE {2})"),
}  # fmt: skip
"""Word -> how it is written in Vensim and in XMILE."""
ONLY_VENSIM = {
    "modulo": "MODULO({0} + 0.0713, 0.7)", "quantum": "QUANTUM({0} + 0.0713, 0.3)",
    "zidz": "ZIDZ({0}, INTEGER({1} + 0.0713))", "step": "STEP({0}, {1})", "ramp": "RAMP({0}, {1}, {2})",
    "pulse": "PULSE({0}, {1})", "train": "PULSE TRAIN({0}, {1}, {2}, {3})",
}  # fmt: skip
ONLY_XMILE = {
    "step_at": "STEP({0}, {1})", "ramp_on": "RAMP({0}, {1})", "volume": "PULSE({0}, {1})",
    "volumes": "PULSE({0}, {1}, {2})",
}  # fmt: skip
MEMORY = {
    "smooth1": ("SMOOTHI({0}, {1}, {2})", "SMTH1({0}, {1}, {2})"),
    "smooth3": ("SMOOTH3I({0}, {1}, {2})", "SMTH3({0}, {1}, {2})"),
    "follow1": ("SMOOTH({0}, {1})", "SMTH1({0}, {1})"), "follow3": ("SMOOTH3({0}, {1})", "SMTH3({0}, {1})"),
    "delay1": ("DELAY1I({0}, {1}, {2})", "DELAY1({0}, {1}, {2})"),
    "delay3": ("DELAY3I({0}, {1}, {2})", "DELAY3({0}, {1}, {2})"),
    "delay_n2": ("DELAY N({0}, {1}, {2}, 2)", "DELAYN({0}, {1}, 2, {2})"),
    "fixed": ("DELAY FIXED({0}, {1}, {2})", "DELAY({0}, {1}, {2})"),
    "trend": ("TREND(1 + ABS({0}), {1}, 0.1)", "TREND(1 + ABS({0}), {1}, 0.1)"),
    "initial": ("INITIAL({0})", "INIT({0})"),
}  # fmt: skip
"""Functions that stand alone in their equation: of an input, a time and a first value."""
SAMPLE = "SAMPLE IF TRUE({0} > 0.2137, {0}, {2})"
FORMS = {
    "vensim": {word: forms[0] for word, forms in (PLAIN | MEMORY).items()} | ONLY_VENSIM | {"sample": SAMPLE},
    "xmile": {word: forms[1] for word, forms in (PLAIN | MEMORY).items()} | ONLY_XMILE,
}
EVENTS = {"step": 1, "ramp": 2, "pulse": 2, "train": 4, "step_at": 1, "ramp_on": 1, "volume": 1, "volumes": 2}
"""Word -> its arguments that are numbers; those before them are expressions."""
STEPS = ("1", "0.5", "0.25", "0.125", "0.1", "0.2", "0.3", "0.7", "0.05")
STARTS = ("0", "0", "1", "2.5", "-3", "1990")


@dataclass(frozen=True)
class Model:
    """A model: its equations in an order in which they can be computed, stocks being known.

    Attributes
    ----------
    stocks : (name, flow, first value); auxiliaries : (name, expression)
    """

    dialect: str
    start: Fraction
    step: Fraction
    n_steps: int
    method: str
    stocks: tuple[tuple[str, Node, str], ...]
    auxiliaries: tuple[tuple[str, Node], ...]

    @property
    def names(self) -> list[str]:
        """Every variable."""
        return [one[0] for one in (*self.auxiliaries, *self.stocks)]

    def written(self, node: Node) -> str:
        """An expression in the model's language."""
        word, *arguments = node
        if word in ("number", "name"):
            return str(arguments[0])
        if word == "time":
            return "Time"
        return FORMS[self.dialect][str(word)].format(*(self.written(one) for one in arguments))  # type: ignore[arg-type]

    def text(self) -> str:
        """The file."""
        end = self.start + self.n_steps * self.step
        return self._vensim(end) if self.dialect == "vensim" else self._xmile(end)

    def _vensim(self, end: Fraction) -> str:
        lines = [f"{name} = {self.written(node)}" for name, node in self.auxiliaries]
        lines += [f"{name} = INTEG({self.written(flow)}, {first})" for name, flow, first in self.stocks]
        lines += [f"INITIAL TIME = {decimal(self.start)}", f"FINAL TIME = {decimal(end)}"]
        lines += [f"TIME STEP = {decimal(self.step)}", "SAVEPER = TIME STEP"]
        return "{UTF-8}\n" + "".join(f"{line} ~~|\n" for line in lines)

    def _xmile(self, end: Fraction) -> str:
        parts = []
        for name, node in self.auxiliaries:
            parts.append(f'<aux name="{name}"><eqn>{_escaped(self.written(node))}</eqn></aux>')
        for name, flow, first in self.stocks:
            parts.append(f'<stock name="{name}"><eqn>{first}</eqn><inflow>net_{name}</inflow></stock>')
            parts.append(f'<flow name="net_{name}"><eqn>{_escaped(self.written(flow))}</eqn></flow>')
        clock = (
            f"<start>{decimal(self.start)}</start><stop>{decimal(end)}</stop><dt>{decimal(self.step)}</dt>"
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">\n'
            '<header><vendor>none</vendor><product version="1">none</product></header>\n'
            f'<sim_specs method="euler" time_units="Month">{clock}</sim_specs>\n'
            f"<model><variables>{''.join(parts)}</variables></model></xmile>\n"
        )


def decimal(number: Fraction) -> str:
    """A fraction that is a decimal, in digits."""
    text = f"{float(number):.6f}".rstrip("0").rstrip(".")
    if Fraction(text) != number:
        raise ValueError(f"{number} has more than six decimals")
    return text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Maker:
    def __init__(self, dialect: str, seed: int) -> None:
        self.random = Random(f"{dialect} {seed}")  # noqa: S311 - models, not secrets
        self.dialect = dialect
        self.start, self.step = Fraction(self.random.choice(STARTS)), Fraction(self.random.choice(STEPS))
        self.n_steps = self.random.randint(8, 40)
        self.plain = [word for word in FORMS[dialect] if word not in MEMORY and word != "sample"]
        self.memories = [word for word in FORMS[dialect] if word in MEMORY or word == "sample"]

    def model(self) -> Model:
        """One model."""
        stocks = [f"stock{i}" for i in range(self.random.randint(1, 3))]
        known, auxiliaries = list(stocks), []
        for i in range(self.random.randint(3, 7)):
            name = f"aux{i}"
            if self.random.random() < 0.4:
                auxiliaries.append((name, self.memory(known)))
            else:
                inside = self.expression(known, 3)
                auxiliaries.append((name, ("max", ("number", "-50"), ("min", ("number", "50"), inside))))
            known.append(name)
        flows = tuple((stock, self.flow(stock, known), self.number()) for stock in stocks)
        method = self.random.choice(("euler", "euler", "rk2", "rk4"))
        return Model(self.dialect, self.start, self.step, self.n_steps, method, flows, tuple(auxiliaries))

    def flow(self, stock: str, known: Sequence[str]) -> Node:
        inside = self.expression(known, 2)
        cut = ("max", ("number", "-3"), ("min", ("number", "3"), inside))
        return ("sub", cut, ("mul", ("number", "0.2"), ("name", stock)))

    def number(self) -> str:
        return f"{self.random.randint(-20, 20) / 10:g}"

    def expression(self, known: Sequence[str], depth: int) -> Node:
        """An expression of what is known."""
        if depth == 0 or self.random.random() < 0.15:
            kind = self.random.choice(("name", "name", "time", "number"))
            if kind == "time":
                return ("time",)
            return (kind, self.random.choice(NUMBERS if kind == "number" else known))
        word = self.random.choice(self.plain)
        form = FORMS[self.dialect][word]
        n_arguments = 1 + max(i for i in range(4) if f"{{{i}}}" in form)
        n_numbers = EVENTS.get(word, 0)
        parts = [self.expression(known, depth - 1) for _ in range(n_arguments - n_numbers)]
        return (word, *parts, *(("number", decimal(time)) for time in self.times(word, n_numbers)))

    def times(self, word: str, count: int) -> list[Fraction]:
        """Numbers of an event: a moment first, on a step, in the middle of one, or anywhere."""
        if not count:
            return []
        moment = self.start + self.length(0, self.n_steps)
        if word == "ramp":
            return [moment, moment + self.length(0, 12)]
        if word == "pulse":
            return [moment, self.random.choice((Fraction(0), self.length(0, 6)))]
        if word == "train":
            return [moment, self.length(0, 4), self.length(1, 8), moment + self.length(0, self.n_steps)]
        return [
            moment,
            *([self.random.choice((Fraction(0), self.length(1, 8)))] if word == "volumes" else []),
        ]

    def length(self, low: int, high: int) -> Fraction:
        """So many steps, and a part of one."""
        part = self.random.choice(("0", "0", "0", "0.5", "0.25", "0.3", "0.9"))
        return (self.random.randint(low, high) + Fraction(part)) * self.step

    def memory(self, known: Sequence[str]) -> Node:
        """A function with a memory; times from a little more than half a stage a step to long ones."""
        word = self.random.choice(self.memories)
        stages = {"smooth3": 3, "follow3": 3, "delay3": 3, "delay_n2": 2}.get(word, 1)
        fewest = stages if word == "delay_n2" else 0.6 * stages
        steps = Fraction(int(1000 * self.random.uniform(fewest, 8 * stages)) + 1, 1000)
        other = Fraction(int(steps * self.step * 10000) + 1, 10000)
        time = self.length(0, 6) if word == "fixed" else other
        return (word, self.expression(known, 1), ("number", decimal(time)), ("number", self.number()))


def random_model(dialect: str, number: int) -> Model:
    """The model of a number, always the same."""
    return _Maker(dialect, number).model()
