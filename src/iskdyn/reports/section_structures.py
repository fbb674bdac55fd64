"""The rival structures: what the evidence says of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iskdyn.calibration import every_number, expected_inside, predictive_table
from iskdyn.calibration.variants import DECISIVE
from iskdyn.reports.compared import join
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.reports.tellings import odds

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

    @property
    def odds(self) -> str:
        """In words."""
        return odds(self.draws.behind)


def structures_section(materials: Materials) -> Section | None:
    """None where no rival structure is stored."""
    if len(materials.variants) < 2:
        return None
    rows = [_structure(materials, one) for one in materials.variants.values()]
    n_held = int((~every_number(materials.study).sheet.fitted).sum())
    contents = {
        "rows": rows,
        "words": _words(rows),
        "n_held": n_held,
        "expected": expected_inside(n_held),
        "decisive": DECISIVE,
    }
    return Section(
        "structures",
        "Other structures, and whether the paper tells them apart",
        render("structures.html", contents),
    )


def _structure(materials: Materials, one: VariantDraws) -> Structure:
    materials.tell(f"predictions, {one.variant.name}")
    objective = every_number(materials.study, one.variant.set)
    order = [one.spread.names.index(name) for name in objective.priors.names]
    table = predictive_table(objective, objective.priors.whiten(one.spread.draws[:, order]), SEED)
    held = table[table["fold"] == "held"]
    return Structure(one, float(held["score"].sum()), int(held["inside"].sum()))


def _words(rows: list[Structure]) -> list[str]:
    kept = [row.draws.variant.title for row in rows if not row.draws.rejected]
    gone = [row.draws.variant.title for row in rows if row.draws.rejected]
    best = min(rows, key=lambda row: row.draws.behind).draws.variant.title
    words = [f"Of the {len(rows)} structures tried the evidence makes “{best}” the most likely."]
    if others := [title for title in kept if title != best]:
        words.append(f"It does not rule out: {join([f'“{title}”' for title in others])}.")
    if gone:
        words.append(f"It speaks clearly against: {join([f'“{title}”' for title in gone])}.")
    words.append(
        "A conclusion is called one that holds in every telling only if nine draws of ten agree on its sign in "
        "each structure that is not ruled out."
    )
    return words
