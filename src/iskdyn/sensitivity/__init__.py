"""What the answers depend on: screening, Sobol and PAWN indices, what learning is worth, where policies fail."""

from iskdyn.sensitivity.answers import Answers, Question, prepare_answers
from iskdyn.sensitivity.asking import Askable, worth_asking
from iskdyn.sensitivity.discovery import Cases, Quality, Region, boxes, tree
from iskdyn.sensitivity.ensemble import Ensemble, run_ensemble
from iskdyn.sensitivity.given_data import Pawn, pawn
from iskdyn.sensitivity.learning import Learned, learned
from iskdyn.sensitivity.morris import Screening, screen
from iskdyn.sensitivity.policy import STRENGTH, Failure, failures
from iskdyn.sensitivity.sobol import Design, Indices, indices, probabilities
from iskdyn.sensitivity.study import OTHERS, SAMPLES, Sensitivity, sensitivity

__all__ = [
    "OTHERS",
    "SAMPLES",
    "STRENGTH",
    "Answers",
    "Askable",
    "Cases",
    "Design",
    "Ensemble",
    "Failure",
    "Indices",
    "Learned",
    "Pawn",
    "Quality",
    "Question",
    "Region",
    "Screening",
    "Sensitivity",
    "boxes",
    "failures",
    "indices",
    "learned",
    "pawn",
    "prepare_answers",
    "probabilities",
    "run_ensemble",
    "screen",
    "sensitivity",
    "tree",
    "worth_asking",
]
