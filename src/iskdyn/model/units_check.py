"""What is wrong with the units of a model, in the modeller's words."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from iskdyn.errors import Problem
from iskdyn.model.expression import NOT_AVAILABLE, STATEFUL, Call, Expression, Number, walk
from iskdyn.model.program import Program
from iskdyn.model.spelling import spell
from iskdyn.model.units_algebra import Unit, UnitReader
from iskdyn.model.units_inference import Mismatch
from iskdyn.model.units_mend import Mender

FREE = (0.0, 1.0)
"""Numbers that may stand in an equation: nothing, and a whole."""


@dataclass(frozen=True)
class UnitProblem:
    """One thing that is wrong with the units.

    kind : 'mismatch', 'missing' (no unit given), or 'unreadable' (the text is no unit)
    variable : name of the variable in whose equation it is
    problem : place and words; those of a mismatch name the part, both units and the smallest mend
    """

    kind: Literal["mismatch", "missing", "unreadable"]
    variable: str
    problem: Problem


def unit_problems(program: Program) -> list[UnitProblem]:
    """Everything that is wrong with the units of a model, in the order of the file; elements of an array once."""
    units, problems = _read_units(program)
    mender = Mender(program, units)
    for mismatch in mender.mismatches:
        variable = program.by_key[mismatch.variable]
        words = f"'{variable.name}': {_words(program, mismatch)}; {mender.mend(mismatch)}"
        problems.append(UnitProblem("mismatch", variable.name, Problem(program.place(variable.name), words)))
    order = {variable.name: i_variable for i_variable, variable in enumerate(program.variables)}
    problems.sort(key=lambda problem: order[problem.variable])
    names = [problem.variable for problem in problems]
    places = _elements_once(program, names, [problem.problem for problem in problems])
    return [replace(problems[i], problem=problem) for i, problem in places]


def _elements_once(
    program: Program, names: list[str], problems: list[Problem]
) -> Iterator[tuple[int, Problem]]:
    """Problems by their places in the list; what an equation says of all its elements is told of the first."""
    n_of_variable: Counter[str] = Counter()
    alike = defaultdict(list)
    for i_problem, (name, problem) in enumerate(zip(names, problems, strict=True)):
        n_of_variable[name] += 1
        array = program[name].array
        alike[problem.place, array or name, n_of_variable[name]].append(i_problem)
    for first, *others in alike.values():
        problem = problems[first]
        more = f" (and {len(others)} more of its elements)" if others else ""
        yield first, replace(problem, message=problem.message + more)


def embedded_numbers(program: Program) -> list[Problem]:
    """Numbers other than 0 and 1 inside equations: each should be a constant with a name and a unit."""
    names, problems = [], []
    for variable in program.variables:
        if variable.kind in ("constant", "control"):
            continue
        for value in dict.fromkeys(_numbers(variable.expression)):
            words = f"'{variable.name}' holds the number {value:g}; make it a constant with a name and a unit"
            names.append(variable.name)
            problems.append(Problem(program.place(variable.name), words))
    return [problem for _, problem in _elements_once(program, names, problems)]


def _numbers(expression: Expression) -> Iterator[float]:
    """Sizes of the numbers written in an equation that are not free; the order of a delay belongs to its name."""
    orders = {
        id(part)
        for node in walk(expression)
        if isinstance(node, Call)
        for name, part in zip(STATEFUL.get(node.function, ()), node.arguments, strict=False)
        if name == "order"
    }
    for node in walk(expression):
        if isinstance(node, Number) and id(node) not in orders:
            size = abs(node.value)
            if size not in FREE and node.value != NOT_AVAILABLE and not math.isnan(size):
                yield size


def _read_units(program: Program) -> tuple[dict[str, Unit], list[UnitProblem]]:
    reader = UnitReader(program.synonyms)
    units, problems = {}, []
    for variable in program.variables:
        kind: Literal["missing", "unreadable"] = "missing"
        words = f"'{variable.name}' has no unit"
        if variable.units.strip():
            try:
                units[variable.key] = reader.read(variable.units)
                continue
            except ValueError as error:
                kind, words = "unreadable", f"'{variable.name}': {variable.units!r} is no unit: {error}"
        problems.append(UnitProblem(kind, variable.name, Problem(program.place(variable.name), words)))
    return units, problems


def _words(program: Program, mismatch: Mismatch) -> str:
    part, whole = spell(program, mismatch.part), spell(program, mismatch.whole)
    where = "" if part == whole else f"in {whole}: "
    return f"{where}{part} is {mismatch.found}, expected {mismatch.expected}"
