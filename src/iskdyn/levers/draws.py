"""The stored draws on which scenarios are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iskdyn.errors import StudyError

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study


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
