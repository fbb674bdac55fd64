"""Runs and ensembles: overrides in, labelled results out."""

from iskdyn.simulate.cluster import ClusterRunner
from iskdyn.simulate.gradient import GradientRunner, prepare_gradient
from iskdyn.simulate.javascript import to_javascript
from iskdyn.simulate.run import NonFiniteError, simulate
from iskdyn.simulate.runner import Runner, prepare

__all__ = [
    "ClusterRunner",
    "GradientRunner",
    "NonFiniteError",
    "Runner",
    "prepare",
    "prepare_gradient",
    "simulate",
    "to_javascript",
]
