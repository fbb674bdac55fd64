"""Statements of what must happen at extremes, run: in one run of the model's own numbers, or in every draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.conditions import EVERY_STOCK, EVERY_VARIABLE, Condition, Draws
from iskdyn.confidence.people import people_stocks
from iskdyn.errors import Problem
from iskdyn.study import Change, Expectation, Inputs, Study, goes, inputs_of

if TYPE_CHECKING:
    from iskdyn.simulate.runner import Runner

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Told = Callable[[int], str]
"""What a member did, by its number: words are made only of those that are told."""

MOVED = 1e-9
"""A mean that moves by less of its size has not moved, and a value that is smaller is none."""
HALVED = 0.5
"""What may be left, at the end, of the distance between two runs that converge: drift and rounding alone do not
halve it."""
N_PRIOR = 256
"""Draws of the prior: the chance that a fault in one run of a hundred is missed is 8 %."""
SEED = 1
"""Fixed, so that a condition fails for everybody or for nobody."""
CHUNK = 64
"""Members that are run at a time: every variable at every step to a far horizon is a gigabyte a thousand."""


def broken(study: Study, conditions: Sequence[Condition]) -> Iterator[tuple[Condition, Problem]]:
    """The expectations that do not come true, in the order of the file."""
    runs = _Runs(study, conditions)
    tallies = [[(name, _Tally(expected)) for name, expected in _each(study, one)] for one in conditions]
    for draws in dict.fromkeys(one.draws for one in conditions):
        for members in runs.members(draws):
            for one, tally in zip(conditions, tallies, strict=True):
                if one.draws != draws:
                    continue
                base = runs.run(one, members, None)
                changed = [runs.run(one, members, factor) for factor in one.people or (1.0,)]
                for name, found in tally:
                    found.add(runs.times(one), base[name], [run[name] for run in changed])
    for one, tally in zip(conditions, tallies, strict=True):
        for name, found in tally:
            if not found.holds:
                yield one, Problem(study.program.place(name), found.words(name, one))


def _each(study: Study, condition: Condition) -> Iterator[tuple[str, Expectation]]:
    """Each variable of which something is expected; what is said of one stands over what is said of all."""
    program = study.program
    groups = {EVERY_STOCK: program.stocks, EVERY_VARIABLE: [*program.stocks, *program.auxiliaries]}
    single = {one.output for one in condition.expect}
    for expected in condition.expect:
        members = [one.name for one in groups.get(expected.output, ())]
        names = [name for name in members if name not in single] if members else [expected.output]
        yield from ((name, expected) for name in names)


@dataclass
class _Tally:
    """In how many members an expectation holds, and what the first one did where it does not."""

    expected: Expectation
    n_held: int = 0
    n_members: int = 0
    first: str = ""

    def add(self, times: Array, base: Array, changed: Sequence[Array]) -> None:
        """More members: (n, n_times) of the base, and of each changed run."""
        first = np.searchsorted(times, self.expected.window[0] - MOVED)
        seen = slice(first, np.searchsorted(times, self.expected.window[1] + MOVED, side="right"))
        held, told = judge(self.expected, base[:, seen], [one[:, seen] for one in changed])
        if not self.first and not held.all():
            self.first = told(int(np.argmin(held)))
        self.n_held += int(held.sum())
        self.n_members += len(held)

    @property
    def holds(self) -> bool:
        """Whether it does in as large a share of the members as is asked for."""
        return self.n_held >= self.expected.share * self.n_members - MOVED

    def words(self, name: str, condition: Condition) -> str:
        """What was expected, and what came."""
        expected = self.expected
        of = " of what it was" if expected.relative else ""
        asked = f"{expected.bounds}{of}" if expected.kind == "within" else expected.kind
        should = f"'{name}' should be {asked}"
        if not condition.draws:
            return f"{should} with {condition.given}, and is {self.first}: {condition.says}"
        least = "" if self.expected.share == 1 else f" in {self.expected.share:.0%} of draws"
        failing = f"{self.n_members - self.n_held} of {self.n_members} draws, the first {self.first}"
        return f"{should}{least} with {condition.given}, and is not in {failing}: {condition.says}"


def judge(expected: Expectation, base: Array, changed: Sequence[Array]) -> tuple[Mask, Told]:
    """(n,) whether it holds in each member, in all of its changed runs, and what a member did, by its number.

    Parameters
    ----------
    base : (n, n_times) of the model as it stands
    changed : the same of each changed run; two where two runs may converge
    """
    if expected.kind == "converges":
        return _converges(*changed)
    parts = [_one(expected, base, run) for run in changed]
    held = np.logical_and.reduce([part for part, _ in parts])
    return held, lambda i: next((told(i) for part, told in parts if not part[i]), "")


def _one(expected: Expectation, base: Array, run: Array) -> tuple[Mask, Told]:
    """As `judge`, of one changed run."""
    finite = np.asarray(np.isfinite(run).all(axis=1))
    with np.errstate(all="ignore"):
        held, told = _KINDS.get(expected.kind, _moves)(expected, base, run)
    return held & finite, lambda i: told(i) if finite[i] else "no number"


def _moves(expected: Expectation, base: Array, run: Array) -> tuple[Mask, Told]:
    """Which way a mean moved; nothing at all is lower than something."""
    before, after = base.mean(axis=1), run.mean(axis=1)
    least_move = MOVED * np.abs(base).max(axis=1)
    change = np.where(np.abs(after - before) <= least_move, 0.0, after - before)
    none = np.abs(run).max(axis=1) <= least_move
    if expected.kind == "none":
        held = none
    else:
        moved = goes(expected.kind, change, expected.by * np.abs(before))
        held = np.where(none, expected.kind in ("lower", "not higher"), moved)
    way = np.where(change > 0, "higher", np.where(change < 0, "lower", "same"))
    came = np.where(none, "none", way)
    return held, lambda i: f"{came[i]} ({before[i]:.4g} to {after[i]:.4g})"


def _zero(_: Expectation, __: Array, run: Array) -> tuple[Mask, Told]:
    largest = np.abs(run).max(axis=1)
    return np.asarray(largest == 0.0), lambda i: f"{largest[i]:.4g} at its largest"


def _positive(_: Expectation, __: Array, run: Array) -> tuple[Mask, Told]:
    smallest = run.min(axis=1)
    held = smallest >= -MOVED * np.abs(run).max(axis=1)
    return np.asarray(held), lambda i: f"{smallest[i]:.4g} at its smallest"


def _finite(_: Expectation, __: Array, run: Array) -> tuple[Mask, Told]:
    return np.ones(len(run), dtype=bool), lambda _: ""


def _shrinks(_: Expectation, __: Array, run: Array) -> tuple[Mask, Told]:
    first, last = run[:, 0], run[:, -1]
    held = last < first - MOVED * np.abs(first)
    return held, lambda i: f"{first[i]:.4g} at the start and {last[i]:.4g} at the end"


def _never_rises(_: Expectation, __: Array, run: Array) -> tuple[Mask, Told]:
    rise = np.diff(run, axis=1).max(axis=1, initial=0.0)
    held = rise <= MOVED * np.abs(run).max(axis=1)
    return np.asarray(held), lambda i: f"rising by {rise[i]:.4g} in a step"


def _bounded(expected: Expectation, base: Array, run: Array) -> tuple[Mask, Told]:
    values = np.asarray(run / base if expected.relative else run)
    smallest, largest = values.min(axis=1), values.max(axis=1)
    slack = MOVED * np.abs(values).max(axis=1)
    if expected.strict:
        low, high = smallest > expected.low, largest < expected.high
    else:
        low, high = smallest >= expected.low - slack, largest <= expected.high + slack
    return np.asarray(
        low & high
    ), lambda i: f"{largest[i]:.4g} at its largest" if low[i] else f"{smallest[i]:.4g} at its smallest"


_KINDS = {
    "zero": _zero, "positive": _positive, "finite": _finite, "shrinks": _shrinks, "never rises": _never_rises,
    "within": _bounded,
}  # fmt: skip


def _converges(one: Array, other: Array) -> tuple[Mask, Told]:
    with np.errstate(all="ignore"):
        first, last = np.abs(np.log(one[:, 0] / other[:, 0])), np.abs(np.log(one[:, -1] / other[:, -1]))
    held = np.asarray(last <= HALVED * first)
    return (
        held,
        lambda i: f"a factor {np.exp(first[i]):.3g} apart at the start and {np.exp(last[i]):.3g} at the end",
    )


@dataclass(frozen=True)
class _Members:
    """Some draws: (n, n_names) values, and the number of the first; no names for the model's own numbers."""

    names: tuple[str, ...]
    values: Array
    first: int = 0


