"""How a frozen model did on facts that it had not seen, beside its own prior and two dumb rivals."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.baselines import Kind, baseline
from iskdyn.calibration.facts import with_facts
from iskdyn.calibration.frozen import BAND, Frozen, draw_weights
from iskdyn.calibration.leave_out import BASELINE_DRAWS
from iskdyn.calibration.predictive import predicted_reports
from iskdyn.calibration.sheet import HELD
from iskdyn.calibration.smc import resampled

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective

Array = NDArray[np.float64]
N_REPORTS = 4000
"""Reports that are simulated a fact: the ends of its band err by about one hundredth of the probability."""
N_PRIOR = 2000
"""Draws of each structure before the evidence: a probability errs by one hundredth at most."""
RIVALS = ("prior", *get_args(Kind))


def score_facts(frozen: Frozen, facts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """What a frozen model expected of each fact, whether the fact hit, and log scores in nats.

    The model is the mixture of its structures by their weights; its prior holds them equally likely.

    Parameters
    ----------
    facts : as `read_facts` gives them for the frozen study
    seed : of the errors of the sources, and of the draws of prior and rivals

    Returns
    -------
    One row a fact: its own columns; median, from, to (50, 5 and 95 % of the model's value on the source's scale; of
    an ordering the contrast of its windows); expected_low, expected_high, chance, hit (as `inside` of
    `predictive_table`); weight (1 / facts of its sentence); score, prior, constant and trend, the last two NaN where
    no fitted observation reads the same output.
    """
    import pandas as pd

    study = with_facts(frozen.study, facts)
    objectives = [one.objective(study) for one in frozen.structures]
    held = np.flatnonzero(objectives[0].sheet.table["fold"] == HELD)
    values = np.concatenate(
        [
            objective.model_values(objective.priors.whiten(one.draws))[:, held]
            for one, objective in zip(frozen.structures, objectives, strict=True)
        ]
    )
    shares, rng = draw_weights(frozen.structures), np.random.default_rng(seed)
    forms = [objectives[0].sheet.forms[i] for i in held]
    reports = predicted_reports(forms, values[resampled(shares, N_REPORTS, rng)], rng)
    found = pd.DataFrame(reports).rename(
        columns={"low": "expected_low", "high": "expected_high", "inside": "hit"}
    )
    bands = np.quantile(values, BAND, axis=0, weights=shares, method="inverted_cdf")
    scored = {"score": _log_means(objectives[0], values, held, shares)} | _rivals(objectives, held, seed)
    return pd.concat([facts.reset_index(drop=True), found], axis=1).assign(
        **dict(zip(("from", "median", "to"), bands, strict=True)),
        weight=objectives[0].sheet.weights[held],
        **scored,
    )


def gains(table: pd.DataFrame) -> dict[str, tuple[float, float, int]]:
    """By rival: nats by which the model's scores exceed the rival's, standard error over facts, and facts compared."""
    found = {}
    for rival in RIVALS:
        each = ((table["score"] - table[rival]) * table["weight"]).dropna().to_numpy(dtype=float)
        error = float(np.sqrt(len(each)) * each.std(ddof=1)) if len(each) > 1 else float("nan")
        found[rival] = float(each.sum()), error, len(each)
    return found


def _log_means(objective: Objective, values: Array, held: NDArray[np.intp], shares: Array) -> Array:
    """(n_facts,) log of the weighted mean probability of each fact at (n_draws, n_facts) model values."""
    forms = (objective.sheet.forms[i] for i in held)
    scores = np.array([form.log_likelihood(column) for form, column in zip(forms, values.T, strict=True)])
    return np.asarray(np.logaddexp.reduce(scores + np.log(shares), axis=1))


def _rivals(objectives: list[Objective], held: NDArray[np.intp], seed: int) -> dict[str, Array]:
    """By rival (n_facts,) log scores."""
    before = []
    for objective in objectives:
        z = np.random.default_rng(seed).standard_normal((N_PRIOR, objective.n_parameters))
        before.append(objective.model_values(z)[:, held])
    values = np.concatenate(before)
    found = {"prior": _log_means(objectives[0], values, held, np.full(len(values), 1 / len(values)))}
    told = objectives[0]
    outputs = np.array([reading.output for reading in told.sheet.readings])
    known = set(outputs[told.sheet.fitted])
    alone = [np.arange(len(outputs)) == i for i in held]
    for kind in get_args(Kind):
        rival = baseline(told, kind, BASELINE_DRAWS, seed)
        found[kind] = np.array(
            [rival.score(one) if outputs[one][0] in known else np.nan for one in alone], dtype=float
        )
    return found
