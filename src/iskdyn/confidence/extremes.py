"""Extreme conditions, of single equations and of the model, and the plain instance of its structure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.cases import Family, read_cases
from iskdyn.confidence.check import Check
from iskdyn.confidence.loops import trace
from iskdyn.confidence.loops.links import SingleEquations, memory_in
from iskdyn.errors import Problem
from iskdyn.model import Variable
from iskdyn.study import Study

Array = NDArray[np.float64]

ROUNDING = 1e-9
"""How far past a bound a value may stand, relative to its largest in the run: sums of thousands of steps round so
much."""
SAME = 0.005
"""Largest relative distance of the plain instance from its exact solution, which only the steps' own error keeps
from zero."""
LARGE = 1000.0
"""Times the usual value: beyond what any course of the conflict could bring, where no range says what that is."""
SAVE_EVERY = 1.0
"""Months: equations are tried at values of the run, of which a monthly one is as good as any."""


def check_equations(study: Study) -> Check:
    """Each equation gives a number when any one of its causes is at an extreme, the others as in the run.

    A cause is set to the ends of its range where it has any, else to zero and to a thousand times its value.
    """
    program = study.program
    runs = trace(program, {}, final_time=study.end_time(), save_every=SAVE_EVERY)
    equations = SingleEquations(program, runs)
    problems, n_tried = [], 0
    for effect, cause in _pairs(study):
        usual = runs.values[cause.key]
        bad = []
        for words, value in _extremes(cause, usual):
            n_tried += 1
            if not np.isfinite(equations.with_value(effect.key, cause.key, value)).all():
                bad.append(words)
        if bad:
            message = f"'{effect.name}' is no number when '{cause.name}' is {' or '.join(bad)}"
            problems.append(Problem(program.place(effect.name), message))
    figure = f"{len(problems)} of {n_tried:,}"
    words = "each cause of each equation at the ends of its range, or at zero and a thousandfold"
    name = "equations hold at extremes"
    return Check(name, not problems, figure, "0", words, tuple(problems))


def _pairs(study: Study) -> list[tuple[Variable, Variable]]:
    """Each equation without a memory inside with each of its causes, constants too."""
    program = study.program
    moving = [
        one for one in program.by_key.values() if one.kind in ("stock", "auxiliary") and not memory_in(one)
    ]
    kinds = ("stock", "auxiliary", "constant")
    return [(one, cause) for one in moving for cause in program.causes(one.name) if cause.kind in kinds]


def _extremes(cause: Variable, usual: Array) -> list[tuple[str, Array]]:
    low, high = cause.limits
    ends = [(f"at {end:g}", np.full_like(usual, end)) for end in (low, high) if end is not None]
    if cause.kind == "constant":
        return ends
    zero = [] if low is not None else [("zero", np.zeros_like(usual))]
    return [*ends, *zero, *([] if high is not None else [("a thousandfold", LARGE * usual)])]


def check_cases(study: Study) -> Check:
    """The model does in each extreme case what was said before it was run."""
    from iskdyn.confidence.condition_runs import broken

    cases, _ = read_cases(study)
    found = [(case, problem.message) for case, problem in broken(study, cases)]
    problems = tuple(Problem(f"{study.settings.trials}: {case.says}", message) for case, message in found)
    failed = len({case.says for case, _ in found})
    figure = f"{len(cases) - failed} of {len(cases)} as said"
    words = f"{study.settings.trials}: {sum(len(case.expect) for case in cases)} expectations, each step"
    return Check("extreme cases end as said", not problems, figure, "all", words, problems)


def check_family(study: Study) -> Check:
    """With the conflict's numbers at nothing the same equations are a plain chain with a known solution."""
    _, family = read_cases(study)
    name = "the structure holds as another kind of system"
    if family is None:
        return Check(name, False, "none", "one", "no plain instance is described", ())
    return _family(study, family, name)


def _family(study: Study, family: Family, name: str) -> Check:
    """V' = inflow - hazard V has V(t) = inflow/hazard + (V(0) - inflow/hazard) exp(-hazard t)."""
    from iskdyn.simulate import simulate

    program = study.program
    result = simulate(
        program, dict(family.values), outputs=[family.stock, family.inflow, family.hazard],
        final_time=study.end_time(), save_every=SAVE_EVERY,
    )  # fmt: skip
    stock, inflow, hazard = (result[one].values for one in (family.stock, family.inflow, family.hazard))
    problems = [
        Problem(program.place(one), f"'{one}' is not constant in '{family.name}': {np.ptp(values):.3g} apart")
        for one, values in ((family.inflow, inflow), (family.hazard, hazard))
        # a variable that is 0 throughout has no size to be relative to
        if np.ptp(values) > ROUNDING * max(float(np.max(np.abs(values))), 1e-300)
    ]
    rest = inflow[0] / hazard[0]
    exact = rest + (stock[0] - rest) * np.exp(-hazard[0] * (result["time"].values - result["time"].values[0]))
    away = float(np.max(np.abs(stock - exact)) / np.max(np.abs(exact)))
    if away > SAME:
        message = f"'{family.stock}' leaves the exact solution by {away:.2%}; at most {SAME:.1%}"
        problems.append(Problem(program.place(family.stock), message))
    words = f"{family.name}: {len(family.values)} constants changed, no equation, against the exact solution"
    return Check(name, not problems, f"{away:.2%} apart", f"{SAME:.1%}", words, tuple(problems))
