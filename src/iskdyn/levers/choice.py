"""Ready scenarios weighed over everything that is uncertain: regret, and how often they are good enough.

Nothing is searched for: only what is ready is compared, and what adds violence is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers.arms import HISTORY, Array, less
from iskdyn.levers.measured import Measured
from iskdyn.telling.thresholds import AGREE, NOTABLY

if TYPE_CHECKING:
    import pandas as pd


def regret(measured: Measured, arms: Sequence[str], outcome: str, end: float) -> Array:
    """(n_arms, n_draws) how much higher than under the best of these arms, as a share of history's.

    Lower is better for every outcome that this is asked of.

    Parameters
    ----------
    measured : with the runs of history and of all these arms
    arms : scenarios to choose from
    outcome : name, lower being better
    end : model time, one of `measured.ends`
    """
    values = np.stack([measured.of(arm, outcome, end)[1:] for arm in arms])
    history = np.abs(measured.of(HISTORY, outcome, end)[1:])
    excess = less(values, np.broadcast_to(values.min(axis=0), values.shape))
    return np.divide(excess, history, out=np.zeros_like(excess), where=history > 0)


def regret_table(
    states: Mapping[str, Measured], arms: Sequence[str], outcomes: Sequence[str], end: float
) -> pd.DataFrame:
    """Regret by arm and outcome: median and 90 % point of the first structure, worst 90 % point of all.

    Parameters
    ----------
    states : runs of the same arms by structure, the one that the report tells first
    """
    import pandas as pd

    rows = []
    for outcome in outcomes:
        found = {name: regret(measured, arms, outcome, end) for name, measured in states.items()}
        high = {name: np.quantile(one, AGREE, axis=1) for name, one in found.items()}
        first = next(iter(found))
        for i_arm, arm in enumerate(arms):
            rows.append(
                {
                    "scenario": arm,
                    "outcome": outcome,
                    "median": float(np.median(found[first][i_arm])),
                    "high": float(high[first][i_arm]),
                    "worst": max(float(one[i_arm]) for one in high.values()),
                }
            )
    return pd.DataFrame(rows)


def satisfied(
    measured: Measured, arm: str, human: Sequence[str], outcomes: Sequence[str], end: float
) -> dict[str, float]:
    """Shares of the draws: each human cost not above history's, all of them so, each outcome notably lower,
    and (key "both") all human costs not above history's with the first outcome notably lower.

    Parameters
    ----------
    measured : with the runs of history and of this arm
    human : human costs, which no choice may raise
    outcomes : those to be lowered by `NOTABLY` of history's; the first decides "both"
    end : model time, one of `measured.ends`

    Returns
    -------
    By outcome, and by "all" and "both", a share from 0 to 1.
    """
    spared = {name: measured.difference(arm, HISTORY, name, end)[1:] <= 0 for name in human}
    lower = {
        name: measured.difference(arm, HISTORY, name, end)[1:]
        <= -NOTABLY * np.abs(measured.of(HISTORY, name, end)[1:])
        for name in outcomes
    }
    everyone = np.logical_and.reduce(list(spared.values()))
    shares = {name: float(np.mean(one)) for name, one in {**spared, **lower}.items()}
    both = everyone & lower[outcomes[0]] if outcomes else everyone
    return {**shares, "all": float(np.mean(everyone)), "both": float(np.mean(both))}


def satisfying_table(
    states: Mapping[str, Measured],
    arms: Sequence[str],
    human: Sequence[str],
    outcomes: Sequence[str],
    end: float,
) -> pd.DataFrame:
    """`satisfied` by arm: the share under the first structure, and the lowest and highest under any.

    Parameters
    ----------
    states : by structure the runs, the first structure first
    arms, human, outcomes, end : as of `satisfied`

    Returns
    -------
    A row each arm and criterion: scenario, criterion, share, lowest, highest.
    """
    import pandas as pd

    rows = []
    for arm in arms:
        found = {name: satisfied(measured, arm, human, outcomes, end) for name, measured in states.items()}
        first = found[next(iter(found))]
        for criterion, share in first.items():
            every = [one[criterion] for one in found.values()]
            extremes = {"lowest": min(every), "highest": max(every)}
            rows.append({"scenario": arm, "criterion": criterion, "share": share, **extremes})
    return pd.DataFrame(rows)
