"""Parameter assessment: every constant has a range and a source, and what the draws say of the priors."""

from __future__ import annotations

import numpy as np

from iskdyn.calibration import Prior, read_priors
from iskdyn.calibration.laplace import NOT_LEARNED
from iskdyn.confidence.behaviour import Subject
from iskdyn.confidence.check import Check, counted
from iskdyn.errors import Problem

NEAR = 0.01
"""What lies within this share of the range from an end counts as at the end: an even prior has as small a share
there."""
MASS = 0.05
"""Most of the draws that may lie at one end, past what the prior itself has there: one in twenty, as a tail of a 90
% range."""


def check_ranges(subject: Subject) -> Check:
    """Every constant lies in the range that is written beside it."""
    program = subject.study.program
    problems = []
    for one in program.constants:
        low, high = one.limits
        if low is not None and high is not None and not low <= one.value <= high:
            message = f"'{one.name}' is {one.value:g}, outside of its range {low:g} to {high:g}"
            problems.append(Problem(program.place(one.name), message))
    words = "value against the range written beside it"
    return counted("constants lie in their ranges", words, len(program.constants), problems)


def check_learned(subject: Subject) -> Check:
    """What is learned is told; no draw leaves its prior's support and none piles up at an end of it."""
    around, table = subject.around, subject.study.parameters
    prior = {one.name: one for one in read_priors(table).parts}
    problems, outside = [], 0
    for name, draws in zip(around.names, around.draws.T, strict=True):
        one = prior[name]
        # an end that was read from a table and one that was computed differ in their last bits
        outside += int(np.sum((draws < one.lower - 1e-12) | (draws > one.upper + 1e-12)))
        if not np.isfinite([one.lower, one.upper]).all():
            continue
        edge = NEAR * (one.upper - one.lower)
        for end, words in ((one.lower, "low"), (one.upper, "high")):
            piled = float(np.mean(np.abs(draws - end) <= edge))
            expected = _mass(one, end, edge)
            if piled > max(MASS, 2 * expected):
                message = (
                    f"{piled:.0%} of the draws of '{name}' lie at the {words} end of its range ({end:g})"
                )
                problems.append(Problem(f"{subject.study.settings.parameters}:{name}", message))
    if outside:
        problems.append(
            Problem(subject.study.settings.parameters, f"{outside} draws leave the prior's support")
        )
    learned = int(np.sum(around.contraction >= NOT_LEARNED))
    figure = f"{len(problems)} at an end; {learned} of {len(around.names)} learned"
    words = f"{len(around.draws)} draws; within {NEAR:.0%} of an end, at most {MASS:.0%} or twice the prior"
    return Check(
        "draws do not pile up at bounds", not problems, figure, "0 at an end", words, tuple(problems)
    )


def _mass(prior: Prior, end: float, edge: float) -> float:
    """What the prior itself has near an end of its range."""
    from scipy.special import ndtr

    inner = end + edge if end == prior.lower else end - edge
    return abs(float(np.diff(ndtr(prior.whiten(np.array([inner, end]))))[0]))


def check_estimates(subject: Subject) -> Check:
    """Calibration as a test of the structure: every fitted number lies where it was judged to lie."""
    table = subject.fit.parameters
    away = table[(table["z"].abs() > 1.96)]
    problems = [
        Problem(
            f"{subject.study.settings.parameters}:{row['name']}",
            f"fitted at {row['value']:.3g}, outside of the 95 % judged likely",
        )
        for row in away.to_dict("records")
    ]
    words = "fitted values against the middle 95 % of their priors"
    return counted("estimates lie where they were judged to", words, len(table), problems)
