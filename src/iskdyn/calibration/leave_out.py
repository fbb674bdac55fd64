"""What is left out, predicted from the rest: each row and each source in turn, by exact refits.

The log of the probability of what is left out, given all else, is the difference of two log evidences,
log p(all) - log p(all but it). Each refit walks on from the posterior of all rows while the likelihood of
what is left out fades to nothing, in stages and with moves as in `smc`: reweighting the draws alone fails
where a row or source matters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.baselines import Kind, baseline
from iskdyn.calibration.laplace import mean_curvature
from iskdyn.calibration.moves import Kernel, informed_directions, walk
from iskdyn.calibration.smc import N_CURVATURES, Population, next_power, normalised, resampled

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective
    from iskdyn.calibration.posterior import Sampling

Array = NDArray[np.float64]
SCORES = "scores.json"
"""The stored scores, in the results folder."""

STATES, WALKED = 8, 40
"""Of a chain in a stage of a refit, where the model has derivatives and where it has none: a fact that is left out
moves the posterior little, so that a few moves are enough."""

PRIOR_DRAWS = 20000
"""Runs of the prior: a mean of likelihoods rests on the few that come near the facts, so that many are needed."""
BASELINE_DRAWS = 4000
"""Of each output by itself: a level and a slope, so that a fifth of the above is plenty."""


@dataclass(frozen=True)
class Fold:
    """Rows that are left out together.

    Attributes
    ----------
    kind : "row" or "source"
    name : the row's id, or the source
    rows : (n_rows,) which
    """

    kind: str
    name: str
    rows: NDArray[np.bool_]


def folds(objective: Objective) -> Iterator[Fold]:
    """Each fitted row, then each source that fitted rows come from; what was seen is not left out of anything."""
    table, fitted = objective.sheet.table, objective.sheet.fitted & ~objective.sheet.seen
    for i_row in np.flatnonzero(fitted):
        yield Fold("row", str(table["id"].iloc[i_row]), np.arange(len(fitted)) == i_row)
    sources = table["source"].astype(str).to_numpy()
    for source in np.unique(sources[fitted]):
        yield Fold("source", str(source), fitted & (sources == source))


def leave_out(
    objective: Objective,
    runs: Sequence[Population],
    sampling: Sampling,
    done: Collection[tuple[str, str]] = (),
) -> Iterator[dict[str, object]]:
    """The log score of every fold, one after another: the model's, its prior's and two baselines'.

    Parameters
    ----------
    objective : with every number free
    runs : independent populations of its posterior; how far the refits from each differ gives the errors
    sampling : how many draws and chains a refit has, and the seed
    done : kind and name of the folds that are left to an earlier call

    Yields
    ------
    kind, name, n_rows, score and its standard error, prior (the model before any fitting), constant and
    trend (see `baselines`); all in nats, rows weighted as in the fit.
    """
    prior = _prior_log_likelihoods(objective, sampling.seed)
    rivals = {kind: baseline(objective, kind, BASELINE_DRAWS, sampling.seed) for kind in get_args(Kind)}
    for i_fold, fold in enumerate(folds(objective)):
        if (fold.kind, fold.name) in done:
            continue
        streams = [np.random.default_rng([sampling.seed, i_fold, i_run, 2]) for i_run in range(len(runs))]
        each = [
            _log_score(objective, fold.rows, run, sampling, rng)
            for run, rng in zip(runs, streams, strict=True)
        ]
        yield {
            "kind": fold.kind,
            "name": fold.name,
            "n_rows": int(fold.rows.sum()),
            "score": float(np.mean(each)),
            "error": float(np.std(each, ddof=1) / np.sqrt(len(each))),
            "prior": _log_mean(prior @ np.where(fold.rows, objective.sheet.weights, 0.0)),
            **{kind: one.score(fold.rows) for kind, one in rivals.items()},
        }


def gain(table: pd.DataFrame, over: str) -> tuple[float, float]:
    """How far the scores of all rows left out singly exceed another's, and its standard error over rows."""
    rows = table[table["kind"] == "row"]
    each = (rows["score"] - rows[over]).to_numpy(dtype=float)
    return float(each.sum()), float(np.sqrt(len(each)) * each.std(ddof=1))


def _log_score(
    objective: Objective,
    rows: NDArray[np.bool_],
    run: Population,
    sampling: Sampling,
    rng: np.random.Generator,
) -> float:
    """log p(all) - log p(all but `rows`), from a population of the posterior of all."""
    weights = objective.sheet.weights * objective.sheet.fitted
    terms = objective.terms(np.array([np.where(rows, 0.0, weights), np.where(rows, weights, 0.0)]).T)
    z = run.z[rng.choice(len(run.z), min(sampling.n_draws, len(run.z)), replace=False)]
    values = terms.values(z)
    gone, log_ratio, stride = 0.0, 0.0, run.stride
    while gone < 1:
        further = next_power(-values[:, 1], gone)
        share, log_mean = normalised(-(further - gone) * values[:, 1])
        chosen = resampled(share, sampling.n_chains, rng)
        gone, log_ratio = further, log_ratio + log_mean
        if gone < 1:
            few = z[rng.choice(chosen, N_CURVATURES)]
            informed = informed_directions(mean_curvature(objective, few))
            walked = walk(
                z[chosen],
                values[chosen],
                terms,
                np.array([1.0, 1 - gone]),
                Kernel.fitted(z, share, informed),
                sampling.n_draws // sampling.n_chains,
                stride,
                rng,
            )
            z, values, stride = walked.z, walked.values, walked.stride
    return -log_ratio


def _prior_log_likelihoods(objective: Objective, seed: int) -> NDArray[np.float64]:
    z = np.random.default_rng(seed).standard_normal((PRIOR_DRAWS, objective.n_parameters))
    return objective.log_likelihoods(z)


def _log_mean(values: NDArray[np.float64]) -> float:
    return float(np.logaddexp.reduce(values) - np.log(len(values)))
