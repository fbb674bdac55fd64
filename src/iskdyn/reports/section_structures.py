"""The rival structures: what the evidence says of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iskdyn.calibration import every_number, expected_inside, predictive_table, study_of
from iskdyn.calibration.mixture import whitened
from iskdyn.calibration.screen import NEAR, load_screen, screening
from iskdyn.draws import SEED
from iskdyn.reports.compared import join
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.telling.thresholds import LIGHT

if TYPE_CHECKING:
    from iskdyn.calibration import VariantDraws


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
        "n_held": n_held,
        "expected": expected_inside(n_held),
        "light": LIGHT,
        "screened": _screened(materials),
    }
    return Section(
        "structures",
        "Other structures, and whether the paper tells them apart",
        _finding(rows),
        render("structures.html", contents),
    )


def _structure(materials: Materials, one: VariantDraws) -> Structure:
    materials.tell(f"predictions, {one.variant.name}")
    objective = every_number(study_of(materials.study, one.variant), one.variant.set)
    values = objective.model_values(whitened(objective.priors, one.spread.names, one.spread.draws))
    table = predictive_table(objective, values, SEED)
    held = table[table["fold"] == "held"]
    return Structure(one, float(held["score"].sum()), int(held["inside"].sum()))


def _screened(materials: Materials) -> str:
    """How many structures that are not sampled come near the best; empty where none were screened."""
    table = load_screen(materials.study)
    if table is None:
        return ""
    found = screening(table, materials.variants)
    return (
        f"{len(table):,} combinations with a switch turned or a link cut were fitted too: "
        f"{len(found.worth)}, not sampled, come within {NEAR:g} nats of the best."
    )


def _finding(rows: list[Structure]) -> str:
    """Which structure the evidence prefers, and that all are told together."""
    best, *others = sorted(rows, key=lambda row: -row.draws.weight)
    heavy = [row for row in others if row.draws.weight > LIGHT]
    told = [f"“{row.draws.variant.title}” {row.draws.weight:.0%}" for row in (best, *heavy)]
    return (
        f"Of {len(rows)} structures the evidence gives {join(told)} of the weight; "
        "every number here is of all of them."
    )
