"""All sampled structures taken to other evidence: their draws, and how much each weighs then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.frozen import Structure
from iskdyn.calibration.mixture import (
    all_names,
    apportioned,
    filled,
    mean_where_free,
    shuffled,
    together,
    whitened,
)
from iskdyn.calibration.moved import LONG, Moved, moved
from iskdyn.calibration.priors import read_priors
from iskdyn.calibration.sheet import Sheet
from iskdyn.calibration.smc import normalised
from iskdyn.calibration.spread import Spread, centre_of
from iskdyn.telling.thresholds import LIGHT

if TYPE_CHECKING:
    from iskdyn.calibration.objective import Objective
    from iskdyn.calibration.result import FitResult
    from iskdyn.study import Study

Array = NDArray[np.float64]
Weights = Callable[[Sheet], Array]
"""From the observations to the (n_rows,) weights with which they count."""

FEW, SHORT = 250, (4, 4)
"""Draws and states of the first look at every structure, from which it is known which ones will weigh."""


@dataclass(frozen=True)
class MovedStructures:
    """Structures given other evidence.

    Attributes
    ----------
    structures : with their draws and weights after
    moved : how each one's draws got there, in the same order; those of little weight by a short walk
    log_ratio : log evidence of the mixture after less before, in nats
    """

    structures: tuple[Structure, ...]
    moved: tuple[Moved, ...]
    log_ratio: float

    @property
    def heaviest(self) -> tuple[Structure, Moved]:
        """The structure that weighs most after, and how it got there."""
        pairs = zip(self.structures, self.moved, strict=True)
        return max(pairs, key=lambda pair: pair[0].weight)

    @property
    def n_runs(self) -> int:
        """Model runs in all."""
        return sum(one.n_runs for one in self.moved)


def move_structures(
    study: Study,
    structures: Sequence[Structure],
    after: Weights,
    seed: int,
    progress: Callable[[str], None] | None = None,
) -> MovedStructures:
    """Each structure's draws given other evidence; well where it weighs more than `LIGHT` then, else roughly.

    A structure of weight walks from as many draws as its weight asks for, so that nine cost little more than one.

    Parameters
    ----------
    study : whose observations hold the rows that count before and after
    after : how much each row counts afterwards
    progress : called with the name of each structure before it is moved
    """
    objectives = [one.objective(study) for one in structures]
    first = [
        _moved(one, objective, after, seed, FEW, SHORT, progress)
        for one, objective in zip(structures, objectives, strict=True)
    ]
    shares, _ = normalised(_log_weights(structures, first))
    found = [
        _moved(one, objective, after, seed, max(FEW, round(share * len(one.draws))), LONG, progress)
        if share > LIGHT
        else look
        for one, objective, look, share in zip(structures, objectives, first, shares, strict=True)
    ]
    logs = _log_weights(structures, found)
    shares, _ = normalised(logs)
    return MovedStructures(
        structures=tuple(
            replace(
                one,
                weight=float(share),
                draws=objective.priors.values(result.z),
                log_likelihood=result.log_likelihood,
            )
            for one, objective, share, result in zip(structures, objectives, shares, found, strict=True)
        ),
        moved=tuple(found),
        log_ratio=float(np.logaddexp.reduce(logs)),
    )


def _moved(
    structure: Structure, objective: Objective, after: Weights, seed: int, n_draws: int,
    states: tuple[int, int], progress: Callable[[str], None] | None,
) -> Moved:  # fmt: skip
    if progress is not None:
        progress(structure.name)
    draws = structure.draws
    if n_draws < len(draws):
        draws = draws[np.linspace(0, len(draws) - 1, n_draws).astype(int)]
    return moved(objective, objective.priors.whiten(draws), after(objective.sheet), seed, states=states)


def _log_weights(structures: Sequence[Structure], found: Sequence[Moved]) -> Array:
    return np.array(
        [np.log(one.weight) + result.log_ratio for one, result in zip(structures, found, strict=True)]
    )


def spread_of(
    study: Study, structures: Sequence[Structure], n_draws: int, seed: int, fit: FitResult | None = None
) -> Spread:
    """Draws of structures, each as often as it weighs, in an order by chance.

    Parameters
    ----------
    fit : at whose values the best run stands; without it, at the medians of the draws
    """
    rng = np.random.default_rng(seed)
    names = all_names(study, [one.fixed for one in structures])
    counts = apportioned(np.array([one.weight for one in structures]), n_draws)
    draws = {}
    for one, count in zip(structures, counts, strict=True):
        chosen = rng.choice(len(one.draws), count, replace=count > len(one.draws))
        draws[one.name] = filled(study, names, one.variant, one.names, one.draws[chosen])
    middle = np.median(np.concatenate(list(draws.values())), axis=0)
    centre = middle if fit is None else centre_of(study, fit, names)
    learned = mean_where_free(names, [_learned(study, one) for one in structures])
    return shuffled(together(study, names, draws, centre, learned), rng)


def _learned(study: Study, structure: Structure) -> tuple[tuple[str, ...], Array, float]:
    """Its free numbers, 1 - sd after / sd before of each in whitened units, and its weight."""
    priors = read_priors(study.parameters[study.parameters["name"].isin(structure.names)])
    z = whitened(priors, structure.names, structure.draws)
    return priors.names, 1 - z.std(axis=0), structure.weight
