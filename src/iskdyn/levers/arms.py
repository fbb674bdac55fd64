"""Paired runs: the same draws with history as it was and with each set of changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import GateError, InputError, Problem
from iskdyn.levers.verdict import Mask
from iskdyn.study.inputs import Inputs
from iskdyn.study.readings import Statistic, reduce

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.simulate.runner import Runner
    from iskdyn.study import Study

Array = NDArray[np.float64]
Run = Callable[["Runner", Array, str], Array]
"""(runner, (n, n_inputs) members, arm) -> (n, n_outputs, n_times) array."""
HISTORY = "history"
SAVE_EVERY = 0.25
"""Months between kept times, as those that the observation operators read: a sum is the same number everywhere."""
CHUNK = 2000
"""Members that are run at a time: a result of some outcomes over years stays within hundreds of megabytes."""
ROUNDING = 1e-9
"""Differences smaller than this share of what they are between are none: two runs round their sums so far apart."""


@dataclass(frozen=True)
class Arms:
    """Runs by arm.

    Attributes
    ----------
    times : (n_times,) model time
    outputs : names, in the order of the second axis
    best : per arm (n_outputs, n_times), at the fitted values
    draws : per arm (n_draws, n_outputs, n_times), at draws about them
    parts : (n_draws,) which draws belong to each part of the structures with some weight
    """

    times: Array
    outputs: tuple[str, ...]
    best: Mapping[str, Array]
    draws: Mapping[str, Array]
    parts: tuple[Mask, ...] = ()

    def series(self, arm: str, output: str) -> tuple[Array, Array]:
        """(n_times,) at the fitted values, and (n_draws, n_times) at the draws."""
        i_output = self.outputs.index(output)
        return self.best[arm][i_output], self.draws[arm][:, i_output]

    def measured(
        self, measure: Statistic, arm: str, output: str, until: float | None = None
    ) -> tuple[float, Array]:
        """One outcome from the start to `until` (by default the end): at the fit, and (n_draws,) at the draws.

        Parameters
        ----------
        measure, arm, output : the last two as run; KeyError or ValueError for others
        until : model time; values at later kept times are left out
        """
        # a kept time that rounding left just past the end belongs to the window
        kept = self.times <= (self.times[-1] if until is None else until) + 1e-9
        best, draws = (reduce(measure, one[..., kept], self.times[kept]) for one in self.series(arm, output))
        return float(best), draws

    def difference(self, measure: Statistic, arm: str, output: str) -> Array:
        """(n_draws,) one outcome of an arm, to the end, less the same in history; what is only rounding is 0.

        Parameters
        ----------
        measure, arm, output : the last two as run
        """
        return less(*(self.measured(measure, one, output)[1] for one in (arm, HISTORY)))


def less(one: Array, other: Array) -> Array:
    """The difference, 0 where it is only rounding.

    >>> less(np.array([1.0 + 1e-12, 3.0]), np.array([1.0, 1.0])).tolist()
    [0.0, 2.0]
    """
    difference = one - other
    return np.where(np.abs(difference) <= ROUNDING * (np.abs(one) + np.abs(other)), 0.0, difference)


def run_arms(
    study: Study,
    spread: Spread,
    arms: Mapping[str, Inputs],
    outputs: Sequence[str],
    until: str | float | None = None,
    save_every: float = SAVE_EVERY,
    *,
    base: Inputs | None = None,
    progress: Callable[[str], None] | None = None,
) -> Arms:
    """The fitted history and, paired with it draw by draw, each set of changes.

    Parameters
    ----------
    spread : the values and draws of every parameter
    arms : per arm the changes: values of constants (they replace the draws), series over model time
        of any variable, whose incoming links are cut, and variables that follow their own path: that of
        history, with `base` but without the arm's other changes, in each draw
    outputs : variables to keep
    until : last month (YYYY-MM) or model time; by default the end of the history
    save_every : interval of the kept times, in months
    base : changes common to all arms, `HISTORY` included, such as those of another structure
    progress : called with the name of each arm before it runs

    Raises
    ------
    InputError : a name or a time that the study does not know
    GateError : some run gave no number
    """
    from iskdyn.calibration import weighty

    times: Array = np.empty(0)
    best, drawn = {}, {}
    for arm, kept, values in each_arm(study, spread, arms, outputs, until, save_every, base, progress):
        times = kept
        best[arm], drawn[arm] = values[0], values[1:]
    return Arms(times, tuple(outputs), best, drawn, tuple(weighty(spread).values()))


def each_arm(
    study: Study,
    spread: Spread,
    arms: Mapping[str, Inputs],
    outputs: Sequence[str],
    until: str | float | None = None,
    save_every: float = SAVE_EVERY,
    base: Inputs | None = None,
    progress: Callable[[str], None] | None = None,
    run: Run | None = None,
) -> Iterator[tuple[str, Array, Array]]:
    """As `run_arms`, one arm at a time, so that many long ones need little memory.

    Parameters
    ----------
    run : runs the members of an arm; by default here, where each must give numbers

    Yields
    ------
    name, (n_times,) times, (1 + n_draws, n_outputs, n_times) values : the first at the fitted values
    """
    from iskdyn.calibration.mixture import by_model

    members = np.vstack([spread.centre[None, :], spread.draws])[:, spread.in_model]
    names = [name for name, inside in zip(spread.names, spread.in_model, strict=True) if inside]
    parts = by_model(study, spread)
    runs: list[Iterator[tuple[str, Array, Array]]] = []
    for part, rows in parts:
        known = {name: column[rows] for name, column in zip(names, members.T, strict=True)}
        changes = _changes(part, {HISTORY: Inputs(), **arms}, base or Inputs(), rows, len(members))
        tell = None if runs else progress
        runs.append(_each_arm(part, known, changes, outputs, until, save_every, len(rows), tell, run or _run))
    for found in zip(*runs, strict=True):
        arm, times, values = found[0]
        if len(parts) > 1:
            values = np.empty((len(members), *values.shape[1:]))
            for (_, rows), (_, _, part_values) in zip(parts, found, strict=True):
                values[rows] = part_values
        yield arm, times, values


def _changes(
    study: Study, arms: Mapping[str, Inputs], base: Inputs, rows: NDArray[np.intp], n_members: int
) -> dict[str, Inputs]:
    """The arms as one model spells them, over what is common, with these rows of the series that have `n_members`.

    Raises
    ------
    InputError : with every name of the arms that the model lacks
    """
    common = base.spelled(study.program)
    changes = {name: one.spelled(study.program).over(common) for name, one in arms.items()}
    problems = [
        Problem(arm, f"changes '{name}', which {study.settings.model} lacks")
        for arm, one in changes.items()
        for name in (*one.values, *one.series, *one.own)
        if name not in study.program
    ]
    if problems:
        raise InputError(problems)
    if len(rows) == n_members:
        return changes

    def cut(one: Inputs) -> dict[str, Any]:
        return {
            name: (times, values[rows] if values.ndim == 2 else values)
            for name, (times, values) in _pairs(one).items()
        }

    return {arm: replace(one, series=cut(one)) for arm, one in changes.items()}


def _each_arm(
    study: Study,
    known: Mapping[str, Array],
    changes: Mapping[str, Inputs],
    outputs: Sequence[str],
    until: str | float | None,
    save_every: float,
    n_members: int,
    progress: Callable[[str], None] | None,
    run: Run,
) -> Iterator[tuple[str, Array, Array]]:
    """The same in one model: `known` are the (n_members,) values of its constants, `changes` with history first."""
    from iskdyn.simulate import prepare
    from iskdyn.simulate.memory import tell_runs

    common = changes[HISTORY]
    known = {name: column for name, column in known.items() if name in study.program}
    moved = {name for change in changes.values() for name in change.values}
    free = sorted(moved | set(known) | set(varied(study)))  # one kernel serves all structures of a model
    end = study.end_time(until)
    tell_runs(study.program, n_members * len(changes), end)
    own = sorted({name for change in changes.values() for name in change.own})
    paths = own_paths(study, own, known, common, end, n_members)
    moving = {arm: _pairs(change.along(paths)) for arm, change in changes.items()}
    by_member = _lapsed(study, moving.values(), n_members)
    alike = {name: (np.zeros(1), np.full(1, np.nan)) for name in by_member}
    runner: Runner | None = None
    before: Mapping[str, Any] = {}
    for arm, change in changes.items():
        if progress:
            progress(arm)
        # Rows for each member are hundreds of megabytes to fill: only where an arm has some.
        lapsed = by_member if any(values.ndim == 2 for _, values in moving[arm].values()) else alike
        series = {**lapsed, **moving[arm]}
        if runner is None or moving[arm] or before:
            runner = prepare(
                study.program,
                free,
                list(outputs),
                final_time=end,
                save_every=save_every,
                series=_alike(series, lapsed),
                lapsing=True,
            )
        before = moving[arm]
        columns = [_column(study, known, change, name, n_members) for name in free]
        yield arm, np.asarray(runner.times, dtype=float), run(runner, np.stack(columns, axis=1), arm)


Pair = tuple[Array, Array]


def _pairs(change: Inputs) -> dict[str, Pair]:
    """Times and values of each series: (n_times,), or (n_members, n_times)."""
    found = {}
    for name, one in change.series.items():
        times, values = (one.index, one.to_numpy()) if hasattr(one, "to_numpy") else one
        found[name] = (np.asarray(times, dtype=float), np.asarray(values, dtype=float))
    return found


def _lapsed(study: Study, arms: Iterable[Mapping[str, Pair]], n_members: int) -> dict[str, Pair]:
    """What stands for a series in an arm that has none: nan, so that one kernel serves all arms with such rows.

    A row for each member where some arm has one. Tables have no nan: each set of them is a kernel.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for series in arms:
        for name, (_, values) in series.items():
            if study.program[name].kind != "table":
                wide = values.ndim == 2 or len(shapes.get(name, ())) == 2
                shapes[name] = (n_members, 1) if wide else (1,)
    return {name: (np.zeros(1), np.full(shapes[name], np.nan)) for name in sorted(shapes)}


