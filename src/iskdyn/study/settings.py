"""study.toml: the names of a study's parts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iskdyn.errors import Problem
from iskdyn.study.readings import Statistic

FILE = "study.toml"
MAX_DEPTH = 20
"""Tables and lists inside one another; no study file has more than four."""
MAX_NUMBER = 10**18
"""An integer of TOML may have any number of digits: a larger one is no number of a study, and may not fit a
float."""
MOST_EXOGENOUS = 7
"""Series of a closed model that may come from outside; more, and history is put in rather than generated."""
PERIODS = ("start", "split", "history_end", "horizon")
"""Keys that hold a period."""


@dataclass(frozen=True)
class Outcome:
    """A reading of a run that a study names: one statistic of a variable over a window.

    Attributes
    ----------
    window : first and last period; empty: the history
    """

    variable: str
    statistic: Statistic = "at_end"
    window: tuple[str, str] | tuple[()] = ()


@dataclass(frozen=True)
class Settings:
    """What study.toml says; paths are relative to its folder.

    Attributes
    ----------
    start : the period (a month, or what the clock says) that begins at Time = 0; empty: periods have no dates and
        are the model's own whole numbers
    clock : what a unit of Time is, of `iskdyn.study.months.FORMS`; empty: a month where there is a start
    model : file
    evidence, drivers, observations, parameters : tables; a study without one has no rows of it
    headline : variables in the order of the report, human cost first
    human_cost : those of them that stand first in every table
    tactics : name of each tactic and the constant of the model that removes it at 0
    switches : constants that are 0 or 1 and choose another structure; checks try both
    people_boundary : flows of people that may begin or end outside of the model
    decisions : computed variables that an actor decides; each can follow its own path (see `changes`)
    tactic_decisions : per tactic those of them that are its own: they stay free where all others are held
    exogenous : variables that the model takes from outside, as series over time; at most `MOST_EXOGENOUS`.
        Where they are named, no other variable may read Time
    outcomes : further readings that can be asked for by name
    never_more : tactics of which no search ever asks for more than in history
    groups : per kind of outcome the variables that speak of it; a null cuts a tactic off from one of them
    scenarios, results, report : folders
    levers, claims : files of what a policy may move, and of what the source claims; may be absent
    loops : file of the feedback loops that have a name; may be absent
    trials : file of extreme cases and what must hold in them; may be absent
    judgements : table of what only a person can judge of the model; may be absent
    variants, cuts : files of the rival structures, and of links cut one at a time; may be absent
    rules : file of the rules by which actors decide, in the order in which loops are closed; may be absent
    source : the work that the study formalises
    story : file of the report's own words
    split : last period of the fitted period; an observation that starts later must be held out
    history_end : last period of a run where none is asked for; empty: the model's FINAL TIME
    horizon : last period that any input may name; empty: as history_end
    """

    name: str
    model: str
    headline: tuple[str, ...]
    start: str = ""
    clock: str = ""
    evidence: str = ""
    drivers: str = ""
    observations: str = ""
    parameters: str = ""
    human_cost: tuple[str, ...] = ()
    tactics: Mapping[str, str] = field(default_factory=dict)
    people_boundary: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    tactic_decisions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exogenous: tuple[str, ...] = ()
    never_more: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    scenarios: str = "models/scenarios"
    levers: str = "models/levers.toml"
    claims: str = "models/claims.toml"
    loops: str = "models/loops.toml"
    trials: str = "models/trials.toml"
    judgements: str = "reports/judgements.csv"
    variants: str = "calibration/variants.toml"
    cuts: str = "calibration/cuts.toml"
    rules: str = "calibration/rules.toml"
    results: str = "calibration/results"
    report: str = "reports/out"
    source: str = ""
    story: str = ""
    split: str = ""
    history_end: str = ""
    horizon: str = ""


def read_toml(text: str, shown: str, problems: list[Problem]) -> dict[str, Any] | None:
    """The TOML text as a dictionary, or None with the problem added.

    Parameters
    ----------
    text : of the file
    shown : its name in problems
    problems : to which it is added, with line and column, if it is no TOML
    """
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = f"{shown}:{where[1]}:{where[2]}" if where else shown
        message = re.sub(r" \(at .*\)$", "", str(error))
        problems.append(Problem(place, f"is not TOML: {message}"))
        return None
    if reason := _refused(found):
        problems.append(Problem(shown, reason))
        return None
    return found


def _refused(found: dict[str, Any]) -> str:
    """Why values like these are not used, however well written: too deep, or beyond all numbers."""
    pending: list[tuple[Any, int]] = [(found, 0)]
    while pending:
        value, level = pending.pop()
        if level > MAX_DEPTH:
            return f"has tables inside one another, more than {MAX_DEPTH} deep"
        if isinstance(value, int) and abs(value) > MAX_NUMBER:
            return f"has a whole number of {len(str(abs(value)))} digits"
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        pending += [(part, level + 1) for part in parts]
    return ""


def toml_place(text: str, shown: str, key: str) -> str:
    """'file:line:key' of the first line that gives this key or names this text, else 'file'.

    Parameters
    ----------
    text, shown : of the file, and its name in problems
    key : or a text between quotes

    >>> toml_place('[tactics]\\n"talks" = "talks on"', "study.toml", "talks")
    'study.toml:2:talks'
    """
    pattern = re.compile(rf"""^\s*(\[.*)?["']?{re.escape(key)}["']?\s*[\]=]""")
    lines = text.splitlines()
    for holds in (lambda line: pattern.match(line), lambda line: f'"{key}"' in line):
        for number, line in enumerate(lines, 1):
            if holds(line):
                return f"{shown}:{number}:{key}"
    return shown
