"""What became of each claim: probabilities before and after the evidence, and a verdict in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.levers.claims.form import Claim, Claims, words_of
from iskdyn.levers.claims.margins import margin, part_margin
from iskdyn.levers.claims.measure import measure
from iskdyn.levers.draws import prior_draws
from iskdyn.levers.measured import median_error, monte_carlo_error
from iskdyn.telling.thresholds import AGREE, EDGES, FAIL, LEARNED, PUT_IN

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

Array = NDArray[np.float64]
Verdict = Literal["confirmed", "as before", "assumed", "undecided", "failed", "fitted"]

N_PRIOR = 1000
"""Draws of the prior: enough for a Monte Carlo error of 0.016 at most."""


@dataclass(frozen=True)
class Judged:
    """One claim on the draws.

    Attributes
    ----------
    prior, posterior : share of the draws before and after the evidence in which it holds
    control : share of the draws after the evidence in which it holds with its arms exchanged
    margin : 5, 50 and 95 % of its margin after the evidence, in per cent; negative where it is missed
    parts : words and share of draws after the evidence of each expectation
    structures : share of the draws of every rival structure in which it holds
    n_prior, n_posterior : how many draws
    margin_error : Monte Carlo error of the median margin
    weighty : share of the draws in which it holds, of each part of the structures with weight
    """

    claim: Claim
    prior: float
    posterior: float
    control: float
    margin: tuple[float, float, float]
    parts: tuple[tuple[str, float], ...]
    n_prior: int
    n_posterior: int
    structures: Mapping[str, float] = field(default_factory=dict)
    margin_error: float | None = None
    weighty: tuple[float, ...] = ()

    @property
    def errors(self) -> tuple[float, float]:
        """Monte Carlo errors of the prior and the posterior probability, draws being independent."""
        return monte_carlo_error(self.prior, self.n_prior), monte_carlo_error(
            self.posterior, self.n_posterior
        )

    @property
    def verdict(self) -> Verdict:
        """Where the claim stands.

        fitted: it was calibrated on; assumed: it holds in 99 % of the draws before any evidence;
        confirmed: it holds in 90 % and the evidence trebled its odds, beyond two Monte Carlo errors;
        as before: it holds in 90 %, and did nearly so before; failed: in 10 % or less; else undecided.
        Each of all draws and of those of every part of the structures with weight.
        """
        shares = (self.posterior, *self.weighty)
        if self.claim.role == "fitted":
            return "fitted"
        if self.prior >= PUT_IN:
            return "assumed"
        if min(shares) >= AGREE:
            gained = self.posterior - self.prior > 2 * math.hypot(*self.errors)
            return "confirmed" if gained and self.odds_ratio >= LEARNED else "as before"
        return "failed" if max(shares) <= FAIL else "undecided"

    @property
    def divided(self) -> bool:
        """Whether all versions together would decide it, and only a part of the structures with weight does not."""
        apart = self.verdict == "undecided"
        return apart and not FAIL < self.posterior < AGREE

    @property
    def excluded(self) -> bool:
        """Whether the claim fails in 99 % of the draws before any evidence: by structure."""
        return 1 - self.prior >= PUT_IN

    @property
    def odds_ratio(self) -> float:
        """By how much the evidence multiplied the odds: the Bayes factor of the claim against its denial.

        Half a draw stands in for none and for all.
        """
        before, after = (
            (p * n + 0.5) / ((1 - p) * n + 0.5)
            for p, n in ((self.prior, self.n_prior), (self.posterior, self.n_posterior))
        )
        return after / before

    def row(self) -> dict[str, Any]:
        """Everything, for a machine."""
        claim, (prior_error, posterior_error) = self.claim, self.errors
        return {
            "id": claim.id,
            "says": claim.says,
            "place": claim.place,
            "role": claim.role,
            "note": claim.note,
            "verdict": self.verdict,
            "prior": self.prior,
            "prior_error": prior_error,
            "posterior": self.posterior,
            "posterior_error": posterior_error,
            "excluded_by_structure": self.excluded,
            "odds_ratio": self.odds_ratio,
            "control": self.control,
            "control_error": monte_carlo_error(self.control, self.n_posterior),
            "margin": dict(zip(("5", "50", "95"), self.margin, strict=True)),
            "margin_error": self.margin_error,
            "parts": [
                {"expects": words, "posterior": share, "error": monte_carlo_error(share, self.n_posterior)}
                for words, share in self.parts
            ],
            "structures": dict(self.structures),
            "weighty": list(self.weighty),
        }


@dataclass(frozen=True)
class Judgement:
    """All claims of a study on the same draws.

    Attributes
    ----------
    held_out : (n_draws,) how many of the held-out claims hold in each draw after the evidence
    joint_prior, joint_posterior : share of the draws in which all held-out claims hold at once
    joint_tested : the same over those of them that the structure neither assumes nor rules out (0 if none)
    """

    claims: tuple[Judged, ...]
    held_out: NDArray[np.int_]
    joint_prior: float
    joint_posterior: float
    joint_tested: float

    def of(self, verdict: Verdict) -> tuple[Judged, ...]:
        """The claims with this verdict."""
        return tuple(one for one in self.claims if one.verdict == verdict)


def judge(
    study: Study,
    claims: Claims,
    posterior: Spread,
    structures: Mapping[str, tuple[Spread, Mapping[str, float]]] | None = None,
    *,
    seed: int = 1,
    progress: Callable[[str], None] | None = None,
) -> Judgement:
    """Every claim on draws before and after the evidence.

    Parameters
    ----------
    posterior : draws given the fitted observations
    structures : by name draws of each, and the constants that it fixes
    seed : of the draws from the prior
    progress : called with each arm that is run
    """
    from iskdyn.calibration import weighty

    before = measure(study, claims, prior_draws(study, N_PRIOR, seed), progress=progress)
    after = measure(study, claims, posterior, progress=progress)
    rivals = {
        name: measure(study, claims, spread, fixed, progress)
        for name, (spread, fixed) in (structures or {}).items()
    }
    priors = {claim.id: margin(claim, before) > 0 for claim in claims.claims}
    margins = {claim.id: margin(claim, after) for claim in claims.claims}
    masks = weighty(posterior).values()
    judged = tuple(
        Judged(
            claim,
            prior=float(priors[claim.id].mean()),
            posterior=float(np.mean(margins[claim.id] > 0)),
            control=float(np.mean(margin(claim, after, control=True) > 0)),
            margin=_edges(margins[claim.id]),
            parts=tuple(
                (words_of(part), float(np.mean(part_margin(part, after) > 0))) for part in claim.parts
            ),
            n_prior=len(priors[claim.id]),
            n_posterior=len(margins[claim.id]),
            structures={name: float(np.mean(margin(claim, run) > 0)) for name, run in rivals.items()},
            margin_error=median_error(margins[claim.id]),
            weighty=tuple(float(np.mean(margins[claim.id][part] > 0)) for part in masks),
        )
        for claim in claims.claims
    )
    return _together(judged, priors, {name: one > 0 for name, one in margins.items()})


def _edges(values: Array) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, EDGES)
    return float(low), float(middle), float(high)


def _together(judged: tuple[Judged, ...], before: Mapping[str, Any], after: Mapping[str, Any]) -> Judgement:
    held = [one for one in judged if one.claim.role == "held_out"]
    tested = [one for one in held if not one.excluded and one.prior < PUT_IN]

    def holding(claims: list[Judged], draws: Mapping[str, Any]) -> NDArray[np.int_]:
        n_draws = len(next(iter(draws.values())))
        return (
            np.sum([draws[one.claim.id] for one in claims], axis=0)
            if claims
            else np.zeros(n_draws, dtype=int)
        )

    def all_of(claims: list[Judged], draws: Mapping[str, Any]) -> float:
        return float(np.mean(holding(claims, draws) == len(claims))) if claims else 0.0

    return Judgement(
        judged, holding(held, after), all_of(held, before), all_of(held, after), all_of(tested, after)
    )
