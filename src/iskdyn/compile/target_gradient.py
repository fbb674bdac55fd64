"""The gradient kernel: a block of members forward with all states kept, then its adjoint backward.

Vector code in LLVM's language as in `target_llvm`; one call runs one block. Memory of a block, in vectors:
S states of all steps, B values kept for a member, G inputs of the fixed delays, W outputs (on the way back
their bars), L bars of the states, D bars of the values that a member keeps, H bars of G, E the gradient.
"""

from __future__ import annotations

from collections.abc import Sequence

from iskdyn.compile.adjoint import Adjoint
from iskdyn.compile.plan import MEMBER
from iskdyn.compile.runtime_gradient import RUN, SLOPE
from iskdyn.compile.runtime_llvm import LANES, runtime, splat, with_lanes
from iskdyn.compile.target_llvm import TEMPLATES, VectorPrinter
from iskdyn.model.program import Program

BUFFERS = "PBRUMXYOGNWLDHE"
TWICE = "APBRU"
"""Read by the forward part of a step and again, under a second name, by its way back: else the compiler would
keep hundreds of loaded values on the stack."""
ARGUMENTS = (
    "ptr noalias align 64 %A, ptr noalias align 64 %Z, "
    + ", ".join(f"ptr noalias %{name}" for name in BUFFERS)
    + ", i64 %k, i64 %seed, "
    + ", ".join(f"ptr noalias %{name}2" for name in TWICE)
)
CALL = (
    "ptr {a}, ptr {z}, "
    + ", ".join(f"ptr %{name}" for name in BUFFERS)
    + ", i64 %k, i64 %seed, ptr {a}, "
    + ", ".join(f"ptr %{name}" for name in TWICE[1:])
)
ZERO = splat(0.0)
"""In all lanes: where nothing flows back."""
PREFETCH = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"


class GradientPrinter(VectorPrinter):
    """Statements of one function of the kernel; a variable's equation stands above its value."""

    templates = TEMPLATES | {"slope": "call $V @slope($V {0}, ptr %X, ptr %Y, ptr %O, i64 {data})"}

    def __init__(self, adjoint: Adjoint, phase: str, equations: dict[int, str]) -> None:
        super().__init__(adjoint.plan, phase)
        self.adjoint = adjoint
        self.equations = equations
        self.delays = {ring: i for i, ring in enumerate(adjoint.plan.rings)}
        self._kept = {number: i for i, number in enumerate(adjoint.kept)}
        self.again = False

    def emit_back(self, numbers: Sequence[int]) -> None:
        """Compute the nodes of a step, then those of its way back, which read memory anew."""
        self.emit(n for n in numbers if n < self.adjoint.first)
        kinds = ("param", "state")
        memory = {*self._kept, *self._once, *self._clocked}
        for number in list(self.names):
            if number in memory or self.graph[number].op in kinds:
                del self.names[number]
        self.again = True
        self.emit(n for n in numbers if n >= self.adjoint.first)

    def _make(self, number: int) -> str:
        if number in self.equations:
            self.lines.append(f"  ; {self.equations[number]}")
        start = len(self.lines)
        name = super()._make(number)
        if not self.again or number >= self.adjoint.first or name.startswith("splat"):
            return name
        old, new = f"%n{number}", f"%again{number}"
        self.lines[start:] = [line.replace(old, new) for line in self.lines[start:]]
        return name.replace(old, new)

    def _scalar(self, number: int, base: str, index: int) -> str:
        """A value that all lanes share."""
        return super()._scalar(number, f"{base}2" if self.again else base, index)

    def _address(self, number: int) -> tuple[str, object] | None:
        """Base and index of a node that lies in memory when this function starts."""
        if number in self.adjoint.bars:
            buffer, index = self.adjoint.bars[number]
            if buffer != "H":
                return f"%{buffer}", index
            later = self.adjoint.plan.lowered.rings[self.adjoint.plan.rings[index]].length
            return "%H", self.row(f"%n{number}", index, later)
        node = self.graph[number]
        if node.op == "ring":
            return "%G", self.row(f"%n{number}", self.delays[int(node.data)], 0)
        place = super()._address(number)
        if place is not None and self.again and place[0][1:] in TWICE:
            return f"{place[0]}2", place[1]
        return place

    def row(self, name: str, delay: int, later: int) -> str:
        """Index of a fixed delay's value `later` steps from now, in the memory of all steps.

        Parameters
        ----------
        name : of the registers that are made
        delay : its number among the fixed delays
        later : steps, 0 for now
        """
        self.lines.append(f"  {name}.k = add i64 %k, {later}")
        self.lines.append(f"  {name}.r = mul i64 {name}.k, {len(self.delays)}")
        self.lines.append(f"  {name}.i = add i64 {name}.r, {delay}")
        return f"{name}.i"

    def put(self, value: str, base: str, index: object) -> None:
        """Write a register.

        Parameters
        ----------
        value : a register's name
        base : where the memory begins
        index : the place, in values of all lanes
        """
        mark = f"%to{len(self.lines)}"
        self.lines.append(f"  {mark} = getelementptr inbounds $V, ptr {base}, i64 {index}")
        self.lines.append(f"  store $V {value}, ptr {mark}, align 64")

    def grow(self, value: str, base: str, index: int) -> None:
        """Add a register to what is in memory.

        Parameters
        ----------
        value : a register's name
        base : where the memory begins
        index : the place, in values of all lanes
        """
        mark = f"%sum{len(self.lines)}"
        self.lines.append(f"  {mark}.p = getelementptr inbounds $V, ptr {base}, i64 {index}")
        self.lines.append(f"  {mark}.v = load $V, ptr {mark}.p, align 64")
        self.lines.append(f"  {mark} = fadd contract $V {mark}.v, {value}")
        self.lines.append(f"  store $V {mark}, ptr {mark}.p, align 64")


