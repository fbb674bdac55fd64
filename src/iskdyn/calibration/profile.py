"""The profile of each parameter: how far it can be moved before the evidence objects.

For parameter i at z_i every other number is fitted anew. The profile likelihood (Raue et al. 2009,
doi:10.1093/bioinformatics/btp358) is min of -log_likelihood + z_j.z_j / 2 over the others, which keep their
priors, less its smallest value; the parameter's own prior is left out, so that only the evidence can close
the profile. With the own prior added it is the profile of the posterior.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.fit import STEP

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective
    from iskdyn.calibration.posterior_store import StoredPosterior
    from iskdyn.calibration.priors import Priors

Array = NDArray[np.float64]
Verdict = Literal["identified", "bounded below", "bounded above", "not identified"]

PROFILES = "profiles.json"
"""The stored profiles, in the results folder."""

RISE = 1.92
"""Half the 95 % point of chi-square with one degree of freedom."""

REACH = 3.0
"""Profiles end at so many prior standard deviations: 99.7 % of the prior."""

STRIDE = 0.75
"""Distance in z between the points of a profile: four to each side, with straight lines between."""

MOST_STEPS = 25
"""Descent steps at each point: it begins at its neighbour's optimum."""


@dataclass(frozen=True)
class Profile:
    """One parameter's profile.

    Attributes
    ----------
    name : the parameter
    z : (n_points,) rising, in prior standard deviations from the prior median
    values : (n_points,) the same in the parameter's unit
    rise : (n_points,) the profile likelihood in nats above its smallest value
    """

    name: str
    z: Array
    values: Array
    rise: Array

    @property
    def verdict(self) -> Verdict:
        """On which sides the evidence objects by `RISE` within the prior's range."""
        best = int(np.argmin(self.rise))
        below, above = self.rise[: best + 1].max() >= RISE, self.rise[best:].max() >= RISE
        if below and above:
            return "identified"
        return "bounded below" if below else "bounded above" if above else "not identified"

    def interval(self, *, own_prior: bool) -> tuple[float, float]:
        """Ends in z at which the profile rises by `RISE`; -inf or inf where it does not within `REACH`.

        >>> moved = Profile("a", np.array([-1.0, 0.0, 1.0]), np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.0, 3.84]))
        >>> low, high = moved.interval(own_prior=False)
        >>> low, round(high, 3)
        (-inf, 0.5)
        """
        rise = self.rise + (self.z**2 / 2 if own_prior else 0.0)
        rise = rise - rise.min()
        best = int(np.argmin(rise))
        below = _crossing(self.z[best::-1], rise[best::-1])
        above = _crossing(self.z[best:], rise[best:])
        return (-np.inf if below is None else below), (np.inf if above is None else above)


def profiles(
    objective: Objective,
    start: Array,
    names: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Profile, ...]:
    """The profiles of some parameters of an objective.

    Parameters
    ----------
    objective : whose other free parameters are fitted anew at every point
    start : (n_parameters,) z of an optimum, or near one
    names : which; by default all
    progress : called as progress(done, in all)
    """
    every = list(objective.priors.names)
    chosen = [every.index(name) for name in names] if names is not None else list(range(len(every)))
    best = refit(objective, start, _without(start.size, None))
    found = []
    for n_done, i in enumerate(chosen):
        found.append(_profile(objective, best, i))
        if progress is not None:
            progress(n_done + 1, len(chosen))
    return tuple(found)


def profile_table(
    found: Sequence[Profile], priors: Priors, posterior: StoredPosterior | None = None
) -> pd.DataFrame:
    """One row a profile: name, verdict, low, high, ratio, z, rise.

    `low` and `high` are in the parameter's unit, NaN where the profile is open. `ratio` is the 95 % width of
    the profile with the own prior over that of the posterior's draws, in z; NaN without a posterior.

    Parameters
    ----------
    found : as of `profiles`
    priors : of all free parameters, in the order of z
    posterior : of the same parameters, for `ratio`
    """
    import pandas as pd

    place = {name: i for i, name in enumerate(priors.names)}
    drawn = None if posterior is None else _widths(priors, posterior)
    rows = []
    for profile in found:
        low, high = profile.interval(own_prior=False)
        ends = np.interp([low, high], profile.z, profile.values, left=np.nan, right=np.nan)
        inner = float(np.subtract(*profile.interval(own_prior=True)[::-1]))
        rows.append(
            {
                "name": profile.name,
                "verdict": profile.verdict,
                "low": float(ends[0]),
                "high": float(ends[1]),
                "ratio": np.nan if drawn is None else inner / drawn[place[profile.name]],
                "z": profile.z.tolist(),
                "rise": profile.rise.tolist(),
            }
        )
    return pd.DataFrame(rows)


