"""Paired runs brought down to one number an outcome and a window, so that many long ones need little memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from iskdyn.levers.arms import Array, each_arm, less
from iskdyn.levers.verdict import Mask
from iskdyn.study.inputs import Inputs
from iskdyn.study.readings import Statistic, reduce_to
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

Side = Literal["lower", "same", "higher"]
SIDES: tuple[Side, ...] = ("higher", "lower", "same")
"""Of two sides with as many draws the first counts as the larger."""


@dataclass(frozen=True)
class Shares:
    """Of the draws: lower, the same to rounding (see `arms.ROUNDING`), higher; they add to 1.

    Attributes
    ----------
    n : how many draws; 0 is not known
    """

    lower: float
    same: float
    higher: float
    n: int = field(default=0, compare=False)

    @property
    def largest(self) -> Side:
        """Where most draws are."""
        return max(SIDES, key=self.of)

    def of(self, side: Side) -> float:
        """The share of one side."""
        return float(getattr(self, side))

    def odds(self, side: Side) -> float:
        """Of one side against all else; none or all of the draws count as half a draw less or more."""
        share, half = self.of(side), 0.5 / max(self.n, 1)
        share = min(max(share, half), 1 - half)
        return share / (1 - share)

    @property
    def errors(self) -> dict[str, float | None]:
        """Monte Carlo errors of the three, draws being independent; None where their number is not known."""
        return {side: monte_carlo_error(self.of(side), self.n) if self.n else None for side in get_args(Side)}

    def record(self) -> dict[str, float]:
        """The three shares, for a machine."""
        return {"lower": self.lower, "same": self.same, "higher": self.higher}


def shares_of(change: Array) -> Shares:
    """The shares of (n_draws,) differences.

    >>> shares_of(np.array([-1.0, 0.0, 2.0, 3.0]))
    Shares(lower=0.25, same=0.25, higher=0.5, n=4)
    """
    lower, same, higher = (float(np.mean(one)) for one in (change < 0, change == 0, change > 0))
    return Shares(lower, same, higher, len(change))


def monte_carlo_error(share: float, n_draws: int) -> float:
    """Standard error of a share of independent draws.

    >>> monte_carlo_error(0.5, 400)
    0.025
    """
    return math.sqrt(share * (1 - share) / n_draws)


def median_error(values: Array) -> float:
    """Standard error of the median of independent draws.

    How many of n draws lie below the true median is binomial with standard deviation sqrt(n) / 2: half the
    distance of the values that many ranks below the middle and above it.
    """
    share = 0.5 / math.sqrt(len(values))
    low, high = np.quantile(values, (0.5 - share, 0.5 + share))
    return float(high - low) / 2


def chance_words(n_draws: int, medians: Iterable[tuple[float, float, float]] = ()) -> str:
    """How far what is printed of so many draws errs by chance: a clause without a full stop.

    Parameters
    ----------
    medians : Monte Carlo error of each median that is printed, and 5 and 95 % of its draws

    >>> chance_words(400, [(0.2, 0.0, 10.0)])
    'by chance a share of 400 versions errs by up to 2.5 points, a median by up to 2 % of its range'
    """
    told = f"by chance a share of {n_draws:,} versions errs by up to {100 * monte_carlo_error(0.5, n_draws):.1f} points"
    largest = largest_error(medians)
    return told if largest is None else f"{told}, a median by up to {100 * largest:.0f} % of its range"


def largest_error(medians: Iterable[tuple[float, float, float]]) -> float | None:
    """The largest Monte Carlo error of some medians, as a share of the range of its draws; None where none has one.

    Parameters
    ----------
    medians : Monte Carlo error of each, and 5 and 95 % of its draws
    """
    return max((error / (high - low) for error, low, high in medians if high > low), default=None)


def mixed(shares: Sequence[Shares], weights: Sequence[float]) -> Shares:
    """The shares of a weighted mixture; weights add to 1.

    >>> mixed([Shares(1.0, 0.0, 0.0), Shares(0.5, 0.0, 0.5)], [0.75, 0.25])
    Shares(lower=0.875, same=0.0, higher=0.125, n=0)
    """

    def of(side: Side) -> float:
        return sum(weight * part.of(side) for part, weight in zip(shares, weights, strict=True))

    return Shares(of("lower"), of("same"), of("higher"), sum(part.n for part in shares))


def relative_to(change: Array, history: Array) -> Array:
    """(3,) 5, 50 and 95 % over the draws of each change as a share of its own value in history.

    An infinite share (history is zero) has no place between two others: no interpolation.

    >>> relative_to(np.array([-1.0, 0.0, 2.0]), np.array([2.0, 0.0, 4.0])).tolist()
    [-0.5, 0.0, 0.5]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(change == 0, 0.0, change / np.abs(history))
    return np.quantile(relative, EDGES, method="nearest")


@dataclass(frozen=True)
class Measured:
    """Outcomes of arms at the ends of windows.

    Attributes
    ----------
    outcomes : names, in the order of the second axis
    ends : model times, in the order of the third axis; each window begins with the run
    values : per arm (1 + n_draws, n_outcomes, n_ends); the first row is at the fitted values
    parts : (n_draws,) which draws belong to each part of the structures with some weight
    """

    outcomes: tuple[str, ...]
    ends: tuple[float, ...]
    values: Mapping[str, Array]
    parts: tuple[Mask, ...] = ()

    def of(self, arm: str, outcome: str, end: float) -> Array:
        """(1 + n_draws,) of one arm and outcome to the end of one window.

        Parameters
        ----------
        arm, outcome : names, as measured
        end : model time, one of `ends`
        """
        return self.values[arm][:, self.outcomes.index(outcome), self.ends.index(end)]

    def difference(self, arm: str, against: str, outcome: str, end: float) -> Array:
        """(1 + n_draws,) one arm less another; what is only rounding is 0.

        Parameters
        ----------
        arm, against : names of arms; `HISTORY` is one
        outcome : name, as measured
        end : model time, one of `ends`
        """
        return less(self.of(arm, outcome, end), self.of(against, outcome, end))


def measure_arms(
    study: Study,
    spread: Spread,
    arms: Mapping[str, Inputs],
    measures: Mapping[str, Statistic],
    ends: Sequence[float],
    *,
    base: Inputs | None = None,
    progress: Callable[[str], None] | None = None,
) -> Measured:
    """History and each set of changes, paired draw by draw, measured to the end of each window.

    Parameters
    ----------
    measures : per outcome how it is measured
    ends : model times
    base : changes common to all arms

    Raises
    ------
    GateError : some run gave no number
    """
    from iskdyn.calibration import weighty

    outcomes, windows = tuple(measures), tuple(ends)
    found = {}
    for arm, times, values in each_arm(
        study, spread, arms, outcomes, max(windows), base=base, progress=progress
    ):
        found[arm] = np.empty((len(values), len(outcomes), len(windows)))
        for i_outcome, measure in enumerate(measures.values()):
            found[arm][:, i_outcome] = reduce_to(measure, values[:, i_outcome], times, windows)
    return Measured(outcomes, windows, found, tuple(weighty(spread).values()))
