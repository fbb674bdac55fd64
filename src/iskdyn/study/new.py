"""A new study from any model that runs: every file that opening asks for, by rules that each file states."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from iskdyn.errors import InputError, Problem
from iskdyn.files import write_folder_whole
from iskdyn.model import Program, Variable, read_model
from iskdyn.model.names import suggest
from iskdyn.study import new_files
from iskdyn.study.months import FORMS, PLAIN, Calendar
from iskdyn.study.tables import read_number, read_text, text_rows

MOST_PARAMETERS, MOST_OUTCOMES = 20, 6
"""Numbers that are fitted, and outcomes that are told: more are hard to look through at a first sight."""
MOVED = 1.1
"""Factor by which a constant is moved to see whether any outcome notices: an effect of a tenth more stands far
above rounding."""
NOTICED = 1e-6
"""Least largest relative change of an outcome that counts as noticing; rounding is far below."""


@dataclass(frozen=True)
class Data:
    """What a table of series holds that the model knows.

    Attributes
    ----------
    calendar : how its times are written
    columns : per column of the table the model's variable
    rows : period, and the cells of these columns as they are written
    left : columns that the model does not know, and rows that stand at no whole period
    """

    calendar: Calendar
    columns: dict[str, str]
    rows: list[tuple[str, list[str]]]
    left: tuple[str, ...]


def new_study(model: Path, data: Path | None, folder: Path) -> tuple[str, ...]:
    """Write the study of a model into a new folder, open it once, and return what was left out, in words.

    Parameters
    ----------
    data : a table of series, times in its first column, each other one named as a variable of the model
    folder : must not be there; it is whole or absent, whatever happens

    Raises
    ------
    InputError : the folder is there; the model or the data cannot be used
    ModelError : the model does not run
    """
    from iskdyn.study.opening import open_study

    if folder.exists():
        raise InputError(Problem(str(folder), "is there already; name another folder with --out"))
    program = read_model(model)
    found = None if data is None else read_data(program, data)
    outcomes = list(dict.fromkeys(found.columns.values())) if found else _told(program)
    chosen, left = _parameters(program, outcomes)

    def write(part: Path) -> None:
        for name, text in new_files.texts(program, found, outcomes, chosen).items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_text(text, encoding="utf-8")
        shutil.copyfile(model, part / new_files.model_path(program))
        open_study(part)

    write_folder_whole(folder, write)
    return (*(found.left if found else ()), *left)


def read_data(program: Program, path: Path) -> Data:
    """The columns of a table that are variables of the model; InputError with everything that is wrong."""
    problems: list[Problem] = []
    text = read_text(path, path.name, problems)
    lines = text_rows(text, path.name, problems) if text is not None else []
    if problems:
        raise InputError(problems)
    header = [name.strip() for name in lines[0][1]]
    known = {name: program[name].name for name in header[1:]
             if name in program and program[name].kind in ("stock", "auxiliary")}  # fmt: skip
    if not known:
        names = [one.name for one in program if one.kind in ("stock", "auxiliary")]
        hints = "; ".join(f"'{name}'{suggest(name, names)}" for name in header[1:5]) or "there is none"
        message = (
            f"no column after the first is named as a stock or a computed variable of {program.name}: {hints}"
        )
        raise InputError(Problem(f"{path.name}:1", message))
    if repeated := {name for name in header if header.count(name) > 1}:
        raise InputError(
            Problem(f"{path.name}:1", f"columns stand there twice: {', '.join(sorted(repeated))}")
        )
    times = [_plain(cells[0].strip()) for _, cells in lines[1:]]
    calendar = _calendar(program, times, path.name)
    places = [header.index(name) for name in known]
    rows, between = [], 0
    for line, cells in lines[1:]:
        period = _plain(cells[0].strip())
        numbers = [cells[place].strip() if place < len(cells) else "" for place in places]
        problems += [Problem(f"{path.name}:{line}", f"'{number}' is not a finite number")
                     for number in numbers if number and read_number(number) is None]  # fmt: skip
        if calendar.number(period) is None:
            between += 1
        elif any(numbers):
            rows.append((period, numbers))
    if not rows:
        problems.append(Problem(path.name, "has no number at a whole period of the model's time"))
    if problems:
        raise InputError(problems)
    left = [
        f"column '{name}': no stock and no computed variable of the model"
        for name in header[1:]
        if name not in known
    ]
    left += [f"{between} rows of the data between whole periods"] if between else []
    return Data(calendar, known, rows, tuple(left))


def _calendar(program: Program, times: list[str], shown: str) -> Calendar:
    """Model times where the first is within the model's run; else dates, and the run begins at the first of them."""
    start, last = program["INITIAL TIME"].value, program["FINAL TIME"].value
    numbers = [number for time in times if (number := read_number(time)) is not None]
    if times and len(numbers) == len(times) and start <= min(numbers) <= last:
        return Calendar()
    for clock, form in FORMS.items():
        if times and all(form.number(time) is not None for time in times):
            first = min(form.number(time) or 0 for time in times)
            return Calendar(form.label(first - int(np.floor(start))), clock)
    kinds = "; ".join(form.expected for form in FORMS.values())
    expected = f"model times of which the first is from {start:g} to {last:g}, or all of one kind: {kinds}"
    raise InputError(Problem(f"{shown}:1", f"the first column is not a time; expected {expected}"))


def _plain(text: str) -> str:
    """A whole number without a decimal point; any other text as it is."""
    number = read_number(text)
    return PLAIN.label(int(number)) if number is not None and number == int(number) else text


def _told(program: Program) -> list[str]:
    """The outcomes where no data name them: the first stocks, else the first computed variables."""
    return [one.name for one in (program.stocks or program.auxiliaries)[:MOST_OUTCOMES]]


def _parameters(program: Program, outcomes: list[str]) -> tuple[list[Variable], list[str]]:
    """The constants that move an outcome most, the strongest first, and what was left out, in words.

    Each is moved by a tenth alone; a constant that is 0, or that its limits hold, is left as it is.
    """
    from iskdyn.simulate import simulate

    constants = [one for one in program.constants if one.value != 0 and new_files.range_of(one) is not None]
    outside = [f"constant '{one.name}': its value is outside of its own limits" for one in program.constants
               if not new_files.within_limits(one, one.value)]  # fmt: skip
    # alone: a model that does not run says so with its place, not member by member
    simulate(program, outputs=outcomes)
    if not constants:
        return [], ["every constant of the model: none may be moved", *outside]
    moved = {one.name: np.full(len(constants) + 1, one.value) for one in constants}
    for i_constant, one in enumerate(constants):
        value = one.value * MOVED
        inside = new_files.within_limits(one, value)
        moved[one.name][i_constant + 1] = value if inside else one.value / MOVED
    runs = simulate(program, moved, outputs=outcomes, nonfinite="keep")
    effect = np.zeros(len(constants))
    for name in outcomes:
        values = np.asarray(runs[name].values)
        size = np.abs(values[0]).max() or 1.0
        with np.errstate(invalid="ignore"):
            effect = np.maximum(effect, np.nan_to_num(np.abs(values[1:] - values[0]).max(axis=1) / size))
    order = [i for i in np.argsort(-effect, kind="stable") if effect[i] > NOTICED]
    left = [f"constant '{constants[i].name}': moves the outcomes less" for i in order[MOST_PARAMETERS:]]
    return [constants[i] for i in order[:MOST_PARAMETERS]], [*left, *outside]
