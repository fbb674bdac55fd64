"""Nothing idle: every uncertain constant and every stock moves some headline outcome, or it should go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.check import Check, counted
from iskdyn.errors import Problem

if TYPE_CHECKING:
    from iskdyn.levers import Measure
    from iskdyn.study import Study

Array = NDArray[np.float64]

LEAST = 0.01
"""What moves no headline outcome by this share of it is idle."""
LOW, HIGH = 0.05, 0.95
"""Ends of the part of a prior over which a constant is moved."""
SAVE_EVERY = 0.25


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


def moves(study: Study, measures: Mapping[str, Measure], values: Mapping[str, float]) -> list[Move]:
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
    """Runs round one set of values to the end of one month."""

    def __init__(
        self, study: Study, measures: Mapping[str, Measure], values: Mapping[str, float], until: str
    ) -> None:
        self.study, self.measures, self.values, self.until = study, measures, dict(values), until
        self.end = study.end_time(until)

    def constants(self, ranges: Mapping[str, tuple[float, float]]) -> Iterable[Move]:
        """Each constant at both ends of its range, the others as they are."""
        if not ranges:
            return
        program = self.study.program
        centre = np.array([self.values.get(name, program[name].value) for name in ranges])
        rows = np.tile(centre, (1 + 2 * len(ranges), 1))
        for i, edges in enumerate(ranges.values()):
            rows[1 + 2 * i : 3 + 2 * i, i] = edges
        measured = self._run(list(ranges), rows)
        for i, name in enumerate(ranges):
            yield self._move("constant", name, measured[1 + 2 * i], measured[2 + 2 * i], measured[0])

    def stocks(self, names: Sequence[str]) -> Iterable[Move]:
        """Each stock held, its flows cut, at what it is at the start."""
        if not names:
            return
        first = self.study.program["INITIAL TIME"].value
        base = self._run([], np.zeros((1, 0)))[0]
        start = self._run([], np.zeros((1, 0)), at_start=names)[0]
        for name, value in zip(names, start, strict=True):
            held = {name: ([first, self.end], [value, value])}
            yield self._move("stock", name, self._run([], np.zeros((1, 0)), held)[0], base, base)

    def _run(
        self, inputs: list[str], rows: Array, series: Mapping[str, Any] | None = None,
        at_start: Sequence[str] = (),
    ) -> Array:  # fmt: skip
        """(n, n_outcomes) each outcome measured, or some variables at the start."""
        from iskdyn.levers.arms import reduce
        from iskdyn.simulate import prepare

        given = {name: value for name, value in self.values.items() if name not in {*inputs, *(series or {})}}
        outputs = list(at_start or self.measures)
        runner = prepare(
            self.study.program, inputs, outputs, final_time=self.end, save_every=SAVE_EVERY,
            constants=given, series=series,
        )  # fmt: skip
        values, times = runner(rows), np.asarray(runner.times, dtype=float)
        if at_start:
            return np.asarray(values[:, :, 0])
        columns = [reduce(one, values[:, i], times) for i, one in enumerate(self.measures.values())]
        return np.stack(columns, axis=1)

    def _move(
        self, kind: Literal["constant", "stock"], name: str, one: Array, other: Array, base: Array
    ) -> Move:
        """The largest difference of two runs as a share of what it is in the base; a run without a number moves all."""
        change = np.abs(one - other)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(change == 0, 0.0, change / np.abs(base))
        shares = np.where(np.isnan(shares), np.inf, shares)
        largest = int(np.argmax(shares))
        return Move(kind, name, float(shares[largest]), list(self.measures)[largest], self.until)
