"""Checks that a model and a study can be trusted as far as they go."""

from iskdyn.confidence.check import Check
from iskdyn.confidence.checks import CHECKS, run_checks, run_model_checks

__all__ = ["CHECKS", "Check", "run_checks", "run_model_checks"]
