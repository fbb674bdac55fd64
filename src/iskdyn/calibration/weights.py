"""How much each structure weighs, and how far that rests on numbers we set: spreads of priors, errors of sources.

By the evidence: the probability of all fitted facts before any of them is known. By stacking: the mixture that
predicts each fact best from all others (Yao et al. 2018, doi:10.1214/17-BA1091), which does not suppose that one
of the structures is true. Both with every prior, or every source's error, narrower and wider by a half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.budget import tell_sampling
from iskdyn.calibration.cuts import SHORT
from iskdyn.calibration.likelihood import SMALLEST
from iskdyn.calibration.posterior import Sampling, sample_posterior, suited
from iskdyn.calibration.priors import Priors
from iskdyn.calibration.smc import normalised
from iskdyn.calibration.spread import every_number
from iskdyn.calibration.table_store import store_table, table_begun
from iskdyn.calibration.variants import Variant, read_variants, study_of
from iskdyn.study.stamp import RESTS_ON

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective
    from iskdyn.study import Study

Array = NDArray[np.float64]
WEIGHTS = "weights.json"
"""The stored table, in the results folder."""
KIND = "weight table"
SETTINGS = ((1.0, 1.0), (0.67, 1.0), (1.5, 1.0), (1.0, 0.67), (1.0, 1.5))
"""Factors of the spread of all priors and of the errors of all sources: what another careful hand might have set."""
STEPS = 5000
"""Of the iteration that finds stacking weights; each improves the score."""


@dataclass(frozen=True)
class Rescaled(Priors):
    """The same priors with each spread times a factor, on the scale where it is normal."""

    factor: float = 1.0

    def values(self, z: Array) -> Array:
        """(n, n_parameters) parameter values of standard normal scores."""
        return super().values(self.factor * z)

    def slopes(self, z: Array, values: Array) -> Array:
        """(n, n_parameters) d values / d z, at (n, n_parameters) scores z and their values."""
        return self.factor * super().slopes(self.factor * z, values)

    def whiten(self, values: Array) -> Array:
        """(n, n_parameters) standard normal scores of parameter values."""
        return super().whiten(values) / self.factor


@dataclass(frozen=True)
class Weighed:
    """A structure sampled briefly under one setting, as a row of the stored table.

    Attributes
    ----------
    structure, set : as of a `Variant`
    priors, errors : factors of the spread of all priors and of all errors
    log_evidence, error : mean over the independent runs, and its standard error
    left_out : weighted log probability of each fitted fact given all others
    """

    structure: str
    set: dict[str, float]
    priors: float
    errors: float
    log_evidence: float
    error: float
    left_out: list[float]


def rescaled(objective: Objective, priors: float, errors: float) -> Objective:
    """The objective with the spreads of all priors, and the errors of all sources, times a factor each.

    Parameters
    ----------
    priors : factor of each prior's spread, on the scale where it is normal; 1 leaves it
    errors : factor of each source's sd
    """
    forms = tuple(replace(form, sd=form.sd * errors) for form in objective.sheet.forms)  # type: ignore[attr-defined,type-var]
    return replace(
        objective,
        priors=Rescaled(objective.priors.parts, priors),
        sheet=replace(objective.sheet, forms=forms),
    )


def weigh(
    study: Study,
    path: Path,
    sampling: Sampling = SHORT,
    progress: Callable[[str, float], None] | None = None,
) -> pd.DataFrame:
    """Sample each structure under each setting, and store each row as soon as it is there; see `Weighed`.

    Rows that are stored, belong to the study as it is and were sampled alike are kept.

    Parameters
    ----------
    path : the table to make or to go on with
    sampling : draws and runs of each structure and setting
    progress : called as progress(name, 1) after each

    Raises
    ------
    StudyError : the variants' file has problems
    """
    structures = read_variants(study)
    # what a structure sets stands in its row; the text of its own model does not
    parts = (*RESTS_ON, "variants") if any(one.model for one in structures) else RESTS_ON
    rows = _reached(study, path, structures, sampling)
    done = {(row.structure, row.priors, row.errors) for row in rows}
    tell_sampling(study, sampling, len(structures) * len(SETTINGS) - len(done))
    for structure in structures:
        for priors, errors in SETTINGS:
            name = f"{structure.name}, priors x {priors:g}, errors x {errors:g}"
            if (structure.name, priors, errors) not in done:
                whole = every_number(study_of(study, structure), structure.set)
                objective = rescaled(whole, priors, errors)
                rows.append(_weighed(objective, structure, priors, errors, sampling))
                store_table(_frame(rows), {"sampling": asdict(sampling)}, path, study, KIND, parts)
            if progress is not None:
                progress(name, 1.0)
    return _frame(rows)


def _frame(rows: Sequence[Weighed]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([asdict(row) for row in rows])


def _reached(study: Study, path: Path, structures: Sequence[Variant], sampling: Sampling) -> list[Weighed]:
    """The rows of an earlier call that still hold."""
    stored = table_begun(study, path, KIND)
    if stored is None or stored.settings.get("sampling") != asdict(sampling):
        return []
    known = {one.name: dict(one.set) for one in structures}
    rows = [
        Weighed(**{str(key): value for key, value in row.items()}) for row in stored.rows.to_dict("records")
    ]
    return [row for row in rows if known.get(row.structure) == dict(row.set)]


def _weighed(
    objective: Objective, structure: Variant, priors: float, errors: float, sampling: Sampling
) -> Weighed:
    found = sample_posterior(objective, suited(sampling, objective))
    level = found.log_evidence
    scores = objective.log_likelihoods(found.z.reshape(-1, objective.n_parameters))
    fitted = objective.sheet.fitted
    return Weighed(
        structure.name,
        dict(structure.set),
        priors,
        errors,
        float(np.mean(level)),
        float(np.std(level, ddof=1) / np.sqrt(len(level))),
        left_out(scores[:, fitted] * objective.sheet.weights[fitted]).tolist(),
    )


def left_out(scores: Array) -> Array:
    """(n_rows,) log probability of each row given all others, from (n_draws, n_rows) scores at draws given all.

    Importance weights are cut at the root of their number times their mean (Ionides 2008,
    doi:10.1198/106186008X320456), since a fact that the draws rest on has few that lack it.

    >>> left_out(np.log(np.array([[0.5], [0.5]]))).round(6).tolist()
    [-0.693147]
    """
    raw = np.exp(scores.min(axis=0) - scores)
    weights = np.minimum(raw, np.sqrt(len(raw)) * raw.mean(axis=0))
    chance = (weights * np.exp(scores)).sum(axis=0) / weights.sum(axis=0)
    return np.asarray(np.log(np.maximum(chance, SMALLEST)))


def stacked(scores: Array) -> Array:
    """(n_structures,) weights of the mixture that predicts best, from (n_rows, n_structures) of `left_out`.

    >>> stacked(np.log(np.array([[0.9, 0.1], [0.9, 0.2]]))).round(3).tolist()
    [1.0, 0.0]
    """
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = np.full(scores.shape[1], 1 / scores.shape[1])
    for _ in range(STEPS):
        shares = weights * chances
        weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    return np.asarray(weights)


def weight_bands(table: pd.DataFrame) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Per structure its weight by `evidence` and by `stacking`: as set, and the least and most over all settings."""
    names = list(dict.fromkeys(table["structure"]))
    found: dict[str, list[Array]] = {"evidence": [], "stacking": []}
    for _, part in table.groupby(["priors", "errors"], sort=False):
        part = part.set_index("structure")
        if set(part.index) != set(names):
            continue
        part = part.loc[names]
        found["evidence"].append(normalised(part["log_evidence"].to_numpy(dtype=float))[0])
        found["stacking"].append(stacked(np.array(part["left_out"].to_list(), dtype=float).T))
    bands: dict[str, dict[str, Any]] = {name: {} for name in names}
    for kind, weights in found.items():
        for name, column in zip(names, np.array(weights).T, strict=True):
            bands[name][kind] = (float(column[0]), float(column.min()), float(column.max()))
    return bands
