"""Which versions a reader may look at alone: those of one structure, or all as if a source had said nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration import read_variants, weighty
from iskdyn.calibration.mixture import OTHERS
from iskdyn.calibration.smc import normalised
from iskdyn.calibration.without import doubt_words, fitted_rows

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.calibration.objective import Objective
    from iskdyn.study import Study

Array = NDArray[np.float64]
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
ENOUGH = 157
"""Equal versions that weights must be worth: the median of so many errs by 1.25 / sqrt(157) = 0.1 sd."""


def choices(study: Study, around: Spread, objective: Objective, values: Array) -> list[dict[str, str]]:
    """Each choice of versions; none where the draws are not those of a posterior.

    A choice has its `key`, `group` and `title`, itself in short (`seen`) and in full (`says`), how often each version
    counts (`counts`, a digit of base 36 a version), and of each that is left the number of its part (`parts`, "-" for
    none). The last three are empty where too much rests on a source for the versions to do without it.

    Parameters
    ----------
    objective, values : the observations, and (n_draws, n_rows) what the draws say of each
    """
    if around.kind != "posterior":
        return []
    titles = {one.name: one.title for one in read_variants(study)}
    found = [_of_part(around, name, own, titles) for name, own in weighty(around).items() if not own.all()]
    weights = objective.sheet.weights * objective.sheet.fitted
    scores, fitted = objective.score(values), fitted_rows(study)
    names = study.observations["source"].astype(str).to_numpy()
    for source in sorted(set(names[fitted])):
        rows = fitted & (names == source)
        share, log_ratio = normalised(-scores[:, rows] @ weights[rows])
        found.append(_without(around, source, share, (int(rows.sum()), int(fitted.sum())), -log_ratio))
    return found


def _of_part(around: Spread, name: str, own: NDArray[np.bool_], titles: Mapping[str, str]) -> dict[str, str]:
    if name == OTHERS:
        counts = zip(around.structures, np.bincount(around.structure[own]), strict=False)
        which = f"{OTHERS}: {', '.join(f'{one} ({n})' for one, n in counts if n)}"
    else:
        which = f"the structure “{name}”: {titles[name]}"
    says = f"Only the {own.sum()} of {len(own)} versions of {which}."
    words = {"key": f"of {name}", "group": "One structure only", "title": name, "seen": f"only “{name}”"}
    return words | {"says": says} | _versions(around, own.astype(int))


def _without(
    around: Spread, source: str, share: Array, n_facts: tuple[int, int], nats: float
) -> dict[str, str]:
    """A choice that leaves out a source: `n_facts` of it and in all are fitted."""
    key, worth = f"without {source}", 1 / (share @ share)
    words = {"key": key, "group": "Without a source", "title": source, "seen": key}
    if worth < ENOUGH:
        return words | {"says": "", "counts": "", "parts": ""}
    told = f"The versions are weighed anew, which leaves what {worth:.0f} of them are worth."
    says = f"{doubt_words(source, *n_facts, nats)} {told}"
    return words | {"says": says} | _versions(around, counted(share))


def _versions(around: Spread, counts: NDArray[np.int_]) -> dict[str, str]:
    chosen = np.repeat(np.arange(len(counts)), counts)
    left = replace(around, draws=around.draws[chosen], structure=around.structure[chosen])
    parts = np.full(len(chosen), "-")
    for i, own in enumerate(weighty(left).values()):
        parts[own] = DIGITS[i]
    return {"counts": "".join(DIGITS[count] for count in counts), "parts": "".join(parts)}


def counted(share: Array) -> NDArray[np.int_]:
    """How often each of n versions counts, n times in all: systematic resampling, the same every time.

    >>> counted(np.array([0.5, 0.2, 0.3, 0.0])).tolist()
    [2, 1, 1, 0]
    """
    edges = np.floor(np.cumsum(share) * len(share) + 0.5).astype(int)
    edges[-1] = len(share)
    return np.minimum(np.diff(edges, prepend=0), len(DIGITS) - 1)
