"""Find a study's folder and read it whole, with every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from iskdyn.errors import IskdynError, Problem, StudyError
from iskdyn.model import Program, read_model
from iskdyn.model.names import suggest
from iskdyn.study import links, records
from iskdyn.study.form_check import check_files, misfits
from iskdyn.study.inputs import check_inputs
from iskdyn.study.months import Calendar
from iskdyn.study.places import Page
from iskdyn.study.places import Path as Where
from iskdyn.study.records import Record
from iskdyn.study.scenarios import Scenario, read_scenario, scenario_files
from iskdyn.study.series import expand_series
from iskdyn.study.settings import FILE, PERIODS, Outcome, Settings, read_toml
from iskdyn.study.study import BUNDLED, Study, calendar_of, horizon, setting_of
from iskdyn.study.tables import Column, empty_table, read_table, read_text

_TABLES: dict[str, tuple[Sequence[Column], tuple[str, ...]]] = {
    "evidence": (records.EVIDENCE, ("id",)),
    "drivers": (records.DRIVERS, ("driver", "month")),
    "observations": (records.OBSERVATIONS, ("id",)),
    "parameters": (records.PARAMETERS, ("name",)),
}
"""Columns and key of each table."""


def find_study(path: str | Path | None = None) -> Path:
    """The folder of a study: the one given, else the nearest upward, else the one in the package.

    Raises
    ------
    StudyError : there is no study.toml there
    """
    if path is not None:
        folder = Path(path)
        folder = folder.parent if folder.name == FILE else folder
        if not (folder / FILE).is_file():
            raise StudyError(Problem(str(folder), f"holds no {FILE}"))
        return folder
    here = Path.cwd()
    for folder in (here, *here.parents, BUNDLED):
        if (folder / FILE).is_file():
            return folder
    raise StudyError(Problem(str(here), f"neither this folder nor one above holds a {FILE}; use --study"))


def open_study(path: str | Path | None = None, method: str | None = None) -> Study:
    """A study folder, read and checked whole; see `iskdyn.open_study`."""
    return open_as(find_study(path), method)


def open_as(root: Path, method: str | None, model: str = "") -> Study:
    """A study's folder as if study.toml named this model (a file in it): all tables are checked against it.

    Parameters
    ----------
    root : the folder of study.toml
    method : "euler", "rk2" or "rk4"; None: what the model's file asks for
    model : path in the folder; "" for the one that study.toml names

    Raises
    ------
    StudyError : with every problem, such as a name of the study's tables that the model lacks
    """
    problems: list[Problem] = []
    settings, text = _settings(root, problems)
    if settings is None:
        raise StudyError(problems)
    settings = replace(settings, model=model or settings.model)
    tables = {}
    for name, (columns, key) in _TABLES.items():
        shown = getattr(settings, name)
        tables[name] = (
            read_table(root / shown, shown, columns, problems, key, calendar_of(settings))
            if shown
            else empty_table(columns)
        )
    observations = expand_series(
        root, settings.observations, tables["observations"], calendar_of(settings), problems
    )
    tables["observations"] = observations
    problems += check_files(root, settings)
    program = _program(root / settings.model, method, problems)
    spoilt = bool(settings.evidence) and any(one.place.startswith(settings.evidence) for one in problems)
    problems += _inside(settings, tables, program, cited=not spoilt)
    scenarios: dict[str, Scenario] = {}
    if program is not None:
        scenarios = _scenarios(root, settings, program, tables, problems)
        problems += _between(settings, text, tables, program)
    if problems or program is None:
        raise StudyError(problems)
    return Study(root, settings, program, **tables, scenarios=scenarios, method=method)


def _settings(root: Path, problems: list[Problem]) -> tuple[Settings | None, str]:
    """The settings of the study in this folder and their text; None with the problems added."""
    text = read_text(root / FILE, FILE, problems)
    found = read_toml(text, FILE, problems) if text is not None else None
    if text is None or found is None:
        return None, ""
    page = Page(text, FILE, misfits(found, "study", text, FILE))
    periods: dict[Where, str] = {(key,): found[key] for key in PERIODS if key in found}
    if not page.problems:
        clock = Calendar(found.get("start", ""), found.get("clock", ""))
        for name, one in found.get("outcomes", {}).items():
            periods |= {
                ("outcomes", name, "window", i): period for i, period in enumerate(one.get("window", ()))
            }
        for path, period in periods.items():
            if clock.number(period) is None:
                undated = "" if "start" in found else "; give the key 'start' if periods have dates"
                page.say(path, f"'{period}' is not {clock.expected}{undated}")
    problems.extend(page.problems)
    if page.problems:
        return None, text
    outcomes = {name: Outcome(**_fixed(one)) for name, one in found.get("outcomes", {}).items()}
    return Settings(**{**_fixed(found), "outcomes": outcomes}), text


def _fixed(value: Any) -> Any:
    """The same with tuples in the place of lists."""
    if isinstance(value, dict):
        return {key: _fixed(part) for key, part in value.items()}
    return tuple(value) if isinstance(value, list) else value


def _program(path: Path, method: str | None, problems: list[Problem]) -> Program | None:
    try:
        program = read_model(path)
    except IskdynError as error:
        problems.extend(error.problems)
        return None
    if method is None:
        return program
    from iskdyn.simulate.method import with_method

    return with_method(program, method)


def _rows(settings: Settings, tables: dict[str, pd.DataFrame]) -> dict[str, list[Record]]:
    return {name: records.records(table, getattr(settings, name)) for name, table in tables.items()}


def _inside(
    settings: Settings, tables: dict[str, pd.DataFrame], program: Program | None, *, cited: bool
) -> Iterable[Problem]:
    """Problems inside the tables; `cited`: and of what they cite of the evidence, where that could be read."""
    rows = _rows(settings, tables)
    months = horizon(settings, program)
    evidence = {row["id"]: row["fold"] for row in rows["evidence"]} if cited else None
    yield from records.check_evidence(rows["evidence"])
    yield from records.check_drivers(rows["drivers"], evidence, months)
    yield from records.check_observations(rows["observations"], evidence, months, settings.split)
    yield from records.check_parameters(rows["parameters"], evidence)


def _between(
    settings: Settings, text: str, tables: dict[str, pd.DataFrame], program: Program
) -> Iterable[Problem]:
    rows = _rows(settings, tables)
    yield from links.check_names(program, settings, text)
    yield from links.check_driver_tables(program, rows["drivers"], calendar_of(settings))
    yield from links.check_parameter_ranges(program, rows["parameters"])
    yield from links.check_observed(program, rows["observations"], rows["parameters"])


def _scenarios(
    root: Path,
    settings: Settings,
    program: Program,
    tables: dict[str, pd.DataFrame],
    problems: list[Problem],
) -> dict[str, Scenario]:
    last = calendar_of(settings).time(horizon(settings, program)[1]) + 1
    setting = setting_of(settings, program, tables["parameters"])
    found = {}
    for path in scenario_files(root / settings.scenarios):
        shown = path.relative_to(root).as_posix()
        scenario = read_scenario(path, shown, setting, problems)
        if scenario is not None:
            found[scenario.name] = scenario
            problems += check_inputs(program, scenario.inputs, shown, last)
            problems += _loose_ends(root, settings, scenario, tables, shown)
    return found


def _loose_ends(
    root: Path, settings: Settings, scenario: Scenario, tables: dict[str, pd.DataFrame], shown: str
) -> Iterable[Problem]:
    """What a scenario names in other files of the study and what is not there."""
    known = [path.stem for path in scenario_files(root / settings.scenarios)]
    if scenario.against and scenario.against not in known:
        hint = suggest(scenario.against, known)
        yield Problem(shown, f"against: the study has no scenario '{scenario.against}'{hint}")
    ids = set(map(str, tables["evidence"]["id"]))
    for one in scenario.source:
        if one not in ids:
            yield Problem(shown, f"source: '{one}' is no id of the evidence")
