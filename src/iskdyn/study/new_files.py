"""The texts of a new study's files, and the rules for ranges and errors that they state."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from iskdyn.model import Program, Variable
from iskdyn.study.months import Calendar
from iskdyn.study.records import OBSERVATIONS, PARAMETERS

if TYPE_CHECKING:
    from iskdyn.study.new import Data

WIDE = 10.0
"""A number above nothing is sought from a tenth of the model's value to ten times it."""
SD_LOG, SHARE_OF_RANGE = 0.5, 0.25
"""Prior sd: of the log of a number above nothing (nine of ten within a factor of 2.3), else of its range."""
ERROR_LOG, ERROR = 0.3, 0.2
"""Error of data and model: of the log where all numbers are above nothing, else as a share of their range. A first
guess, wide, since nobody has judged the data yet."""


def texts(
    program: Program, data: Data | None, outcomes: Sequence[str], parameters: Sequence[Variable]
) -> dict[str, str]:
    """Every file of the study but the model, by its path.

    Parameters
    ----------
    data : the columns that are to be observed, None where the modeller gave none
    outcomes : variables of the model, the headline
    parameters : constants of the model to be varied; none for a study without a prior
    """
    found = {
        "study.toml": _settings(program, data, outcomes, bool(parameters)),
        "reports/story.toml": _story(program, outcomes),
    }
    if parameters:
        found["calibration/parameters.csv"] = _csv(_parameter_rows(parameters))
        found["models/scenarios/a-tenth-more.toml"] = _scenario(parameters[0])
    if data is not None:
        found["data/series.csv"] = _csv(
            [["time", *data.columns], *([period, *cells] for period, cells in data.rows)]
        )
        found["calibration/observations.csv"] = _csv(_observation_rows(program, data))
    return found


def model_path(program: Program) -> str:
    """Where the model stands in the study."""
    return f"models/{program.path.name}"


def range_of(variable: Variable) -> tuple[float, float] | None:
    """The range in which a constant is sought: the model's, and the rule's where it gives no edge.

    None for a switch (0 or 1 within 0 to 1) and for what its limits hold at one value.
    """
    low, high = variable.limits
    value = variable.value
    if (low, high) == (0, 1) and value in (0, 1):
        return None
    wide = (value / WIDE, value * WIDE) if value > 0 else (value - 2 * abs(value), value + 2 * abs(value))
    low, high = wide[0] if low is None else low, wide[1] if high is None else high
    return (low, high) if low < high and low <= value <= high else None


def within_limits(variable: Variable, value: float) -> bool:
    """Whether a value of a constant keeps to the limits that the model itself gives."""
    low, high = variable.limits
    return (low is None or value >= low) and (high is None or value <= high)


def _settings(program: Program, data: Data | None, outcomes: Sequence[str], fitted: bool) -> str:
    calendar = data.calendar if data else Calendar()
    ends = [
        calendar.month(program["FINAL TIME"].value - 0.5),
        *(period for period, _ in (data.rows if data else ())),
    ]
    last = max(ends, key=calendar.time)
    lines = [
        "# Written by `iskdyn init`; every line is yours to change.",
        f"name = {_quoted(program.name)}",
        f"source = {_quoted(program.path.name)}",
        *(
            [f"clock = {_quoted(calendar.clock)}", f"start = {_quoted(calendar.start)}"]
            if calendar.start
            else []
        ),
        f"history_end = {_quoted(last)}",
        f"model = {_quoted(model_path(program))}",
        *(['parameters = "calibration/parameters.csv"'] if fitted else []),
        *(['observations = "calibration/observations.csv"'] if data else []),
        'story = "reports/story.toml"',
        "# What is told, in this order; name those that count people harmed first, and in human_cost too.",
        f"headline = [{', '.join(map(_quoted, outcomes))}]",
    ]
    return "\n".join(lines) + "\n"


def _story(program: Program, outcomes: Sequence[str]) -> str:
    lines = [
        f"title = {_quoted(program.name)}",
        f"context = [{_quoted(f'The model of {program.path.name}, as its author wrote it.')}]",
        'limits = ["Ranges, priors and errors were set by rule and not by judgement: they are a beginning."]',
    ]
    for name in outcomes:
        lines += ["", f"[outcomes.{_quoted(name)}]", f"label = {_quoted(name)}", 'measure = "at_end"',
                  f"unit = {_quoted(program[name].units or 'no unit')}", "digits = 2"]  # fmt: skip
    return "\n".join(lines) + "\n"


def _scenario(variable: Variable) -> str:
    low, high = range_of(variable) or (-math.inf, math.inf)
    more = variable.value * 1.1
    value = more if low <= more <= high else variable.value / 1.1
    return (
        f"title = {_quoted(f'{variable.name} moved by a tenth')}\n"
        f"says = {_quoted('An example: the number that moves the outcomes most, a tenth from its value.')}\n\n"
        f"[set]\n{_quoted(variable.name)} = {value!r}\n"
    )


def _parameter_rows(parameters: Sequence[Variable]) -> list[list[str]]:
    names = [column.name for column in PARAMETERS]
    rows = []
    for one in parameters:
        low, high = range_of(one) or (one.value, one.value)
        above = one.value > 0 and low >= 0
        prior, sd = ("lognormal", SD_LOG) if above else ("normal", SHARE_OF_RANGE * (high - low))
        given = [
            side for side, limit in zip(("lower", "upper"), one.limits, strict=True) if limit is not None
        ]
        note = f"{' and '.join(given)} from the model" if given else "range by rule"
        row = {"name": one.name, "kind": "constant", "unit": one.units, "lower": repr(low), "upper": repr(high),
               "prior": prior, "a": repr(one.value), "b": repr(sd), "free": "yes", "source": "assumption",
               "note": f"{note}; prior by rule"}  # fmt: skip
        rows.append([row[name] for name in names])
    return [names, *rows]


def _observation_rows(program: Program, data: Data) -> list[list[str]]:
    names = [column.name for column in OBSERVATIONS]
    rows = []
    for i_column, (column, variable) in enumerate(data.columns.items()):
        held = [(period, float(cells[i_column])) for period, cells in data.rows if cells[i_column]]
        if not held:
            continue
        periods, numbers = [period for period, _ in held], [number for _, number in held]
        log = min(numbers) > 0
        spread = ERROR_LOG if log else ERROR * ((max(numbers) - min(numbers)) or abs(numbers[0]) or 1.0)
        row = {"id": f"S{i_column + 1}", "says": column, "output": variable, "operation": "at_start",
               "start": min(periods, key=data.calendar.time), "end": max(periods, key=data.calendar.time),
               "unit": program[variable].units, "form": "series", "scale": "log" if log else "linear",
               "spread": repr(spread), "source": "data", "fold": "fit", "headline": "no",
               "note": "error by rule", "series": f"data/series.csv: {column}"}  # fmt: skip
        rows.append([row.get(name, "") for name in names])
    return [names, *rows]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _quoted(text: str) -> str:
    """A text as TOML has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
