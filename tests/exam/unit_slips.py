"""Make 200 random slips of units in the study's model and count those that are found.

Run from the root of the project: python tests/exam/unit_slips.py; writes the table beside this file.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from made_from import record, today

from iskdyn.model import Call, Expression, Lookup, Program, Reference, Variable, read_model, references
from iskdyn.model.units_algebra import UnitReader
from iskdyn.model.units_check import unit_problems

MODEL = Path(__file__).parents[2] / "models" / "isk.mdl"
TABLE = Path(__file__).with_suffix(".csv")
N_SLIPS = 200
SEED = 7


@dataclass(frozen=True)
class Slip:
    """One slip: its kind, what was changed, and the model that has it."""

    kind: str
    words: str
    program: Program

    @property
    def found(self) -> bool:
        """Whether the check of units says anything about it."""
        return bool(unit_problems(self.program))


def slips(n_slips: int = N_SLIPS, seed: int = SEED) -> Iterator[Slip]:
    """Slips of every kind in turn, each on a variable drawn at random."""
    program, chance = read_model(MODEL), random.Random(seed)  # noqa: S311 - no secret
    reader = UnitReader(program.synonyms)
    for i_slip in range(n_slips):
        kind = list(KINDS)[i_slip % len(KINDS)]
        while True:
            old = chance.choice(program.variables)
            new = KINDS[kind](program, old, chance)
            if new is not None and (
                new.expression != old.expression or reader.read(new.units) != reader.read(old.units)
            ):
                break
        words = f"{old.name}: {old.units} -> {new.units}"
        if new.expression != old.expression:
            words = f"{old.name}: {', '.join(sorted(set(references(old.expression))))} -> "
            words += ", ".join(sorted(set(references(new.expression))))
        changed = tuple(new if one is old else one for one in program.variables)
        yield Slip(kind, words, replace(program, variables=changed))


def _another_unit(program: Program, variable: Variable, chance: random.Random) -> Variable:
    return replace(variable, units=chance.choice(program.variables).units)


def _by_time(program: Program, variable: Variable, chance: random.Random) -> Variable:
    """Taken for a rate, or for what a rate adds up to."""
    other = chance.choice(("1/Month", "Month"))
    return replace(variable, units=f"({variable.units})*({other})")


def _upside_down(program: Program, variable: Variable, chance: random.Random) -> Variable:
    return replace(variable, units=f"1/({variable.units})")


def _thousands(program: Program, variable: Variable, chance: random.Random) -> Variable | None:
    swapped = variable.units.replace("kPerson", "#").replace("Person", "kPerson").replace("#", "Person")
    return replace(variable, units=swapped) if swapped != variable.units else None


def _wrong_name(program: Program, variable: Variable, chance: random.Random) -> Variable | None:
    """Another variable, of another unit, in its equation."""
    named = [key for key in references(variable.expression) if key in program.by_key]
    named = [key for key in named if program.by_key[key].kind != "table"]
    if not named:
        return None
    reader, old = UnitReader(program.synonyms), chance.choice(named)
    unit = reader.read(program.by_key[old].units)
    others = [one.key for one in program if one.kind != "table" and reader.read(one.units) != unit]
    return replace(variable, expression=_renamed(variable.expression, old, chance.choice(others)))


def _renamed(node: Expression, old: str, new: str) -> Expression:
    if isinstance(node, Reference):
        return Reference(new) if node.name == old else node
    if isinstance(node, Lookup):
        return Lookup(node.table, _renamed(node.argument, old, new))
    if isinstance(node, Call):
        return Call(node.function, tuple(_renamed(part, old, new) for part in node.arguments))
    return node


Change = Callable[[Program, Variable, random.Random], Variable | None]
KINDS: dict[str, Change] = {
    "the unit of another variable": _another_unit,
    "a rate for a stock, or a stock for a rate": _by_time,
    "upside down": _upside_down,
    "thousands for ones": _thousands,
    "another variable in the equation": _wrong_name,
}


def main() -> int:
    """0 if at least 98 of 100 slips are found."""
    made = list(slips())
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["date", "kind of slip", "made", "found", "not found"])
        for kind in (*KINDS, "all"):
            these = [one for one in made if kind in (one.kind, "all")]
            missed = [one.words for one in these if not one.found]
            rows.writerow([today(), kind, len(these), len(these) - len(missed), "; ".join(missed)])
    record(TABLE)
    found = sum(one.found for one in made)
    print(f"{found} of {len(made)} found; {TABLE}")
    return int(found < 0.98 * len(made))


if __name__ == "__main__":
    sys.exit(main())
