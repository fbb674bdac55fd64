"""Posteriors with facts that came later, stored as results of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.facts import with_facts
from iskdyn.calibration.moved import ENOUGH, Moved
from iskdyn.calibration.moved_structures import MovedStructures, move_structures
from iskdyn.calibration.posterior import Posterior
from iskdyn.calibration.posterior_store import store_posterior
from iskdyn.calibration.variants import study_of
from iskdyn.errors import InputError, Problem
from iskdyn.study.sealed import kind_of

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.frozen import Structure
    from iskdyn.study import Study

Array = NDArray[np.float64]
KIND = "assimilated posterior"
FOLDER = "assimilated"
"""In the results folder."""
KEPT = 4000
"""Draws of each structure that are stored: about a megabyte."""


def assimilate(
    study: Study, structures: Sequence[Structure], facts: pd.DataFrame, seed: int,
    progress: Callable[[str], None] | None = None,
) -> MovedStructures:  # fmt: skip
    """The structures given the facts too; `facts` as of `read_facts`.

    Parameters
    ----------
    structures : as of `frozen.sampled_structures`
    facts : a row each, with the columns of the observations
    seed : of the moves
    progress : called with the name of each structure before it is moved
    """
    return move_structures(with_facts(study, facts), structures, lambda sheet: sheet.weights, seed, progress)


def store_assimilated(
    found: MovedStructures, facts: pd.DataFrame, folder: Path, study: Study, seed: int
) -> None:
    """Write each structure's draws with the facts that they rest on.

    Parameters
    ----------
    found : as of `assimilate`
    facts : the rows that were given; their text is kept in each file
    folder : made if it is not there; a file a structure
    seed : the one given to `assimilate`, written down and used to thin the draws to `KEPT`

    Raises
    ------
    InputError : another result is stored there
    """
    check_place(folder)
    for one, result in zip(found.structures, found.moved, strict=True):
        more = {
            "facts": facts.drop(columns="line").to_csv(index=False),
            "weight": f"{one.weight:.6g}", "weighed": f"{result.weighed:.1f}", "seed": str(seed),
        }  # fmt: skip
        path = folder / f"{one.name.replace(' ', '-')}.nc"
        own = study_of(study, one)
        store_posterior(_posterior(one, result, seed), None, path, own, one.fixed, KIND, more)


def enough(result: Moved) -> bool:
    """Whether of every number as many draws are effective as weights alone are asked for."""
    return bool((result.effective >= ENOUGH * result.n_stored).all())


def check_place(folder: Path) -> None:
    """InputError where something else than assimilated posteriors stands: no stored result is written over."""
    others = [folder] if folder.is_file() else [path for path in folder.glob("*.nc") if kind_of(path) != KIND]
    if others:
        message = "is another result, and is not written over; give another --out"
        raise InputError(Problem(str(path), message) for path in others)


def _posterior(one: Structure, result: Moved, seed: int) -> Posterior:
    """The draws in the form of a sampled posterior of one run, thinned."""
    import pandas as pd

    n_draws = len(result.z)
    chosen = np.random.default_rng(seed).choice(n_draws, min(KEPT, n_draws), replace=False)
    passes = result.effective >= ENOUGH * result.n_stored
    return Posterior(
        names=one.names,
        z=result.z[chosen][None],
        values=one.draws[chosen][None],
        log_likelihood=result.log_likelihood[chosen][None],
        log_evidence=np.array([result.log_ratio]),
        gates=pd.DataFrame({"quantity": one.names, "effective": result.effective, "passes": passes}),
        n_runs=result.n_runs,
    )
