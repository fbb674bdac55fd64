"""Who speaks in the sign of an effect: the equations, a judgement or the evidence. Computed, never written by hand.

The rules are tried in this order:

open       fewer than nine tenths of the draws after the evidence agree on the sign, over all structures or in
           some part of them that has more than a twentieth of the weight;
structure  the same sign in 99 % of the draws before the evidence, in every structure: it was put in;
evidence   the evidence at least trebled the odds of the sign, and a model in which the tactic does not reach the
           outcome lies two nats or more behind;
judgement  all else: neither the equations alone nor the facts decide it, but ranges that we set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from iskdyn.levers.measured import Shares, mixed
from iskdyn.telling.thresholds import AGREE, ASKED, LEARNED, PUT_IN

Mark = Literal["open", "structure", "evidence", "judgement"]

N_PRIOR = 2000
"""Draws before the evidence: 99 % of them is told from 98 and from 99.7."""


def mark(shown: Shares, parts: Sequence[Shares], before: Sequence[Shares], null: float | None) -> Mark:
    """Who speaks in the sign of an effect.

    Parameters
    ----------
    shown : of the draws after the evidence; where most of them are is the sign
    parts : the same of each part of the structures that has weight
    before : of the draws of each structure before the evidence, all equally likely then
    null : nats by which the null of the path lies behind; None where no fact speaks of the outcome

    >>> sure, even = Shares(0.0, 0.0, 1.0, 400), Shares(0.45, 0.1, 0.45, 2000)
    >>> [mark(sure, [sure], [one], null) for one, null in ((sure, 5.0), (even, 5.0), (even, 0.1))]
    ['structure', 'evidence', 'judgement']
    >>> mark(sure, [sure, even], [even], 5.0)
    'open'
    """
    side = shown.largest
    if min(one.of(side) for one in (shown, *parts)) < AGREE:
        return "open"
    if all(one.of(side) >= PUT_IN for one in before):
        return "structure"
    earlier = mixed(before, [1 / len(before)] * len(before))
    if null is not None and null >= ASKED and shown.odds(side) >= LEARNED * earlier.odds(side):
        return "evidence"
    return "judgement"
