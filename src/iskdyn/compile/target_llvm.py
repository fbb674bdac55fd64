"""The ensemble kernel: one step of a whole block of members as straight-line vector code, in LLVM's language.

numba's compiler is LLVM; printing its language directly keeps what numba's front end would cost (most of the
compile time) and what its loop vectoriser may refuse, and leaves the same machine code generator.
"""

from __future__ import annotations

from collections.abc import Iterable

from iskdyn.compile.graph import COMPARE
from iskdyn.compile.plan import MEMBER, STEP, Plan
from iskdyn.compile.printer import Printer
from iskdyn.compile.runtime_llvm import INTRINSICS, LANES, runtime, splat, with_lanes

_ORDERED = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "eq": "oeq", "ne": "une"}
TEMPLATES = {
    "add": "fadd contract $V {0}, {1}", "sub": "fsub contract $V {0}, {1}",
    "mul": "fmul contract $V {0}, {1}",
    "div": "fdiv $V {0}, {1}", "neg": "fneg $V {0}", "pow": "call $V @power($V {0}, $V {1})",
    "mod": "call $V @mod($V {0}, $V {1})", "min": "call $V @minimum($V {0}, $V {1})",
    "max": "call $V @maximum($V {0}, $V {1})", "abs": "call $V @llvm.fabs.$S($V {0})",
    "exp": "call $V @exp($V {0})", "log": "call $V @log($V {0})",
    "and": "and $M {0}, {1}", "or": "or $M {0}, {1}", "not": "xor $M {0}, splat (i1 true)",
    "float": "uitofp $M {0} to $V", "select": "select $M {0}, $V {1}, $V {2}",
    "lookup": "call $V @lookup($V {0}, ptr %X, ptr %Y, ptr %O, i64 {data})",
    "random": "call $V @random(i64 %seed, ptr %N, i32 {data}, i64 {0})",
} | {op: f"fcmp {_ORDERED[op]} $V {{0}}, {{1}}" for op in COMPARE} | {
    name: f"call $V @llvm.{name}.$S($V {{0}})" for name in INTRINSICS
}  # fmt: skip

STEP_ARGUMENTS = (
    "ptr noalias readonly align 64 %A, ptr noalias align 64 %Z, ptr noalias readonly align 64 %P, "
    "ptr noalias align 64 %B, ptr noalias readonly %R, ptr noalias readonly %U, ptr readonly %M, "
    "ptr readonly %X, ptr readonly %Y, ptr readonly %O, ptr noalias align 64 %G, ptr readonly %N, i64 %k, i64 %seed, "
    "ptr noalias align 64 %W"
)
CALL = "ptr {a}, ptr {z}, ptr %P, ptr %B, ptr %R, ptr %U, ptr %M, ptr %X, ptr %Y, ptr %O, ptr %G, ptr %N, i64 %k, i64 %seed, ptr %W"  # noqa: E501