def sizes(adjoint: Adjoint, n_steps: int) -> dict[str, int]:
    """Vectors of each part of a block's memory."""
    plan = adjoint.plan
    rows = n_steps + max((plan.lowered.rings[ring].length for ring in plan.rings), default=0)
    return {
        "S": (n_steps + 1) * len(plan.states), "B": len(adjoint.kept), "G": rows * len(plan.rings),
        "L": len(plan.states), "D": len(adjoint.member), "H": rows * len(plan.rings),
    }  # fmt: skip


def print_gradient(adjoint: Adjoint, program: Program, digest: str, lanes: int = LANES) -> str:
    """LLVM module with `run`.

    Parameters
    ----------
    adjoint : the way there and back
    program : whose equations stand above their code
    digest : of the model, for the first line
    lanes : members that one instruction takes at once
    """
    equations = _equations(adjoint, program)
    plan = adjoint.plan
    outside = CALL.format(a="%S", z="%S")
    for name in "UMW":
        outside = (outside + ",").replace(f"%{name},", f"%{name}all,")[:-1]
    run = RUN.replace("@OUTSIDE@", outside.replace("%k,", "0,")).replace(
        "@CALL@", CALL.format(a="%A", z="%Z")
    )
    counts = {
        "NS": len(plan.states),
        "NU": len(plan.clocked),
        "NM": len(plan.member_series),
        "NO": len(plan.outputs),
    }
    for name, count in counts.items():
        run = run.replace(f"@{name}@", str(count))
    functions = [
        _begin(adjoint, equations),
        _forward(adjoint, equations, "step"),
        _forward(adjoint, equations, "report"),
        _backward(adjoint, equations, "back", adjoint.quiet),
        _backward(adjoint, equations, "back_report", adjoint.saved),
        _finish(adjoint, equations),
    ]
    text = "\n".join([SLOPE, PREFETCH, *functions, run])
    return f"; generated by iskdyn from the model {digest}\n{runtime(lanes)}\n{with_lanes(text, lanes)}"


def _equations(adjoint: Adjoint, program: Program) -> dict[int, str]:
    """The modeller's equation for each node that is a variable."""
    found: dict[int, str] = {}
    for key, number in adjoint.plan.lowered.values.items():
        variable = program.by_key[key]
        if adjoint.plan.levels[number] & MEMBER and adjoint.plan.graph[number].args:
            found.setdefault(number, " ".join(f"{variable.name} = {variable.equation}".split()))
    return found


def _begin(adjoint: Adjoint, equations: dict[int, str]) -> str:
    plan = adjoint.plan
    printer = GradientPrinter(adjoint, "begin", equations)
    printer.emit(adjoint.begin)
    for index, number in enumerate(adjoint.kept):
        printer.store(number, "%B", index)
    first = plan.initial()
    for place, number in enumerate(first[: len(plan.states)]):
        printer.store(number, "%Z", place)
    for delay, number in enumerate(first[len(plan.states) :]):
        for i in range(plan.lowered.rings[plan.rings[delay]].length):
            printer.store(number, "%G", i * len(plan.rings) + delay)
    return _function("begin", printer.lines)


