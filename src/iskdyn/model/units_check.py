"""What is wrong with the units of a model, and the least change that puts it right."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Literal

from iskdyn.errors import Problem
from iskdyn.model.expression import STATEFUL, Call, Expression, Number, references, walk
from iskdyn.model.program import Program, Variable
from iskdyn.model.spelling import spell
from iskdyn.model.units_algebra import Unit, UnitReader
from iskdyn.model.units_inference import Inference, Mismatch

FREE = (0.0, 1.0)
"""Numbers that may stand in an equation: nothing, and a whole."""

ALIKE = 0.7
"""Likeness of two names from which they may be one unit spelled in two ways."""


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
    found = _mismatches(program, units, program.variables)
    for mismatch in found:
        variable = program.by_key[mismatch.variable]
        words = f"'{variable.name}': {_words(program, mismatch)}; {_mend(program, units, mismatch)}"
        problems.append(UnitProblem("mismatch", variable.name, Problem(program.place(variable.name), words)))
    order = {variable.name: i_variable for i_variable, variable in enumerate(program.variables)}
    return sorted(problems, key=lambda one: order[one.variable])


def embedded_numbers(program: Program) -> list[Problem]:
    """Numbers other than 0 and 1 inside equations: each should be a constant with a name and a unit."""
    problems = []
    for variable in program.variables:
        if variable.kind in ("constant", "control", "table"):
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
            if size not in FREE and not math.isnan(size):
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


def _mismatches(
    program: Program, units: dict[str, Unit], variables: tuple[Variable, ...]
) -> tuple[Mismatch, ...]:
    inference = Inference(program, units)
    for variable in variables:
        inference.equation(variable)
    return tuple(dict.fromkeys(inference.mismatches))


def _words(program: Program, mismatch: Mismatch) -> str:
    part, whole = spell(program, mismatch.part), spell(program, mismatch.whole)
    where = "" if part == whole else f"in {whole}: "
    return f"{where}{part} is {mismatch.found}, expected {mismatch.expected}"


def _mend(program: Program, units: dict[str, Unit], mismatch: Mismatch) -> str:
    """The change of one variable's unit that leaves fewest errors; else a synonym or a factor."""
    factor = mismatch.expected / mismatch.found
    if (pair := _spellings(factor)) is not None:
        return f"write one of the two in both places, or declare that they are the same: 22:{','.join(pair)}"
    best: tuple[int, int, str, Unit] | None = None
    for key in dict.fromkeys((*references(mismatch.whole), mismatch.variable, *_clock(program, mismatch))):
        if key not in units:
            continue
        for unit in (units[key] * factor, units[key] / factor):
            score = _score(program, units, mismatch, key, unit)
            if score is not None and (best is None or score < best[:2]):
                best = (*score, key, unit)
    if best is None:
        return f"multiply {spell(program, mismatch.part)} by a constant in {factor}"
    name = (
        "the time (TIME STEP and its like)" if best[2] == "time_step" else f"'{program.by_key[best[2]].name}'"
    )
    return f"smallest mend: give {name} the unit {best[3]}"


def _score(
    program: Program, units: dict[str, Unit], mismatch: Mismatch, key: str, unit: Unit
) -> tuple[int, int] | None:
    """Change in the number of errors and equations touched if a variable had another unit; None if no better."""
    clock = [control.key for control in program.of_kind("control")] if key == "time_step" else [key]
    changed = {**units, **dict.fromkeys(clock, unit)}
    touched = program.variables if key == "time_step" else (program.by_key[key], *program.uses(key))
    touched = tuple(dict.fromkeys((*touched, program.by_key[mismatch.variable])))
    before, after = (_mismatches(program, which, touched) for which in (units, changed))
    if len(after) >= len(before) or mismatch in after:
        return None
    return len(after) - len(before), len(touched)


def _clock(program: Program, mismatch: Mismatch) -> tuple[str, ...]:
    timed = {"integ", "integ_non_negative", *STATEFUL, "step", "ramp", "pulse"}
    calls = (node.function for node in walk(mismatch.whole) if isinstance(node, Call))
    return ("time_step",) if timed & set(calls) and "time_step" in program else ()


def _spellings(factor: Unit) -> tuple[str, str] | None:
    """Two base units that are probably one: Persn/Person."""
    if sorted(power for _, power in factor.powers) != [Fraction(-1), Fraction(1)]:
        return None
    one, other = (name for name, _ in factor.powers)
    likeness = SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
    return (one, other) if likeness >= ALIKE else None
