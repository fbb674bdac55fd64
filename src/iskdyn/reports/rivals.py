"""How much of a decline each rival explanation carries in the fitted model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iskdyn.levers import HISTORY, Arms, Mark
from iskdyn.levers.arms import less
from iskdyn.levers.before import who
from iskdyn.levers.verdict import Mask
from iskdyn.reports.story import Rivals
from iskdyn.telling.thresholds import EDGES


@dataclass(frozen=True)
class Decline:
    """How far an outcome fell, as a share of before: middle, 5 and 95 % of the draws.

    0 in a run in which it was nothing before: there was nothing that could fall.

    Attributes
    ----------
    speaks : who decides whether it is more or less than in history; None of history, and where that was not asked
    """

    words: str
    fall: float
    low: float
    high: float
    speaks: Mark | None = None


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
    rivals: Rivals,
    arms: Arms,
    before: tuple[float, float],
    after: tuple[float, float],
    unfitted: tuple[Arms, Sequence[Mask]] | None = None,
) -> list[Decline]:
    """The decline in history and under each arm of `arm_names`.

    Parameters
    ----------
    arms : with the run of history and of each arm of `arm_names`
    before, after : start and end of the two windows, in model time
    unfitted : the same arms on draws before the evidence, and which of these are of each structure
    """

    def falls(of: Arms, arm: str) -> np.ndarray:
        _, draws = of.series(arm_of(rivals, arm), rivals.outcome)
        return _fall(_mean(draws, of, before), _mean(draws, of, after))

    def change(of: Arms, arm: str) -> np.ndarray:
        return less(falls(of, arm), falls(of, HISTORY))

    def speaks(arm: str) -> Mark | None:
        if unfitted is None or arm == HISTORY:
            return None
        earlier, structures = unfitted
        # no null is sampled of a rival cause
        return who(change(arms, arm), change(earlier, arm), arms.parts, structures, None)

    def decline(arm: str) -> Decline:
        low, middle, high = (float(one) for one in np.quantile(falls(arms, arm), EDGES))
        return Decline(arm, middle, low, high, speaks(arm))

    return [decline(arm) for arm in (HISTORY, *arm_names(rivals))]


def _fall(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(before - after, before, out=np.zeros_like(before), where=before > 0))


def _mean(values: np.ndarray, arms: Arms, window: tuple[float, float]) -> np.ndarray:
    inside = (arms.times >= window[0]) & (arms.times <= window[1])
    total = np.trapezoid(values[:, inside], arms.times[inside], axis=-1)
    return np.asarray(total / (window[1] - window[0]))
