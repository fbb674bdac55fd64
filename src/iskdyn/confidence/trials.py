"""Checks that run the model: people are kept, no stock is negative or no number, the step is fine enough."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.check import Check
from iskdyn.confidence.people import people_flows, people_stocks
from iskdyn.errors import Problem
from iskdyn.study import Study

Array = NDArray[np.float64]

LOST_PEOPLE = 1e-9
"""Most people that a run may lose or make, relative to all people: rounding of thousands of steps is far below."""
NEGATIVE = 1e-9
"""How far below zero a stock may stand, relative to its largest value in the run: a difference of two sums rounds
so."""
STEP_CHANGE = 0.005
"""Most that a headline output may move when the time step is halved, relative to its largest value: half of what is
told."""
MOST_NUMBERS = 2e7
"""Saved numbers held at once: 160 MB."""
N_DRAWS = 256
"""A power of 2, for which a Sobol sequence is even; a fault in one run of a hundred is missed in 8 % of trials."""
SEED = 1
"""Fixed, so that a trial fails for everybody or for nobody."""
ANYWHERE = (
    f"{N_DRAWS} Sobol points of all parameters in their ranges, and {N_DRAWS} with tactics and switches on or off "
    f"as well, seed {SEED}, up to the horizon"
)


def check_people_kept(study: Study) -> Check:
    """Over the history, the people in all stocks change by what crosses the boundary, and no more."""
    from iskdyn.simulate import simulate

    program = study.program
    stocks = [stock.name for stock in people_stocks(program)]
    crossing = {flow.name: flow.ends for flow in people_flows(program) if flow.ends and flow.name}
    words = f"{len(stocks)} stocks of people, {len(crossing)} flows over the boundary, each step"
    name = "people are neither made nor lost"
    if not stocks:
        return Check(name, True, "no stock of people", f"{LOST_PEOPLE:g}", words)
    step = program["TIME STEP"].value
    result = simulate(program, outputs=[*stocks, *crossing], final_time=study.end_time(), save_every=step)
    people = np.sum([result[stock].values for stock in stocks], axis=0)
    crossed = sum((ends * result[flow].values for flow, ends in crossing.items()), np.zeros_like(people))
    expected = people[0] + step * np.concatenate([[0.0], np.cumsum(crossed[:-1])])
    lost = float(np.max(np.abs(people - expected)) / np.max(people))
    passed = lost <= LOST_PEOPLE
    message = f"{lost:.2g} of all people are made or lost over the run; at most {LOST_PEOPLE:g}"
    problems = () if passed else (Problem(study.settings.model, message),)
    return Check(name, passed, f"{lost:.1e}", f"{LOST_PEOPLE:.0e}", words, problems)


def check_combinations(study: Study) -> Check:
    """No stock is negative or no number with any of the tactics removed, up to the horizon."""
    constants = list(study.settings.tactics.values())
    on = [study.program[name].value for name in constants]
    values = np.array(list(itertools.product(*((0.0, value) for value in on))), dtype=float)
    words = "every combination of tactics, as in the model or removed, up to the horizon"
    return _stocks_hold(study, "no negative stock in any combination", words, constants, values)


def check_draws(study: Study) -> Check:
    """No stock is negative or no number anywhere in the ranges of the parameters, up to the horizon."""
    names, values = draws_anywhere(study)
    return _stocks_hold(study, "no negative stock in any draw", ANYWHERE, names, values)


def draws_anywhere(study: Study) -> tuple[list[str], Array]:
    """Names and (2 N_DRAWS, n_names) values anywhere in the ranges of the parameters.

    Half of the draws run as the model stands, half with tactics and switches on or off at random.
    """
    from scipy.stats import qmc

    table, program = study.parameters, study.program
    rows = table[[name in program for name in table["name"]]]
    lower, upper = rows["lower"].to_numpy(dtype=float), rows["upper"].to_numpy(dtype=float)
    turned = [*study.settings.tactics.values(), *study.settings.switches]
    as_is = np.array([program[name].value for name in turned], dtype=float)
    off_or_on = np.array([[0.0, program[name].value or 1.0] for name in turned]).reshape(-1, 2)
    unit = qmc.Sobol(len(rows) + len(turned), scramble=True, rng=SEED).random(2 * N_DRAWS)
    sides = np.where(unit[:, len(rows) :] < 0.5, off_or_on[:, 0], off_or_on[:, 1])
    sides[:N_DRAWS] = as_is
    return [*rows["name"], *turned], np.hstack([lower + unit[:, : len(rows)] * (upper - lower), sides])


def _stocks_hold(study: Study, name: str, words: str, inputs: Sequence[str], values: Array) -> Check:
    """Look at every step: an overshoot may change its sign from one step to the next."""
    program = study.program
    stocks = [one.name for one in program.stocks if one.limits[0] is None or one.limits[0] >= 0]
    least, most = _extremes(study, inputs, values, stocks)
    # a stock that is empty throughout has no size to be relative to
    below = np.maximum(-least, 0.0) / np.maximum(most, 1e-300)
    problems = []
    for what, failing in (("is no number", np.isnan(least)), ("is negative", below > NEGATIVE)):
        for i_stock in np.flatnonzero(failing.any(axis=0)):
            stock, runs = stocks[i_stock], failing[:, i_stock]
            first = _point(inputs, values[np.argmax(runs)])
            where = f", first at {first}" if first else ""
            message = f"'{stock}' {what} in {runs.sum()} of {len(values)} runs{where}"
            problems.append(Problem(program.place(stock), message))
    figure = f"{len(problems)} of {len(stocks)} stocks in {len(values)} runs"
    return Check(name, not problems, figure, "0", words, tuple(problems))


def _extremes(
    study: Study, inputs: Sequence[str], values: Array, stocks: Sequence[str]
) -> tuple[Array, Array]:
    """(n_runs, n_stocks) least value and largest size of each stock; NaN where no number."""
    from iskdyn.simulate import prepare

    step, end = study.program["TIME STEP"].value, study.end_time(study.horizon[1])
    runner = prepare(study.program, list(inputs), list(stocks), final_time=end, save_every=step)
    n_at_once = max(1, int(MOST_NUMBERS // (max(1, len(stocks)) * len(runner.times))))
    least, most = [], []
    for first in range(0, len(values), n_at_once):
        series = runner(values[first : first + n_at_once])
        least.append(series.min(axis=2))
        most.append(np.abs(series).max(axis=2))
    return np.concatenate(least), np.concatenate(most)


def _point(inputs: Sequence[str], values: Array, most: int = 6) -> str:
    shown = ", ".join(f"{name} = {value:.4g}" for name, value in zip(inputs[:most], values, strict=False))
    return shown + (f" and {len(inputs) - most} more" if len(inputs) > most else "")


def check_time_step(study: Study) -> Check:
    """Halving the time step moves no headline output."""
    from iskdyn.simulate import simulate

    program, end = study.program, study.end_time()
    step = program["TIME STEP"].value
    names = list(study.settings.headline)
    coarse, fine = (
        simulate(program, outputs=names, final_time=end, time_step=one, save_every=1.0)
        for one in (step, step / 2)
    )
    moved = {}
    for name in names:
        scale = float(np.max(np.abs(fine[name].values))) or 1.0
        moved[name] = float(np.max(np.abs(coarse[name].values - fine[name].values)) / scale)
    problems = tuple(
        Problem(
            program.place(name),
            f"halving the time step moves '{name}' by {change:.2%}; at most {STEP_CHANGE:.1%}",
        )
        for name, change in moved.items()
        if change > STEP_CHANGE
    )
    name = max(moved, key=lambda one: moved[one])
    words = f"headline outputs at each month, {step:g} against {step / 2:g}; most moved: {name}"
    return Check(
        "the time step is small enough",
        not problems,
        f"{moved[name]:.3%}",
        f"{STEP_CHANGE:.1%}",
        words,
        problems,
    )


def check_empty_stocks(study: Study) -> Check:
    """Nothing leaves an empty stock of people."""
    from iskdyn.simulate import simulate

    program = study.program
    flows = people_flows(program)
    step = program["TIME STEP"].value
    problems, n_looked_at = [], 0
    stocks = [stock.name for stock in people_stocks(program)]
    for stock in stocks:
        outflows = [flow.name for flow in flows if stock in flow.out_of and flow.name]
        if not outflows:
            continue
        n_looked_at += len(outflows)
        end = program["INITIAL TIME"].value + step
        result = simulate(program, {stock: 0.0}, outputs=outflows, final_time=end, save_every=step)
        problems += [
            Problem(
                program.place(flow),
                f"'{flow}' takes {result[flow].values[0]:.3g} from '{stock}' when it is empty",
            )
            for flow in outflows
            if abs(result[flow].values[0]) > 0.0
        ]
    figure = f"{len(problems)} of {n_looked_at}"
    words = "each stock of people set to zero at the start"
    return Check("nothing leaves an empty stock of people", not problems, figure, "0", words, tuple(problems))


TRIALS: tuple[Callable[[Study], Check], ...] = (
    check_people_kept,
    check_empty_stocks,
    check_combinations,
    check_draws,
    check_time_step,
)
"""All checks that run the model."""
