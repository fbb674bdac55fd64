"""Link scores: what each cause did to its effect in one step, as a share of what the effect did.

Schoenberg, Davidsen and Eberlein 2020 (System Dynamics Review 36:158, doi:10.1002/sdr.1658); flows into
stocks as in Schoenberg, Hayward and Eberlein 2023 (39:149, doi:10.1002/sdr.1729), through the net flow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.arrays import Curve, Value
from iskdyn.errors import ModelError, Problem
from iskdyn.model import Call, Expression, Program, Variable, references, walk
from iskdyn.model.expression import STATEFUL

if TYPE_CHECKING:
    from iskdyn.compile.graph import Node

Array = NDArray[np.float64]


MOST_STEPS = 1000
"""Scored steps of a run in which nothing else is asked for: more show no other loops and cost as much more."""


@dataclass(frozen=True)
class Link:
    """One variable standing in the equation of another, both by key; a stock's equation is its net flow."""

    cause: str
    effect: str


@dataclass(frozen=True)
class Trace:
    """Runs of a model with every variable kept.

    Attributes
    ----------
    times : (n_times,) model time
    values : per key (n_runs, n_times), or (n_runs, 1) for what does not change
    """

    times: Array
    values: Mapping[str, Array]

    @property
    def n_runs(self) -> int:
        """The number of runs."""
        return max(len(one) for one in self.values.values())


@dataclass(frozen=True)
class LinkScores:
    """Scores of links, each over the step that ends at a time.

    Attributes
    ----------
    times : (n_steps,) ends of the steps
    scores : per link (n_runs, n_steps); 0 where cause or effect did not move
    unexplained : per effect (n_runs, n_steps) share of its change that no single cause explains: where
        causes work together and change at once
    parts : per link between variables, what the cause alone did as a share of the effect's change: as large
        as its score, below zero where it worked against what happened
    """

    times: Array
    scores: Mapping[Link, Array]
    unexplained: Mapping[str, Array]
    parts: Mapping[Link, Array] = field(default_factory=dict)


def equation(variable: Variable) -> Expression:
    """What the links of a variable are read from: the equation, of a stock its net flow."""
    node = variable.expression
    if isinstance(node, Call) and (variable.kind == "stock" or node.function == "active_initial"):
        return node.arguments[0]
    return node


def links_of(program: Program) -> list[Link]:
    """Every link between variables that may change during a run, `Time` left out.

    Raises
    ------
    ModelError : with every variable whose equation has a memory of its own or draws random numbers
    """
    moving = {one.key for one in program.by_key.values() if one.kind in ("stock", "auxiliary")}
    links, problems = [], []
    for key in moving_in_order(program):
        variable = program.by_key[key]
        found = memory_in(variable)
        if found:
            message = f"'{variable.name}' uses {found.upper()}; links through it cannot be scored"
            problems.append(Problem(program.place(variable.name), message))
        links += [Link(cause, key) for cause in references(equation(variable)) if cause in moving]
    if problems:
        raise ModelError(problems)
    return links


def moving_in_order(program: Program) -> list[str]:
    """Keys of stocks and auxiliaries, in the order of the file."""
    return [one.key for one in program.by_key.values() if one.kind in ("stock", "auxiliary")]


def memory_in(variable: Variable) -> str:
    """The first function in a variable's equation that cannot be scored: it remembers or draws; '' for none."""
    return next((one for one in _calls(equation(variable)) if one in _UNSCORED), "")


def _calls(expression: Expression) -> Iterable[str]:
    return (node.function for node in walk(expression) if isinstance(node, Call))


_UNSCORED = {*STATEFUL, *(f"random_{one}" for one in ("0_1", "uniform", "normal", "exponential"))}


def scored_step(program: Program, most: int = MOST_STEPS) -> float:
    """The TIME STEP, or as many of them together as leave a run at most so many scored steps."""
    from iskdyn.simulate.clock import make_clock

    clock = make_clock(program, {}, {})
    return clock.time_step * max(1, math.ceil((len(clock.steps) - 1) / most))


def trace(
    program: Program,
    inputs: Mapping[str, Array],
    *,
    constants: Mapping[str, float] | None = None,
    series: Mapping[str, Curve] | None = None,
    final_time: float | None = None,
    save_every: float | None = None,
) -> Trace:
    """Runs with every variable kept.

    Parameters
    ----------
    inputs : constants or initial stocks by name, (n_runs,) each; without any, one run
    constants, series, final_time : as of `simulate.prepare`
    save_every : length of a step; by default each TIME STEP
    """
    from iskdyn.simulate import prepare

    keys = moving_in_order(program)
    step = program["TIME STEP"].value if save_every is None else save_every
    runner = prepare(
        program, list(inputs), keys, constants=constants,
        series=series, final_time=final_time, save_every=step,
    )  # fmt: skip
    columns = np.column_stack(list(inputs.values())) if inputs else np.zeros((1, 0))
    result = runner(columns)
    values = dict(zip(keys, np.moveaxis(result, 1, 0), strict=True))
    values |= {one.key: np.array([[one.value]]) for one in program.by_key.values() if one.kind == "constant"}
    values |= {key: np.array([[value]]) for key, value in runner.clock.controls().items()}
    given = {program[name].key: value for name, value in (constants or {}).items()}
    values |= {
        key: np.array([[value]]) for key, value in given.items() if program.by_key[key].kind != "stock"
    }
    values |= {
        program[name].key: np.asarray(column, dtype=float)[:, None]
        for name, column in inputs.items()
        if program[name].kind == "constant"
    }
    return Trace(np.asarray(runner.times, dtype=float), values)


