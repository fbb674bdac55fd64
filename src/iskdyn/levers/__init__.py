"""What a policy may move, and paired runs of what it changes."""

from iskdyn.levers.arms import HISTORY, Arms, run_arms
from iskdyn.levers.attribution import (
    Attribution,
    attribute,
    interactions,
    leave_one_out,
    one_alone,
    shapley,
    with_before,
)
from iskdyn.levers.before import Before, before_evidence, prior_of
from iskdyn.levers.choice import regret_table, satisfying_table
from iskdyn.levers.compare import (
    Verified,
    difference_table,
    later,
    needed,
    opponent,
    summary,
    verify_expectations,
    windows,
    year_end,
)
from iskdyn.levers.draws import prior_draws, prior_spread, stored_draws, stored_parts, structure_draws
from iskdyn.levers.effects import Effect, effects, readings_of, with_marks
from iskdyn.levers.idle import idle_changes
from iskdyn.levers.levers import Lever, read_levers
from iskdyn.levers.marks import Mark
from iskdyn.levers.measured import Measured, Shares, measure_arms

__all__ = [
    "HISTORY",
    "Arms",
    "Attribution",
    "Before",
    "Effect",
    "Lever",
    "Mark",
    "Measured",
    "Shares",
    "Verified",
    "attribute",
    "before_evidence",
    "difference_table",
    "effects",
    "idle_changes",
    "interactions",
    "later",
    "leave_one_out",
    "measure_arms",
    "needed",
    "one_alone",
    "opponent",
    "prior_draws",
    "prior_of",
    "prior_spread",
    "read_levers",
    "readings_of",
    "regret_table",
    "run_arms",
    "satisfying_table",
    "shapley",
    "stored_draws",
    "stored_parts",
    "structure_draws",
    "summary",
    "verify_expectations",
    "windows",
    "with_before",
    "with_marks",
    "year_end",
]
