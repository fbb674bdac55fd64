"""The answer without a source, or without one fact: all sampled structures given the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.frozen import sampled_structures
from iskdyn.calibration.moved_structures import MovedStructures, move_structures
from iskdyn.calibration.sheet import FIT, SEEN
from iskdyn.errors import InputError, Problem
from iskdyn.model.names import suggest

if TYPE_CHECKING:
    from iskdyn.study import Study

N_DRAWS = 1000
"""Of each structure from which the way begins; as many as are stored."""


@dataclass(frozen=True)
class Without:
    """What is left without a source or a fact.

    Attributes
    ----------
    name : of the source, or the id of the fact
    struck : ids of the facts struck out
    n_fitted : fitted facts with them
    found : the structures given the rest
    """

    name: str
    struck: tuple[str, ...]
    n_fitted: int
    found: MovedStructures

    @property
    def banner(self) -> str:
        """What a reader must know of every number below it."""
        n_struck = len(self.struck)
        ids = ", ".join(self.struck) if n_struck <= MOST else f"{', '.join(self.struck[:MOST])} …"
        heaviest, _ = self.found.heaviest
        weight = f" {heaviest.weight:.0%} of the weight is then on the structure '{heaviest.name}'."
        return doubt_words(
            self.name, n_struck, self.n_fitted, -self.found.log_ratio, f" ({ids})",
            weight if len(self.found.structures) > 1 else "",
        )  # fmt: skip


MOST = 8
"""Ids that a banner names: one line of them."""


def strike(
    study: Study, name: str, seed: int, progress: Callable[[str], None] | None = None,
    structure: str | None = None,
) -> Without:  # fmt: skip
    """The sampled structures, or one of them, without the fitted facts of a source, or the fact of this id.

    What shares a sentence with a struck fact keeps its weight, as where `iskdyn score` leaves facts out.

    Parameters
    ----------
    name : of a source, or the id of an observation
    seed : of the moves
    progress : called with the name of each structure before it is moved

    Raises
    ------
    InputError : no fitted fact has this source or id, or all have
    StudyError : no accepted posterior belongs to the study as it is
    """
    rows = struck_rows(study, name)
    fitted = fitted_rows(study)
    sampled = sampled_structures(study, N_DRAWS)
    found = move_structures(
        study,
        [replace(one, weight=1.0) for one in sampled if one.name == structure] or sampled,
        lambda sheet: np.where(rows, 0.0, sheet.weights * sheet.fitted),
        seed,
        progress,
    )
    ids = study.observations["id"].astype(str)
    return Without(name, tuple(ids[rows]), int(fitted.sum()), found)


def struck_rows(study: Study, name: str) -> NDArray[np.bool_]:
    """(n_rows,) the fitted observations of a source, or that of an id; InputError where there is none, or no other."""
    table, fitted = study.observations, fitted_rows(study)
    known = {column: table[column].astype(str).to_numpy() for column in ("source", "id")}
    rows = fitted & ((known["source"] == name) | (known["id"] == name))
    if not rows.any():
        sources = sorted(set(known["source"][fitted]))
        hint = suggest(name, [*sources, *known["id"][fitted]])
        message = f"no fitted fact has the source or id '{name}'{hint}; the sources are {', '.join(sources)}"
        raise InputError(Problem("--without", message))
    if (rows == fitted).all():
        raise InputError(Problem("--without", f"without '{name}' no fitted fact is left"))
    return np.asarray(rows)


def fitted_rows(study: Study) -> NDArray[np.bool_]:
    """(n_rows,) which observations are fitted."""
    return np.asarray(study.observations["fold"].isin([FIT, SEEN]))


def doubt_words(name: str, n_struck: int, n_fitted: int, nats: float, ids: str = "", weight: str = "") -> str:
    """What stands above every number that is told without a source or a fact, and what leaving it out costs.

    Parameters
    ----------
    nats : log probability of the facts struck out, given the rest
    ids, weight : which facts they are, and what then weighs most; each with a blank before it
    """
    return (
        f"WITHOUT {name}: {n_struck} of {n_fitted} fitted facts struck out{ids}. Their log probability given the "
        f"rest is {round(nats, 1) + 0.0:.1f} nats.{weight} A doubt tried out, not the study's answer."
    )
