"""The best fit: least squares from many starts, polished, with everything tried kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.objective import Objective, build_objective
from iskdyn.calibration.result import FitResult, make_result
from iskdyn.draws import N_STARTS
from iskdyn.errors import InputError, Problem, StudyError

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study

Array = NDArray[np.float64]
Progress = Callable[[int, int, float], None]
Method = Literal["least_squares", "evolution"]

STEP = 1e-5
"""Step of forward differences in z: the residuals are smooth to about 1e-10."""

TOLERANCE = 1e-9
"""Relative, of loss, step and slope, where a descent ends: above the noise of the residuals (1e-10) and far below the
0.1 nats that tell optima apart."""

SAVE_EVERY = 0.25
"""Months between the saved times that the observation operators read: the shortest window, a month, has four."""


def fit(
    study: Study,
    *,
    starts: int = N_STARTS,
    seed: int = 1,
    free: Iterable[str] | None = None,
    constants: Mapping[str, float] | None = None,
    method: Method = "least_squares",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> FitResult:
    """The best fit of a study's free parameters, `constants` fixed, to its fitted observations.

    See `fit_objective`; a fit that was not interrupted is then challenged by as many other starts and by
    an evolution strategy (see `challenged`).

    Parameters
    ----------
    study : whose observations of the folds fit and seen are fitted
    starts : how many, from 1; see `fit_objective`
    seed : of the starts; the challenges take the next one
    free : constants to fit, all but `constants`; by default those marked free in the table. Biases of sources
        that are marked free always are
    constants : values that stay fixed, in the model's units
    method, progress, cancelled : as of `fit_objective`

    Raises
    ------
    StudyError : the study has no observations or no parameters
    InputError : a name that is no parameter, no start, or a model that gave no number at any start
    """
    objective = study_objective(study, free=free, constants=constants)
    result = fit_objective(
        objective,
        starts=starts,
        seed=seed,
        method=method,
        progress=progress,
        cancelled=cancelled,
    )
    tried = [] if result.status == "interrupted" else challenged(objective, starts, seed)
    return replace(result, fixed=dict(constants or {}), challenges=tried)


def study_objective(
    study: Study,
    *,
    free: Iterable[str] | None = None,
    constants: Mapping[str, float] | None = None,
    series: Mapping[str, pd.Series] | None = None,
) -> Objective:
    """The objective of a study, on the compiled engine.

    `constants` are fixed, and free no longer; `series` over model time replace variables.

    Parameters
    ----------
    study : whose observations and parameters are taken
    free : constants to fit, all but `constants`; by default those marked free in the table. Biases of sources
        that are marked free always are
    constants : values that stay fixed, in the model's units
    series : by variable, over model time

    Raises
    ------
    StudyError : the study has no observations or no parameters
    """
    from iskdyn.simulate import prepare

    for name, rows in (("observations", study.observations), ("parameters", study.parameters)):
        if rows.empty:
            raise StudyError(Problem("study.toml", f"the study has no {name}, so that nothing can be fitted"))
    fixed = dict(constants or {})
    parameters = study.parameters[~study.parameters["name"].isin(fixed)]
    return build_objective(
        study.windowed,
        parameters,
        lambda inputs, outputs, final_time: prepare(
            study.program,
            inputs,
            outputs,
            final_time=final_time,
            save_every=SAVE_EVERY,
            constants=fixed,
            series=dict(series or {}),
        ),
        {constant.name: constant.value for constant in study.program.constants} | fixed,
        free=free,
        time=study.time,
    )


def fit_objective(
    objective: Objective,
    *,
    starts: int = 64,
    seed: int = 1,
    method: Method = "least_squares",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> FitResult:
    """The smallest loss found from many starts, polished.

    Parameters
    ----------
    objective : what is fitted
    starts : how many starts: the prior median, then scrambled Sobol points of the prior
    seed : of the Sobol points, and of the evolution
    method : "least_squares" from every start; "evolution": differential evolution of the whole
        prior range first, then least squares from its best
    progress : called as progress(starts done, starts in all, best loss so far)
    cancelled : asked between runs; True stops as Ctrl-C does

    Returns
    -------
    FitResult
        With status "interrupted" after Ctrl-C, holding the best point so far.

    Raises
    ------
    InputError
        No start, an unknown method, or a model that gave no number at any start.
    """
    if starts < 1 or method not in ("least_squares", "evolution"):
        expected = "expected at least one start, and least_squares or evolution"
        raise InputError(Problem("fit", f"starts is {starts} and method '{method}'; {expected}"))
    began = time.perf_counter()
    search = _Search(objective, cancelled)
    tried: list[dict[str, object]] = []
    status = "converged"
    try:
        first = [_evolved(search, seed)] if method == "evolution" else []
        points = [*first, *start_points(starts, objective.n_parameters, seed)][:starts]
        for i_start, point in enumerate(points):
            tried.append(_from_start(search, point))
            if progress is not None:
                progress(i_start + 1, len(points), search.best_loss)
        if math.isfinite(search.best_loss):
            _polish(search)
    except KeyboardInterrupt:
        status = "interrupted"
    if not math.isfinite(search.best_loss):
        if status == "interrupted":
            raise KeyboardInterrupt  # nothing was reached that could be kept
        raise InputError(Problem("fit", f"the model gave no number at any of {search.n_runs} points tried"))
    return make_result(
        objective,
        search.best,
        status=status,
        method=method,
        seed=seed,
        starts=tried,
        n_runs=search.n_runs,
        n_not_finite=search.n_not_finite,
        seconds=time.perf_counter() - began,
    )


def descend(objective: Objective, start: Array, tolerance: float = TOLERANCE) -> tuple[Array, float]:
    """(n_parameters,) z that least squares reaches from one start, and its loss; nan where the model gives none."""
    row = _from_start(_Search(objective, None), start, tolerance)
    return np.array(row["z"]), float(row["objective"])  # type: ignore[arg-type]


def start_points(starts: int, n_parameters: int, seed: int) -> Array:
    """(starts, n_parameters) points of z: the prior median, then scrambled Sobol points of the prior.

    Parameters
    ----------
    starts : how many points, from 1
    n_parameters : columns of z
    seed : of the scrambling; the same seed gives the same points
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    sobol = qmc.Sobol(n_parameters, scramble=True, rng=seed)
    uniform = sobol.random_base2(math.ceil(math.log2(max(starts, 2))))
    points = ndtri(np.clip(uniform, 1e-3, 1 - 1e-3))
    return np.concatenate([np.zeros((1, n_parameters)), points])[:starts]