class VectorPrinter(Printer):
    """Statements of one function; values from outside are loaded where they are first read."""

    templates = TEMPLATES

    def __init__(self, plan: Plan, phase: str) -> None:
        super().__init__(plan)
        self.phase = phase
        self.lines: list[str] = []
        lowered = plan.lowered
        self._columns = {lowered.params[key]: i for i, key in enumerate(plan.inputs)}
        self._rows = {number: i for i, number in enumerate(plan.member_series)}
        self._slots = {slot: i for i, slot in enumerate(plan.states)}
        self._once = {number: i for i, number in enumerate(plan.once)}
        self._clocked = {number: i for i, number in enumerate(plan.clocked)}
        self._kept = {number: i for i, number in enumerate(kept_nodes(plan))}
        self._rings = ring_places(plan)
        self.reciprocals: dict[int, int] = {}
        self._loaded: set[int] = set()

    def emit(self, numbers: Iterable[int]) -> None:
        """Compute nodes."""
        for number in numbers:
            self.value(number)

    def value(self, number: int) -> str:
        """The register or literal that holds a node; computed now if it is not yet."""
        if number not in self.names:
            self.names[number] = self._make(number)
        return self.names[number]

    def text(self, number: int) -> str:
        """As `value`; what is needed before must already be there."""
        return self.value(number)

    def _make(self, number: int) -> str:
        node, name = self.graph[number], f"%n{number}"
        if node.op == "const":
            return splat(float(node.data))
        if node.op == "count":
            return "%k"
        if number in self._once:
            return self._scalar(number, "%R", self._once[number])
        if number in self._clocked:
            return self._scalar(number, "%U", self._clocked[number])
        address = self._address(number)
        if address is not None:
            base, index = address
            self.lines.append(f"  {name}.p = getelementptr inbounds $V, ptr {base}, i64 {index}")
            loaded = f"{name}.d" if self.is_boolean(number) else name
            self.lines.append(f"  {loaded} = load $V, ptr {name}.p, align 64")
            if self.is_boolean(number):
                self.lines.append(f"  {name} = fcmp une $V {loaded}, {splat(0.0)}")
            return name
        if node.op == "random" and self.graph[node.args[0]].op == "const":
            self.lines.append(f"  {name} = call $V @random(i64 %seed, ptr %N, i32 {node.data}, i64 0)")
            return name
        self.lines.append(f"  {name} = {self._operation(number)}")
        return name

    def _operation(self, number: int) -> str:
        node = self.graph[number]
        if node.op == "div" and node.args[1] in self.reciprocals:
            return f"fmul contract $V {self.value(node.args[0])}, {self._reciprocal(node.args[1])}"
        exponent = self.graph.value(node.args[1]) if node.op == "pow" else None
        if exponent is not None and exponent in (2.0, 0.5):
            base = self.value(node.args[0])
            return f"fmul $V {base}, {base}" if exponent == 2.0 else f"call $V @llvm.sqrt.$S($V {base})"
        return self.operation(node)

    def _reciprocal(self, divisor: int) -> str:
        """1 / divisor, from memory: where it is the same in all steps, a product replaces each division."""
        name = f"%reciprocal{divisor}"
        if divisor not in self._loaded:
            self._loaded.add(divisor)
            place = self.reciprocals[divisor]
            self.lines.append(f"  {name}.p = getelementptr inbounds $V, ptr %B, i64 {place}")
            self.lines.append(f"  {name} = load $V, ptr {name}.p, align 64")
        return name

    def _address(self, number: int) -> tuple[str, object] | None:
        """Base and index of a node that lies in memory when this function starts."""
        node = self.graph[number]
        if node.op == "param":
            return "%P", self._columns[int(node.data)]
        if node.op == "state":
            return "%A", self._slots[int(node.data)]
        if node.op in ("series", "series_start"):
            return "%M", self._rows[int(node.data)]
        if node.op == "ring":
            start, length = self._rings[int(node.data)]
            return "%G", self._ring_index(number, start, length)
        if self.phase != "begin" and number in self._kept:
            return "%B", self._kept[number]
        return None

    def _ring_index(self, number: int, start: int, length: int) -> str:
        self.lines.append(f"  %n{number}.r = urem i64 %k, {length}")
        self.lines.append(f"  %n{number}.i = add i64 %n{number}.r, {start}")
        return f"%n{number}.i"

    def _scalar(self, number: int, base: str, index: int) -> str:
        """A value that all lanes share."""
        name = f"%n{number}"
        self.lines += [
            f"  {name}.p = getelementptr inbounds double, ptr {base}, i64 {index}",
            f"  {name}.s = load double, ptr {name}.p",
            f"  {name}.v = insertelement $V poison, double {name}.s, i32 0",
            f"  {name}.f = shufflevector $V {name}.v, $V poison, $K zeroinitializer",
        ]
        if self.is_boolean(number):
            self.lines.append(f"  {name} = fcmp une $V {name}.f, {splat(0.0)}")
            return name
        return f"{name}.f"

    def store(self, number: int, base: str, index: object) -> None:
        """Write a node's value; conditions as 1 and 0.

        Parameters
        ----------
        number : of the node
        base : where the memory begins
        index : the place, in values of all lanes
        """
        value = self.value(number)
        mark = f"%to{len(self.lines)}"
        if self.is_boolean(number):
            self.lines.append(f"  {mark}.f = uitofp $M {value} to $V")
            value = f"{mark}.f"
        self.lines.append(f"  {mark} = getelementptr inbounds $V, ptr {base}, i64 {index}")
        self.lines.append(f"  store $V {value}, ptr {mark}, align 64")


def kept_nodes(plan: Plan) -> list[int]:
    """Nodes computed before the first step that a step, a report or a reciprocal reads."""
    graph = plan.graph
    read = {arg for n in [*plan.step, *plan.report] for arg in graph[n].args}
    read |= {*plan.following(), *plan.values()}
    return [n for n in plan.begin if n in read and graph[n].op not in ("param", "series_start")]


def reciprocal_places(plan: Plan) -> dict[int, int]:
    """Divisors that are the same in all steps, and where their reciprocals lie, after the kept nodes."""
    graph, levels = plan.graph, plan.levels
    divisors = [graph[n].args[1] for n in [*plan.step, *plan.report] if graph[n].op == "div"]
    fixed = [d for d in dict.fromkeys(divisors) if not levels[d] & STEP and graph[d].op != "const"]
    first = len(kept_nodes(plan))
    return {divisor: first + i for i, divisor in enumerate(fixed)}


