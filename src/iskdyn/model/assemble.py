"""An abstract model of PySD, translated, checked and put in order."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from iskdyn.errors import ModelError, Problem
from iskdyn.model.expression import needs
from iskdyn.model.order import ordered, start_roots
from iskdyn.model.program import Program, Variable
from iskdyn.model.source import Index
from iskdyn.model.translate import Translator
from iskdyn.model.units_algebra import read_synonyms

CONTROLS = ("initial_time", "final_time", "time_step", "saveper")


def translate_model(path: Path, data: bytes, index: Index, abstract: Any) -> Program:
    """`Program` of an abstract model."""
    macros = {section.name: section for section in abstract.sections[1:]}
    translator = Translator(path.name, index, macros)
    translator.section(abstract.sections[0])
    problems = list(translator.problems)
    known = {variable.key: variable for variable in translator.variables}
    for control in CONTROLS[:3]:
        if control not in known:
            problems.append(
                Problem(path.name, f"no {control.upper().replace('_', ' ')}; give it an equation")
            )
    if problems:
        raise ModelError(problems)
    start, step = orders_of(path.name, known, problems)
    if problems:
        raise ModelError(problems)
    visible = tuple(variable for variable in translator.variables if not variable.hidden)
    hidden = tuple(variable for variable in translator.variables if variable.hidden)
    synonyms = read_synonyms(data.decode("utf-8", errors="replace"))
    return Program(path, hashlib.sha256(data).hexdigest(), visible, hidden, start, step, synonyms)


def orders_of(
    file: str, known: dict[str, Variable], problems: list[Problem]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys in an order in which values can be computed, at the start and in a step; circles become problems."""

    def below(stage: Any) -> Any:
        return lambda key: (
            [k for k in needs(known[key].expression, stage) if k in known] if key in known else []
        )

    def circle(stage: str) -> Any:
        def report(keys: list[str]) -> Problem:
            names = " -> ".join(known[key].name for key in [*keys, keys[0]])
            line = known[keys[0]].line
            place = f"{file}:{line}" if line else file
            return Problem(
                place, f"circle of equations {stage}: {names}; put a stock or a delay between them"
            )

        return report

    tables = {key for key, variable in known.items() if variable.kind == "table"}
    roots = [key for key in start_roots(known.values()) if key in known]
    start = ordered(roots, below("start"), circle("at the start"), problems)
    step = ordered(list(known), below("step"), circle("within a step"), problems)
    return tuple(k for k in start if k not in tables), tuple(k for k in step if k not in tables)
