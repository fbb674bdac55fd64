"""Whether independent sampling runs agree well enough to be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.smc import Population

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

MEAN = 0.1
"""Largest distance of a run's mean from the mean of all runs, in posterior sd: a tenth of one moves no range that
is told."""

SPREAD = (0.93, 1.07)
"""Range of a run's sd over the sd of all runs: at 1,400 effective draws a run the noise of the gate itself
(decision 46)."""

LEAST_EFFECTIVE = 1000.0
"""Least effective number of draws of all runs together: a share of so many errs by 1.6 hundredths at most."""

EVIDENCE = 0.25
"""Largest sd between runs of the log evidence: a quarter of a nat moves a structure's weight by six hundredths at
most."""

N_AXES = 5
"""How many of the stiffest and of the softest directions of the posterior are watched: runs differ there first,
where no single number shows it."""


def gate_table(runs: Sequence[Population], names: Sequence[str], n_chains: int) -> pd.DataFrame:
    """Each watched quantity, how the runs agree on it, and whether that passes.

    Watched are every parameter, log-likelihood, log-posterior and the stiffest and softest directions.
    Columns: quantity, mean_gap (in sd), sd_low, sd_high (run over all), effective, passes. The last row is
    the log evidence, whose `mean_gap` is its sd between runs, in nats.

    Parameters
    ----------
    runs : at least 2 populations of the same size at beta = 1
    names : of the columns of z
    n_chains : how many chains walked at once in each run
    """
    import pandas as pd

    watched = np.array([_watched(run, _axes(runs)) for run in runs])
    labels = [*names, "log-likelihood", "log-posterior", *_axis_names(watched.shape[2] - len(names) - 2)]
    every = watched.reshape(-1, len(labels))
    middle, sd = every.mean(axis=0), every.std(axis=0)
    gap = np.abs(watched.mean(axis=1) - middle).max(axis=0) / sd
    ratio = watched.std(axis=1) / sd
    effective = sum(effective_size(run, n_chains) for run in watched)
    table = pd.DataFrame(
        {
            "quantity": labels,
            "mean_gap": gap,
            "sd_low": ratio.min(axis=0),
            "sd_high": ratio.max(axis=0),
            "effective": effective,
        }
    )
    table["passes"] = (
        (table["mean_gap"] < MEAN)
        & (table["sd_low"] > SPREAD[0])
        & (table["sd_high"] < SPREAD[1])
        & (table["effective"] >= LEAST_EFFECTIVE)
    )
    evidence = float(np.std([run.log_evidence for run in runs], ddof=1))
    last = {"quantity": ["log evidence"], "mean_gap": [evidence], "passes": [evidence < EVIDENCE]}
    return pd.concat([table, pd.DataFrame(last)], ignore_index=True)


def effective_size(draws: Array, n_chains: int) -> Array:
    """(n_quantities,) effective number of one run's (n_draws, n_quantities) draws, from its chains' means.

    n_chains x the variance of draws / the variance of the means of the chains; the draws stand as the
    sampler leaves them, all chains' first states first.
    """
    chains = draws.reshape(-1, n_chains, draws.shape[1])
    between = chains.mean(axis=0).var(axis=0, ddof=1)
    return np.asarray(np.minimum(n_chains * draws.var(axis=0) / between, len(draws)))


def _watched(run: Population, axes: Array) -> Array:
    log_prior = -0.5 * np.sum(run.z * run.z, axis=1)
    scores = [run.log_likelihood, run.log_likelihood + log_prior]
    return np.column_stack([run.z, *scores, run.z @ axes])


def _axes(runs: Sequence[Population]) -> Array:
    """(n_parameters, n_axes) stiffest, then softest directions of the covariance of all draws."""
    z = np.concatenate([run.z for run in runs])
    _, axes = np.linalg.eigh(np.cov(z.T).reshape(z.shape[1], z.shape[1]))
    n_axes = min(N_AXES, z.shape[1] // 2)
    return np.concatenate([axes[:, :n_axes], axes[:, ::-1][:, :n_axes]], axis=1)


def _axis_names(n: int) -> list[str]:
    return [f"{kind} direction {i + 1}" for kind in ("stiff", "soft") for i in range(n // 2)]
