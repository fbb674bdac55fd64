"""Integration error in depth, and outflows that stay first-order down to an empty stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.check import Check
from iskdyn.confidence.people import people_flows, people_stocks
from iskdyn.errors import Problem
from iskdyn.study import Study

Array = NDArray[np.float64]

ORDERS = {"euler": 1.0, "rk2": 2.0, "rk4": 4.0}
"""Order of each method's error."""
NEAR = 0.1
"""Part by which the observed order may differ from it: steps are finite, and kinks of MIN and MAX cost some."""
PARTS = (1e-3, 1e-6, 1e-9)
"""Sizes of an almost empty stock, relative to its start: over a million times a wrong power of it cannot hide."""
FASTEST = 0.25
"""Longest time step relative to the fastest drain: from 1 on Euler overshoots, and a quarter leaves room for more
drains."""


def check_order(study: Study) -> Check:
    """The error falls with the time step as the method's must: in proportion to it under Euler's."""
    from iskdyn.simulate import simulate
    from iskdyn.simulate.method import integration

    order = ORDERS[integration(study.program)]
    lowest, highest = order * (1 - NEAR), order * (1 + NEAR)
    program, names = study.program, list(study.settings.headline)
    step = program["TIME STEP"].value
    runs = [
        simulate(program, outputs=names, final_time=study.end_time(), time_step=one, save_every=1.0)
        for one in (step, step / 2, step / 4)
    ]
    problems, orders = [], {}
    for name in names:
        first, second, third = (run[name].values for run in runs)
        coarse, fine = (float(np.linalg.norm(gap)) for gap in (first - second, second - third))
        # what does not depend on the step has no order: only rounding is left
        if fine <= 1e-12 * float(np.linalg.norm(third)):
            continue
        orders[name] = float(np.log2(coarse / fine))
        if not lowest <= orders[name] <= highest:
            message = f"the error of '{name}' falls with order {orders[name]:.2f}; expected {order:g}"
            problems.append(Problem(program.place(name), message))
    least, most = min(orders.values(), default=order), max(orders.values(), default=order)
    words = f"headline outputs at each month, {step:g}, a half and a quarter of it"
    bar = f"{lowest:g} to {highest:g}"
    return Check(
        "the method has its order", not problems, f"{least:.2f} to {most:.2f}", bar, words, tuple(problems)
    )


def check_drains(study: Study) -> Check:
    """No stock of people loses more than it holds in a step, and no drain is faster than four steps."""
    from iskdyn.simulate import simulate

    program, step = study.program, study.program["TIME STEP"].value
    outflows = _outflows(study)
    names = [*outflows, *dict.fromkeys(flow for flows in outflows.values() for flow in flows)]
    result = simulate(program, outputs=names, final_time=study.end_time(), save_every=step)
    problems, most = [], 0.0
    for stock, flows in outflows.items():
        held, leaving = result[stock].values, sum(result[flow].values for flow in flows) * step
        share = float(np.max(np.divide(leaving, held, out=np.zeros_like(held), where=held > 0)))
        most = max(most, share)
        if share > FASTEST:
            message = f"{share:.0%} of '{stock}' leave in one step; at most {FASTEST:.0%}"
            problems.append(Problem(program.place(stock), message))
    words = f"{len(outflows)} stocks of people over the history"
    figure = f"{most:.1%} a step at most"
    return Check(
        "no stock drains within four steps", not problems, figure, f"{FASTEST:.0%}", words, tuple(problems)
    )


def check_fading(study: Study) -> Check:
    """Outflows fade with their stock: a thousandth of the people, a thousandth of the flow or less."""
    from iskdyn.simulate import simulate

    program = study.program
    end = program["INITIAL TIME"].value + program["TIME STEP"].value
    problems, n_looked_at = [], 0
    for stock, flows in _outflows(study).items():
        sizes = 1000.0 * np.array([1.0, *PARTS])
        result = simulate(
            program, {stock: sizes}, outputs=flows, final_time=end, save_every=end, engine="numpy"
        )
        for flow in flows:
            n_looked_at += 1
            rates = np.abs(result[flow].values[:, 0]) / sizes
            # a share that grows tenfold as the stock empties is a flow that does not know its stock
            if np.any(rates[1:] > 10 * max(rates[0], 1e-300)) or not np.isfinite(rates).all():
                message = f"'{flow}' takes {rates.max():.3g} a month of an almost empty '{stock}'"
                problems.append(Problem(program.place(flow), message))
    words = "share leaving at 1000 people and at a thousandth, millionth and billionth of them, at the start"
    return Check(
        "outflows fade with their stock",
        not problems,
        f"{len(problems)} of {n_looked_at}",
        "0",
        words,
        tuple(problems),
    )


def _outflows(study: Study) -> dict[str, list[str]]:
    """Per stock of people the named flows out of it."""
    flows = people_flows(study.program)
    found = {
        stock.name: [flow.name for flow in flows if stock.name in flow.out_of and flow.name]
        for stock in people_stocks(study.program)
    }
    return {stock: names for stock, names in found.items() if names}
