"""What the model must do in extreme cases, and as a plain instance of its structure: `models/trials.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study.form_check import read_form
from iskdyn.study.settings import toml_place

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
    found, text = read_form(path, "trials", shown)
    reader = _Reader(study, text, shown, problems)
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

    def values(self, row: Mapping[str, Any]) -> dict[str, float]:
        return {self.variable(name): float(value) for name, value in row["set"].items()}

    def case(self, row: Mapping[str, Any]) -> Case:
        bounds = tuple(self.bound(row["name"], one) for one in row["expect"])
        return Case(row["name"], self.values(row), bounds)

    def bound(self, owner: str, row: Mapping[str, Any]) -> Bound:
        if not set(row) & {"at_least", "at_most", "never_rises"}:
            self.say(owner, f"'{owner}': say at_least, at_most or never_rises")
        start = self.study.time(row["from"]) if "from" in row else float("-inf")
        return Bound(self.variable(row.get("variable")), row.get("at_least"), row.get("at_most"),
                     bool(row.get("never_rises", False)), start)  # fmt: skip

    def family(self, row: Mapping[str, Any]) -> Family:
        ends = [self.variable(row[key]) for key in ("stock", "inflow", "hazard")]
        return Family(row.get("name", ""), self.values(row), *ends)