def _forward(adjoint: Adjoint, equations: dict[int, str], name: str) -> str:
    plan = adjoint.plan
    printer = GradientPrinter(adjoint, name, equations)
    printer.reciprocals = _reciprocals(adjoint)
    printer.emit(plan.step)
    if name == "report":
        printer.emit(plan.report)
        for place, number in enumerate(plan.values()):
            printer.store(number, "%W", place)
    following = plan.following()
    for place, number in enumerate(following[: len(plan.states)]):
        printer.store(number, "%Z", place)
    for delay, number in enumerate(following[len(plan.states) :]):
        printer.value(number)
        later = plan.lowered.rings[plan.rings[delay]].length
        printer.store(number, "%G", printer.row(f"%ring{delay}", delay, later))
    return _function(name, printer.lines)


def _backward(adjoint: Adjoint, equations: dict[int, str], name: str, bars: dict[int, int]) -> str:
    """One step back: the bars of the states after it become those before it, sums grow."""
    plan, graph = adjoint.plan, adjoint.plan.graph
    printer = GradientPrinter(adjoint, name, equations)
    printer.reciprocals = _reciprocals(adjoint)
    printer.lines += _fetch_early(len(plan.states))
    printer.emit_back(adjoint.steps(list(bars.values())))
    values = {number: printer.value(bar) for number, bar in bars.items()}
    at = {(graph[n].op, int(graph[n].data)): values[n] for n in bars if graph[n].op in ("state", "ring")}
    for place, slot in enumerate(plan.states):
        printer.put(at.get(("state", slot), ZERO), "%L", place)
    for delay, ring in enumerate(plan.rings):
        if ("ring", ring) in at:
            printer.put(at["ring", ring], "%H", printer.row(f"%ring{delay}", delay, 0))
    for index, number in enumerate(adjoint.member):
        if number in bars:
            printer.grow(values[number], "%D", index)
    return _function(name, printer.lines)


def _reciprocals(adjoint: Adjoint) -> dict[int, int]:
    """Divisors whose reciprocal is kept from the start, and where it lies."""
    graph = adjoint.plan.graph
    kept = {n: i for i, n in enumerate(adjoint.kept)}
    return {
        graph[n].args[1]: i
        for n, i in kept.items()
        if graph[n].op == "div" and graph.value(graph[n].args[0]) == 1.0
    }


def _fetch_early(n_states: int) -> list[str]:
    """Ask for the states of two steps before: they are read backwards, which the processor does not foresee."""
    lines = []
    for place in range(n_states):
        lines.append(f"  %soon{place} = getelementptr $V, ptr %A, i64 {place - 2 * n_states}")
        lines.append(f"  call void @llvm.prefetch.p0(ptr %soon{place}, i32 0, i32 3, i32 1)")
    return lines


def _finish(adjoint: Adjoint, equations: dict[int, str]) -> str:
    """From the bars at the first step to those of the inputs."""
    plan, graph = adjoint.plan, adjoint.plan.graph
    printer = GradientPrinter(adjoint, "finish", equations)
    for number, (buffer, delay) in adjoint.bars.items():
        if buffer == "H":
            printer.names[number] = _ring_sum(printer, delay)
    ends = [number for number in adjoint.gradient if number is not None]
    printer.emit(n for n in graph.reachable(ends) if plan.levels[n] & MEMBER)
    for place, bar in enumerate(adjoint.gradient):
        printer.put(ZERO if bar is None else printer.value(bar), "%E", place)
    return _function("finish", printer.lines)


def _ring_sum(printer: GradientPrinter, delay: int) -> str:
    """The bar of a fixed delay's first value, which filled all its places."""
    plan = printer.adjoint.plan
    total = ZERO
    for i in range(plan.lowered.rings[plan.rings[delay]].length):
        name = f"%first{delay}.{i}"
        index = i * len(plan.rings) + delay
        printer.lines.append(f"  {name}.p = getelementptr inbounds $V, ptr %H, i64 {index}")
        printer.lines.append(f"  {name}.v = load $V, ptr {name}.p, align 64")
        printer.lines.append(f"  {name} = fadd $V {total}, {name}.v")
        total = name
    return total


def _function(name: str, lines: Sequence[str]) -> str:
    body = "\n".join(lines)
    return f"define internal void @{name}({ARGUMENTS}) noinline {{\n{body}\n  ret void\n}}\n"