def link_scores(program: Program, runs: Trace, links: Iterable[Link], cut: Iterable[str] = ()) -> LinkScores:
    """The score of each link in every run and step.

    A cause x of z = f(x, y) is moved to its value after the step while all others stay as before:
    Dz(x) = f(x', y) - z; its score is abs(Dz(x) / Dz) sign(Dz(x) / Dx).

    Parameters
    ----------
    links : of one effect all together, so that what is unexplained can be told
    cut : keys given as series: no link leads into them
    """
    from iskdyn.simulate.memory import check_memory

    links = list(links)
    check_memory((2 * len(links) + len(runs.values)) * runs.n_runs * len(runs.times))
    equations = SingleEquations(program, runs)
    by_effect: dict[str, list[Link]] = {}
    for link in links:
        by_effect.setdefault(link.effect, []).append(link)
    scores: dict[Link, Array] = {}
    parts: dict[Link, Array] = {}
    unexplained: dict[str, Array] = {}
    shape = (runs.n_runs, len(runs.times) - 1)
    for effect, its in by_effect.items():
        if effect in set(cut):
            scores |= {link: np.zeros(shape) for link in its}
            parts |= {link: np.zeros(shape) for link in its}
            continue
        before, change = equations.change(effect)
        explained = equations.moved(effect, "time") - before
        for link in its:
            part, cause = equations.moved(effect, link.cause) - before, equations.difference(link.cause)
            explained = explained + part
            share = _share(part, change, cause)
            parts[link] = np.broadcast_to(share, shape)
            scores[link] = np.broadcast_to(share * np.sign(change) * np.sign(cause), shape)
        with np.errstate(all="ignore"):
            share = np.abs((change - explained) / change)
        unexplained[effect] = np.broadcast_to(np.where(change == 0.0, 0.0, share), shape)
    return LinkScores(runs.times[1:], scores, unexplained, parts)


def _share(part: Array, change: Array, cause: Array) -> Array:
    """Dz(x)/Dz; 0 where z or x stood still."""
    with np.errstate(all="ignore"):
        share = part / change
    return np.where((change == 0.0) | (cause == 0.0), 0.0, share)


class SingleEquations:
    """Every equation on its own, its causes read from the runs."""

    def __init__(self, program: Program, runs: Trace) -> None:
        from iskdyn.compile.equations import Equations
        from iskdyn.compile.kernels import table_arrays

        self.lowering = Equations(program)
        self.program, self.runs = program, runs
        self.roots: dict[str, int] = {}
        self.tables = table_arrays

    def _root(self, key: str) -> int:
        if key not in self.roots:
            self.roots[key] = self.lowering.root(equation(self.program.by_key[key]))
        return self.roots[key]

    def moved(self, effect: str, cause: str | None, last: bool = False) -> Array:
        """The effect's equation before each step with one cause (or, if `last`, everything) after it.

        Parameters
        ----------
        effect, cause : keys; "time" is a cause too
        last : whether all causes stand after the step

        Returns
        -------
        (n_runs, n_steps), n_runs 1 where nothing in it differs between runs.
        """

        def value(key: str) -> Array:
            values = self.runs.times[None, :] if key == "time" else self.runs.values[key]
            if values.shape[-1] == 1:
                return values
            return values[:, 1:] if last or key == cause else values[:, :-1]

        return self._evaluated(effect, value)

    def with_value(self, effect: str, cause: str, given: Array) -> Array:
        """The effect's equation at every time with one cause replaced.

        Parameters
        ----------
        effect, cause : keys; "time" is a cause too
        given : (n_runs, n_times), or what spreads to that
        """

        def value(key: str) -> Array:
            if key == cause:
                return given
            return self.runs.times[None, :] if key == "time" else self.runs.values[key]

        return self._evaluated(effect, value)

    def _evaluated(self, effect: str, value: Callable[[str], Array]) -> Array:
        from iskdyn.compile.evaluate import evaluate
        from iskdyn.compile.runtime_numpy import lookup

        tables = self.tables(self.lowering.out, {})

        def leaf(node: Node) -> Array:
            return value("time" if node.op == "time" else str(node.data))

        def call(node: Node, arguments: Sequence[Value]) -> Array:
            return lookup(np.asarray(arguments[0], dtype=float), *tables, int(node.data))

        return np.asarray(evaluate(self.lowering.graph, [self._root(effect)], leaf, call)[0], dtype=float)

    def change(self, effect: str) -> tuple[Array, Array]:
        """Its value before each step and the change in it; of a stock those of its net flow."""
        before = self.moved(effect, None)
        return before, self.moved(effect, None, last=True) - before

    def difference(self, key: str) -> Array:
        """The change of a variable in each step."""
        values = self.runs.values[key]
        return np.diff(values, axis=-1) if values.shape[-1] > 1 else np.zeros((1, 1))
