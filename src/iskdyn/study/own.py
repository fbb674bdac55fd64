"""The path of a variable in one run, at each time step, so that another run can follow it exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from iskdyn.model import Program
    from iskdyn.study.inputs import Inputs

Array = NDArray[np.float64]


def along_own_paths(program: Program, inputs: Inputs, base: Inputs, final_time: float | None) -> Inputs:
    """The same changes with series in the place of what follows its own path: that of a run of the base.

    For one run; many draws are `iskdyn.levers.arms`.

    Parameters
    ----------
    inputs : whose `own` names the variables that follow their own path
    base : of the run that gives the paths, with the model as written elsewhere
    final_time : model time; None: the model's own end
    """
    from iskdyn.simulate import simulate

    names = sorted(inputs.own)
    if not names:
        return inputs
    step = program["TIME STEP"].value
    run = simulate(
        program, dict(base.values), dict(base.series), names, final_time=final_time, save_every=step
    )
    times = run["time"].values
    return inputs.along({name: (times, run[name].values) for name in names})
