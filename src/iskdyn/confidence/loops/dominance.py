"""Which loops drove an outcome: shares by name and month over draws, and how two scenarios differ.

An outcome is what its stocks make it. In each step every loop through a stock has a share of the sizes of
all loops through it that count (loops of one stock alone apart); the shares of an outcome are those of its
stocks, weighted by how much each stock moved it.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.arrays import Curve
from iskdyn.confidence.loops.links import LinkScores, link_scores, links_of, trace
from iskdyn.confidence.loops.named import UNNAMED, Names
from iskdyn.confidence.loops.paths import OUTSIDE, pushes, stock_links
from iskdyn.confidence.loops.strong import BUDGET, Strong, strong_loops

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Inputs, Study

Array = NDArray[np.float64]
SAVE_EVERY = 0.25
"""Length of a scored step, in months: as runs are kept elsewhere."""


@dataclass(frozen=True)
class Drives:
    """What drove one outcome, by month, in every draw.

    Attributes
    ----------
    months : first model time of each month
    outside : (n_runs, n_months) share of its movement that came from outside the model's loops
    alone : (n_runs, n_months) share of loops of one stock in the sizes of all loops
    shares : per name (n_runs, n_months) sum of signed shares among loops of several stocks; sizes of
        all names with both signs sum to at most 1; below zero the loops balance
    sizes : as shares, without signs
    """

    outcome: str
    months: Array
    outside: Array
    alone: Array
    shares: Mapping[str, Array]
    sizes: Mapping[str, Array]

    @property
    def names(self) -> list[str]:
        """The names in the order of their mean size, loops without a name last."""
        ordered = sorted(self.sizes, key=lambda name: -float(self.sizes[name].mean()))
        return sorted(ordered, key=lambda name: name == UNNAMED)

    def dominant(self, name: str) -> Array:
        """(n_months,) share of the draws in which no other name is larger; 0 for loops without a name."""
        if name == UNNAMED:
            return np.zeros(self.alone.shape[1])
        largest = np.max([size for other, size in self.sizes.items() if other != UNNAMED], axis=0)
        return np.asarray(np.mean((self.sizes[name] >= largest) & (largest > 0), axis=0))

    def over_all(self, name: str) -> Array:
        """(n_runs,) mean signed share over the whole run."""
        return (
            np.asarray(self.shares[name].mean(axis=1)) if name in self.shares else np.zeros(len(self.alone))
        )


@dataclass(frozen=True)
class Driven:
    """What drove each outcome in one scenario, and how the loops were found."""

    found: Strong
    drives: Mapping[str, Drives]
    unexplained: float


def drives(
    study: Study,
    spread: Spread,
    names: Names,
    outcomes: Sequence[str],
    changes: Inputs | None = None,
    budget: int = BUDGET,
    until: str | float | None = None,
) -> Driven:
    """What drove some outcomes in a scenario, over draws.

    Parameters
    ----------
    spread : whose draws are run; the first run stands at its centre
    changes : what the scenario changes
    outcomes : stocks or auxiliaries
    """
    scores = scenario_scores(study, spread, changes, until)
    found = strong_loops(stock_links(study.program, scores), names, budget)
    told = {one: _drives(study, scores, found, one) for one in outcomes}
    held = [np.median(share) for share in scores.unexplained.values()]
    return Driven(found, told, float(np.mean(held)))


def scenario_scores(
    study: Study, spread: Spread, changes: Inputs | None, until: str | float | None = None
) -> LinkScores:
    """Link scores of a scenario: of a run at the centre of the draws, and of each draw.

    Parameters
    ----------
    spread : values and draws of every parameter, of the model as written
    changes : of the scenario; None for history
    until : last period or model time; by default the end of the history

    Returns
    -------
    Of 1 + n_draws runs, the first at the centre.
    """
    from iskdyn.levers.arms import own_paths
    from iskdyn.study.inputs import Inputs

    program = study.program
    values = np.vstack([spread.centre[None, :], spread.draws])
    named = dict(zip(spread.names, values.T, strict=True))
    inputs = {name: named[name] for name, ours in zip(spread.names, spread.in_model, strict=True) if ours}
    series: dict[str, Curve] = {}
    if changes is not None:
        changes = changes.spelled(program)
        paths = own_paths(study, sorted(changes.own), inputs, Inputs(), study.end_time(until), len(values))
        changes = changes.along(paths)
        inputs |= {name: np.full(len(values), value) for name, value in changes.values.items()}
        series = dict(changes.series)
    inputs = {name: column for name, column in inputs.items() if name not in series}
    runs = trace(program, inputs, series=series, final_time=study.end_time(until), save_every=SAVE_EVERY)
    return link_scores(program, runs, links_of(program), cut=[program[name].key for name in series])


def _drives(study: Study, scores: LinkScores, found: Strong, outcome: str) -> Drives:
    program = study.program
    key = program[outcome].key
    still = np.zeros_like(next(iter(scores.scores.values())))
    itself = key in {stock.key for stock in program.stocks}
    moved = {key: still + 1.0} if itself else pushes(program, scores, key)
    outside, alone, known = _weight(moved, OUTSIDE) + still, still.copy(), still.copy()
    sizes: dict[str, Array] = defaultdict(still.copy)
    signed: dict[str, Array] = defaultdict(still.copy)
    for stock in (one for one in moved if one != OUTSIDE):
        weight = _weight(moved, stock)
        outside += weight * _weight(pushes(program, scores, stock), OUTSIDE)
        if stock not in found.stocks:
            continue
        place = found.stocks.index(stock)
        several, its_own = found.sizes[:, :, place].sum(axis=-1), found.alone[:, :, place]
        alone += weight * _share(its_own, its_own + several)
        known += weight * (several > 0.0)
        for i_name in np.flatnonzero(found.sizes[:, :, place].any(axis=(0, 1))):
            sizes[found.names[i_name]] += weight * _share(found.sizes[:, :, place, i_name], several)
            signed[found.names[i_name]] += weight * _share(found.signed[:, :, place, i_name], several)
    steps = scores.times - SAVE_EVERY
    # a step that rounding left just before a month begins with it
    months = np.unique(np.floor(steps + 1e-9))
    return Drives(
        outcome,
        months,
        _by_month(outside, steps, months),
        _by_month(alone, steps, months),
        {name: _by_month(_share(one, known), steps, months) for name, one in signed.items()},
        {name: _by_month(_share(one, known), steps, months) for name, one in sizes.items()},
    )


def _weight(moved: Mapping[str, Array], one: str) -> Array:
    """What one push is of the sizes of all."""
    total = sum((np.abs(push) for push in moved.values()), np.zeros(1))
    return _share(np.abs(moved.get(one, np.zeros(1))), total)


def _share(part: Array, whole: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.where(whole > 0.0, part / whole, 0.0)


def _by_month(values: Array, steps: Array, months: Array) -> Array:
    """(n_runs, n_months) means over the steps that begin in each month."""
    # as the months themselves were found
    inside = np.floor(steps + 1e-9)
    return np.stack([values[:, inside == month].mean(axis=1) for month in months], axis=1)


@dataclass(frozen=True)
class Phase:
    """Months in a row with one leading name; None where none leads in half of the draws.

    Attributes
    ----------
    first, last : model times of the months' start
    share : mean share of the draws in which it is the largest
    """

    first: float
    last: float
    name: str | None
    share: float


def phases(found: Drives) -> list[Phase]:
    """When which name led, in at least half of the draws."""
    names = [name for name in found.names if name != UNNAMED]
    if not names:
        return []
    led = np.stack([found.dominant(name) for name in names])
    best = led.argmax(axis=0)
    leaders = [names[i] if led[i, m] >= 0.5 else None for m, i in enumerate(best)]
    told = []
    for name, group in itertools.groupby(enumerate(leaders), key=lambda pair: pair[1]):
        inside = [m for m, _ in group]
        share = float(led[best[inside], inside].mean())
        told.append(Phase(float(found.months[inside[0]]), float(found.months[inside[-1]]), name, share))
    return told


@dataclass(frozen=True)
class Difference:
    """How the share of loops under one name differs between two scenarios, paired draw by draw.

    Attributes
    ----------
    first, second : median mean shares, signed
    low, high : 5 and 95 % of second less first
    share_larger : share of the draws in which the size is larger in the second
    """

    name: str
    first: float
    second: float
    low: float
    high: float
    share_larger: float


def differences(first: Drives, second: Drives) -> list[Difference]:
    """The differences of two scenarios, the largest first."""
    found = []
    for name in dict.fromkeys([*first.names, *second.names]):
        one, two = first.over_all(name), second.over_all(name)
        low, high = np.quantile(two - one, [0.05, 0.95])
        larger = float(np.mean(np.abs(two) > np.abs(one)))
        found.append(
            Difference(name, float(np.median(one)), float(np.median(two)), float(low), float(high), larger)
        )
    return sorted(found, key=lambda one: -abs(one.second - one.first))
