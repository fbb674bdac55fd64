"""The draws on which a study's claims are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from iskdyn.draws import SEED
from iskdyn.errors import InputError, Problem
from iskdyn.levers.claims.form import Claims
from iskdyn.levers.draws import stored_draws
from iskdyn.model.names import suggest
from iskdyn.study.expectations import BASE

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

N_DRAWS = 1000
"""More than other surfaces show: a verdict is a share, and turns on its Monte Carlo error."""
N_STRUCTURE = 650
"""Draws of each structure: the fewest for a Monte Carlo error under 0.02."""

Structures = Mapping[str, "tuple[Spread, Mapping[str, float]]"]
"""By name the draws of a structure and the constants that it fixes."""


def known_draws(study: Study) -> tuple[Spread, Structures]:
    """Draws given the evidence, and those of every sampled structure where there are several.

    Raises
    ------
    InputError : there is no stored fit
    StudyError : it belongs to another state of the study
    """
    from iskdyn.calibration import load_variants

    stored = load_variants(study, N_STRUCTURE, SEED)
    by_structure: Structures = {name: (one.spread, one.variant.set) for name, one in stored.items()}
    return stored_draws(study, N_DRAWS, SEED), by_structure if len(stored) > 1 else {}


def draws_left(
    study: Study, without: str, progress: Callable[[str], None] | None = None
) -> tuple[str, tuple[Spread, Structures]]:
    """The same without a source or a fact, and before them the banner above what they say.

    Parameters
    ----------
    study : with a stored posterior
    without : name of a source, or id of a fitted fact
    progress : called with each structure that is taken to what is left

    Raises
    ------
    InputError : no fitted fact has this source or id, or all have
    StudyError : no accepted posterior belongs to the study as it is
    """
    from iskdyn.calibration.moved_structures import spread_of
    from iskdyn.calibration.without import strike

    struck = strike(study, without, SEED, progress)
    left = struck.found.structures
    # the draws carry what their structure fixes as columns of their own
    by_structure: Structures = {
        one.name: (spread_of(study, [replace(one, weight=1.0)], N_STRUCTURE, SEED), {}) for one in left
    }
    mixed = spread_of(study, left, N_DRAWS, SEED)
    return struck.banner, (mixed, by_structure if len(left) > 1 else {})


def chosen(claims: Claims, wanted: Sequence[str]) -> Claims:
    """Only the claims with these ids and the arms that they need; all where none is named.

    Raises
    ------
    InputError : naming every id that no claim has
    """
    if not wanted:
        return claims
    known = [claim.id for claim in claims.claims]
    problems = [
        Problem("claim", f"there is no claim '{one}'{suggest(one, known)}")
        for one in wanted
        if one not in known
    ]
    if problems:
        raise InputError(problems)
    kept = tuple(claim for claim in claims.claims if claim.id in wanted)
    needed = {BASE, *(arm for claim in kept for arm, _ in claim.needed())}
    return replace(
        claims, claims=kept, arms={name: arm for name, arm in claims.arms.items() if name in needed}
    )
