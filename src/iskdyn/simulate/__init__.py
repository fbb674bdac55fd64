"""Runs and ensembles: overrides in, labelled results out."""

from iskdyn.simulate.run import NonFiniteError, simulate
from iskdyn.simulate.runner import Runner, prepare

__all__ = ["NonFiniteError", "Runner", "prepare", "simulate"]
