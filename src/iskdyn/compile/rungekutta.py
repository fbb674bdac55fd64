"""Euler's step made into a Runge-Kutta step, within the graph: no target knows of it.

Second order, by the middle (as Vensim's manual describes its RK2):
k1 = f(t, s), k2 = f(t + h/2, s + h/2 k1), s' = s + h k2.
Fourth order, the classical one: k2 as above, k3 = f(t + h/2, s + h/2 k2), k4 = f(t + h, s + h k3),
s' = s + h/6 (k1 + 2 k2 + 2 k3 + k4).
Events, samples, fixed delays and random numbers are taken at the start of the step and held: "it holds all
exogenous and test inputs (STEP, PULSE and RAMP) constant" (vensim.com/documentation/rungekutta.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iskdyn.compile.graph import HELD
from iskdyn.compile.lowered import Lowered, State

NOW, MIDDLE, END = 0, 1, 2
"""Places within a step; series have a row for each, see `Lowered.series`."""


@dataclass(frozen=True)
class Tableau:
    """Where the further slopes are taken, each from the one before, and the weight of every slope."""

    places: tuple[int, ...]
    weights: tuple[float, ...]


TABLEAUS: Mapping[str, Tableau] = {
    "rk2": Tableau((MIDDLE,), (0.0, 1.0)),
    "rk4": Tableau((MIDDLE, MIDDLE, END), (1.0, 2.0, 2.0, 1.0)),
}
"""Methods beside Euler's."""


def runge_kutta(lowered: Lowered, rates: Mapping[int, int], tableau: Tableau) -> None:
    """Replace each state's next value by the Runge-Kutta step of its rate (slot -> node).

    Parameters
    ----------
    lowered : whose states are changed in place
    rates : by slot of a state the node of its rate of change
    tableau : of `TABLEAUS`
    """
    graph = lowered.graph
    step = graph.leaf("clock", "time_step")
    lengths = {MIDDLE: graph.add("mul", graph.const(0.5), step), END: step}
    states = {slot: graph.leaf("state", slot) for slot in rates}
    slopes = [dict(rates)]
    for place in tableau.places:
        length = lengths[place]
        moved = {
            states[slot]: graph.add("add", states[slot], graph.add("mul", length, slopes[-1][slot]))
            for slot in rates
        }
        moved |= _later(lowered, length, place)
        slopes.append(_substitute(lowered, rates, moved))
    share = graph.add("div", step, graph.const(sum(tableau.weights)))
    for slot in rates:
        total = graph.const(0.0)
        for slope, weight in zip(slopes, tableau.weights, strict=True):
            if weight:
                total = graph.add("add", total, graph.add("mul", graph.const(weight), slope[slot]))
        following = graph.add("add", states[slot], graph.add("mul", share, total))
        old = lowered.states[slot]
        if graph[old.following].op == "max":
            following = graph.add("max", following, graph.const(0.0))
        lowered.states[slot] = State(old.name, old.initial, following)


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
    """The roots again, with some leaves replaced, but for what is held."""
    graph = lowered.graph
    copies = dict(moved)
    for number in graph.reachable(roots.values()):
        node = graph[number]
        if number not in copies:
            arguments = [copies[arg] for arg in node.args if node.data != HELD]
            copies[number] = graph.add(node.op, *arguments, data=node.data) if arguments else number
    return {slot: copies[number] for slot, number in roots.items()}
