"""What facts that came later moved: numbers, outcomes and structures, before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.assimilated import Assimilated, spread_of
from iskdyn.calibration.store import plain
from iskdyn.output import number, text_table
from iskdyn.reports.story import read_story
from iskdyn.study.inputs import Inputs

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study

Array = NDArray[np.float64]
N_DRAWS = 1000
SHIFT, WIDTH = 0.2, 0.9
"""A number has moved where its median did by this share of its sd before, or its sd fell below, or rose beyond, this
factor: twice the error of a median of the draws."""


@dataclass(frozen=True)
class Change:
    """What is known of a quantity before and after: 5, 50 and 95 % of the draws."""

    name: str
    unit: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]


def outcomes_moved(
    study: Study, fixed: Mapping[str, float], found: Assimilated, facts: pd.DataFrame, seed: int
) -> list[Change]:
    """The headline outcomes to the end of the history, or of the last fact if that is later."""
    from iskdyn.levers.arms import HISTORY, Measure, run_arms

    told = (
        read_story(study.path_of("story"), study.settings.headline).outcomes if study.settings.story else {}
    )
    measures: dict[str, Measure] = {
        name: told[name].measure if told else "at_end" for name in study.settings.headline
    }
    last = max(map(str, facts["end"]))
    until = max(study.end_time(), study.end_time(last))
    measured = []
    for draws in (found.before, found.after):
        spread = spread_of(study, found.names, draws, N_DRAWS, seed)
        arms = run_arms(study, spread, {}, tuple(measures), until, base=Inputs(fixed))
        measured.append({name: arms.measured(one, HISTORY, name)[1] for name, one in measures.items()})
    units = {name: told[name].unit if told else study.program[name].units for name in measures}
    return [Change(name, units[name], *(_band(one[name]) for one in measured)) for name in measures]


def numbers_moved(study: Study, found: Assimilated) -> list[Change]:
    """The numbers that the facts moved, most first."""
    units = dict(zip(study.parameters["name"], study.parameters["unit"], strict=True))
    rows = []
    for name, before, after in zip(found.names, found.before.T, found.after.T, strict=True):
        shift = abs(np.median(after) - np.median(before)) / before.std()
        ratio = after.std() / before.std()
        if shift >= SHIFT or not WIDTH <= ratio <= 1 / WIDTH:
            rows.append((shift, Change(name, str(units[name]), _band(before), _band(after))))
    return [change for _, change in sorted(rows, key=lambda row: -row[0])]


def ledger_text(
    study: Study, found: Assimilated, outcomes: list[Change], facts: pd.DataFrame, path: Path, *, accepted: bool
) -> str:  # fmt: skip
    """The facts' score, how the draws got there, then what moved."""
    result, numbers = found.moved, numbers_moved(study, found)
    n_facts = "1 fact" if len(facts) == 1 else f"{len(facts)} facts"
    by_weights = f"weights alone leave {result.weighed:,.0f} of {result.n_stored:,} draws"
    how = f"{by_weights}, so they walked: {result.n_runs:,} runs" if result.walked else by_weights
    head = f"{n_facts}, to which the model before gave {result.log_ratio:+.2f} nats; {how}."
    moved = (
        f"{len(numbers)} of {len(found.names)} numbers moved by {SHIFT:g} sd, or in width by a tenth, or more"
    )
    weights = [[name, f"{before:.1%}", f"{after:.1%}"] for name, (before, after) in found.weights.items()]
    verdict = "" if accepted else "\nNOT ACCEPTED: fewer draws are effective than weights alone ask for"
    return "\n\n".join(
        [
            head,
            _table("outcome", outcomes),
            *([moved + ":", _table("number", numbers)] if numbers else [moved + "."]),
            text_table(["structure", "weight before", "after"], weights),
            f"stored in {path}, beside the study's own posterior, which stays{verdict}",
        ]
    )


def ledger_json(study: Study, found: Assimilated, outcomes: list[Change], *, accepted: bool) -> str:
    """The same for a machine."""
    result = found.moved
    told = {
        "accepted": accepted, "log_score": result.log_ratio, "weighed": result.weighed, "walked": result.walked,
        "runs": result.n_runs, "least_effective": float(result.effective.min()),
        "outcomes": [vars(one) for one in outcomes],
        "numbers": [vars(one) for one in numbers_moved(study, found)],
        "structures": {name: list(one) for name, one in found.weights.items()},
    }  # fmt: skip
    return json.dumps(plain(told), indent=1)


def _band(draws: Array) -> tuple[float, float, float]:
    low, middle, high = (float(one) for one in np.quantile(draws, (0.05, 0.5, 0.95)))
    return low, middle, high


def _table(what: str, rows: list[Change]) -> str:
    cells = [[one.name, one.unit, *_cells(one.before), *_cells(one.after)] for one in rows]
    return text_table([what, "unit", "before", "90 % of draws", "after", "90 % of draws"], cells, left=2)


def _cells(band: tuple[float, float, float]) -> tuple[str, str]:
    low, middle, high = (number(one) for one in band)
    return middle, f"{low} to {high}"
