"""The judged claims as text and for a machine."""

from __future__ import annotations

import textwrap
from typing import Any

from iskdyn.levers.claims.result import N_PRIOR, Judged, Judgement, Verdict
from iskdyn.levers.measured import monte_carlo_error
from iskdyn.output import text_table
from iskdyn.telling import lexicon

VERDICTS: dict[Verdict, str] = {verdict: one["words"] for verdict, one in lexicon()["claims"].items()}
"""What a reader is told, in the order in which the claims are counted."""


def judgement_text(found: Judgement, *, parts: bool = False) -> str:
    """The counts in words, then a row a claim; with `parts` the expectations of each and every structure."""
    rows = [_row(one) for verdict in VERDICTS for one in found.of(verdict)]
    header = ["claim", "verdict", "before", "after", "error", "exchanged", "margin % (5, 50, 95)"]
    told = [counts(found), text_table(header, rows, left=2), together(found)]
    told += [divided] if (divided := _divided(found)) else []
    told += [_detail(one) for one in found.claims] if parts else [_says(found)]
    return "\n\n".join(told)


def _divided(found: Judgement) -> str:
    """The claims that only a part of the structures leaves undecided."""
    ids = ", ".join(one.claim.id for one in found.claims if one.divided)
    return f"undecided since a part of the structures with weight disagrees: {ids}" if ids else ""


def counts(found: Judgement) -> str:
    """How many claims stand where, in one sentence."""
    shown = [f"{len(found.of(verdict))} {words}" for verdict, words in VERDICTS.items()]
    n_excluded = sum(one.excluded for one in found.of("failed"))
    excluded = (
        f" ({n_excluded} of the failed are ruled out by the equations themselves)" if n_excluded else ""
    )
    return f"{len(found.claims)} claims: {'; '.join(shown)}{excluded}"


def together(found: Judgement) -> str:
    """The held-out claims taken together, in two sentences."""
    n_held = sum(one.claim.role == "held_out" for one in found.claims)
    if not n_held:
        return "No claim is held out."
    low, high = int(min(found.held_out)), int(max(found.held_out))
    return (
        f"Of the {n_held} held-out claims {low} to {high} hold in one version; all at once hold in "
        f"{found.joint_posterior:.1%} of the versions ({found.joint_prior:.1%} before the evidence). Those that the "
        f"structure neither assumes nor rules out hold all at once in {found.joint_tested:.1%}."
    )


def judgement_json(found: Judgement) -> dict[str, Any]:
    """The same for a machine."""
    return {
        "counts": {verdict: len(found.of(verdict)) for verdict in VERDICTS},
        "held_out_together": {
            "prior": found.joint_prior,
            "posterior": found.joint_posterior,
            "posterior_of_the_tested": found.joint_tested,
            "prior_error": monte_carlo_error(found.joint_prior, N_PRIOR),
            "posterior_error": monte_carlo_error(found.joint_posterior, len(found.held_out)),
            "posterior_of_the_tested_error": monte_carlo_error(found.joint_tested, len(found.held_out)),
        },
        "claims": [one.row() for one in found.claims],
    }


def _row(one: Judged) -> list[str]:
    low, middle, high = one.margin
    return [
        one.claim.id,
        VERDICTS[one.verdict],
        f"{one.prior:.3f}",
        f"{one.posterior:.3f}",
        f"{max(one.errors):.3f}",
        f"{one.control:.3f}",
        f"{low:,.0f}, {middle:,.0f}, {high:,.0f}",
    ]


def _says(found: Judgement) -> str:
    return "\n".join(f"{one.claim.id}  {one.claim.says} ({one.claim.place})" for one in found.claims)


def _detail(one: Judged) -> str:
    claim = one.claim
    lines = [f"{claim.id}  {claim.says}", f"  {claim.place}; {claim.role.replace('_', ' ')}"]
    lines += textwrap.wrap(claim.note, 105, initial_indent="  ", subsequent_indent="  ")
    lines += [f"  {share:.3f}  {words}" for words, share in one.parts]
    lines += [
        f"  {share:.3f}  in all, under the structure '{name}'" for name, share in one.structures.items()
    ]
    return "\n".join(lines)
