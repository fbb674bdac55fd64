"""The draws on which scenarios are compared: after the evidence, and before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iskdyn.errors import InputError, Problem, StudyError

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study
    from iskdyn.study.inputs import Inputs


N_DRAWS, SEED = 1000, 1
"""Of brief and report, and what `iskdyn effects` takes where nothing else is asked, so that all print the same
numbers: a share of the draws errs by a hundredth and a half at most."""


def stored_draws(study: Study, n_draws: int, seed: int) -> Spread:
    """Draws of the stored posterior, or a normal approximation about the fit where none is current.

    Raises
    ------
    InputError : there is no stored fit
    StudyError : the stored fit belongs to another state of the study
    """
    from iskdyn.calibration import current_posterior, load_fit, spread, verify
    from iskdyn.study import FIT

    fit = load_fit(study.stored(FIT), {})
    if problems := verify(study, fit):
        raise StudyError(problems)
    return spread(study, fit, n_draws, seed, current_posterior(study))


def prior_spread(study: Study, n_draws: int, seed: int) -> Spread:
    """Draws of every parameter from its prior, about the medians."""
    from iskdyn.calibration import Spread, read_priors

    priors = read_priors(study.parameters)
    z = np.random.default_rng(seed).standard_normal((n_draws, len(priors.names)))
    in_model = np.array([name in study.program for name in priors.names])
    centre = priors.values(np.zeros((1, len(priors.names))))[0]
    nothing = np.zeros(len(priors.names))
    return Spread("approximation", priors.names, in_model, centre, nothing, priors.values(z))


def structure_draws(study: Study, name: str, n_draws: int, seed: int) -> tuple[Spread, Inputs]:
    """Draws of a sampled rival structure by name, and the constants that it fixes.

    Raises
    ------
    InputError : the study has no such structure, or it is not sampled with the study as it stands
    """
    from iskdyn.calibration import load_variants, variant_named
    from iskdyn.study.inputs import Inputs

    variant = variant_named(study, name)
    stored = load_variants(study, n_draws, seed).get(name)
    if stored is None:
        message = f"'{name}' has no accepted posterior that belongs to the study: `iskdyn variants` makes it"
        raise InputError(Problem("--structure", message))
    return stored.spread, Inputs(variant.set)
