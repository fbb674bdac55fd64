"""What was really done of each tactic, as a curve small enough for a row of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers import HISTORY, read_levers

if TYPE_CHECKING:
    from iskdyn.levers import Arms
    from iskdyn.study import Study

WIDTH, HEIGHT = 100, 20
"""Of the box in which a curve is drawn; where it is shown it is stretched."""


@dataclass(frozen=True)
class DoneCurve:
    """A curve as the outline of an SVG path, from 0 to its own highest month, and when that was."""

    path: str
    most: str


def done_paths(study: Study) -> dict[str, str]:
    """By tactic the variable that shows what was done of it, where models/levers.toml names one."""
    return {one.tactic: one.path for one in read_levers(study) if one.group == "tactic" and one.path}


def done_curves(study: Study, arms: Arms) -> dict[str, DoneCurve]:
    """By tactic its curve in history, month by month in the middle of the draws; none of what was never done.

    Parameters
    ----------
    arms : runs with the variables of `done_paths` among their outputs
    """
    n_months = int(arms.times[-1])
    middles = [int(np.argmin(np.abs(arms.times - (month + 0.5)))) for month in range(n_months)]
    found = {}
    for tactic, variable in done_paths(study).items():
        levels = np.median(arms.series(HISTORY, variable)[1], axis=0)[middles]
        if levels.max() > 0:
            most = study.in_words(study.month(float(np.argmax(levels)) + 0.5))
            found[tactic] = DoneCurve(_outline((levels / levels.max()).tolist()), most)
    return found


def _outline(levels: list[float]) -> str:
    """Steps between 0 and 1 as an area.

    >>> _outline([0.0, 1.0])
    'M0,20V20H50V0H100V20z'
    """
    wide = WIDTH / len(levels)
    steps = (f"V{HEIGHT * (1 - level):.3g}H{wide * (i + 1):.3g}" for i, level in enumerate(levels))
    return f"M0,{HEIGHT}{''.join(steps)}V{HEIGHT}z"
