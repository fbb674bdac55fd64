"""Euler's step made into the fourth-order Runge-Kutta step, within the graph: no target knows of it.

k1 = f(t, s), k2 = f(t + h/2, s + h/2 k1), k3 = f(t + h/2, s + h/2 k2), k4 = f(t + h, s + h k3),
s' = s + h/6 (k1 + 2 k2 + 2 k3 + k4).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from iskdyn.compile.lowered import Lowered, State
from iskdyn.errors import ModelError, Problem

NOW, MIDDLE, END = 0, 1, 2
"""Places within a step; series have a row for each, see `Lowered.series`."""


def runge_kutta(lowered: Lowered, rates: Mapping[int, int]) -> None:
    """Replace each state's next value by the Runge-Kutta step of its rate (slot -> node).

    Errors
    ------
    ModelError : functions whose meaning lies in the steps, all named. A STEP only warns: it may act early.
    """
    _refuse(lowered)
    graph = lowered.graph
    step = graph.leaf("clock", "time_step")
    half = graph.add("mul", graph.const(0.5), step)
    slots = list(rates)
    states = {slot: graph.leaf("state", slot) for slot in slots}
    slopes = [dict(rates)]
    for length, place in ((half, MIDDLE), (half, MIDDLE), (step, END)):
        moved = {
            states[slot]: graph.add("add", states[slot], graph.add("mul", length, slopes[-1][slot]))
            for slot in slots
        }
        moved |= _later(lowered, length, place)
        slopes.append(_substitute(lowered, rates, moved))
    for slot in slots:
        first, second, third, fourth = (slope[slot] for slope in slopes)
        middle = graph.add("mul", graph.const(2.0), graph.add("add", second, third))
        total = graph.add("add", graph.add("add", first, middle), fourth)
        sixth = graph.add("div", step, graph.const(6.0))
        following = graph.add("add", states[slot], graph.add("mul", sixth, total))
        old = lowered.states[slot]
        if graph[old.following].op == "max":
            following = graph.add("max", following, graph.const(0.0))
        lowered.states[slot] = State(old.name, old.initial, following)


def _refuse(lowered: Lowered) -> None:
    problems = [
        Problem(name, f"{function} has no meaning between steps; run it with method='euler'")
        for name, function in lowered.stepwise
        if function != "STEP"
    ]
    if problems:
        raise ModelError(problems)
    for name, function in lowered.stepwise:
        warnings.warn(f"{name!r} uses {function}: with rk4 it may act half a step early", stacklevel=2)


def _later(lowered: Lowered, length: int, place: int) -> dict[int, int]:
    """Time and series at a later place of the step."""
    graph, n_series = lowered.graph, len(lowered.series)
    moved = {}
    for number, node in list(enumerate(graph.nodes)):
        if node.op == "time":
            moved[number] = graph.add("add", number, length)
        elif node.op == "series" and int(node.data) < n_series:
            moved[number] = graph.leaf("series", int(node.data) + place * n_series)
    return moved


def _substitute(lowered: Lowered, roots: Mapping[int, int], moved: Mapping[int, int]) -> dict[int, int]:
    """The roots again, with some leaves replaced."""
    graph = lowered.graph
    copies = dict(moved)
    for number in graph.reachable(roots.values()):
        node = graph[number]
        if number not in copies:
            arguments = [copies[arg] for arg in node.args]
            copies[number] = graph.add(node.op, *arguments, data=node.data) if arguments else number
    return {slot: copies[number] for slot, number in roots.items()}
