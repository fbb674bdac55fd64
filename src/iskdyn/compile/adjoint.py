"""The discrete adjoint of a plan: the Euler loop run backwards, on the same hash-consed graph.

One step takes the states s to s' = f(s, p) and shows outputs y = g(s, p). With a bar for d loss / d value,
s_bar = s'_bar df/ds + y_bar dg/ds and p_bar grows by s'_bar df/dp + y_bar dg/dp (Griewank and Walther 2008,
ISBN 978-0-89871-659-7, chapter 3). Where a value switches, the derivative is the active branch's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from iskdyn.compile.derivatives import SHIELDED, SINGULAR, STEEP, WITHOUT, flow
from iskdyn.compile.graph import Graph
from iskdyn.compile.lowered import Lowered
from iskdyn.compile.plan import MEMBER, STEP, Plan, _uniform, make_plan


@dataclass
class Adjoint:
    """A plan and its way back.

    Attributes
    ----------
    plan : what runs forward; its uniform nodes include those that only the way back reads
    active : nodes that have a derivative by the inputs
    first : number of the first node of the way back
    member : nodes, the same in all steps of a member, whose bars add up over the steps
    bars : leaf -> (buffer, index): the bars that a backward function finds in memory
    quiet, saved : bars of the states, fixed delays and member nodes after a step without and with outputs
    gradient : bars of the inputs, None where the loss cannot depend on one
    begin, kept : nodes computed before the first step, and those of them that steps read
    """

    plan: Plan
    active: set[int]
    first: int
    member: list[int] = field(default_factory=list)
    bars: dict[int, tuple[str, int]] = field(default_factory=dict)
    quiet: dict[int, int] = field(default_factory=dict)
    saved: dict[int, int] = field(default_factory=dict)
    gradient: list[int | None] = field(default_factory=list)
    begin: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)

    def leaf(self, buffer: str, index: int) -> int:
        """The bar at a place in memory."""
        number = self.plan.graph.leaf("bar", f"{buffer}{index}")
        self.bars[number] = (buffer, index)
        return number

    def steps(self, roots: Sequence[int]) -> list[int]:
        """Nodes to compute for the roots within one step."""
        levels = self.plan.levels
        needed = self.plan.graph.reachable(roots)
        return [n for n in needed if levels[n] == MEMBER | STEP and n not in self.bars]


def make_adjoint(
    lowered: Lowered, inputs: Sequence[str], outputs: Sequence[str], member_series: Sequence[int] = ()
) -> Adjoint:
    """The way back for all inputs; works on its own copy of the graph.

    Parameters
    ----------
    lowered : the model's graph, all steps' equations in it
    inputs : keys by which the derivatives are taken
    outputs : keys of the rows, whose bars are given at each saved step
    member_series : numbers of the series that differ between members
    """
    own = replace(lowered, graph=Graph(list(lowered.graph.nodes), dict(lowered.graph._numbers)))
    plan = make_plan(own, inputs, outputs, member_series)
    adjoint = Adjoint(plan, _active(plan), first=len(own.graph))
    following = dict(zip(_targets(plan), plan.following(), strict=True))
    shown = {("W", i): number for i, number in enumerate(plan.values())}
    found = [_back(adjoint, following), _back(adjoint, following | shown)]
    adjoint.member = sorted({n for bars in found for n in bars if plan.levels[n] == MEMBER})
    adjoint.quiet, adjoint.saved = found
    initial = dict(zip(_targets(plan), plan.initial(), strict=True))
    first = _seeds(adjoint, initial | {("D", i): number for i, number in enumerate(adjoint.member)})
    ends = sweep(plan.graph, first, adjoint.active, set())
    params = [plan.graph.leaf("param", own.params[key]) for key in plan.inputs]
    adjoint.gradient = [ends.get(number) for number in params]
    _settle(adjoint)
    return adjoint


def sweep(graph: Graph, seeds: Mapping[int, int], active: set[int], ends: set[int]) -> dict[int, int]:
    """Bars of the active leaves and of `ends`, from the bars of the roots.

    Parameters
    ----------
    seeds : number of a root -> number of its bar, d loss / d root
    active : numbers of the nodes on which an input acts
    ends : numbers of the nodes at which the way back stops
    """
    bars = {number: bar for number, bar in seeds.items() if number in active}
    order = graph.reachable(bars)
    loose = _loose(graph, order, set(bars))
    for number in reversed(order):
        node, bar = graph[number], bars.get(number)
        if bar is None or number in ends or not node.args:
            continue
        for place, arg in enumerate(node.args):
            part = flow(graph, number, place, bar) if arg in active else None
            if part is None:
                continue
            if part != bar and (number in loose or node.op in STEEP):
                none = graph.const(0.0)
                part = graph.add("select", graph.add("eq", bar, none), none, part)
            bars[arg] = part if arg not in bars else graph.add("add", bars[arg], part)
    return {number: bar for number, bar in bars.items() if number in ends or not graph[number].args}


def _loose(graph: Graph, order: Sequence[int], roots: set[int]) -> set[int]:
    """Nodes that may be infinite while the roots are not: there 0 times a slope is 0, not nan.

    They are made by a singular operation and stand only where a switch, an end of a table or a division
    can leave them without effect.
    """
    infinite: set[int] = set()
    seen = set(roots)
    for number in order:
        node = graph[number]
        steady = node.op == "div" and graph.value(node.args[1])
        if (node.op in SINGULAR and not steady) or any(arg in infinite for arg in node.args):
            infinite.add(number)
    for number in reversed(order):
        node = graph[number]
        for place, arg in enumerate(node.args):
            if number in seen and place not in SHIELDED.get(node.op, ()):
                seen.add(arg)
    return infinite - seen


def _active(plan: Plan) -> set[int]:
    """Nodes with a derivative by the inputs, through any number of steps."""
    graph, lowered = plan.graph, plan.lowered
    inputs = {lowered.params[key] for key in plan.inputs}
    following = dict(zip(_targets(plan), plan.following(), strict=True))
    initial = dict(zip(_targets(plan), plan.initial(), strict=True))
    used = graph.reachable([*plan.following(), *plan.initial(), *plan.values()])
    kinds = {"state": ("L", plan.states), "ring": ("H", plan.rings)}
    found: set[int] = set()
    size = -1
    while size < len(found):
        size = len(found)
        for number in used:
            node = graph[number]
            if node.op in kinds:
                buffer, order = kinds[node.op]
                place = (buffer, order.index(int(node.data)))
                grows = following[place] in found or initial[place] in found
            else:
                grows = any(arg in found for arg in node.args) and node.op not in WITHOUT
            if grows or (node.op == "param" and node.data in inputs):
                found.add(number)
    return found


def _targets(plan: Plan) -> list[tuple[str, int]]:
    """Where the bars of the states and of the fixed delays lie."""
    return [("L", i) for i in range(len(plan.states))] + [("H", i) for i in range(len(plan.rings))]


def _seeds(adjoint: Adjoint, places: Mapping[tuple[str, int], int]) -> dict[int, int]:
    """Bars of nodes, from where they lie; a node that stands at several places gets the sum."""
    graph = adjoint.plan.graph
    seeds: dict[int, int] = {}
    for (buffer, index), number in places.items():
        if number in adjoint.active:
            bar = adjoint.leaf(buffer, index)
            seeds[number] = bar if number not in seeds else graph.add("add", seeds[number], bar)
    return seeds


def _back(adjoint: Adjoint, places: Mapping[tuple[str, int], int]) -> dict[int, int]:
    plan = adjoint.plan
    ends = {n for n in adjoint.active if plan.levels[n] == MEMBER}
    return sweep(plan.graph, _seeds(adjoint, places), adjoint.active, ends)


def _settle(adjoint: Adjoint) -> None:
    """Levels of the new nodes, and what is computed before the steps because the way back reads it."""
    plan, graph = adjoint.plan, adjoint.plan.graph
    for node in graph.nodes[len(plan.levels) :]:
        level = MEMBER | STEP if node.op == "bar" else 0
        for arg in node.args:
            level |= plan.levels[arg]
        plan.levels.append(level)
    ends = [number for number in adjoint.gradient if number is not None]
    stepping = [*plan.following(), *plan.values(), *adjoint.quiet.values(), *adjoint.saved.values()]
    roots = {*stepping, *plan.initial(), *ends}
    used = graph.reachable(roots)
    _uniform(plan, used, roots)
    inside = [n for n in graph.reachable(stepping) if plan.levels[n] == MEMBER | STEP]
    read = {arg for n in inside for arg in graph[n].args} | set(stepping)
    outside = ("param", "series_start")
    adjoint.kept = sorted(n for n in read if plan.levels[n] == MEMBER and graph[n].op not in outside)
    needed = graph.reachable([*adjoint.kept, *plan.initial()])
    adjoint.begin = [n for n in needed if plan.levels[n] == MEMBER]
    plan.begin = adjoint.begin
