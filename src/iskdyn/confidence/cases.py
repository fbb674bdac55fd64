"""What the model must do in extreme cases, and as a plain instance of its structure: `models/trials.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study.settings import read_toml, toml_place
from iskdyn.study.tables import read_text

if TYPE_CHECKING:
    from iskdyn.study import Study


@dataclass(frozen=True)
class Bound:
    """What must hold of a variable at every step from a model time on."""

    variable: str
    at_least: float | None
    at_most: float | None
    never_rises: bool
    start: float


@dataclass(frozen=True)
class Case:
    """An extreme: values of constants and initial stocks, and what must then hold."""

    name: str
    values: Mapping[str, float]
    bounds: tuple[Bound, ...]


@dataclass(frozen=True)
class Family:
    """Values that make the model one stock with a constant inflow and a constant hazard of leaving."""

    name: str
    values: Mapping[str, float]
    stock: str
    inflow: str
    hazard: str


def read_cases(study: Study) -> tuple[tuple[Case, ...], Family | None]:
    """The extreme cases and the plain instance; none where the study has no such file.

    Raises
    ------
    StudyError : the file is wrong, with every problem at once
    """
    shown, path = study.settings.trials, study.path_of("trials")
    if not path.is_file():
        return (), None
    problems: list[Problem] = []
    text = read_text(path, shown, problems)
    found = read_toml(text, shown, problems) if text is not None else None
    if text is None or found is None:
        raise StudyError(problems)
    reader = _Reader(study, text, shown, problems)
    for key in set(found) - {"case", "family"}:
        reader.say(key, f"the key '{key}' is not known")
    cases = tuple(reader.case(row) for row in found.get("case", []))
    family = reader.family(found["family"]) if "family" in found else None
    if problems:
        raise StudyError(problems)
    return cases, family


class _Reader:
    def __init__(self, study: Study, text: str, shown: str, problems: list[Problem]) -> None:
        self.study, self.text, self.shown, self.problems = study, text, shown, problems

    def say(self, key: str, message: str) -> None:
        self.problems.append(Problem(toml_place(self.text, self.shown, key), message))

    def variable(self, name: object) -> str:
        if name not in self.study.program:
            hint = suggest(str(name), [one.name for one in self.study.program])
            self.say(str(name), f"no variable '{name}'{hint}")
            return str(name)
        return self.study.program[str(name)].name

    def values(self, owner: str, row: Mapping[str, Any]) -> dict[str, float]:
        values = row.get("set")
        if not isinstance(values, dict) or not all(isinstance(one, (int, float)) for one in values.values()):
            self.say(owner, f"'{owner}' needs set = a table of numbers")
            return {}
        return {self.variable(name): float(value) for name, value in values.items()}

    def case(self, row: Any) -> Case:
        row = row if isinstance(row, dict) else {}
        name = str(row.get("name", ""))
        bounds = row.get("expect", [])
        if not name or not isinstance(bounds, list) or not bounds:
            self.say(name or "case", "a case needs a name and expect = a list of tables")
            bounds = []
        return Case(name, self.values(name, row), tuple(self.bound(name, one) for one in bounds))

    def bound(self, owner: str, row: Any) -> Bound:
        known = {"variable", "at_least", "at_most", "never_rises", "from"}
        row = row if isinstance(row, dict) else {}
        for key in set(row) - known:
            self.say(owner, f"'{owner}': the key '{key}' is not known")
        if not set(row) & {"at_least", "at_most", "never_rises"}:
            self.say(owner, f"'{owner}': say at_least, at_most or never_rises")
        start = self.study.time(row["from"]) if "from" in row else float("-inf")
        return Bound(self.variable(row.get("variable")), row.get("at_least"), row.get("at_most"),
                     bool(row.get("never_rises", False)), start)  # fmt: skip

    def family(self, row: Any) -> Family:
        row = row if isinstance(row, dict) else {}
        ends = [self.variable(row.get(key)) for key in ("stock", "inflow", "hazard")]
        return Family(str(row.get("name", "")), self.values("family", row), *ends)