def _alike(series: Mapping[str, Pair], lapsed: Mapping[str, Pair]) -> dict[str, Pair]:
    """The same with a row for each member where what stands for it has one."""
    return {
        name: (times, np.tile(values, (len(lapsed[name][1]), 1)))
        if name in lapsed and lapsed[name][1].ndim > values.ndim
        else (times, values)
        for name, (times, values) in series.items()
    }


def varied(study: Study) -> set[str]:
    """The constants of the model that a structure of the study fits or fixes."""
    from iskdyn.calibration.variants import read_variants

    named = {name for one in read_variants(study) for name in one.set}
    named |= set(study.parameters["name"])
    return {study.program[name].name for name in named if name in study.program}


def written(study: Study, spread: Spread, name: str) -> Array:
    """(1 + n_draws,) what a constant is in the model of each run.

    Parameters
    ----------
    spread : whose draws may be of several structures, each with its own model
    name : of a constant that every one of these models has
    """
    from iskdyn.calibration.mixture import by_model

    values = np.empty(1 + len(spread.draws))
    for part, rows in by_model(study, spread):
        values[rows] = part.program[name].value
    return values


def own_paths(
    study: Study, names: Sequence[str], known: Mapping[str, Array], common: Inputs, end: float, n_members: int
) -> dict[str, tuple[Array, Array]]:
    """Times and (n_members, n_times) of some variables in the base run, at each time step.

    At each step, since a path read between steps would not give the base run back.

    Parameters
    ----------
    names : variables whose paths are wanted; none for an empty result
    known : (n_members,) values by constant, as drawn
    common : changes of the base run; its own paths are not followed
    end : model time at which the run ends
    n_members : rows of the result
    """
    from iskdyn.simulate import prepare

    if not names:
        return {}
    free = Inputs(common.values, common.series)
    inputs = [name for name in sorted({*known, *free.values, *varied(study)}) if name not in free.series]
    step = study.program["TIME STEP"].value
    runner = prepare(
        study.program, inputs, list(names), final_time=end, save_every=step, series=dict(free.series)
    )
    columns = [_column(study, known, free, name, n_members) for name in inputs]
    members = np.stack(columns, axis=1) if columns else np.empty((n_members, 0))
    values = _run(runner, members, HISTORY)
    return {name: (np.asarray(runner.clock.steps), values[:, i]) for i, name in enumerate(names)}


def _column(study: Study, known: Mapping[str, Array], change: Inputs, name: str, n_members: int) -> Array:
    """The values of one input: as changed, else as drawn, else the model's own."""
    if name not in change.values and name in known:
        return known[name]
    return np.full(n_members, change.values.get(name, study.program[name].value))


def _run(runner: Runner, members: Array, arm: str) -> Array:
    """(n, n_outputs, n_times); a GateError where a run gave no number."""
    chunks = range(0, len(members), CHUNK)
    parts = [runner(members[first : first + CHUNK], first=first) for first in chunks]
    result = parts[0] if len(parts) == 1 else np.concatenate(parts)
    failed = int(np.isnan(result[:, :1, :1]).any(axis=(1, 2)).sum())  # such a run is nan throughout
    if failed:
        message = f"gave no number in {failed} of {len(result)} runs; `iskdyn check` says where"
        raise GateError(Problem(arm, message))
    return result
