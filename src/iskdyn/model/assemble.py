"""A model's text -> `Program`: read, written out to scalars, checked and put in order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from iskdyn.errors import ModelError, Problem
from iskdyn.model.expression import needs
from iskdyn.model.order import ordered, start_roots
from iskdyn.model.program import Program, Variable
from iskdyn.model.reading.definitions import Reading
from iskdyn.model.reading.text import MAX_BYTES, Text, decode
from iskdyn.model.reading.vensim import read_vensim
from iskdyn.model.reading.xmile import read_xmile
from iskdyn.model.write_out.beside import Beside
from iskdyn.model.write_out.data_file import DataFile, tell_of_data
from iskdyn.model.write_out.dimensions import Dimensions
from iskdyn.model.write_out.nonnegative import limit_outflows
from iskdyn.model.write_out.ranges_from_files import fill
from iskdyn.model.write_out.writer import Writer

CONTROLS = ("initial_time", "final_time", "time_step", "saveper")
SHOWN = 20
"""Problems of one file that are told: what fits on a screen; the rest are counted."""


def assemble(path: Path, data: bytes, series: DataFile | None = None) -> Program:
    """The program of a file's bytes.

    Parameters
    ----------
    series : of a file, for data variables without an equation

    Raises
    ------
    ModelError : all that is wrong or cannot be run, each with file, line and column.
    """
    if len(data) > MAX_BYTES:
        raise ModelError(
            Problem(f"{path.name}:1:1", f"{len(data):,} bytes; at most {MAX_BYTES:,} can be read")
        )
    try:
        decoded, encoding = decode(data)
    except ValueError as error:
        raise ModelError(Problem(path.name, str(error))) from error
    if "\0" in decoded:
        raise ModelError(Problem(path.name, "is not text; expected a Vensim or XMILE model"))
    text = Text(path.name, decoded)
    reading = read_vensim(text) if path.suffix.lower() == ".mdl" else read_xmile(text)
    if encoding not in ("utf-8", "ascii"):
        reading.kept(0, f"encoding {encoding}", "read as such")
    _fail(reading)
    files = Beside(path.parent, reading.data_files)
    fill(reading, files)
    dimensions = Dimensions(reading)
    writer = Writer(reading, dimensions, files, series)
    writer.model()
    if all(definition.key in CONTROLS for definition in reading.definitions):
        reading.refuse(0, "no variable found beside the clock; is it a model?")
    variables = limit_outflows(reading, writer.variables)
    known = {variable.key: variable for variable in variables}
    if not reading.problems:
        for control in CONTROLS[:3]:
            if control not in known:
                reading.problems.append(
                    Problem(path.name, f"no {control.upper().replace('_', ' ')}; give it an equation")
                )
    _fail(reading)
    start, step = orders_of(path.name, known, reading.problems)
    _fail(reading)
    if series is not None:
        tell_of_data(series, writer.taken, known)
    return Program(
        path=path,
        digest=hashlib.sha256(data + _outside(files, series)).hexdigest(),
        variables=tuple(variable for variable in variables if not variable.hidden),
        hidden=tuple(variable for variable in variables if variable.hidden),
        start_order=start,
        step_order=step,
        synonyms=reading.synonyms,
        method=reading.method,
        beside=tuple(sorted(files.used.items())),
        ledger=reading.account.ledger(),
        dimensions=tuple(
            (dimensions.spelling[key], tuple(dimensions.spelling[element] for element in elements))
            for key, elements in dimensions.elements.items()
        ),
    )


def _outside(files: Beside, data: DataFile | None) -> bytes:
    """What else the numbers rest on; empty where they rest on the model's file alone."""
    series = sorted(data.series.items()) if data is not None else []
    return repr((sorted(files.used.items()), series)).encode() if files.used or series else b""


def _fail(reading: Reading) -> None:
    """Raise what is wrong: one problem a place, in the order of the file, the first ones and a count."""
    if not reading.problems:
        return
    problems = list({problem.place: problem for problem in reversed(reading.problems)}.values())
    problems.sort(key=_order)
    rest = len(problems) - SHOWN
    if rest > 0:
        problems = [*problems[:SHOWN], Problem(reading.text.name, f"and {rest} more problems")]
    raise ModelError(problems)


def _order(problem: Problem) -> tuple[int, ...]:
    """Line and column of a problem; one without comes last."""
    numbers = tuple(int(part) for part in problem.place.split(":")[1:] if part.isdigit())
    return numbers or (1 << 60,)


def orders_of(
    file: str, known: dict[str, Variable], problems: list[Problem]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys in an order in which values can be computed, at the start and in a step; circles become problems.

    Parameters
    ----------
    file : the model's name in problems
    known : variables by key
    problems : to which each circle of equations is added
    """

    def below(stage: Literal["start", "step"]) -> Callable[[str], Sequence[str]]:
        return lambda key: (
            [k for k in needs(known[key].expression, stage) if k in known] if key in known else []
        )

    def circle(stage: str) -> Callable[[list[str]], Problem]:
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
