"""Events whose time depends on an input: the results jump as it moves, so there is no derivative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from iskdyn.errors import Problem
from iskdyn.model.expression import STATEFUL, Call, Expression, Lookup, Reference, Table, references, walk
from iskdyn.model.program import Program

TIMING: Mapping[str, Mapping[int, str]] = {
    "step": {1: "the time of a STEP"},
    "ramp": {1: "the start of a RAMP"},
    "ramp_without_end": {1: "the start of a RAMP"},
    "pulse": {0: "the time of a PULSE", 1: "the width of a PULSE"},
    "pulse_magnitude": {0: "the time of a PULSE"},
    "pulse_train": {0: "the start of a PULSE TRAIN", 1: "the interval of a PULSE TRAIN",
                    2: "the width of a PULSE TRAIN", 3: "the end of a PULSE TRAIN"},
    "pulse_train_magnitude": {0: "the start of a PULSE TRAIN", 1: "the interval of a PULSE TRAIN"},
    "smooth": {3: "the order of a SMOOTH"},
    "delay": {3: "the order of a DELAY"},
    "delay_n": {3: "the order of a DELAY"},
    "delay_fixed": {1: "the length of a DELAY FIXED"},
    "sample_if_true": {0: "the condition of a SAMPLE IF TRUE"},
}  # fmt: skip
"""Function -> place of an argument -> what it sets."""

JUMPING: Mapping[str, str] = {
    "=": "a comparison", "<>": "a comparison", "<": "a comparison", "<=": "a comparison", ">": "a comparison",
    ">=": "a comparison", "integer": "the jump of INTEGER", "quantum": "the jump of QUANTUM",
    "modulo": "the jump of MODULO",
}  # fmt: skip
"""Functions that jump: with time and an input but no stock, when they jump is set by the input."""

CLOCKED = frozenset(name for name in TIMING if name.startswith(("step", "ramp", "pulse")))
CONTROLS = ("initial_time", "final_time", "time_step", "saveper")


@dataclass(frozen=True)
class Causes:
    """What an expression depends on: keys of inputs, whether on time, whether on a memory."""

    inputs: frozenset[str] = frozenset()
    time: bool = False
    memory: bool = False

    def __or__(self, other: Causes) -> Causes:
        return Causes(self.inputs | other.inputs, self.time or other.time, self.memory or other.memory)


class Dependence:
    """Causes of every variable, through all of the model and through its memory."""

    def __init__(self, program: Program, inputs: Sequence[str], series: Sequence[str]) -> None:
        self.program = program
        known = {key: Causes() for key in program.by_key}
        known |= {key: Causes(frozenset({key}), memory=program.by_key[key].kind == "stock") for key in inputs}
        known |= {key: Causes(time=True) for key in series}
        self.known = known
        changed = True
        while changed:
            changed = False
            for key, variable in program.by_key.items():
                found = known[key] if key in series else known[key] | self.of(variable.expression)
                changed |= found != known[key]
                known[key] = found

    def of(self, expression: Expression) -> Causes:
        """Causes of an expression, by what is known so far."""
        found = Causes()
        for node in walk(expression):
            if isinstance(node, Reference):
                found |= Causes(time=True) if node.name == "time" else self.known.get(node.name, Causes())
            elif isinstance(node, Lookup) and isinstance(node.table, str):
                found |= self.known[node.table]
            elif isinstance(node, Call) and node.function in STATEFUL and node.function != "initial":
                found |= Causes(memory=True)
            elif isinstance(node, Call) and node.function in CLOCKED:
                found |= Causes(time=True)
        return found


def moving_events(
    program: Program, inputs: Sequence[str], outputs: Sequence[str], series: Sequence[str]
) -> tuple[Problem, ...]:
    """Every event that the outputs depend on and whose time depends on an input.

    Parameters
    ----------
    inputs : keys by which derivatives are wanted
    outputs : keys of the variables that are kept
    series : keys of the variables that are given, whose equations do not count
    """
    dependence = Dependence(program, inputs, series)
    problems: dict[Problem, None] = {}
    for key in _needed(program, outputs, series):
        variable = program.by_key[key]
        for what, causes in _events(dependence, variable.expression):
            names = ", ".join(repr(program.by_key[cause].name) for cause in sorted(causes.inputs))
            equation = f"{variable.name} = {' '.join(variable.equation.split())}"
            message = (
                f"{equation}: {what} depends on the input {names}; an event whose time depends on an input has "
                "no derivative by it. Leave it out of the inputs"
            )
            problems[Problem(program.place(key), message)] = None
    return tuple(problems)


def _needed(program: Program, outputs: Sequence[str], series: Sequence[str]) -> list[str]:
    """Keys on which the outputs and the clock depend, in the order of the file."""
    found = {*outputs, *(key for key in CONTROLS if key in program.by_key)}
    stack = [key for key in found if key not in series]
    while stack:
        for key in references(program.by_key[stack.pop()].expression):
            if key in program.by_key and key not in found:
                found.add(key)
                stack += [] if key in series else [key]
    return [key for key in program.by_key if key in found and key not in series]


def _events(dependence: Dependence, expression: Expression) -> Iterator[tuple[str, Causes]]:
    program = dependence.program
    for key in CONTROLS:
        clock = key in program.by_key and program.by_key[key].expression is expression
        if clock and (causes := dependence.of(expression)).inputs:
            yield "the clock", causes
    for node in walk(expression):
        if isinstance(node, Call):
            for place, what in TIMING.get(node.function, {}).items():
                if place < len(node.arguments) and (causes := dependence.of(node.arguments[place])).inputs:
                    yield what, causes
        jump = _jump(program, node)
        if jump is not None and not isinstance(node, Reference):
            causes = dependence.of(node)
            if causes.inputs and causes.time and not causes.memory:
                yield jump, causes


def _jump(program: Program, node: Expression) -> str | None:
    if isinstance(node, Call):
        return JUMPING.get(node.function)
    if isinstance(node, Lookup):
        variable = program.by_key.get(node.table) if isinstance(node.table, str) else None
        table = variable.expression if variable else node.table
        return "the jump of a table" if isinstance(table, Table) and table.between == "step" else None
    return None
