"""The loops that have a name: `models/loops.toml`, read and checked against the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from iskdyn.confidence.loops.loops import Loop
from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study.form_check import read_form
from iskdyn.study.settings import toml_place

if TYPE_CHECKING:
    from iskdyn.study import Study

Direction = Literal["higher", "lower"]


@dataclass(frozen=True)
class Cut:
    """What must happen when a loop is cut, said before the run.

    Attributes
    ----------
    values : constants that cut it
    both : constants set in both runs, with and without the cut
    variable, direction : what is expected of its mean over the history
    why : the reason
    """

    values: Mapping[str, float]
    both: Mapping[str, float]
    variable: str
    direction: Direction
    why: str


@dataclass(frozen=True)
class Name:
    """Loops under one name.

    Attributes
    ----------
    name, words : in short, and as a sentence
    through : sets of keys, one of each of which is in the loop
    without : keys none of which is in the loop
    cut : None where no constant cuts it
    """

    name: str
    words: str
    through: tuple[frozenset[str], ...]
    without: frozenset[str]
    cut: Cut | None

    def fits(self, loop: Loop) -> bool:
        """Whether a loop of stocks bears the name; one through itself alone bears none."""
        members = set(loop)
        return len(loop) > 1 and all(members & kind for kind in self.through) and not members & self.without


@dataclass(frozen=True)
class Names:
    """The names of a study's loops, the first that fits counts; and the outcomes that loops are told of."""

    outcomes: tuple[str, ...] = ()
    names: tuple[Name, ...] = ()

    def of(self, loop: Loop) -> str:
        """The name of a loop, `ALONE` for a stock's own, `UNNAMED` for others."""
        if len(loop) == 1:
            return ALONE
        return next((one.name for one in self.names if one.fits(loop)), UNNAMED)


ALONE = "each stock by itself"
"""Loops of one stock: what is there drains or grows by itself."""
UNNAMED = "other loops"


def read_names(study: Study) -> Names:
    """The named loops of a study; none where it has no such file.

    Raises
    ------
    StudyError : the file is wrong, with every problem at once
    """
    shown, path = study.settings.loops, study.path_of("loops")
    if not path.is_file():
        return Names()
    problems: list[Problem] = []
    found, text = read_form(path, "loops", shown)
    reader = _Reader(study, text, shown, problems)
    kinds = {name: reader.keys(stocks, {}) for name, stocks in found.get("kinds", {}).items()}
    outcomes = tuple(found.get("outcomes", []))
    for outcome in outcomes:
        reader.variable(outcome)
    names = tuple(reader.name(row, kinds) for row in found.get("loop", []))
    if problems:
        raise StudyError(problems)
    return Names(outcomes, names)


@dataclass(frozen=True)
class _Reader:
    study: Study
    text: str
    shown: str
    problems: list[Problem]

    def variable(self, name: str) -> str:
        """The key of a variable of the model."""
        program = self.study.program
        if name not in program:
            message = f"no variable '{name}'{suggest(name, [one.name for one in program])}"
            self.problems.append(Problem(toml_place(self.text, self.shown, name), message))
            return name
        return program[name].key

    def keys(self, names: Sequence[str], kinds: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """The keys of stocks and kinds by name."""
        plain = [self.variable(one) for one in names if one not in kinds]
        return frozenset(plain).union(*(kinds[one] for one in names if one in kinds))

    def name(self, row: Mapping[str, Any], kinds: Mapping[str, frozenset[str]]) -> Name:
        through = tuple(self.keys([one], kinds) for one in row["through"])
        without = self.keys(row.get("without", []), kinds)
        cut = self.cut(row["cut"]) if "cut" in row else None
        return Name(row["name"], row["words"], through, without, cut)

    def cut(self, row: Mapping[str, Any]) -> Cut:
        expect, both = row["expect"], row.get("with", {})
        for name in (expect["variable"], *row["set"], *both):
            self.variable(name)
        return Cut(row["set"], both, expect["variable"], expect["direction"], row["why"])
