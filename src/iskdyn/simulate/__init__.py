"""Runs and ensembles: overrides in, labelled results out."""

from iskdyn.simulate.javascript import to_javascript
from iskdyn.simulate.run import NonFiniteError, simulate
from iskdyn.simulate.runner import Runner, prepare

__all__ = ["NonFiniteError", "Runner", "prepare", "simulate", "to_javascript"]
