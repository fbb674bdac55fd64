"""What is computed when: once, once a step, once a member, or in each step of each member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from iskdyn.compile.graph import Graph
from iskdyn.compile.lowered import Lowered

STEP, MEMBER = 1, 2
"""Bits of a node's level: it changes with time; it differs between members."""


@dataclass
class Plan:
    """The nodes of a `Lowered` sorted by level, for given inputs and outputs.

    Attributes
    ----------
    inputs : keys of the parameters that differ between members, in the order of P's columns
    member_series : numbers of the series that differ between members, in the order of M's rows
    outputs : keys in the order of the output rows
    once, clocked : uniform nodes that the members read, in the order of R and of U's columns
    begin, step, report : nodes computed for a member before the first step, in each step, when saving
    states, rings : numbers of the states and fixed delays that matter for the outputs
    """

    lowered: Lowered
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    member_series: tuple[int, ...] = ()
    levels: list[int] = field(default_factory=list)
    once: list[int] = field(default_factory=list)
    clocked: list[int] = field(default_factory=list)
    begin: list[int] = field(default_factory=list)
    step: list[int] = field(default_factory=list)
    report: list[int] = field(default_factory=list)
    states: list[int] = field(default_factory=list)
    rings: list[int] = field(default_factory=list)

    @property
    def graph(self) -> Graph:
        """The graph that the plan is about."""
        return self.lowered.graph

    def following(self) -> list[int]:
        """Nodes of the next values of the states and of the inputs of the fixed delays."""
        lowered = self.lowered
        return [lowered.states[i].following for i in self.states] + [
            lowered.rings[i].input for i in self.rings
        ]

    def initial(self) -> list[int]:
        """Nodes of the first values of the states and fixed delays."""
        lowered = self.lowered
        return [lowered.states[i].initial for i in self.states] + [
            lowered.rings[i].initial for i in self.rings
        ]

    def values(self) -> list[int]:
        """Nodes of the outputs."""
        return [self.lowered.values[key] for key in self.outputs]


def make_plan(
    lowered: Lowered,
    inputs: Sequence[str],
    outputs: Sequence[str],
    member_series: Sequence[int] = (),
) -> Plan:
    """Sort the nodes that `outputs` need.

    Parameters
    ----------
    lowered : the model's graph
    inputs : keys that differ between members, in the order of the columns
    outputs : keys that are kept, in the order of the rows
    member_series : numbers of the series that differ between members
    """
    plan = Plan(lowered, tuple(inputs), tuple(outputs), tuple(member_series))
    plan.levels = _levels(plan)
    _needed_states(plan)
    graph = lowered.graph
    stepping = graph.reachable(plan.following())
    reporting = graph.reachable(plan.values())
    beginning = graph.reachable(plan.initial())
    used = sorted({*stepping, *reporting, *beginning})
    roots = {*plan.following(), *plan.values(), *plan.initial()}
    _uniform(plan, used, roots)
    plan.begin = [n for n in used if plan.levels[n] == MEMBER]
    plan.step = [n for n in stepping if plan.levels[n] == MEMBER | STEP]
    inside = set(plan.step)
    plan.report = [n for n in reporting if plan.levels[n] == MEMBER | STEP and n not in inside]
    return plan


def _levels(plan: Plan) -> list[int]:
    lowered = plan.lowered
    names = {number: key for key, number in lowered.params.items()}
    levels: list[int] = []
    for node in lowered.graph.nodes:
        if node.op == "param":
            level = MEMBER if names[int(node.data)] in plan.inputs else 0
        elif node.op in ("series", "series_start"):
            level = MEMBER if int(node.data) in plan.member_series else 0
            level |= STEP if node.op == "series" else 0
        elif node.op in ("time", "count"):
            level = STEP
        elif node.op in ("state", "ring"):
            level = STEP | MEMBER
        else:
            level = MEMBER if node.op == "random" else 0
            for arg in node.args:
                level |= levels[arg]
        levels.append(level)
    return levels


def _needed_states(plan: Plan) -> None:
    """States that the outputs depend on, through any number of steps."""
    lowered, graph = plan.lowered, plan.lowered.graph
    states: set[int] = set()
    rings: set[int] = set()
    fresh = plan.values()
    while fresh:
        found = [graph[number] for number in graph.reachable(fresh)]
        more_states = {int(node.data) for node in found if node.op == "state"} - states
        more_rings = {int(node.data) for node in found if node.op == "ring"} - rings
        states |= more_states
        rings |= more_rings
        fresh = [lowered.states[i].following for i in more_states]
        fresh += [lowered.rings[i].input for i in more_rings]
    plan.states, plan.rings = sorted(states), sorted(rings)


def _uniform(plan: Plan, used: list[int], roots: set[int]) -> None:
    """Uniform nodes at the border: a member's node or a root reads them."""
    graph, levels = plan.graph, plan.levels
    border = {number for number in roots if not levels[number] & MEMBER}
    for number in used:
        if levels[number] & MEMBER:
            border |= {arg for arg in graph[number].args if not levels[arg] & MEMBER}
    border = {number for number in border if graph[number].op not in ("const", "count")}
    plan.once = sorted(n for n in border if levels[n] == 0)
    plan.clocked = sorted(n for n in border if levels[n] == STEP)