def _widths(priors: Priors, posterior: StoredPosterior) -> Array:
    """(n_parameters,) 95 % widths of a posterior's draws in z, in the order of the priors."""
    order = [posterior.names.index(name) for name in priors.names]
    draws = posterior.values.reshape(-1, len(order))[:, order]
    low, high = np.quantile(priors.whiten(draws), [0.025, 0.975], axis=0)
    return np.asarray(high - low)


def _profile(objective: Objective, best: Array, i: int) -> Profile:
    """From the optimum outwards on both sides, until the evidence objects clearly or the range ends."""
    loss = _own_free_loss(objective, best, i)
    points = {float(best[i]): loss}
    for direction in (-1.0, 1.0):
        at, z = float(best[i]), best
        while abs(at) < REACH and points[at] - min(points.values()) < 2 * RISE:
            at = float(np.clip(at + direction * STRIDE, -REACH, REACH))
            moved = z.copy()
            moved[i] = at
            z = refit(objective, moved, _without(best.size, i))
            points[at] = _own_free_loss(objective, z, i)
    z_values = np.array(sorted(points))
    rise = np.array([points[float(one)] for one in z_values])
    at_median = np.zeros((z_values.size, best.size))
    at_median[:, i] = z_values
    return Profile(
        objective.priors.names[i],
        z_values,
        objective.priors.values(at_median)[:, i],
        np.maximum(rise - rise.min(), 0.0),
    )


def _own_free_loss(objective: Objective, z: Array, i: int) -> float:
    """The loss without the prior of parameter i."""
    return float(objective.loss(z[None, :])[0] - z[i] ** 2 / 2)


def _without(n_parameters: int, held: int | None) -> NDArray[np.intp]:
    return np.delete(np.arange(n_parameters), [] if held is None else [held])


def refit(
    objective: Objective,
    start: Array,
    free: NDArray[np.intp],
    tolerance: float = 1e-4,
    most_steps: int = MOST_STEPS,
) -> Array:
    """The nearby optimum of some parameters, the others where they are.

    Parameters
    ----------
    start : (n_parameters,) z
    free : places in z of those that move
    tolerance : relative change of loss, z and slope at which the descent ends; a profile's needs no more
    most_steps : descent steps
    """
    from scipy.optimize import least_squares

    def whole(part: Array) -> Array:
        z = start.copy()
        z[free] = part
        return z

    def residuals(part: Array) -> Array:
        rows: Array = objective.residuals(whole(part)[None, :])[0]
        # A run without a number is as bad as can be, and a step away from it; its square is a number.
        return np.nan_to_num(rows, nan=1e6)

    def jacobian(part: Array) -> Array:
        z = whole(part)
        steps = np.zeros((free.size + 1, start.size))
        steps[np.arange(free.size) + 1, free] = STEP
        rows = objective.residuals(z + steps)
        slopes = (rows[1:] - rows[0]).T / STEP
        return np.asarray(np.where(np.isfinite(slopes), slopes, 0.0))

    found = least_squares(
        residuals,
        start[free],
        jacobian,
        method="lm",
        ftol=tolerance,
        xtol=tolerance,
        gtol=tolerance,
        max_nfev=most_steps,
    )
    return whole(found.x)


def _crossing(z: Array, rise: Array) -> float | None:
    """Where the rise first reaches `RISE` along z, linear between points; None where it does not."""
    over = np.flatnonzero(rise >= RISE)
    if not over.size or over[0] == 0:
        return None
    j = int(over[0])
    share = (RISE - rise[j - 1]) / (rise[j] - rise[j - 1])
    return float(z[j - 1] + share * (z[j] - z[j - 1]))