@dataclass
class _Search:
    """Runs the objective, counts the runs, and keeps the best point whatever happens."""

    objective: Objective
    cancelled: Callable[[], bool] | None
    n_runs: int = 0
    n_not_finite: int = 0
    best_loss: float = math.inf
    best: Array = field(default_factory=lambda: np.empty(0))

    def residuals(self, z: Array) -> Array:
        """(n, n_residuals) residuals of (n, n_parameters) points."""
        if self.cancelled is not None and self.cancelled():
            raise KeyboardInterrupt
        residuals = self.objective.residuals(z)
        loss = 0.5 * np.sum(residuals * residuals, axis=1) + self.objective.floor
        self.n_runs += len(z)
        self.n_not_finite += int(np.sum(~np.isfinite(loss)))
        if np.any(loss < self.best_loss):
            i_best = int(np.nanargmin(loss))
            self.best_loss, self.best = float(loss[i_best]), z[i_best].copy()
        return residuals

    def point(self, z: Array) -> Array:
        """(n_residuals,) residuals of one point."""
        return np.asarray(self.residuals(z[None, :])[0])

    def jacobian(self, z: Array) -> Array:
        """(n_residuals, n_parameters) forward differences, all columns in one batch of runs."""
        residuals = self.residuals(np.concatenate([z[None, :], z + STEP * np.eye(z.size)]))
        slopes = (residuals[1:] - residuals[0]).T / STEP
        return np.where(np.isfinite(slopes), slopes, 0.0)

    def losses(self, z: Array) -> Array:
        """(n,) losses; 1e30 where the model gave no number, which solvers can still square."""
        residuals = self.residuals(z)
        loss = 0.5 * np.sum(residuals * residuals, axis=1) + self.objective.floor
        # far above any loss that is a number, and its square still is one
        return np.where(np.isfinite(loss), loss, 1e30)


