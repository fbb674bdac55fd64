"""Scenarios: named sets of changes to a model, as TOML files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from iskdyn.errors import Problem, StudyError
from iskdyn.study.changes import Setting, inputs_of, read_changes
from iskdyn.study.expectations import Expectation, read_expectations
from iskdyn.study.form_check import read_form
from iskdyn.study.inputs import Inputs
from iskdyn.study.places import Page

_TEXTS = ("title", "says", "expects", "run", "against")


@dataclass(frozen=True)
class Scenario:
    """What is changed, and why.

    Attributes
    ----------
    name : of the file, without its ending
    title, says : for a reader
    expects, expect : what the source expects of it, in words and in a form that can fail
    run, source : its number in the list of counterfactual runs, and ids of the evidence
    against : name of the scenario it is to be compared with; empty: history
    choice : something that those who fight the group could have chosen, and that adds no repression
    inputs : values of constants, and series over model time: linear between points, held at both ends
    """

    name: str
    title: str = ""
    says: str = ""
    inputs: Inputs = field(default_factory=Inputs)
    expects: str = ""
    expect: tuple[Expectation, ...] = ()
    run: str = ""
    source: tuple[str, ...] = ()
    against: str = ""
    choice: bool = False


def scenario_files(folder: Path) -> list[Path]:
    """The files of scenarios in a folder; hidden ones are what editors and systems leave behind."""
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))


def read_scenario(path: Path, shown: str, setting: Setting, problems: list[Problem]) -> Scenario | None:
    """The scenario in a file, or None with its problems added; ranges are checked by `check_inputs`.

    Parameters
    ----------
    path : of the TOML file; its name without the ending is the scenario's
    shown : its name in problems
    setting : the model, calendar and parameters that its changes may speak of
    problems : to which every problem of the file is added
    """
    try:
        found, text = read_form(path, "scenario", shown)
    except StudyError as error:
        problems.extend(error.problems)
        return None
    page = Page(text, shown)
    changes = read_changes(setting, found, page)
    expect = read_expectations(setting, found.get("expect", []), page, ("expect",))
    inputs = (
        Inputs()
        if page.problems
        else inputs_of(setting, changes, lambda one, message: page.say((one.table, one.name), message))
    )
    problems.extend(page.problems)
    if page.problems:
        return None
    told = {"title": path.stem, **{key: found[key] for key in _TEXTS if key in found}}
    source, choice = tuple(found.get("source", ())), found.get("choice", False)
    return Scenario(path.stem, inputs=inputs, expect=expect, source=source, choice=choice, **told)
