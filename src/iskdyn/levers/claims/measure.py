"""Runs of every arm on the same draws, each reduced at once to the numbers that the claims read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iskdyn.levers.arms import HISTORY, each_arm, written
from iskdyn.levers.claims.form import Claims
from iskdyn.study.changes import ALWAYS, Arm, Change, inputs_of
from iskdyn.study.expectations import BASE
from iskdyn.study.inputs import Inputs
from iskdyn.study.readings import Reading, read

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

Array = NDArray[np.float64]
Measured = Mapping[tuple[str, Reading], Array]
"""(n_draws,) of each arm and reading."""

_INSTANT = 1e-6
"""Months over which a series jumps at the edge of a window: shorter than any time step, longer than rounding."""


def measure(
    study: Study,
    claims: Claims,
    spread: Spread,
    constants: Mapping[str, float] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Measured:
    """What the claims read, on every draw.

    Parameters
    ----------
    constants : of the model, the same in all draws and arms, such as those of another structure

    Raises
    ------
    GateError : some run gave no number
    """
    wanted: dict[str, dict[Reading, None]] = {BASE: {}}
    for claim in claims.claims:
        for arm, reading in claim.needed():
            wanted.setdefault(arm, {})[reading] = None
    common = Inputs(constants or {})
    base = _kept(study, claims, spread, common)
    found: dict[tuple[str, Reading], Array] = {}
    for end, names in _by_end(wanted).items():
        changes = {name: _inputs(study, claims.arms[name], base) for name in names}
        outputs = _outputs(one for name in (BASE, *names) for one in wanted[name])
        for run, times, values in each_arm(
            study, spread, changes, outputs, end, base=common, progress=progress
        ):
            arm = BASE if run == HISTORY else run
            for reading in (one for one in wanted[arm] if one.end <= end and (arm, one) not in found):
                series = {name: values[1:, outputs.index(name)] for name in _outputs([reading])}
                times_by = _multiplier(study, reading, spread, common)
                found[arm, reading] = read(reading, series, times) * times_by
    return found


def _by_end(wanted: Mapping[str, Mapping[Reading, None]]) -> dict[float, list[str]]:
    """The arms to be run to each time, so that none is followed further than it is read."""
    ends = {arm: max((one.end for one in readings), default=0.0) for arm, readings in wanted.items()}
    groups = {
        end: [arm for arm in wanted if arm != BASE and ends[arm] == end] for end in sorted(set(ends.values()))
    }
    return {end: names for end, names in groups.items() if end > 0}


def _outputs(readings: Iterable[Reading]) -> tuple[str, ...]:
    names = (name for one in readings for name in (one.output, one.share_of) if name)
    return tuple(dict.fromkeys(names))


def _multiplier(study: Study, reading: Reading, spread: Spread, common: Inputs) -> Array | float:
    """(n_draws,) what the reading is multiplied by."""
    return _values(study, reading.times, spread, common)[1:] if reading.times else 1.0


def _values(study: Study, name: str, spread: Spread, common: Inputs) -> Array:
    """(1 + n_draws,) a parameter or constant: as the structure fixes it, else as fitted and drawn, else the model's."""
    if name in common.values:
        return np.full(1 + len(spread.draws), common.values[name])
    if name not in spread.names:
        return written(study, spread, name)
    i_parameter = spread.names.index(name)
    return np.concatenate([spread.centre[[i_parameter]], spread.draws[:, i_parameter]])


def _kept(study: Study, claims: Claims, spread: Spread, common: Inputs) -> Mapping[str, tuple[Array, Array]]:
    """Times and (1 + n_draws, n_times) series of the base arm that some arm has to return to."""
    names = {one.name for arm in claims.arms.values() for one in arm.changes if returns(one)}
    ends = np.array([0.0, claims.end])
    constants = {name for name in names if study.program[name].kind == "constant"}
    kept = {name: (ends, np.tile(_values(study, name, spread, common)[:, None], 2)) for name in constants}
    if others := sorted(names - constants):
        _, times, values = next(each_arm(study, spread, {}, others, claims.end, base=common))
        kept |= {name: (times, values[:, i]) for i, name in enumerate(others)}
    return kept


def returns(change: Change) -> bool:
    """Whether a change leaves or returns to the values of the base arm, which differ from draw to draw."""
    return change.kind in ("level", "pulse") and change.window != ALWAYS


def _inputs(study: Study, arm: Arm, base: Mapping[str, tuple[Array, Array]]) -> Inputs:
    """The arm's changes: constants for the whole run, and series of all else."""
    inputs = inputs_of(study.setting, (one for one in arm.changes if not returns(one)))
    within: dict[str, Any] = {
        one.name: _within(one.window, one.value, *base[one.name]) for one in arm.changes if returns(one)
    }
    return replace(inputs, series={**inputs.series, **within})


def _within(window: tuple[float, float], value: float, times: Array, base: Array) -> tuple[Array, Array]:
    """Times and values: those of the base arm, and the given one from the start to the end of the window.

    (n_times,) values where the base arm's are the same in all draws, else (n, n_times).
    """
    start, end = window
    edges = np.array([start - _INSTANT, start, end, end + _INSTANT])
    grid = np.union1d(times, edges[(edges >= times[0]) & (edges <= times[-1])])
    rows = base[:1] if (base == base[:1]).all() else base
    outside = np.array([np.interp(grid, times, row) for row in rows])
    values = np.where((grid >= start) & (grid <= end), value, outside)
    return grid, values[0] if len(rows) == 1 else values
