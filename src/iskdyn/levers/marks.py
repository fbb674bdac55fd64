"""Who speaks in the sign of an effect: the equations, a judgement or the evidence. Computed, never written by hand.

The rules are tried in this order:

open       fewer than nine tenths of the draws after the evidence agree on the sign, over all structures or
           in the one whose number is shown;
structure  the same sign in 99 % of the draws before the evidence, in every structure: it was put in;
evidence   the evidence at least trebled the odds of the sign, and a model in which the tactic does not reach the
           outcome lies two nats or more behind;
judgement  all else: neither the equations alone nor the facts decide it, but ranges that we set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from iskdyn.levers.measured import Shares, mixed

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study
    from iskdyn.study.inputs import Inputs

Mark = Literal["open", "structure", "evidence", "judgement"]

AGREE = 0.9
"""Share of the draws after the evidence that must agree on a sign."""
PUT_IN = 0.99
"""Share of the draws before the evidence from which a sign was put in by the equations."""
LEARNED = 3.0
"""Factor by which the evidence must raise the odds of a sign."""
ASKED = 2.0
"""Nats by which the null of the path must lie behind."""
N_PRIOR = 2000
"""Draws before the evidence: 99 % of them is told from 98 and from 99.7."""


@dataclass(frozen=True)
class Told:
    """A structure that is told.

    Attributes
    ----------
    weight : its share by the evidence; those of all told structures add to 1
    fixed : what it fixes, in history too
    spread : its draws after the evidence
    """

    name: str
    weight: float
    fixed: Inputs
    spread: Spread


def told_structures(study: Study, n_draws: int, seed: int) -> tuple[Told, ...]:
    """The sampled structures of a study, weighted by their evidence; none where none is sampled."""
    from iskdyn.calibration import load_variants
    from iskdyn.calibration.variants import weights
    from iskdyn.study.inputs import Inputs

    found = load_variants(study, n_draws, seed)
    shares = weights(found)
    return tuple(Told(name, shares[name], Inputs(one.variant.set), one.spread) for name, one in found.items())


def mark(
    shown: Shares,
    after: Sequence[Shares],
    weights: Sequence[float],
    before: Sequence[Shares],
    null: float | None,
) -> Mark:
    """Who speaks in the sign of an effect.

    Parameters
    ----------
    shown : of the draws whose number is shown; where most of them are is the sign
    after, before : shares of the draws of each structure after and before the evidence
    weights : of the structures; they add to 1
    null : nats by which the null of the path lies behind; None where no fact speaks of the outcome

    >>> sure, even = Shares(0.0, 0.0, 1.0, 400), Shares(0.45, 0.1, 0.45, 2000)
    >>> [mark(sure, [sure], [1.0], [one], null) for one, null in ((sure, 5.0), (even, 5.0), (even, 0.1))]
    ['structure', 'evidence', 'judgement']
    >>> mark(even, [even], [1.0], [even], None)
    'open'
    """
    side, mixture = shown.largest, mixed(after, weights)
    if min(shown.of(side), mixture.of(side)) < AGREE:
        return "open"
    if all(one.of(side) >= PUT_IN for one in before):
        return "structure"
    earlier = mixed(before, [1 / len(before)] * len(before))
    if null is not None and null >= ASKED and mixture.odds(side) >= LEARNED * earlier.odds(side):
        return "evidence"
    return "judgement"
