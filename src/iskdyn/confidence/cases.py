"""What the model must do in extreme cases, and as a plain instance of its structure: `models/trials.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iskdyn.confidence.conditions import Condition, read_arm
from iskdyn.errors import StudyError
from iskdyn.study import read_expectations
from iskdyn.study.form_check import read_form
from iskdyn.study.places import Page, Path

if TYPE_CHECKING:
    from iskdyn.study import Study


@dataclass(frozen=True)
class Family:
    """Values that make the model one stock with a constant inflow and a constant hazard of leaving."""

    name: str
    values: Mapping[str, float]
    stock: str
    inflow: str
    hazard: str


def read_cases(study: Study) -> tuple[tuple[Condition, ...], Family | None]:
    """The extreme cases, as statements of the model's own numbers, and the plain instance; none without the file.

    Raises
    ------
    StudyError : the file is wrong, with every problem at once
    """
    shown, path = study.settings.trials, study.path_of("trials")
    if not path.is_file():
        return (), None
    found, text = read_form(path, "trials", shown)
    page = Page(text, shown)
    cases = tuple(_case(study, row, page, ("case", i)) for i, row in enumerate(found.get("case", [])))
    family = _family(study, found["family"], page) if "family" in found else None
    if page.problems:
        raise StudyError(page.problems)
    return cases, family


def _case(study: Study, row: Mapping[str, Any], page: Page, at: Path) -> Condition:
    changes = read_arm(study, row, page, at)
    if not changes:
        page.say(at, "changes nothing")
    expect = read_expectations(study.setting, row["expect"], page, (*at, "expect"))
    return Condition(row["name"], "", changes, expect)


def _family(study: Study, row: Mapping[str, Any], page: Page) -> Family:
    changes = read_arm(study, row, page, ("family",))
    for key in ("stock", "inflow", "hazard"):
        if row[key] not in study.program:
            page.say(("family", key), study.setting.lacks(row[key]))
    values = {one.name: one.value for one in changes}
    return Family(row.get("name", ""), values, row["stock"], row["inflow"], row["hazard"])
