"""What is wrong with the units of a model, in the modeller's words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
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
    """Everything that is wrong with the units of a model, in the order of the file."""
    units, problems = _read_units(program)
    mender = Mender(program, units)
    for mismatch in mender.mismatches:
        variable = program.by_key[mismatch.variable]
        words = f"'{variable.name}': {_words(program, mismatch)}; {mender.mend(mismatch)}"
        problems.append(UnitProblem("mismatch", variable.name, Problem(program.place(variable.name), words)))
    order = {variable.name: i_variable for i_variable, variable in enumerate(program.variables)}
    return sorted(problems, key=lambda one: order[one.variable])


def embedded_numbers(program: Program) -> list[Problem]:
    """Numbers other than 0 and 1 inside equations: each should be a constant with a name and a unit."""
    problems = []
    for variable in program.variables:
        if variable.kind in ("constant", "control"):
            continue
        for value in dict.fromkeys(_numbers(variable.expression)):
            words = f"'{variable.name}' holds the number {value:g}; make it a constant with a name and a unit"
            problems.append(Problem(program.place(variable.name), words))
    return problems


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
