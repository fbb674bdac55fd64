"""The draws that every surface shows: after the evidence, and before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import InputError, Problem, StudyError

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Part, Spread
    from iskdyn.study import Study


BITS = 11
"""Significant bits of a draw, as many as the page's half floats carry: a value moves by one part in 4,096 at most."""


def stored_draws(study: Study, n_draws: int, seed: int) -> Spread:
    """Draws of all sampled structures, each as often as the evidence weighs it.

    With one structure only, draws of its posterior, or a normal approximation about the fit where none is current.

    Parameters
    ----------
    n_draws : of all structures together; fewer where fewer are stored
    seed : of the choice and of the order; the same seed gives the same draws

    Raises
    ------
    InputError : there is no stored fit
    StudyError : the stored fit belongs to another state of the study, or fit or posterior to another structure
    """
    from iskdyn.calibration import current_posterior, load_variants, mixture, spread

    fit = _fit(study)
    posterior = current_posterior(study)
    found = load_variants(study, n_draws, seed)
    if posterior is not None and posterior.accepted and len(found) > 1:
        return _short(mixture(study, fit, found, n_draws, seed))
    return _short(spread(study, fit, n_draws, seed, posterior))


def draws_without(
    study: Study, name: str, n_draws: int, seed: int, progress: Callable[[str], None] | None = None,
    structure: str | None = None,
) -> tuple[Spread, str]:  # fmt: skip
    """Draws of all structures, or of one, without a source or a fact, and the banner above what they say.

    Parameters
    ----------
    name : of a source, or the id of an observation
    n_draws, seed : of the result, as of `stored_draws`
    progress : called with the name of each structure before it is moved

    Raises
    ------
    InputError : no fitted fact has this source or id, or all have
    StudyError : no accepted posterior belongs to the study as it is
    """
    from iskdyn.calibration.moved_structures import spread_of
    from iskdyn.calibration.without import strike

    struck = strike(study, name, seed, progress, structure)
    return _short(spread_of(study, struck.found.structures, n_draws, seed, _fit(study))), struck.banner


def stored_parts(study: Study, n_draws: int, seed: int) -> tuple[Part, ...]:
    """The same by structure, light ones together; none where fewer than two structures are sampled.

    Parameters
    ----------
    n_draws, seed : of each part, as of `stored_draws`
    """
    from iskdyn.calibration import load_variants, parts

    found = load_variants(study, n_draws, seed)
    if len(found) < 2:
        return ()
    return tuple(
        replace(one, spread=_short(one.spread)) for one in parts(study, _fit(study), found, n_draws, seed)
    )


def structure_draws(study: Study, name: str, n_draws: int, seed: int) -> Spread:
    """Draws of one sampled structure by name.

    Parameters
    ----------
    name : of a variant
    n_draws, seed : as of `stored_draws`

    Raises
    ------
    InputError : the study has no such structure, or it is not sampled with the study as it stands
    """
    from iskdyn.calibration import load_variants, mixture, variant_named

    variant_named(study, name)
    stored = load_variants(study, n_draws, seed).get(name)
    if stored is None:
        message = f"'{name}' has no accepted posterior that belongs to the study: `iskdyn variants` makes it"
        raise InputError(Problem("--structure", message))
    return _short(mixture(study, _fit(study), {name: stored}, n_draws, seed))


def prior_draws(study: Study, n_draws: int, seed: int) -> Spread:
    """Draws before the evidence: of all sampled structures equally often, or of the model as written alone.

    Parameters
    ----------
    n_draws : of all structures together
    seed : of the draws; the same seed gives the same ones
    """
    from iskdyn.calibration import load_variants, prior_mixture

    found = [one.variant for one in load_variants(study, 1, seed).values()]
    return (
        prior_mixture(study, found, n_draws, seed) if len(found) > 1 else prior_spread(study, n_draws, seed)
    )


def prior_spread(study: Study, n_draws: int, seed: int, structure: str | None = None) -> Spread:
    """Draws of every parameter from its prior, about the medians, in one structure; the model as written.

    Parameters
    ----------
    n_draws : how many
    seed : of the draws; the same seed gives the same ones
    structure : name of a variant; by default the model as written
    """
    from iskdyn.calibration import prior_mixture, read_variants, variant_named

    variant = variant_named(study, structure) if structure else read_variants(study)[0]
    return prior_mixture(study, [variant], n_draws, seed)


def _fit(study: Study) -> FitResult:
    """The stored fit; a StudyError where it belongs to another state of the study."""
    from iskdyn.calibration import load_fit, verify
    from iskdyn.study import FIT

    fit = load_fit(study.stored(FIT), {})
    if problems := verify(study, fit):
        raise StudyError(problems)
    return fit


def _short(found: Spread) -> Spread:
    """The same with `BITS` significant bits a value."""
    return replace(found, draws=shortened(found.draws))


def shortened(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values rounded to `BITS` significant bits.

    >>> shortened(np.array([1.0, 1 / 3, 2047.6])).tolist()
    [1.0, 0.333251953125, 2048.0]
    """
    mantissa, exponent = np.frexp(values)
    return np.asarray(np.ldexp(np.round(np.ldexp(mantissa, BITS)), exponent - BITS))
