"""What a policy may move, and paired runs of what it changes."""

from iskdyn.levers.arms import HISTORY, Arms, Measure, run_arms
from iskdyn.levers.levers import Lever, read_levers

__all__ = ["HISTORY", "Arms", "Lever", "Measure", "read_levers", "run_arms"]
