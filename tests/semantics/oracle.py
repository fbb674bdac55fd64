"""What a random model must give, by the table of meanings alone: plain Python, exact times, no engine.

Every rule here stands as a row in `semantics.toml`. Times are fractions, so that "at the start" and "half a step
later" are questions with an answer; values are floats.
"""

from __future__ import annotations

import math
from fractions import Fraction

from random_models import Model, Node

Values = dict[str, float]
States = dict[tuple[str, int], float]
"""(variable, number of its stock) -> level."""
TABLEAUS = {"euler": ((), (1,)), "rk2": ((0.5,), (0, 1)), "rk4": ((0.5, 0.5, 1), (1, 2, 2, 1))}
"""Where the slopes after the first are taken, and the weights of all."""
STAGES = {"smooth1": 1, "smooth3": 3, "follow1": 1, "follow3": 3, "delay1": 1, "delay3": 3, "delay_n2": 2,
          "trend": 1, "fixed": 0, "sample": 0, "initial": 0}  # fmt: skip
"""Memory -> the stocks that it is made of."""
HELD = (
    "step",
    "ramp",
    "pulse",
    "train",
    "step_at",
    "ramp_on",
    "volume",
    "volumes",
    "delay_n2",
    "fixed",
    "sample",
)
"""What keeps the value of the step's start while a method looks further into the step."""


def _truncate(value: float, unit: float) -> float:
    return unit * math.trunc(value / unit)


def plain(word: str, a: list[float], dialect: str) -> float:
    """Functions of the present values."""
    if word == "add":
        return a[0] + a[1]
    if word == "sub":
        return a[0] - a[1]
    if word == "mul":
        return a[0] * a[1]
    if word == "over":
        return a[0] / (1 + abs(a[1]))
    if word == "whole":
        return float(math.trunc(a[0] + 0.0713) if dialect == "vensim" else math.floor(a[0] + 0.0713))
    if word == "if":
        return a[1] if a[0] > 0.3137 else a[2]
    if word == "if_or":
        return a[1] if a[0] <= 0.4137 or a[1] > 1.7137 else a[2]
    if word == "if_and":
        return a[1] if a[0] <= 0.4137 and a[1] > -1.7137 else a[2]
    if word == "modulo":
        return a[0] + 0.0713 - _truncate(a[0] + 0.0713, 0.7)
    if word == "quantum":
        return _truncate(a[0] + 0.0713, 0.3)
    if word == "zidz":
        divisor = math.trunc(a[1] + 0.0713)
        return a[0] / divisor if divisor else 0.0
    return {
        "minus": lambda: -a[0], "root": lambda: math.sqrt(abs(a[0])), "power": lambda: (0.1 + abs(a[0])) ** 1.5,
        "sin": lambda: math.sin(a[0]), "exp": lambda: math.exp(min(a[0], 2.0)),
        "ln": lambda: math.log(1 + abs(a[0])), "min": lambda: min(a), "max": lambda: max(a),
    }[word]()  # fmt: skip


def event(word: str, height: float, times: list[Fraction], now: Fraction, step: Fraction) -> float:
    """Functions of the clock; heights are floats, all times exact."""
    first, plus = times[0], now + step / 2
    if word == "step":
        return height if plus > first else 0.0
    if word == "step_at":
        return height if now >= first else 0.0
    if word == "ramp":
        return height * float(min(now, times[1]) - first) if now > first else 0.0
    if word == "ramp_on":
        return height * float(now - first) if now > first else 0.0
    if word == "pulse":
        return 1.0 if first < plus < first + (times[1] or step) else 0.0
    if word == "train":
        width, between, end = times[1], times[2], times[3]
        on = between < width or (plus - first) % between < max(width, step)
        return 1.0 if plus > first and on and now < end + step / 2 else 0.0
    since = now - first
    if word == "volumes" and times[1] and since >= 0:
        since %= times[1]
    return height / float(step) if 0 <= since < step else 0.0


