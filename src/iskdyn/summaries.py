"""A fit and a posterior as the command line prints them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iskdyn.output import number, text_table

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Posterior, VariantDraws
    from iskdyn.calibration.table_store import StoredTable


def posterior_text(found: Posterior, path: Path) -> str:
    """What the evidence informs, most first, and whether the draws are accepted."""
    from iskdyn.calibration.laplace import NOT_LEARNED

    missed = found.gates[~found.gates["passes"]]
    order = sorted(zip(found.contraction, found.names, strict=True), reverse=True)
    rows = [[name, number(float(one))] for one, name in order if one >= NOT_LEARNED]
    verdict = "every gate is passed" if found.accepted else f"NOT ACCEPTED: {len(missed)} gates are missed"
    return "\n\n".join(
        [
            text_table(["informed by the paper", "narrowed by"], rows),
            f"{len(rows)} of {len(found.names)} numbers are narrowed by {NOT_LEARNED:.0%} or more",
            f"{verdict} ({len(found.gates)} quantities, {found.n_runs:,} runs); stored in {path}",
        ]
    )


def posterior_json(found: Posterior) -> str:
    """The same for a machine."""
    contraction = {name: float(one) for name, one in zip(found.names, found.contraction, strict=True)}
    return json.dumps(
        {"accepted": found.accepted, "runs": found.n_runs, "contraction": contraction}, indent=1
    )


def variants_text(found: Mapping[str, VariantDraws]) -> str:
    """Each sampled structure with how well it fits and how far the evidence puts it behind the best."""
    rows = []
    for one in found.values():
        holding, fitted = one.fit.holding
        behind = f"{one.behind:.2f} +- {one.behind_error:.2f}"
        verdict = "rejected" if one.rejected else "not rejected"
        rows.append([one.variant.name, one.variant.title, f"{holding} of {fitted}", behind, verdict])
    return text_table(["structure", "says", "rows that hold", "nats behind", "verdict"], rows, left=2)


def variants_json(found: Mapping[str, VariantDraws]) -> str:
    """The same for a machine."""
    rows = [
        {
            "name": one.variant.name,
            "title": one.variant.title,
            "fixed": dict(one.variant.set),
            "holding": one.fit.holding[0],
            "log_evidence": one.log_evidence,
            "behind": one.behind,
            "behind_error": one.behind_error,
            "rejected": one.rejected,
        }
        for one in found.values()
    ]
    return json.dumps(rows, indent=1)


def scores_text(found: StoredTable) -> str:
    """What was left out with its scores, and whether the model beats its rivals."""
    from iskdyn.calibration.leave_out import gain

    names = ["score", "error", "prior", "constant", "trend"]
    rows = [
        [str(row["kind"]), str(row["name"]), *(f"{row[name]:.2f}" for name in names)]
        for row in found.rows.to_dict("records")
    ]
    totals = {name: gain(found.rows, name) for name in names[2:]}
    told = "; ".join(
        f"{total:+.1f} +- {error:.1f} against the {name}" for name, (total, error) in totals.items()
    )
    return text_table(["left out", "name", *names], rows, left=2) + f"\n\nrows in all, in nats: {told}"


def fit_text(result: FitResult, path: Path) -> str:
    """Every observation with its status, every fitted number, and a line that sums up."""
    rows = [
        [
            row["id"],
            row["output"],
            number(row["model"]),
            _edges(row),
            "yes" if row["holds"] else "NO",
            row["fold"],
        ]
        for row in result.rows.to_dict("records")
    ]
    values = [
        [row["name"], number(row["prior_median"]), number(row["value"]), row["learned"]]
        for row in result.parameters.to_dict("records")
    ]
    holding, fitted = result.holding
    summary = (
        f"{holding} of {fitted} fitted observations hold; objective {result.objective:.3f}, "
        f"{result.status} after {result.n_runs:,} runs in {result.seconds:.1f} s\nstored in {path}"
    )
    summary += (
        f"\n{result.share_of_starts_at_best:.0%} of {len(result.starts)} starts end at the best; "
        + "; ".join(f"{one['by']} reach {float(str(one['objective'])):.3f}" for one in result.challenges)
    )
    return "\n\n".join(
        [
            text_table(["observation", "output", "model", "reported", "holds", "fold"], rows, left=2),
            text_table(["parameter", "prior median", "value", "learned"], values),
            summary,
        ]
    )


def _edges(row: Mapping[Any, Any]) -> str:
    low, high = row["low"], row["high"]
    if low != low or high != high:
        return f">= {number(low)}" if low == low else f"<= {number(high)}"
    return f"{number(low)} to {number(high)}"
