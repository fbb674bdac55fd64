"""Very many runs of a study, at draws of its priors: in parts, each on the disk before the next one is begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.spread import Spread
from iskdyn.errors import InputError, Problem
from iskdyn.files import alone, write_bytes_whole
from iskdyn.levers.arms import HISTORY, each_arm
from iskdyn.seal import KIND, read_stamp, short_hash
from iskdyn.sensitivity.study import priors_in_model
from iskdyn.simulate.cluster import Send, members_on
from iskdyn.study.inputs import Inputs
from iskdyn.study.readings import Statistic, reduce
from iskdyn.study.stamp import ASKED, hashes, stamp_line

if TYPE_CHECKING:
    import xarray as xr

    from iskdyn.calibration import Priors
    from iskdyn.simulate import Runner
    from iskdyn.study import Study

Array = NDArray[np.float64]
PART = 16_384
"""Draws of a part: seconds of work, so that a kill costs no more, and some megabytes of memory."""


@dataclass(frozen=True)
class Ensemble:
    """What is run.

    Attributes
    ----------
    measures : the outcomes, and how each is measured from the start to `until`
    n_draws, seed : the first draws are the same, however many there are
    arms : by name the changes that are run beside history, on the same draws
    until : last period, by default the end of the history
    """

    measures: Mapping[str, Statistic]
    n_draws: int
    seed: int = 1
    arms: Mapping[str, Inputs] = field(default_factory=dict)
    until: str | None = None

    def parts(self) -> Iterator[tuple[int, int]]:
        """First draw and number of draws of each part."""
        for first in range(0, self.n_draws, PART):
            yield first, min(PART, self.n_draws - first)


def run_ensemble(
    study: Study,
    asked: Ensemble,
    folder: Path,
    scheduler: str | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> None:
    """Write `00000.nc`, `00001.nc`, ... into a folder: numbers (draw,) and outcomes (arm, draw), in the model's units.

    Parts that are there are kept, damaged ones made anew: a job that was stopped goes on. Each number is drawn from
    its prior, in the model as written. A run that gives no number is nan.

    Parameters
    ----------
    scheduler : address of a Dask scheduler whose workers run the members, with the same results
    progress : called with the draws of each part that is there

    Raises
    ------
    InputError : nothing of the model has a prior, or the folder holds runs of something else, or cannot be written
    """
    priors = priors_in_model(study)
    if not priors.names:
        raise InputError(Problem("parameters", "no number of the model has a prior to be drawn from"))
    job = {
        KIND: short_hash(_words(asked).encode()),
        **hashes(study, ("model", "settings", "drivers", "parameters")),
    }
    with alone(folder), members_on(scheduler) as send:
        for i, (first, n) in enumerate(asked.parts()):
            path = folder / f"{i:05d}.nc"
            wanted = {**job, ASKED: short_hash(f"{first} {n}".encode())}
            if not _is_there(path, wanted):
                part = _part(study, asked, priors, first, n, send).assign_attrs(run=stamp_line(wanted))
                write_bytes_whole(path, part.to_netcdf(engine="scipy"))
            progress(n)


def _words(asked: Ensemble) -> str:
    """All that is asked but the number of draws, as text."""
    arms = {
        name: (
            dict(arm.values),
            {one: series.to_dict() for one, series in arm.series.items()},
            sorted(arm.own),
        )
        for name, arm in asked.arms.items()
    }
    return repr((dict(asked.measures), asked.seed, arms, asked.until, PART))


def _is_there(path: Path, wanted: Mapping[str, str]) -> bool:
    """Whether this very part is whole; an InputError if the file is of another job, or none of ours."""
    if not path.exists():
        return False
    found = read_stamp(path)
    if found is None or {**found.parts, ASKED: ""} != {**wanted, ASKED: ""}:
        message = "holds no runs of this study with these settings; give another --out, or delete it"
        raise InputError(Problem(str(path), message))
    return found.whole and found.parts == wanted


def _part(study: Study, asked: Ensemble, priors: Priors, first: int, n: int, send: Send) -> xr.Dataset:
    """The draws from `first` on, with what comes of them in history and in each arm."""
    import xarray as xr

    def run(runner: Runner, members: Array, _: str) -> Array:
        return np.asarray(send(runner, members, first))

    z = np.random.default_rng((asked.seed, first)).standard_normal((n, len(priors.names)))
    draws = priors.values(z)
    around = Spread(
        kind="approximation",
        names=priors.names,
        in_model=np.ones(len(priors.names), dtype=bool),
        centre=priors.values(np.zeros((1, len(priors.names))))[0],
        contraction=np.zeros(len(priors.names)),
        draws=draws,
    )
    rows = []
    for _, times, values in each_arm(study, around, asked.arms, list(asked.measures), asked.until, run=run):
        rows.append([reduce(how, values[1:, i], times) for i, how in enumerate(asked.measures.values())])
    outcomes = np.array(rows)
    program = study.program
    numbers = {
        name: ("draw", draws[:, i], {"units": program[name].units}) for i, name in enumerate(priors.names)
    }
    found = {
        name: (("arm", "draw"), outcomes[:, i], {"units": program[name].units, "measure": how})
        for i, (name, how) in enumerate(asked.measures.items())
    }
    coordinates = {"draw": np.arange(first, first + n), "arm": [HISTORY, *asked.arms]}
    return xr.Dataset({**numbers, **found}, coords=coordinates)
