"""A model file -> `Program`."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import Any

from iskdyn.errors import InputError, ModelError, Problem
from iskdyn.model.expression import needs
from iskdyn.model.order import ordered, start_roots
from iskdyn.model.program import Program, Variable
from iskdyn.model.source import index_source
from iskdyn.model.translate import Translator

SUFFIXES = (".mdl", ".xmile", ".stmx", ".itmx", ".xml")
CONTROLS = ("initial_time", "final_time", "time_step", "saveper")


def read_model(path: str | Path) -> Program:
    """Read a Vensim (.mdl) or XMILE model.

    Errors
    ------
    InputError : no such file, or not a model by its ending.
    ModelError : everything that is wrong with the model or cannot be run here, with file and line.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(Problem(str(path), f"expected a model ({', '.join(SUFFIXES)}), got {path.suffix!r}"))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    return translate_model(path, data, _parse(path))


def _parse(path: Path) -> Any:
    """PySD's abstract model of a file."""
    from lxml import etree
    from parsimonious.exceptions import ParsimoniousError
    from pysd.translators.vensim.vensim_file import VensimFile
    from pysd.translators.xmile.xmile_file import XmileFile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            file = VensimFile(path) if path.suffix.lower() == ".mdl" else XmileFile(path)
            file.parse()
            return file.get_abstract_model()
        except (ParsimoniousError, etree.LxmlError, SyntaxError) as error:
            raise ModelError(Problem(path.name, f"cannot be parsed: {error}")) from error


def translate_model(path: Path, data: bytes, abstract: Any) -> Program:
    """`Program` of an abstract model."""
    index = index_source(path, data.decode("utf-8", errors="replace"))
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
    start, step = _orders(path.name, known, problems)
    if problems:
        raise ModelError(problems)
    visible = tuple(variable for variable in translator.variables if not variable.hidden)
    hidden = tuple(variable for variable in translator.variables if variable.hidden)
    return Program(path, hashlib.sha256(data).hexdigest(), visible, hidden, start, step)


def _orders(
    file: str, known: dict[str, Variable], problems: list[Problem]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
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
