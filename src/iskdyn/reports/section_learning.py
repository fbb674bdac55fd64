"""What the paper informs and what it does not, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from iskdyn.calibration import every_number, load_table
from iskdyn.calibration.laplace import NOT_LEARNED
from iskdyn.calibration.profile import PROFILES, RISE
from iskdyn.reports.figures import FITTED, INK, drawing, svg_text
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.telling.thresholds import RANGE

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = {
    "identified": "bounded on both sides",
    "bounded below": "bounded from below only",
    "bounded above": "bounded from above only",
    "not identified": "not bounded",
}
FACTOR = 1.5
"""Beyond this ratio of the widths of profile and draws a reader is told why they may differ; below it both say the
same."""


def learning_section(materials: Materials) -> Section | None:
    """None where no profiles of the study as it stands are stored."""
    study, around = materials.study, materials.own
    path = study.stored(PROFILES)
    if not path.is_file() or (stored := load_table(study, path, "profile table")).changed:
        return None
    rows = _rows(materials, stored.rows)
    groups = {verdict: [row["name"] for row in rows if row["verdict"] == verdict] for verdict in VERDICTS}
    contents = {
        "rows": rows,
        "groups": {verdict: len(names) for verdict, names in groups.items() if names},
        "verdicts": VERDICTS,
        "n_all": len(around.names),
        "neither": sum(row["verdict"] == "not identified" and not row["learned"] for row in rows),
        "apart": [row["name"] for row in rows if not 1 / FACTOR <= row["ratio"] <= FACTOR],
        "factor": FACTOR,
        "figure": _figure(stored.rows[stored.rows["name"].isin(set(materials.fit.parameters["name"]))]),
    }
    finding = (
        f"The facts narrow {len(around.learned)} of {len(around.names)} numbers by a tenth or more and bound "
        f"{len(groups['identified'])} on both sides; where they do neither, the judgement is all there is."
    )
    html = render("learning.html", contents)
    return Section("learning", "What the facts inform, number by number", finding, html)


def _rows(materials: Materials, profiles: pd.DataFrame) -> list[dict[str, Any]]:
    around = materials.own
    priors = every_number(materials.study).priors
    units = dict(zip(materials.study.parameters["name"], materials.study.parameters["unit"], strict=True))
    fitted = dict(zip(materials.fit.parameters["name"], materials.fit.parameters["value"], strict=True))
    low, high = np.quantile(around.draws, RANGE, axis=0)
    before = {
        name: [prior.quantile(p) for p in RANGE]
        for name, prior in zip(priors.names, priors.parts, strict=True)
    }
    rows = []
    for row in profiles.to_dict("records"):
        i = around.names.index(row["name"])
        rows.append(
            {
                **{str(key): value for key, value in row.items()},
                "unit": units[row["name"]],
                "fitted": fitted.get(row["name"], float("nan")),
                "before": before[row["name"]],
                "after": [low[i], high[i]],
                "contraction": float(around.contraction[i]),
                "learned": bool(around.contraction[i] >= NOT_LEARNED),
                "ratio": float(row["ratio"]) if row["ratio"] is not None else float("nan"),
            }
        )
    return sorted(rows, key=lambda row: -row["contraction"])


def _figure(profiles: pd.DataFrame) -> str:
    """A panel for each fitted number: how much worse the facts fit as it is moved."""
    columns = 5
    n_rows = -(-len(profiles) // columns)
    with drawing() as pyplot:
        figure, grid = pyplot.subplots(
            n_rows, columns, figsize=(9.6, 1.4 * n_rows), sharey=True, squeeze=False
        )
        # Fixed margins: a layout that is solved takes half a minute for so many panels.
        margin = 0.3 / n_rows
        figure.subplots_adjust(0.03, margin, 0.995, 1 - margin, wspace=0.12, hspace=0.5)
        for axes, row in zip(grid.flat, profiles.to_dict("records"), strict=False):
            axes.plot(row["z"], np.minimum(row["rise"], 3 * RISE), color=INK, linewidth=1.2)
            axes.axhline(RISE, color=FITTED, linewidth=0.8)
            axes.set_xlim(-3, 3)
            axes.set_ylim(0, 2.4 * RISE)
            axes.set_title(row["name"], loc="left", fontsize=7.5)
            axes.tick_params(labelsize=7)
        for axes in list(grid.flat)[len(profiles) :]:
            axes.axis("off")
        text = svg_text(figure, "Profiles of the fitted numbers")
        pyplot.close(figure)
    return text
