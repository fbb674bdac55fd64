"""Reports that were never made: what the sources would say were the model true, and planted faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.likelihood import Form, Side
from iskdyn.calibration.objective import Objective
from iskdyn.calibration.sheet import Sheet, sentences

Array = NDArray[np.float64]


def synthetic_truth(
    objective: Objective, rng: np.random.Generator, truths: Array | None = None
) -> tuple[Array, Array]:
    """(n_parameters,) z at which the model gives every number, and its (n_rows,) model values.

    Parameters
    ----------
    truths : (n, n_parameters) z of which one is taken; None for the prior
    """
    while True:
        z = rng.standard_normal((1, objective.n_parameters)) if truths is None else rng.choice(truths, 1)
        values = objective.model_values(z)[0]
        if np.all(np.isfinite(values[objective.sheet.fitted])):
            return z[0], values


def synthetic_sheet(sheet: Sheet, model_values: Array, rng: np.random.Generator) -> Sheet:
    """The same questions answered by sources that see these (n_rows,) model values; see `Form.reported`.

    Where rows rest on one sentence, one of them, drawn at random, speaks with full weight and the others
    not at all: so much as the study counts them, and a likelihood of which reports can be drawn.
    """
    forms = tuple(
        form.reported(float(value), rng) if np.isfinite(value) else form
        for form, value in zip(sheet.forms, model_values, strict=True)
    )
    return replace(sheet, forms=forms, weights=_one_a_sentence(sheet, rng))


def _one_a_sentence(sheet: Sheet, rng: np.random.Generator) -> Array:
    groups = sentences(sheet.table.to_dict("records"))
    speaker: dict[tuple[str, str], int] = {}
    for i_row in rng.permutation(len(groups)):
        speaker.setdefault(groups[i_row], int(i_row))
    weights = np.zeros(len(groups))
    weights[list(speaker.values())] = 1.0
    return weights


@dataclass(frozen=True)
class FlippedBias(Objective):
    """The planted fault of a sign: every bias divides where it should multiply."""

    def _multipliers(self, values: Array) -> Array:
        return np.asarray(1 / super()._multipliers(values))

    def _multiplier_slope(self, bias: Array) -> Array:
        return -1 / (bias * bias)


def flipped_bias(objective: Objective) -> Objective:
    """The objective with the sign of every bias wrong."""
    return FlippedBias(**{one.name: getattr(objective, one.name) for one in fields(objective) if one.init})


def swapped_edges(objective: Objective) -> Objective:
    """The objective in which every one-sided row has its edge on the wrong side.

    Two-sided rows stay: with the edges of a bracket swapped, the likelihood changes by a constant only,
    that is not a number.
    """
    return replace(objective, sheet=replace(objective.sheet, forms=_denied(objective.sheet.forms)))


def _denied(forms: Iterable[Form]) -> tuple[Form, ...]:
    return tuple(form.denied if isinstance(form, Side) else form for form in forms)