def ring_places(plan: Plan) -> dict[int, tuple[int, int]]:
    """Start and length of each fixed delay in the block's ring memory, in vectors."""
    places, start = {}, 0
    for index in plan.rings:
        length = plan.lowered.rings[index].length
        places[index] = (start, length)
        start += length
    return places


def scratch_vectors(plan: Plan) -> tuple[int, int, int]:
    """Vectors of memory for the states (twice), the kept values, and the rings."""
    kept = len(kept_nodes(plan)) + len(reciprocal_places(plan))
    return len(plan.states), kept, sum(length for _, length in ring_places(plan).values())


def print_llvm(plan: Plan, digest: str, lanes: int = LANES) -> str:
    """LLVM module with `run`.

    Parameters
    ----------
    plan : sorted nodes of the model
    digest : of the model, for the first line
    lanes : members that one instruction takes at once
    """
    parts = [
        f"; generated by iskdyn from the model {digest}",
        runtime(lanes),
        with_lanes(begin_text(VectorPrinter(plan, "begin")), lanes),
        with_lanes(step_text(VectorPrinter(plan, "step")), lanes),
        with_lanes(step_text(VectorPrinter(plan, "report")), lanes),
        with_lanes(run_text(plan, lanes), lanes),
    ]
    return "\n".join(parts)


def begin_text(printer: VectorPrinter) -> str:
    """What is computed before the first step, as a function."""
    plan = printer.plan
    printer.emit(plan.begin)
    for index, number in enumerate(kept_nodes(plan)):
        printer.store(number, "%B", index)
    for divisor, place in reciprocal_places(plan).items():
        printer.lines.append(f"  %one{place} = fdiv $V {splat(1.0)}, {printer.value(divisor)}")
        printer.lines.append(f"  %place{place} = getelementptr inbounds $V, ptr %B, i64 {place}")
        printer.lines.append(f"  store $V %one{place}, ptr %place{place}, align 64")
    first = plan.initial()
    for place, number in enumerate(first[: len(plan.states)]):
        printer.store(number, "%Z", place)
    for (start, length), number in zip(ring_places(plan).values(), first[len(plan.states) :], strict=True):
        for i in range(length):
            printer.store(number, "%G", start + i)
    return _function("begin", printer.lines)


def step_text(printer: VectorPrinter) -> str:
    """One step as a function: `step`, or `report`, which saves its outputs too."""
    plan, name = printer.plan, printer.phase
    printer.reciprocals = reciprocal_places(plan)
    level = STEP | MEMBER
    printer.emit(n for n in plan.step if plan.levels[n] == level)
    if name == "report":
        printer.emit(plan.report)
        for place, number in enumerate(plan.values()):
            printer.store(number, "%W", place)
    following = plan.following()
    for place, number in enumerate(following[: len(plan.states)]):
        printer.store(number, "%Z", place)
    places = ring_places(plan).items()
    for (ring, (start, length)), number in zip(places, following[len(plan.states) :], strict=True):
        printer.value(number)
        printer.lines.append(f"  %ring{ring}.r = urem i64 %k, {length}")
        printer.lines.append(f"  %ring{ring}.i = add i64 %ring{ring}.r, {start}")
        printer.store(number, "%G", f"%ring{ring}.i")
    return _function(name, printer.lines)


def _function(name: str, lines: list[str]) -> str:
    body = "\n".join(lines)
    return f"define internal void @{name}({STEP_ARGUMENTS}) noinline {{\n{body}\n  ret void\n}}\n"


def run_text(plan: Plan, lanes: int) -> str:
    """Loop over blocks and steps; a block's outputs are turned round when it is done."""
    states, kept, rings = scratch_vectors(plan)
    sizes = {
        "PV": len(plan.inputs), "MV": len(plan.member_series), "UV": len(plan.clocked),
        "OV": len(plan.outputs),
        "B0": 2 * states, "G0": 2 * states + kept, "W0": 2 * states + kept + rings, "S1": states,
    }  # fmt: skip
    text = RUN
    for name, size in sizes.items():
        text = text.replace(f"@{name}@", str(size))
    begin = CALL.format(a="%S1", z="%S0").replace("%U,", "%R,").replace("%k,", "0,").replace("%W", "%Wall")
    text = text.replace("BEGINCALL", begin.replace("ptr %M,", "ptr %M0,"))
    return text.replace("@STEP@", CALL.format(a="%a", z="%z")).replace("TURN", _turn(lanes))