class Oracle:
    """One run of a model, value by value."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.dt = float(model.step)
        self.states: States = {(name, 0): float(first) for name, _, first in model.stocks}
        self.past: dict[str, list[float]] = {}
        self.held: dict[int, float] = {}

    def run(self) -> dict[str, list[float]]:
        """Values of every variable at every step."""
        model, found = self.model, {name: [] for name in self.model.names}  # type: dict[str, list[float]]
        for k in range(model.n_steps + 1):
            now = model.start + k * model.step
            self.held.clear()
            values = self.moment(now, now, self.states)
            for name, value in values.items():
                found[name].append(value)
            following = self.moved(values, now)
            self.remember(values, now)
            self.states = following
        return found

    def moment(self, now: Fraction, begun: Fraction, states: States) -> Values:
        """All values at a moment of the step that begun at a time."""
        values = {name: states[name, 0] for name, _, _ in self.model.stocks}
        for name, node in self.model.auxiliaries:
            if node[0] in STAGES:
                values[name] = self.reading(name, node, values, now, begun, states)
            else:
                values[name] = self.value(node, values, now, begun)
        return values

    def value(self, node: Node, values: Values, now: Fraction, begun: Fraction) -> float:
        """An expression."""
        word, *parts = node
        if word == "number":
            return float(parts[0])  # type: ignore[arg-type]
        if word == "name":
            return values[str(parts[0])]
        if word == "time":
            return float(now)
        if word not in HELD:
            return plain(
                str(word), [self.value(one, values, now, begun) for one in parts], self.model.dialect
            )  # type: ignore[arg-type]
        if id(node) not in self.held:
            times = [Fraction(one[1]) for one in parts if one[0] == "number"]  # type: ignore[index]
            height = self._height(str(word), parts, values, begun)
            if word not in ("pulse", "train"):
                times = [Fraction(one[1]) for one in parts[1:]]  # type: ignore[index]
            self.held[id(node)] = event(str(word), height, times, begun, self.model.step)
        return self.held[id(node)]

    def _height(self, word: str, parts: list[object], values: Values, begun: Fraction) -> float:
        return 1.0 if word in ("pulse", "train") else self.value(parts[0], values, begun, begun)  # type: ignore[arg-type]

    # -- memory

    def reading(
        self, name: str, node: Node, values: Values, now: Fraction, begun: Fraction,
        states: States,
    ) -> float:  # fmt: skip
        """The value of a function with a memory; its stocks are made when it is first met."""
        word, given, time, first = str(node[0]), node[1], self.time_of(node), float(node[3][1])  # type: ignore[index]
        if word in HELD and id(node) in self.held:
            return self.held[id(node)]
        entering = self.value(given, values, now, begun)  # type: ignore[arg-type]
        n = STAGES[word]
        if n and (name, 0) not in states:
            level = entering if word.startswith("follow") else first
            stock = {"delay": level * time / n, "trend": (1 + abs(entering)) / (1 + 0.1 * time)}
            for i in range(n):
                states[name, i] = stock.get(word[:5], level)
        if word == "trend":
            average = states[name, 0]
            gap, scale = 1 + abs(entering) - average, time * abs(average)
            return gap / scale if abs(scale) >= 1e-6 else 0.0
        if word == "initial":
            return self.past.setdefault(name, [entering])[0]
        if word == "fixed":
            steps = max(math.floor(Fraction(node[2][1]) / self.model.step + Fraction(1, 2)), 1)  # type: ignore[index]
            past = self.past.get(name, [])
            found = past[-steps] if len(past) >= steps else first
        elif word == "sample":
            found = entering if entering > 0.2137 else self.past.get(name, [first])[-1]
        else:
            found = states[name, n - 1] / (time / n) if word.startswith("delay") else states[name, n - 1]
        if word in HELD:
            self.held[id(node)] = found
        return found

    def time_of(self, node: Node) -> float:
        """The time of a function with a memory; XMILE's DELAY3 has no stage shorter than a step."""
        time = float(node[2][1])  # type: ignore[index]
        held = node[0] == "delay3" and self.model.dialect == "xmile"
        return max(time, 3 * self.dt) if held else time

    def remember(self, values: Values, now: Fraction) -> None:
        """What fixed delays and samples keep of a step."""
        for name, node in self.model.auxiliaries:
            if node[0] == "fixed":
                self.past.setdefault(name, []).append(self.value(node[1], values, now, now))  # type: ignore[arg-type]
            elif node[0] == "sample":
                self.past.setdefault(name, []).append(values[name])

    def rates(self, values: Values, now: Fraction, begun: Fraction, states: States) -> States:
        """The change of each stock in a unit of time."""
        found = {(name, 0): self.value(flow, values, now, begun) for name, flow, _ in self.model.stocks}
        for name, node in self.model.auxiliaries:
            word = str(node[0])
            n = STAGES.get(word, 0)
            if not n:
                continue
            time = self.time_of(node)
            entering = self.value(node[1], values, now, begun)  # type: ignore[arg-type]
            if word == "trend":
                found[name, 0] = (1 + abs(entering) - states[name, 0]) / time
                continue
            stage = time / n
            for i in range(n):
                here = states[name, i]
                if word.startswith("delay"):
                    found[name, i] = entering - here / stage
                    entering = here / stage
                else:
                    found[name, i] = (entering - here) / stage
                    entering = here
        return found

    def moved(self, values: Values, now: Fraction) -> States:
        """The stocks after the step; those of a DELAY N always by Euler's."""
        places, weights = TABLEAUS[self.model.method]
        slopes = [self.rates(values, now, now, self.states)]
        for place in places:
            states = {key: value + place * self.dt * slopes[-1][key] for key, value in self.states.items()}
            later = now + Fraction(place) * self.model.step
            slopes.append(self.rates(self.moment(later, now, states), later, now, states))
        following = {}
        for key, value in self.states.items():
            total = sum(weight * slope[key] for weight, slope in zip(weights, slopes, strict=True))
            rate = slopes[0][key] if self._discrete(key[0]) else total / sum(weights)
            following[key] = value + self.dt * rate
        return following

    def _discrete(self, name: str) -> bool:
        return any(other == name and node[0] == "delay_n2" for other, node in self.model.auxiliaries)


def expected(model: Model) -> dict[str, list[float]]:
    """Values of every variable at every step."""
    return Oracle(model).run()