class _Runs:
    """Runs of statements, with as few kernels as can be: those that name variables keep the same outputs."""

    def __init__(self, study: Study, conditions: Sequence[Condition]) -> None:
        self.study = study
        self.shared = {
            draws: tuple(dict.fromkeys(
                name for one in conditions if one.draws == draws and not _grouped(one) for name, _ in _each(study, one)
            ))
            for draws in {one.draws for one in conditions}
        }  # fmt: skip
        self._runners: dict[object, Runner] = {}
        self._done: dict[object, dict[str, Array]] = {}
        self._of: _Members | None = None

    def members(self, draws: Draws) -> Iterator[_Members]:
        """The draws that a statement is made of, a chunk at a time."""
        if not draws:
            yield _Members((), np.zeros((1, 0)))
            return
        names, values = every_draw(self.study, draws)
        for first in range(0, len(values), CHUNK):
            yield _Members(names, values[first : first + CHUNK], first)

    def end(self, condition: Condition) -> float:
        """Model time of the end of the runs of a statement."""
        return self.study.end_time(condition.until or None)

    def times(self, condition: Condition) -> Array:
        """(n_times,) every step of the runs of a statement."""
        program = self.study.program
        start, step = program["INITIAL TIME"].value, program["TIME STEP"].value
        return np.asarray(start + step * np.arange(round((self.end(condition) - start) / step) + 1))

    def run(self, condition: Condition, members: _Members, factor: float | None) -> dict[str, Array]:
        """(n, n_times) of each variable; with factor None of the model as it stands, kept while the members stay."""
        changed = factor is not None
        arm = (*condition.both, *(condition.changes if changed else ()))
        inputs = self._inputs(arm)
        known = dict(zip(members.names, members.values.T, strict=True))
        people = {} if factor in (None, 1.0) else self._people(members, arm, factor)
        columns = {
            name: one for name, one in known.items() if name not in {*inputs.values, *inputs.series}
        } | people
        outputs = self._outputs(condition)
        key = (arm, self.end(condition), outputs, tuple(columns), factor)
        if members is not self._of:
            self._of, self._done = members, {}
        if key in self._done:
            return self._done[key]
        runner = self._runner(arm, self.end(condition), outputs, tuple(columns), len(members.values))
        values = np.stack(list(columns.values()), axis=1) if columns else np.zeros((len(members.values), 0))
        found = dict(zip(outputs, np.moveaxis(runner(values, first=members.first), 1, 0), strict=True))
        if not changed:
            self._done[key] = found
        return found

    def _inputs(self, arm: Sequence[Change]) -> Inputs:
        return inputs_of(self.study.setting, arm)

    def _people(self, members: _Members, arm: tuple[Change, ...], factor: float) -> dict[str, Array]:
        """(n,) of each stock of people at the start, times the factor."""
        program = self.study.program
        moved = {one.name for one in arm}
        stocks = [one.name for one in people_stocks(program) if one.name not in moved]
        values = tuple(one for one in arm if one.name in self._inputs(arm).values)
        known = dict(zip(members.names, members.values.T, strict=True))
        columns = {name: one for name, one in known.items() if name not in {one.name for one in values}}
        end = program["INITIAL TIME"].value + program["TIME STEP"].value
        runner = self._runner(values, end, tuple(stocks), tuple(columns), len(members.values))
        inputs = np.stack(list(columns.values()), axis=1) if columns else np.zeros((len(members.values), 0))
        return dict(zip(stocks, factor * runner(inputs)[:, :, 0].T, strict=True))

    def _outputs(self, condition: Condition) -> tuple[str, ...]:
        if _grouped(condition):
            return tuple(dict.fromkeys(name for name, _ in _each(self.study, condition)))
        return self.shared[condition.draws]

    def _runner(
        self, arm: tuple[Change, ...], end: float, outputs: tuple[str, ...], names: tuple[str, ...], n_members: int
    ) -> Runner:  # fmt: skip
        from iskdyn.simulate import prepare
        from iskdyn.simulate.runner import choose

        program = self.study.program
        key = (arm, end, outputs, names)
        if key not in self._runners:
            start, step = program["INITIAL TIME"].value, program["TIME STEP"].value
            engine = choose("auto", program, round((end - start) / step), n_members)
            inputs = self._inputs(arm)
            self._runners[key] = prepare(
                program, names, outputs, final_time=end, save_every=step, constants=inputs.values, engine=engine,
                series=dict(inputs.series),
            )  # fmt: skip
            self._runners[key].keep_nonfinite = True
        return self._runners[key]


def _grouped(condition: Condition) -> bool:
    return bool({EVERY_STOCK, EVERY_VARIABLE} & {one.output for one in condition.expect})


def every_draw(study: Study, draws: Draws) -> tuple[tuple[str, ...], Array]:
    """Names in the model and (n, n_names) values of the stored posterior, or of the prior where none is current."""
    from iskdyn.calibration import current_posterior
    from iskdyn.levers.draws import prior_spread

    posterior = current_posterior(study) if draws == "posterior" else None
    if posterior is not None and posterior.accepted:
        names, values = posterior.names, posterior.values.reshape(-1, len(posterior.names))
    else:
        prior = prior_spread(study, N_PRIOR, SEED)
        names, values = prior.names, prior.draws
    inside = [i for i, name in enumerate(names) if name in study.program]
    return tuple(names[i] for i in inside), np.asarray(values[:, inside], dtype=float)
