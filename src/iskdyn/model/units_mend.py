"""The least change that puts a mismatch of units right."""

from __future__ import annotations

from collections import ChainMap, Counter, defaultdict
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from fractions import Fraction

from iskdyn.model.expression import Call, references, walk
from iskdyn.model.program import Program, Variable
from iskdyn.model.spelling import spell
from iskdyn.model.units_algebra import Unit
from iskdyn.model.units_inference import RULES, Inference, Mismatch

ALIKE = 0.7
"""Likeness of two names with one first letter from which they may be one unit spelled in two ways: plurals and
slips pass, another word of that length does not."""


def mismatches(
    program: Program, units: Mapping[str, Unit], variables: Iterable[Variable]
) -> tuple[Mismatch, ...]:
    """All mismatches in the equations of some variables, given the unit of every variable.

    Parameters
    ----------
    units : of every variable, by key
    variables : whose equations are looked at
    """
    inference = Inference(program, units)
    for variable in variables:
        inference.equation(variable)
    return tuple(dict.fromkeys(inference.mismatches))


class Mender:
    """The mismatches of one program with the units that its variables have, and their mends."""

    def __init__(self, program: Program, units: dict[str, Unit]) -> None:
        self.program = program
        self.units = units
        self.mismatches = mismatches(program, units, program.variables)
        self._n_wrong = Counter(mismatch.variable for mismatch in self.mismatches)
        self._after_clock: dict[Unit, tuple[Mismatch, ...]] = {}
        self._users: dict[str, list[Variable]] = defaultdict(list)
        for variable in program.variables:
            for key in references(variable.expression):
                self._users[key].append(variable)

    def mend(self, mismatch: Mismatch) -> str:
        """The change of one variable's unit that leaves fewest errors; else a synonym or a factor."""
        factor = mismatch.expected / mismatch.found
        pair = _spellings(factor)
        if pair is not None:
            return f"write one of the two in both places, or declare them to be one: 22:{','.join(pair)}"
        best: tuple[int, int, str, Unit] | None = None
        for key in self._candidates(mismatch):
            for unit in (self.units[key] * factor, self.units[key] / factor):
                score = self._score(mismatch, key, unit)
                if score is not None and (best is None or score < best[:2]):
                    best = (*score, key, unit)
        if best is None:
            return f"multiply {spell(self.program, mismatch.part)} by a constant in {factor}"
        _, _, key, unit = best
        name = f"'{self.program.by_key[key].name}'"
        return f"smallest mend: give {'every clock (as TIME STEP)' if key == 'time_step' else name} the unit {unit}"

    def _candidates(self, mismatch: Mismatch) -> list[str]:
        """Variables that may have the wrong unit: those in the sub-expression, its own, and the clock."""
        keys = [*references(mismatch.whole), mismatch.variable]
        calls = (node.function for node in walk(mismatch.whole) if isinstance(node, Call))
        if any(set("rtpa") & set(RULES[name][0]) for name in calls if name in RULES):
            keys.append("time_step")
        return [key for key in dict.fromkeys(keys) if key in self.units]

    def _score(self, mismatch: Mismatch, key: str, unit: Unit) -> tuple[int, int] | None:
        """Change of the number of errors, and equations touched, with another unit; None if no better."""
        program = self.program
        if key == "time_step":
            after, n_before, n_touched = self._with_clock(unit), len(self.mismatches), len(program)
        else:
            users = (program.by_key[key], *self._users[key], program.by_key[mismatch.variable])
            touched = tuple({variable.key: variable for variable in users}.values())
            after = mismatches(program, ChainMap({key: unit}, self.units), touched)
            n_before, n_touched = sum(self._n_wrong[variable.key] for variable in touched), len(touched)
        better = len(after) < n_before and mismatch not in after
        return (len(after) - n_before, n_touched) if better else None

    def _with_clock(self, unit: Unit) -> tuple[Mismatch, ...]:
        """What is wrong in the whole model with another unit of time."""
        if unit not in self._after_clock:
            clocks = dict.fromkeys((control.key for control in self.program.of_kind("control")), unit)
            self._after_clock[unit] = mismatches(
                self.program, ChainMap(clocks, self.units), self.program.variables
            )
        return self._after_clock[unit]


def _spellings(factor: Unit) -> tuple[str, str] | None:
    """Two base units that are probably one: Persn/Person; but not kPerson/Person."""
    if sorted(power for _, power in factor.powers) != [Fraction(-1), Fraction(1)]:
        return None
    one, other = (name for name, _ in factor.powers)
    likeness = SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
    same_start = one[0].casefold() == other[0].casefold()
    return (one, other) if same_start and likeness >= ALIKE else None