def _from_start(search: _Search, start: Array, tolerance: float = TOLERANCE) -> dict[str, object]:
    """One least-squares descent as a row of the table of starts."""
    from scipy.optimize import least_squares

    before = search.n_runs
    if not np.all(np.isfinite(search.point(start))):
        return _start_row("not finite", math.nan, search.n_runs - before, start)
    ends = dict.fromkeys(("ftol", "xtol", "gtol"), tolerance)
    found = least_squares(search.point, start, search.jacobian, method="trf", max_nfev=200, **ends)
    status = "converged" if found.status > 0 else "limit"
    return _start_row(status, float(found.cost) + search.objective.floor, search.n_runs - before, found.x)


def _start_row(status: str, loss: float, n_runs: int, z: Array) -> dict[str, object]:
    return {"objective": loss, "status": status, "n_runs": n_runs, "z": [float(x) for x in z]}


def challenged(objective: Objective, starts: int, seed: int) -> list[dict[str, object]]:
    """Two attempts to find a smaller loss: as many starts of another seed, and CMA-ES (Hansen 2016).

    Each with `by`, `objective` (the smallest loss it found) and `n_runs`.

    Parameters
    ----------
    starts : how many other starts; 0 tries CMA-ES alone
    seed : of CMA-ES; the other starts take the next one
    """
    import cma

    others = _Search(objective, None)
    for point in start_points(starts + 1, objective.n_parameters, seed + 1)[1:]:
        _from_start(others, point)
    evolved = _Search(objective, None)
    options = {"seed": seed, "popsize": 64, "maxiter": 500, "verbose": -9}
    strategy = cma.CMAEvolutionStrategy(np.zeros(objective.n_parameters), 1.0, options)
    while not strategy.stop():
        points = strategy.ask()
        strategy.tell(points, evolved.losses(np.array(points)).tolist())
    named = {f"{starts} other starts": others, "CMA-ES": evolved}
    return [{"by": by, "objective": one.best_loss, "n_runs": one.n_runs} for by, one in named.items()]


def _evolved(search: _Search, seed: int) -> Array:
    """The best point of a differential evolution over z in [-4, 4]."""
    from scipy.optimize import differential_evolution

    found = differential_evolution(
        lambda z: search.losses(np.ascontiguousarray(z.T)),
        # All but one draw in 16,000 of a prior lies between; the polish that follows needs no finer end.
        [(-4.0, 4.0)] * search.objective.n_parameters,
        vectorized=True,
        updating="deferred",
        polish=False,
        maxiter=300,
        tol=1e-6,
        rng=seed,
        init="sobol",
    )
    return np.asarray(found.x)


def _polish(search: _Search) -> None:
    """Quasi-Newton, then simplex, from the best point: helps where the residuals have a kink."""
    from scipy.optimize import minimize

    def loss_and_slope(z: Array) -> tuple[float, Array]:
        steps = STEP * np.eye(z.size)
        loss = search.losses(np.concatenate([z[None, :], z + steps, z - steps]))
        slope = (loss[1 : z.size + 1] - loss[z.size + 1 :]) / (2 * STEP)
        # a loss of 1e30 beside one that is small is no slope to follow
        return float(loss[0]), np.clip(slope, -1e10, 1e10)

    minimize(loss_and_slope, search.best, jac=True, method="L-BFGS-B", options={"maxiter": 100})
    minimize(
        lambda z: float(search.losses(z[None, :])[0]),
        search.best,
        method="Nelder-Mead",
        options={"maxfev": 60 * search.best.size, "initial_simplex": _simplex(search.best), "adaptive": True},
    )


def _simplex(z: Array, size: float = 0.02) -> Array:
    return np.concatenate([z[None, :], z + size * np.eye(z.size)])
