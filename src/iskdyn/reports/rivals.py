"""How much of a decline each rival explanation carries in the fitted model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iskdyn.levers import HISTORY, Arms
from iskdyn.reports.story import Rivals
from iskdyn.telling.thresholds import EDGES


@dataclass(frozen=True)
class Decline:
    """How far an outcome fell, as a share of before: middle, 5 and 95 % of the draws.

    0 in a run in which it was nothing before: there was nothing that could fall.
    """

    words: str
    fall: float
    low: float
    high: float


def arm_of(rivals: Rivals, words: str) -> str:
    """The name of an arm of one decline: causes of two declines may have the same words and other switches."""
    return words if words == HISTORY else f"{rivals.title}: {words}"


def arm_names(rivals: Rivals) -> dict[str, dict[str, float]]:
    """Per words of an arm the switches turned off: each cause alone absent, each alone present, none present."""
    switches = rivals.switches
    arms = {f"without {words}": {switch: 0.0} for words, switch in switches.items()}
    if len(switches) > 1:
        for words, switch in switches.items():
            arms[f"with {words} alone"] = {other: 0.0 for other in switches.values() if other != switch}
        arms["with none of them"] = dict.fromkeys(switches.values(), 0.0)
    return arms


def declines(
    rivals: Rivals, arms: Arms, before: tuple[float, float], after: tuple[float, float]
) -> list[Decline]:
    """The decline in history and under each arm of `arm_names`.

    Parameters
    ----------
    arms : with the run of history and of each arm of `arm_names`
    before, after : start and end of the two windows, in model time
    """
    return [_decline(rivals, arms, arm, before, after) for arm in (HISTORY, *arm_names(rivals))]


def _decline(
    rivals: Rivals, arms: Arms, arm: str, before: tuple[float, float], after: tuple[float, float]
) -> Decline:
    _, draws = arms.series(arm_of(rivals, arm), rivals.outcome)
    falls = _fall(_mean(draws, arms, before), _mean(draws, arms, after))
    low, middle, high = np.quantile(falls, EDGES)
    return Decline(arm, float(middle), float(low), float(high))


def _fall(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(before - after, before, out=np.zeros_like(before), where=before > 0))


def _mean(values: np.ndarray, arms: Arms, window: tuple[float, float]) -> np.ndarray:
    inside = (arms.times >= window[0]) & (arms.times <= window[1])
    total = np.trapezoid(values[:, inside], arms.times[inside], axis=-1)
    return np.asarray(total / (window[1] - window[0]))
