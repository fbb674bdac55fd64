"""The loops that have a name: `models/loops.toml`, read and checked against the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iskdyn.confidence.loops.loops import Loop
from iskdyn.errors import Problem, StudyError
from iskdyn.study import Change, Expectation, inputs_of, read_changes, read_expectations
from iskdyn.study.form_check import read_form
from iskdyn.study.places import Page, Path

if TYPE_CHECKING:
    from iskdyn.study import Study


@dataclass(frozen=True)
class Cut:
    """What must happen when a loop is cut, said before the run.

    Attributes
    ----------
    changes : that cut it
    both : changes of both runs, with and without the cut
    expect : of a mean over the history
    why : the reason
    """

    changes: tuple[Change, ...]
    both: tuple[Change, ...]
    expect: tuple[Expectation, ...]
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
    reader = _Reader(study, Page(text, shown, problems))
    kinds = {
        name: reader.keys(stocks, {}, ("kinds", name)) for name, stocks in found.get("kinds", {}).items()
    }
    outcomes = tuple(found.get("outcomes", []))
    reader.keys(outcomes, {}, ("outcomes",))
    names = tuple(reader.name(row, kinds, ("loop", i)) for i, row in enumerate(found.get("loop", [])))
    if problems:
        raise StudyError(problems)
    return Names(outcomes, names)


@dataclass(frozen=True)
class _Reader:
    study: Study
    page: Page

    def keys(self, names: Sequence[str], kinds: Mapping[str, frozenset[str]], at: Path) -> frozenset[str]:
        """The keys of variables and kinds by name."""
        program = self.study.program
        for i, name in enumerate(names):
            if name not in kinds and name not in program:
                self.page.say((*at, i), self.study.setting.lacks(name))
        plain = [program[name].key for name in names if name not in kinds and name in program]
        return frozenset(plain).union(*(kinds[one] for one in names if one in kinds))

    def name(self, row: Mapping[str, Any], kinds: Mapping[str, frozenset[str]], at: Path) -> Name:
        through = tuple(self.keys([one], kinds, (*at, "through")) for one in row["through"])
        without = self.keys(row.get("without", []), kinds, (*at, "without"))
        cut = self.cut(row["cut"], (*at, "cut")) if "cut" in row else None
        return Name(row["name"], row["words"], through, without, cut)

    def cut(self, row: Mapping[str, Any], at: Path) -> Cut:
        changes = read_changes(self.study.setting, row, self.page, at)
        both = read_changes(self.study.setting, row.get("with", {}), self.page, (*at, "with"))
        if not changes:
            self.page.say(at, "changes nothing")
        inputs_of(self.study.setting, (*changes, *both), lambda one, message: self.page.say(at, message))
        expect = read_expectations(self.study.setting, row["expect"], self.page, (*at, "expect"))
        return Cut(changes, both, expect, row["why"])
