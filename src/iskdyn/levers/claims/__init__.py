"""The source's claims as counterfactuals that can fail."""

from iskdyn.levers.claims.contrast import COULD, DID, Contrasted, contrasted
from iskdyn.levers.claims.form import Claim, Claims, Contrast, words_of
from iskdyn.levers.claims.known import chosen, draws_left, known_draws
from iskdyn.levers.claims.margins import margin, part_margin
from iskdyn.levers.claims.measure import Measured, measure
from iskdyn.levers.claims.read import read_claims
from iskdyn.levers.claims.result import Judged, Judgement, Verdict, judge
from iskdyn.levers.claims.show import VERDICTS, counts, judgement_json, judgement_text, together

__all__ = [
    "COULD",
    "DID",
    "VERDICTS",
    "Claim",
    "Claims",
    "Contrast",
    "Contrasted",
    "Judged",
    "Judgement",
    "Measured",
    "Verdict",
    "chosen",
    "contrasted",
    "counts",
    "draws_left",
    "judge",
    "judgement_json",
    "judgement_text",
    "known_draws",
    "margin",
    "measure",
    "part_margin",
    "read_claims",
    "together",
    "words_of",
]
