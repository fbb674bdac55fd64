"""What each of several tactics contributed, when what one does depends on the others.

Every on and off combination is run. A tactic's contribution is its Shapley value: what it adds to the tactics
already there, averaged over all orders in which they can be added (Shapley 1953). Contributions sum to the
difference between all tactics and none. The interaction of two is the Shapley interaction index: how much more
one adds when the other is there, averaged likewise (Grabisch & Roubens 1999, doi:10.1007/s001820050125).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers.arms import Array
from iskdyn.levers.before import path_nulls, prior_of, who
from iskdyn.levers.marks import Mark
from iskdyn.levers.measured import measure_arms
from iskdyn.levers.verdict import Mask
from iskdyn.study.inputs import Inputs
from iskdyn.study.readings import Statistic

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study


def shapley(values: Array) -> Array:
    """Shapley values of a game: (..., 2**n) worth of each combination to (..., n).

    Combination number c holds player i where bit i of c is 1.

    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    n = _n_players(values)
    weights = np.zeros((n, 2**n))
    for c in range(2**n):
        size = c.bit_count()
        for i in range(n):
            if c >> i & 1:
                weights[i, c] = factorial(size - 1) * factorial(n - size) / factorial(n)
            else:
                weights[i, c] = -factorial(size) * factorial(n - size - 1) / factorial(n)
    return np.asarray(values @ weights.T)


def interactions(values: Array) -> Array:
    """Shapley interaction index of each pair: (..., 2**n) to (..., n, n), symmetric, 0 on the diagonal.

    >>> interactions(np.array([0.0, 1.0, 2.0, 5.0]))[0, 1]
    np.float64(2.0)
    """
    n = _n_players(values)
    found = np.zeros((*values.shape[:-1], n, n))
    for i in range(n):
        for j in range(i + 1, n):
            weights = np.zeros(2**n)
            for c in range(2**n):
                both = (c >> i & 1) + (c >> j & 1)
                others = c.bit_count() - both
                sign = -1 if both == 1 else 1
                weights[c] = sign * factorial(others) * factorial(n - others - 2) / factorial(n - 1)
            found[..., i, j] = found[..., j, i] = values @ weights
    return found


def leave_one_out(values: Array) -> Array:
    """All together less all but one: (..., 2**n) to (..., n)."""
    n = _n_players(values)
    return np.stack([values[..., -1] - values[..., 2**n - 1 - 2**i] for i in range(n)], axis=-1)


def one_alone(values: Array) -> Array:
    """One alone less none: (..., 2**n) to (..., n)."""
    n = _n_players(values)
    return np.stack([values[..., 2**i] - values[..., 0] for i in range(n)], axis=-1)


def _n_players(values: Array) -> int:
    return int(values.shape[-1]).bit_length() - 1


@dataclass(frozen=True)
class Attribution:
    """The worth of every combination of tactics.

    Attributes
    ----------
    tactics : names; bit i of a combination's number stands for the i-th
    outcomes, ends : of the second and third axis
    values : (1 + n_draws, n_outcomes, n_ends, 2**n_tactics); the first row is at the fitted values
    parts : (n_draws,) which draws belong to each part of the structures with some weight
    before : the same before the evidence, its parts being the structures; None where that was not run
    nulls : nats by which the null of a path lies behind, by tactic and outcome; none where no fact speaks of it
    """

    tactics: tuple[str, ...]
    outcomes: tuple[str, ...]
    ends: tuple[float, ...]
    values: Array
    parts: tuple[Mask, ...] = ()
    before: Attribution | None = None
    nulls: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def speaks(
        self, of: Callable[[Array], Array], outcome: str, end: float, null: float | None = None
    ) -> Mark | None:
        """Who speaks in the sign of what is made of a game; None where nothing was run before the evidence.

        Parameters
        ----------
        of : from (n_draws, 2**n_tactics) worths of the combinations to (n_draws,)
        outcome, end : of the game
        null : nats by which its null lies behind; None where there is none
        """
        if self.before is None:
            return None
        after, earlier = (of(one.game(outcome, end)[1:]) for one in (self, self.before))
        return who(after, earlier, self.parts, self.before.parts, null)

    def game(self, outcome: str, end: float) -> Array:
        """(1 + n_draws, 2**n_tactics) of one outcome at the end of one window."""
        return self.values[:, self.outcomes.index(outcome), self.ends.index(end)]


def attribute(
    study: Study,
    spread: Spread,
    measures: Mapping[str, Statistic],
    ends: Sequence[float],
    *,
    base: Inputs | None = None,
    progress: Callable[[str], None] | None = None,
) -> Attribution:
    """Run every combination of the study's tactics on the same draws.

    Parameters
    ----------
    measures : per outcome how it is measured
    ends : model times of the ends of windows
    base : changes common to all runs, such as those of another structure
    """
    tactics = study.settings.tactics
    switches = list(tactics.values())
    arms = {
        f"combination {c}": Inputs({name: 0.0 for i, name in enumerate(switches) if not c >> i & 1})
        for c in range(2 ** len(switches))
    }
    found = measure_arms(study, spread, arms, measures, ends, base=base, progress=progress)
    values = np.stack([found.values[arm] for arm in arms], axis=-1)
    return Attribution(tuple(tactics), found.outcomes, found.ends, values, found.parts)


def with_before(
    study: Study,
    found: Attribution,
    measures: Mapping[str, Statistic],
    seed: int,
    progress: Callable[[str], None] | None = None,
) -> Attribution:
    """The same, with every combination run before the evidence too, to the end of the first window.

    Parameters
    ----------
    found : as of `attribute`, with nothing changed throughout
    measures : as given there
    seed : of the draws before the evidence; the same seed gives the same ones
    """
    spread, structures = prior_of(study, seed)
    before = attribute(study, spread, measures, found.ends[:1], progress=progress)
    null_of = path_nulls(study)
    nulls = {
        (tactic, outcome): null
        for tactic in found.tactics
        for outcome in found.outcomes
        if (null := null_of(tactic, outcome)) is not None
    }
    return replace(found, before=replace(before, parts=structures), nulls=nulls)
