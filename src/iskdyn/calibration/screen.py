"""Very many structures screened: which of those that nobody has sampled would the evidence keep?

Each variant, with each setting of the study's switches, with no link or one of `iskdyn cuts` cut. Every one is fitted,
and its evidence told by the curvature there; those that come near the best are weighed by draws as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.cuts import IMPOSSIBLE
from iskdyn.calibration.log_evidence import peak, weighed_evidence
from iskdyn.calibration.smc import normalised
from iskdyn.calibration.spread import every_number, fitted_point
from iskdyn.calibration.store import load_fit
from iskdyn.calibration.table_store import store_table, table_begun
from iskdyn.calibration.variants import (
    Variant,
    VariantDraws,
    read_variants,
    study_of,
    variant_names,
    variants_in,
)
from iskdyn.draws import SEED
from iskdyn.study import FIT
from iskdyn.study.sealed import structure_hash
from iskdyn.study.stamp import RESTS_ON

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study

SCREEN = "screen.json"
"""The stored table, in the results folder."""
KIND = "screen table"
NEAR = 3.0
"""Nats behind the best from which a structure is of little weight: odds of 20 to 1, as in `cuts.FIRM`."""
MARGIN = 2.0
"""Nats beyond, of those that are weighed too: by curvature alone two structures differ wrongly by up to 1.5."""
SAVE_EVERY = 25
"""Structures between two writings of the table: some ten seconds of work."""
DIGITS = 4
"""Of the stored figures; their errors are a thousand times as large."""

Progress = Callable[[int], None]
"""Called with how many structures are done."""


@dataclass(frozen=True)
class Screened:
    """A structure as a row of the stored table.

    Attributes
    ----------
    name : of its variant, the switches that are turned and its cut
    key : hash of what it sets
    laplace : log evidence by the curvature at the best fit; `IMPOSSIBLE` where no fit gave the facts a chance
    weighed, error : log evidence by draws and its standard error; nan where it is too far behind to be weighed
    """

    name: str
    key: str
    laplace: float
    weighed: float = math.nan
    error: float = math.nan


@dataclass(frozen=True)
class Candidate:
    """A structure to screen: what it sets beside its variant, and where its fit begins."""

    structure: Variant
    variant: Variant


def candidates(study: Study) -> tuple[Candidate, ...]:
    """All structures to screen, those of the fewest parts first; of those that set the same only the first.

    A switch or a cut that sets otherwise what the variant sets is no structure, nor one that its model lacks.
    """
    joined = [
        (len(turned.set) + bool(cut.set), Candidate(structure, one))
        for one in read_variants(study)
        for turned in _settings(study)
        for cut in (Variant(""), *variants_in(study, "cuts"))
        if (structure := _joined(study, one, turned, cut)) is not None
    ]
    found: dict[tuple[str, str], Candidate] = {}
    for _, one in sorted(joined, key=lambda pair: pair[0]):
        found.setdefault((one.structure.model, structure_hash(one.structure.set)), one)
    return tuple(found.values())


def _settings(study: Study) -> Iterator[Variant]:
    """Each set of switches turned from where the model has them, none first."""
    switches = study.settings.switches
    for n in range(len(switches) + 1):
        for names in combinations(switches, n):
            turned = {name: 1.0 - study.program[name].value for name in names}
            yield Variant(" + ".join(names), set=turned)


def _joined(study: Study, variant: Variant, turned: Variant, cut: Variant) -> Variant | None:
    """A variant with switches turned and a link cut; None where one sets otherwise what another does."""
    sets: dict[str, float] = {}
    for one in (variant, turned, cut):
        if any(sets.get(name, value) != value for name, value in one.set.items()):
            return None
        sets |= one.set
    program = study_of(study, variant).program
    if any(name not in program for name in sets):
        return None
    own = "" if not variant.set and not variant.model else variant.name
    name = " + ".join(filter(None, (own, turned.name, cut.name)))
    return Variant(name or variant.name, set=sets, model=variant.model)


def screen(study: Study, path: Path, progress: Progress | None = None) -> pd.DataFrame:
    """The log evidence of every candidate, stored as it is reached; see `Screened`.

    Rows that are stored and belong to the study as it is are kept.

    Raises
    ------
    StudyError : the study has no stored fit
    """
    found = candidates(study)
    sampled = {one.name for one in read_variants(study)}
    # what a structure sets stands in its key; the text of its own model does not
    parts = (*RESTS_ON, "variants") if any(one.structure.model for one in found) else RESTS_ON
    rows = _reached(study, path, found)
    missing = [one for one in found if _due(rows, one.structure.name)]
    for i, one in enumerate(missing, 1):
        name, best = one.structure.name, _best(rows)
        rows[name] = _screened(study, one, best, always=name in sampled)
        if i % SAVE_EVERY == 0 or i == len(missing):
            store_table(_frame(found, rows), {"seed": SEED}, path, study, KIND, parts)
        if progress is not None:
            progress(len(rows))
    return _frame(found, rows)


def _best(rows: Mapping[str, Screened]) -> float:
    return max((row.laplace for row in rows.values()), default=-math.inf)


def _due(rows: Mapping[str, Screened], name: str) -> bool:
    """Whether a structure has no row, or one that comes near the best and was not weighed."""
    row = rows.get(name)
    return row is None or (math.isnan(row.weighed) and row.laplace >= _best(rows) - NEAR - MARGIN)


def _screened(study: Study, one: Candidate, best: float, *, always: bool) -> Screened:
    """The row of a structure; weighed by draws if it comes near the best so far, or always."""
    name, key = one.structure.name, structure_hash(one.structure.set)
    own = study_of(study, one.variant)
    objective = every_number(own, one.structure.set)
    stored = study.stored(variant_names(one.variant)[0])
    fit = load_fit(stored if stored.is_file() else study.stored(FIT))
    found = peak(objective, fitted_point(own, fit, objective))
    if found is None or found.log_evidence < IMPOSSIBLE:
        return Screened(name, key, IMPOSSIBLE)
    laplace = round(found.log_evidence, DIGITS)
    if not always and laplace < best - NEAR - MARGIN:
        return Screened(name, key, laplace)
    return Screened(name, key, laplace, *(round(x, DIGITS) for x in weighed_evidence(objective, found, SEED)))


def load_screen(study: Study) -> pd.DataFrame | None:
    """The stored table, as far as it was made; None where none belongs to the study as it is."""
    found = candidates(study)
    rows = _reached(study, study.stored(SCREEN), found)
    return _frame(found, rows) if rows else None


def _reached(study: Study, path: Path, found: Sequence[Candidate]) -> dict[str, Screened]:
    """The rows of an earlier call that still hold, by name."""
    stored = table_begun(study, path, KIND)
    if stored is None:
        return {}
    now = {one.structure.name: structure_hash(one.structure.set) for one in found}
    rows = [
        Screened(**{str(key): value for key, value in row.items()}) for row in stored.rows.to_dict("records")
    ]
    return {row.name: row for row in rows if now.get(row.name) == row.key}


def _frame(found: Sequence[Candidate], rows: Mapping[str, Screened]) -> pd.DataFrame:
    import pandas as pd

    done = [rows[one.structure.name] for one in found if one.structure.name in rows]
    return pd.DataFrame([asdict(row) for row in done])


@dataclass(frozen=True)
class Screening:
    """What a screening comes to.

    Attributes
    ----------
    table : see `Screened`, with a column `behind`: nats behind the best of all, nan where it was not weighed
    sampled : log evidences of the sampled structures by name, as sampled
    n_impossible : structures under which the facts have no chance
    worth : names of those not sampled that come within `NEAR` of the best, the best first
    share : of the weight of all that were weighed, what the sampled structures hold
    """

    table: pd.DataFrame
    sampled: Mapping[str, float]
    n_impossible: int
    worth: tuple[str, ...]
    share: float

    def off(self, column: str) -> NDArray[np.float64]:
        """(n_sampled,) `laplace` or `weighed` of the sampled structures less their evidence as sampled."""
        rows = self.table.set_index("name")[column]
        return np.array([float(rows[name]) - level for name, level in self.sampled.items()])


def screening(table: pd.DataFrame, variants: Mapping[str, VariantDraws]) -> Screening:
    """What a table of `screen` comes to, beside the sampled structures of `load_variants`."""
    sampled = {name: one.log_evidence for name, one in variants.items() if name in set(table["name"])}
    table = table.assign(behind=table["weighed"].max() - table["weighed"])
    near = table[(table["behind"] < NEAR) & ~table["name"].isin(sampled)].sort_values("behind")
    weighed = table[table["weighed"].notna()]
    shares, _ = normalised(weighed["weighed"].to_numpy(dtype=float))
    return Screening(
        table,
        sampled,
        int((table["laplace"] <= IMPOSSIBLE).sum()),
        tuple(near["name"]),
        float(shares[weighed["name"].isin(sampled)].sum()),
    )
