"""What sensitivity is asked of: each outcome in history, and what each tactic changes in it, over time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import GateError, Problem
from iskdyn.levers import HISTORY
from iskdyn.study.readings import Statistic, reduce_to

if TYPE_CHECKING:
    from iskdyn.simulate import Runner
    from iskdyn.study import Study

Array = NDArray[np.float64]
Progress = Callable[[int], None]
"""Called with the number of runs that were just done."""

SAVE_EVERY, EVERY = 0.25, 3.0
"""Months between the values that a sum is made of, as on every surface, and between the moments that answers are
given for: quarters, as a reader follows them."""
CHUNK = 1024
"""Runs held at once: their series stay within hundreds of megabytes."""


@dataclass(frozen=True)
class Question:
    """One thing that a number may matter for.

    Attributes
    ----------
    output : variable of the model
    tactic : None for the outcome in history; else for the outcome without this tactic, less with it
    """

    output: str
    tactic: str | None = None


@dataclass(frozen=True)
class Answers:
    """The study's questions, ready to be answered for many values of its numbers.

    Attributes
    ----------
    names : numbers that a call sets, in the order of its columns
    measures : outcomes and how each is measured from the start to a moment: its value then, mean, or sum
    tactics : name of each tactic and the constant that removes it at 0
    times : (n_times,) model times of the answers, every quarter of a year and at the end
    """

    names: tuple[str, ...]
    measures: Mapping[str, Statistic]
    tactics: Mapping[str, str]
    times: Array
    _runner: Runner

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outcomes, in the order of the second axis of an answer."""
        return tuple(self.measures)

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question, arm by arm: history first, and in each the outcomes in order."""
        return tuple(Question(output, arm) for arm in (None, *self.tactics) for output in self.outputs)

    def runs(self, n_members: int) -> int:
        """How many runs the answers for so many members take."""
        return n_members * (1 + len(self.tactics))

    def by_arm(self, blocks: Iterable[Array], tell: Progress | None = None) -> Iterator[Array]:
        """(n, n_outputs, n_times) for history, then for each tactic's removal less history.

        Parameters
        ----------
        blocks : (any, n_names) each, in the numbers' own units; their rows below each other are the members;
            gone through once for each arm

        Raises
        ------
        GateError : some run gave no number
        """
        history = self._measured(blocks, None, tell)
        yield history
        for tactic in self.tactics:
            yield self._measured(blocks, tactic, tell) - history

    def _measured(self, blocks: Iterable[Array], tactic: str | None, tell: Progress | None) -> Array:
        switches = np.array([float(name != tactic) for name in self.tactics])
        parts = []
        for block in blocks:
            for i in range(0, len(block), CHUNK):
                part = block[i : i + CHUNK]
                members = np.hstack([part, np.broadcast_to(switches, (len(part), len(switches)))])
                series = self._runner(members)
                parts.append(measured(series, self._runner.times, self.measures, self.times))
                if tell:
                    tell(len(part))
        out = np.concatenate(parts)
        failed = int(np.isnan(out).any(axis=(1, 2)).sum())
        if failed:
            arm = f"without {tactic}" if tactic else HISTORY
            message = f"gave no number in {failed} of {len(out)} runs; `iskdyn check` says where"
            raise GateError(Problem(arm, message))
        return out


def prepare_answers(study: Study, names: tuple[str, ...], measures: Mapping[str, Statistic]) -> Answers:
    """The study's questions about these outcomes, over its history, for these numbers of its model.

    Parameters
    ----------
    names : constants of the model that each call sets
    measures : outcomes and the statistic that measures each, from the start
    """
    from iskdyn.simulate import prepare

    tactics = study.settings.tactics
    end = study.end_time()
    runner = prepare(
        study.program,
        [*names, *tactics.values()],
        list(measures),
        final_time=end,
        save_every=SAVE_EVERY,
    )
    times = np.unique([*np.arange(runner.times[0] + EVERY, end, EVERY), end])
    return Answers(names, dict(measures), dict(tactics), times, runner)


def measured(series: Array, times: Array, measures: Mapping[str, Statistic], moments: Array) -> Array:
    """(n, n_outputs, n_moments) of (n, n_outputs, n_times) series: each statistic from the start to each moment.

    Parameters
    ----------
    series : (n, n_outputs, n_times) values
    times : (n_times,) rising model times
    measures : of each output, in the order of the second axis
    moments : (n_moments,) model times after the first, among `times`

    >>> series, times = np.array([[[0.0, 2.0, 4.0]]]), np.array([0.0, 1.0, 2.0])
    >>> measured(series, times, {"killed a month": "sum"}, np.array([1.0, 2.0])).tolist()
    [[[1.0, 4.0]]]
    """
    columns = [reduce_to(one, series[:, i], times, moments) for i, one in enumerate(measures.values())]
    return np.stack(columns, axis=1)
