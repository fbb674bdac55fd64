"""The draws on which a study's claims are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from iskdyn.errors import InputError, Problem
from iskdyn.levers.claims.form import BASE, Claims
from iskdyn.model.names import suggest

if TYPE_CHECKING:
    from iskdyn.calibration import Spread, VariantDraws
    from iskdyn.study import Study

N_DRAWS = 1000
N_RIVAL = 650
"""Draws of each rival structure: the fewest for a Monte Carlo error under 0.02."""
SEED = 1

Structures = Mapping[str, "tuple[Spread, Mapping[str, float]]"]
"""By name the draws of a rival structure and the constants that it fixes."""


def known_draws(study: Study) -> tuple[Spread, Structures]:
    """Draws given the evidence, and those of every rival structure.

    Raises
    ------
    InputError : there is no stored fit
    """
    from iskdyn.calibration import load_fit, load_variants, spread
    from iskdyn.study import FIT

    stored = load_variants(study, N_DRAWS, SEED)
    told = next((one.spread for one in stored.values() if not one.variant.set), None)
    if told is None:
        told = spread(study, load_fit(study.stored(FIT), {}), N_DRAWS, SEED)
    return told, rival_structures(stored)


def rival_structures(stored: Mapping[str, VariantDraws]) -> Structures:
    """The sampled structures but the one that is told."""
    return {
        name: (replace(one.spread, draws=one.spread.draws[:N_RIVAL]), one.variant.set)
        for name, one in stored.items()
        if one.variant.set
    }


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