def _turn(lanes: int) -> str:
    """Write each lane of a vector to its own member."""
    lines = []
    for lane in range(lanes):
        lines += [
            f"  %v{lane} = extractelement $V %vector, i32 {lane}",
            f"  %d{lane} = mul i64 %total, {lane}",
            f"  %i{lane} = add i64 %to.i, %d{lane}",
            f"  %q{lane} = getelementptr double, ptr %out, i64 %i{lane}",
            f"  store double %v{lane}, ptr %q{lane}",
        ]
    return "\n".join(lines)


RUN = """
define void @run(i64 %blocks, i64 %steps, i64 %saved, ptr %Pall, ptr %R, ptr %Uall, ptr %Mall,
                 ptr %X, ptr %Y, ptr %O, ptr %save, i64 %seed, ptr %Nall, ptr %scratch, ptr %out) {
entry:
  %S0 = getelementptr $V, ptr %scratch, i64 0
  %S1 = getelementptr $V, ptr %scratch, i64 @S1@
  %B = getelementptr $V, ptr %scratch, i64 @B0@
  %G = getelementptr $V, ptr %scratch, i64 @G0@
  %Wall = getelementptr $V, ptr %scratch, i64 @W0@
  br label %blocks.head
blocks.head:
  %b = phi i64 [ 0, %entry ], [ %b.next, %blocks.tail ]
  %b.more = icmp slt i64 %b, %blocks
  br i1 %b.more, label %block, label %finish
block:
  %p.i = mul i64 %b, @PV@
  %P = getelementptr $V, ptr %Pall, i64 %p.i
  %n.i = mul i64 %b, $W
  %N = getelementptr i32, ptr %Nall, i64 %n.i
  %m.i0 = mul i64 %b, %steps
  %m.i = mul i64 %m.i0, @MV@
  %M0 = getelementptr $V, ptr %Mall, i64 %m.i
  call void @begin(BEGINCALL)
  br label %steps.head
steps.head:
  %k = phi i64 [ 0, %block ], [ %k.next, %steps.tail ]
  %a = phi ptr [ %S0, %block ], [ %z, %steps.tail ]
  %z = phi ptr [ %S1, %block ], [ %a, %steps.tail ]
  %k.more = icmp slt i64 %k, %steps
  br i1 %k.more, label %one, label %turn
one:
  %u.i = mul i64 %k, @UV@
  %U = getelementptr double, ptr %Uall, i64 %u.i
  %m.i1 = add i64 %m.i0, %k
  %m.i2 = mul i64 %m.i1, @MV@
  %M = getelementptr $V, ptr %Mall, i64 %m.i2
  %save.p = getelementptr i64, ptr %save, i64 %k
  %row = load i64, ptr %save.p
  %w.i = mul i64 %row, @OV@
  %W = getelementptr $V, ptr %Wall, i64 %w.i
  %keep = icmp sge i64 %row, 0
  br i1 %keep, label %with, label %without
with:
  call void @report(@STEP@)
  br label %steps.tail
without:
  call void @step(@STEP@)
  br label %steps.tail
steps.tail:
  %k.next = add i64 %k, 1
  br label %steps.head
turn:
  %total = mul i64 %saved, @OV@
  br label %turn.head
turn.head:
  %q = phi i64 [ 0, %turn ], [ %q.next, %turn.one ]
  %t = phi i64 [ 0, %turn ], [ %t.next, %turn.one ]
  %o = phi i64 [ 0, %turn ], [ %o.next, %turn.one ]
  %q.more = icmp slt i64 %q, %total
  br i1 %q.more, label %turn.one, label %blocks.tail
turn.one:
  %from.i0 = mul i64 %t, @OV@
  %from.i = add i64 %from.i0, %o
  %from = getelementptr $V, ptr %Wall, i64 %from.i
  %vector = load $V, ptr %from, align 64
  %lane.i0 = mul i64 %b, $W
  %to.i0 = mul i64 %lane.i0, %total
  %to.i = add i64 %to.i0, %q
TURN
  %q.next = add i64 %q, 1
  %t.one = add i64 %t, 1
  %t.end = icmp eq i64 %t.one, %saved
  %t.next = select i1 %t.end, i64 0, i64 %t.one
  %o.one = add i64 %o, 1
  %o.next = select i1 %t.end, i64 %o.one, i64 %o
  br label %turn.head
blocks.tail:
  %b.next = add i64 %b, 1
  br label %blocks.head
finish:
  ret void
}
"""
