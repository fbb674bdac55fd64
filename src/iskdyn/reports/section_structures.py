"""The rival structures: what the evidence says of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iskdyn.calibration import every_number, expected_inside, predictive_table
from iskdyn.calibration.variants import DECISIVE, weights
from iskdyn.reports.sections import Materials, Section, render

if TYPE_CHECKING:
    from iskdyn.calibration import VariantDraws

SEED = 1


@dataclass(frozen=True)
class Structure:
    """One row of the table.

    Attributes
    ----------
    held : log score of the facts kept out of the fit, which the draws have not seen
    inside : how many of those lie where nine reports of ten are expected
    """

    draws: VariantDraws
    held: float
    inside: int


def structures_section(materials: Materials) -> Section | None:
    """None where no rival structure is stored."""
    if len(materials.variants) < 2:
        return None
    rows = [_structure(materials, one) for one in materials.variants.values()]
    n_held = int((~every_number(materials.study).sheet.fitted).sum())
    contents = {
        "rows": rows,
        "shares": weights(materials.variants),
        "n_held": n_held,
        "expected": expected_inside(n_held),
        "decisive": DECISIVE,
    }
    return Section(
        "structures",
        "Other structures, and whether the paper tells them apart",
        _finding(materials, rows),
        render("structures.html", contents),
    )


def _structure(materials: Materials, one: VariantDraws) -> Structure:
    materials.tell(f"predictions, {one.variant.name}")
    objective = every_number(materials.study, one.variant.set)
    order = [one.spread.names.index(name) for name in objective.priors.names]
    table = predictive_table(objective, objective.priors.whiten(one.spread.draws[:, order]), SEED)
    held = table[table["fold"] == "held"]
    return Structure(one, float(held["score"].sum()), int(held["inside"].sum()))


def _finding(materials: Materials, rows: list[Structure]) -> str:
    """How the evidence weighs the structures, and which of them is told."""
    shares = weights(materials.variants)
    best = max(rows, key=lambda row: shares[row.draws.variant.name]).draws.variant
    own = next(row for row in rows if not row.draws.variant.set).draws.variant
    told = f"Of {len(rows)} structures the one told has {shares[own.name]:.0%} of the weight by these facts alone"
    if best is own:
        return f"{told}, the most of all."
    return f"{told}; {shares[best.name]:.0%} is on another: {best.title}."
