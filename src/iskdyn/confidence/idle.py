"""Nothing idle: every uncertain constant and every stock moves some headline outcome, or it should go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.check import Check, counted
from iskdyn.errors import Problem
from iskdyn.model import Call, Number, Program, Reference, Variable, name_key
from iskdyn.telling.thresholds import RANGE, SMALL

if TYPE_CHECKING:
    from iskdyn.study import Study
    from iskdyn.study.readings import Statistic

Array = NDArray[np.float64]

LEAST = SMALL
"""What moves no headline outcome by this share of it is idle: a difference that is told as hardly any elsewhere."""
LOW, HIGH = RANGE
"""Ends of the part of a prior over which a constant is moved: nine draws of ten lie between."""
SAVE_EVERY = 0.25
"""Months, as wherever outcomes are measured: sums are the same numbers as in the report."""


@dataclass(frozen=True)
class Move:
    """How far one part of the model can move a headline outcome.

    Attributes
    ----------
    kind : "constant": between 5 and 95 % of its prior; "stock": held at what it is at the start
    share : the largest move, as a share of the outcome as it is; infinite where that is nothing
    outcome, until : where it is largest
    """

    kind: Literal["constant", "stock"]
    name: str
    share: float
    outcome: str
    until: str

    @property
    def idle(self) -> bool:
        """Whether the model would say the same without it."""
        return not self.share >= LEAST

    def record(self) -> dict[str, Any]:
        """For a machine."""
        share = self.share if np.isfinite(self.share) else None
        return {**vars(self), "share": share, "idle": self.idle}


def moves(study: Study, measures: Mapping[str, Statistic], values: Mapping[str, float]) -> list[Move]:
    """Every constant with a prior and every stock, the least moving first.

    Looked at to the end of the history with the model as it stands; what is idle there also to the horizon, and
    in each structure that a switch makes.

    Parameters
    ----------
    measures : how each headline outcome is measured from the start
    values : of the constants, such as the fitted ones
    """
    from iskdyn.calibration import read_priors

    priors = {one.name: one for one in read_priors(study.parameters).parts if one.name in study.program}
    ranges = {name: (one.quantile(LOW), one.quantile(HIGH)) for name, one in priors.items()}
    stocks = [one.name for one in study.program.stocks]
    history, horizon = study.month(study.end_time() - 0.5), study.horizon[1]
    tries: list[tuple[str, dict[str, float]]] = [(history, {}), (horizon, {})]
    for switch in study.settings.switches:
        tries.append((history, {switch: 0.0 if values.get(switch, study.program[switch].value) else 1.0}))
    found: dict[tuple[str, str], Move] = {}
    for until, structure in tries:
        left = [name for name in ranges if _idle(found, "constant", name)]
        still = [name for name in stocks if _idle(found, "stock", name)]
        runs = _Base(study, measures, {**values, **structure}, until)
        for one in (*runs.constants({name: ranges[name] for name in left}), *runs.stocks(still)):
            key = (one.kind, one.name)
            if key not in found or one.share > found[key].share:
                found[key] = one
    return sorted(found.values(), key=lambda one: (one.kind, one.share))


def _idle(found: Mapping[tuple[str, str], Move], kind: str, name: str) -> bool:
    return (kind, name) not in found or found[kind, name].idle


def check_idle(study: Study, found: Sequence[Move]) -> Check:
    """No constant and no stock could go without a headline outcome telling."""
    what = {"constant": f"moved from {LOW:.0%} to {HIGH:.0%} of its prior", "stock": "held as at the start"}
    problems = []
    for one in found:
        if one.idle:
            message = f"'{one.name}', {what[one.kind]}, moves no headline outcome by {LEAST:.0%}"
            told = f"{message}; most {one.outcome}, by {one.share:.2%}"
            problems.append(Problem(study.program.place(one.name), told))
    words = (
        f"constants {what['constant']} and stocks {what['stock']}, to the history's end and to the horizon"
    )
    return counted("nothing is idle", words, len(found), problems)


class _Base:
    """Runs round one set of values to the end of one month: one kernel, in which each stock can be held."""

    def __init__(
        self, study: Study, measures: Mapping[str, Statistic], values: Mapping[str, float], until: str
    ) -> None:
        self.study, self.measures, self.until = study, measures, until
        self.program = holdable(study.program)
        self.values = dict(values)
        self.end = study.end_time(until)

    def constants(self, ranges: Mapping[str, tuple[float, float]]) -> Iterator[Move]:
        """Each constant at both ends of its range, the others as they are."""
        edges = [(name, edge) for name, pair in ranges.items() for edge in pair]
        measured = self._run(edges)
        for i, name in enumerate(ranges):
            yield self._move("constant", name, measured[1 + 2 * i], measured[2 + 2 * i], measured[0])

    def stocks(self, names: Sequence[str]) -> Iterator[Move]:
        """Each stock held, its flows cut, at what it is at the start."""
        measured = self._run([(_moves(name), 0.0) for name in names])
        for name, one in zip(names, measured[1:], strict=True):
            yield self._move("stock", name, one, measured[0], measured[0])

    def _run(self, changes: Sequence[tuple[str, float]]) -> Array:
        """(1 + n_changes, n_outcomes): as it is, and with each one constant at another value."""
        from iskdyn.simulate import prepare
        from iskdyn.study.readings import reduce

        names = [
            one.name for one in (*self.program.constants, *self.program.hidden) if one.kind == "constant"
        ]
        row = np.array([self.values.get(name, self.program[name].value) for name in names])
        rows = np.tile(row, (1 + len(changes), 1))
        for i, (name, value) in enumerate(changes, 1):
            rows[i, names.index(name)] = value
        runner = prepare(
            self.program, names, list(self.measures), final_time=self.end, save_every=SAVE_EVERY
        )  # fmt: skip
        values, times = runner(rows), np.asarray(runner.times, dtype=float)
        columns = [reduce(one, values[:, i], times) for i, one in enumerate(self.measures.values())]
        return np.stack(columns, axis=1)

    def _move(
        self, kind: Literal["constant", "stock"], name: str, one: Array, other: Array, base: Array
    ) -> Move:
        """The largest difference of two runs as a share of the base; a run without a number moves all."""
        change = np.abs(one - other)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(change == 0, 0.0, change / np.abs(base))
        shares = np.where(np.isnan(shares), np.inf, shares)
        largest = int(np.argmax(shares))
        return Move(kind, name, float(shares[largest]), list(self.measures)[largest], self.until)


def holdable(program: Program) -> Program:
    """The same model with a constant beside each stock that multiplies its net flow: 1, and 0 holds the stock.

    A series in the place of a stock would do the same with a kernel each.
    """
    variables, brakes = [], []
    for one in program.variables:
        expression = one.expression
        if one.kind == "stock" and isinstance(expression, Call):
            flow, start = expression.arguments
            name = _moves(one.name)
            brake = Variable(
                name, name_key(name), "constant", "Dmnl", (0.0, 1.0), "", "1", 0, Number(1.0), True
            )
            brakes.append(brake)
            braked = Call("*", (Reference(brake.key), flow))
            one = replace(one, expression=Call(expression.function, (braked, start)))
        variables.append(one)
    keys = tuple(brake.key for brake in brakes)
    return replace(
        program, digest=f"{program.digest} holdable", variables=tuple(variables),
        hidden=(*program.hidden, *brakes), step_order=(*keys, *program.step_order),
    )  # fmt: skip


def _moves(stock: str) -> str:
    return f"{stock} moves"
