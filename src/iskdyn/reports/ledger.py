"""What facts that came later moved: numbers, outcomes and structures, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.assimilated import enough
from iskdyn.calibration.moved_structures import MovedStructures, spread_of
from iskdyn.calibration.store import plain
from iskdyn.output import number, text_table
from iskdyn.reports.story import headline_measures, study_story
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration import Spread
    from iskdyn.calibration.frozen import Structure
    from iskdyn.study import Study

Array = NDArray[np.float64]
N_DRAWS = 1000
"""Of both mixtures: with fewer, the error of a difference of medians would hide what one fact moves."""
SHIFT, WIDTH = 0.2, 0.8
"""A number has moved where its median did by this share of its sd before, or its sd fell to this factor or rose by as
much: some four times the error of the difference of two medians, and of two sds, of so many draws."""


@dataclass(frozen=True)
class Change:
    """What is known of a quantity before and after: 5, 50 and 95 % of the draws."""

    name: str
    unit: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]


@dataclass(frozen=True)
class Ledger:
    """What facts moved.

    Attributes
    ----------
    facts : how many
    outcomes : headline outcomes, human cost first
    numbers : those that moved, most first, of `n_numbers`
    weights : of each structure before and after
    """

    facts: int
    outcomes: tuple[Change, ...]
    numbers: tuple[Change, ...]
    n_numbers: int
    weights: Mapping[str, tuple[float, float]]


def ledger(
    study: Study, before: Sequence[Structure], found: MovedStructures, facts: pd.DataFrame, seed: int
) -> Ledger:
    """What facts moved in the mixture of the structures.

    Parameters
    ----------
    before : the structures without the facts
    found : the same with them, as of `assimilate`
    facts : the rows that were given
    seed : of the draws that are compared
    """
    spreads = [spread_of(study, one, N_DRAWS, seed) for one in (before, found.structures)]
    pairs = zip(before, found.structures, strict=True)
    return Ledger(
        facts=len(facts),
        outcomes=tuple(_outcomes(study, spreads, facts)),
        numbers=tuple(_numbers(study, *spreads)),
        n_numbers=len(study.parameters),
        weights={one.name: (one.weight, other.weight) for one, other in pairs},
    )


def _outcomes(study: Study, spreads: Sequence[Spread], facts: pd.DataFrame) -> Iterator[Change]:
    """The headline outcomes to the end of the history, or of the last fact if that is later."""
    from iskdyn.levers.arms import HISTORY, run_arms

    story = study_story(study)
    measures = headline_measures(study, story)
    until = max(study.end_time(), study.end_time(max(map(str, facts["end"]))))
    runs = [run_arms(study, one, {}, tuple(measures), until) for one in spreads]
    for name, measure in measures.items():
        unit = story.outcomes[name].unit if story else study.program[name].units
        yield Change(name, unit, *(_band(one.measured(measure, HISTORY, name)[1]) for one in runs))


def _numbers(study: Study, before: Spread, after: Spread) -> list[Change]:
    """The numbers that the facts moved, most first."""
    rows = []
    for name, unit in zip(study.parameters["name"], study.parameters["unit"], strict=True):
        place = before.names.index(name)
        old, new = before.draws[:, place], after.draws[:, place]
        shift, ratio = abs(np.median(new) - np.median(old)) / old.std(), new.std() / old.std()
        if shift >= SHIFT or not WIDTH <= ratio <= 1 / WIDTH:
            rows.append((shift, Change(name, str(unit), _band(old), _band(new))))
    return [change for _, change in sorted(rows, key=lambda row: -row[0])]


def ledger_text(told: Ledger, found: MovedStructures, folder: Path) -> str:
    """The facts' score, how the draws got there, then what moved.

    Parameters
    ----------
    told : as of `ledger`
    found : the structures with the facts, as of `assimilate`
    folder : where they are stored
    """
    heaviest, result = found.heaviest
    n_facts = "1 fact" if told.facts == 1 else f"{told.facts} facts"
    walked = f", so they walked ({found.n_runs:,} runs in all)" if result.walked else ""
    head = (
        f"{n_facts}, to which the model before gave {found.log_ratio:+.2f} nats. Of the heaviest structure, "
        f"{heaviest.name}, weights alone leave {result.weighed:,.0f} of {result.n_stored:,} draws{walked}."
    )
    moved = f"{len(told.numbers)} of {told.n_numbers} numbers moved by {SHIFT:g} sd, or in width by a fifth, or more"
    weights = [[name, f"{before:.1%}", f"{after:.1%}"] for name, (before, after) in told.weights.items()]
    verdict = "" if enough(result) else "\nNOT ACCEPTED: fewer draws are effective than weights alone ask for"
    return "\n\n".join(
        [
            head,
            _table("outcome", told.outcomes),
            *([moved + ":", _table("number", told.numbers)] if told.numbers else [moved + "."]),
            text_table(["structure", "weight before", "after"], weights),
            f"stored in {folder}, beside the study's own posteriors, which stay{verdict}",
        ]
    )


def ledger_json(told: Ledger, found: MovedStructures) -> str:
    """The same for a machine."""
    heaviest, result = found.heaviest
    record = {
        "accepted": enough(result), "log_score": found.log_ratio, "heaviest": heaviest.name,
        "weighed": result.weighed, "walked": result.walked, "runs": found.n_runs,
        "least_effective": float(result.effective.min()), **asdict(told),
    }  # fmt: skip
    return json.dumps(plain(record), indent=1)


def _band(draws: Array) -> tuple[float, float, float]:
    low, middle, high = (float(one) for one in np.quantile(draws, EDGES))
    return low, middle, high


def _table(what: str, rows: Sequence[Change]) -> str:
    cells = [[one.name, one.unit, *_cells(one.before), *_cells(one.after)] for one in rows]
    return text_table([what, "unit", "before", "90 % of draws", "after", "90 % of draws"], cells, left=2)


def _cells(band: tuple[float, float, float]) -> tuple[str, str]:
    low, middle, high = (number(one) for one in band)
    return middle, f"{low} to {high}"
