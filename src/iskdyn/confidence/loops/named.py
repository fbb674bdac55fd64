"""The loops that have a name: `models/loops.toml`, read and checked against the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from iskdyn.confidence.loops.loops import Loop
from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study.settings import read_toml, toml_place
from iskdyn.study.tables import read_text

if TYPE_CHECKING:
    from iskdyn.study import Study

Direction = Literal["higher", "lower"]
Kind = TypeVar("Kind", list[Any], dict[str, Any])


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
    text = read_text(path, shown, problems)
    found = read_toml(text, shown, problems) if text is not None else None
    if text is None or found is None:
        raise StudyError(problems)
    reader = _Reader(study, text, shown, problems)
    reader.known(found, ("outcomes", "kinds", "loop"))
    kinds = {
        name: reader.keys(name, stocks, {}) for name, stocks in reader.given(found, "kinds", dict).items()
    }
    outcomes = tuple(str(one) for one in reader.given(found, "outcomes", list))
    for outcome in outcomes:
        reader.variable(outcome)
    names = tuple(reader.name(row, kinds) for row in reader.given(found, "loop", list))
    if problems:
        raise StudyError(problems)
    return Names(outcomes, names)


class _Reader:
    def __init__(self, study: Study, text: str, shown: str, problems: list[Problem]) -> None:
        self.study, self.text, self.shown, self.problems = study, text, shown, problems

    def say(self, key: str, message: str) -> None:
        self.problems.append(Problem(toml_place(self.text, self.shown, key), message))

    def known(self, row: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Say of each other key that it is not known."""
        for key in row:
            if key not in keys:
                self.say(key, f"the key '{key}' is not known{suggest(key, keys)}")

    def given(self, row: Mapping[str, Any], key: str, kind: type[Kind], owner: str = "") -> Kind:
        """A list or table of the file, empty where there is none."""
        value = row.get(key, kind())
        if isinstance(value, kind):
            return value
        self.say(owner or key, f"expected a {'list' if kind is list else 'table'} of '{key}', got {value!r}")
        return kind()

    def variable(self, name: str) -> str:
        """The key of a variable of the model."""
        program = self.study.program
        if name not in program:
            self.say(name, f"no variable '{name}'{suggest(name, [one.name for one in program])}")
            return name
        return program[name].key

    def keys(self, owner: str, names: Any, kinds: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """The keys of stocks and kinds by name."""
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            self.say(owner, f"expected a list of stocks, got {names!r}")
            return frozenset()
        plain = [self.variable(one) for one in names if one not in kinds]
        return frozenset(plain).union(*(kinds[one] for one in names if one in kinds))

    def name(self, row: Any, kinds: Mapping[str, frozenset[str]]) -> Name:
        row = row if isinstance(row, dict) else {}
        name = str(row.get("name", ""))
        for key in ("name", "words", "through"):
            if not row.get(key):
                self.say(name or "loop", f"the key '{key}' is missing in [[loop]] '{name}'")
        self.known(row, ("name", "words", "through", "without", "cut"))
        through = tuple(self.keys(name, [one], kinds) for one in self.given(row, "through", list, name))
        without = self.keys(name, row.get("without", []), kinds)
        cut = self.cut(name, row["cut"]) if "cut" in row else None
        return Name(name, str(row.get("words", "")), through, without, cut)

    def cut(self, owner: str, row: Any) -> Cut | None:
        row = row if isinstance(row, dict) else {}
        self.known(row, ("set", "with", "expect", "why"))
        expect, values, both = (self.given(row, key, dict, owner) for key in ("expect", "set", "with"))
        direction, variable = str(expect.get("direction", "")), str(expect.get("variable", ""))
        if direction not in ("higher", "lower") or not variable or not values or not row.get("why"):
            needs = "needs set, why and expect with a variable and a direction, higher or lower"
            self.say(owner, f"the cut of '{owner}' {needs}")
            return None
        self.variable(variable)
        for name, value in [*values.items(), *both.items()]:
            self.variable(name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.say(name, f"expected a number, got {value!r}")
        return Cut(values, both, variable, cast(Direction, direction), str(row["why"]))
