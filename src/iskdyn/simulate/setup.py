"""A call checked and turned into arrays: names to keys, overrides to columns and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from iskdyn.arrays import Array, Curve, Points
from iskdyn.errors import InputError, Problem
from iskdyn.model.names import suggest
from iskdyn.model.program import Program, Variable


@dataclass(frozen=True)
class Overrides:
    """What a caller replaces, by key.

    constants : one number for all members; members : (n,) arrays
    series : (times, values) with values (n_times,) or (n, n_times); tables : (x, y) with y (k,) or (n, k)
    """

    constants: dict[str, float]
    members: dict[str, Array]
    series: dict[str, Points]
    tables: dict[str, Points]

    def n_members(self) -> int | None:
        """The number of members, None for a single run. Counts that differ are an `InputError`."""
        counts = {key: len(values) for key, values in self.members.items()}
        counts |= {key: len(y) for key, (_, y) in self.series.items() if np.ndim(y) == 2}
        counts |= {key: len(y) for key, (_, y) in self.tables.items() if np.ndim(y) == 2}
        if len(set(counts.values())) > 1:
            listed = ", ".join(f"{key} {count}" for key, count in counts.items())
            raise InputError(
                Problem("", f"all arrays must have one length, the number of members; got {listed}")
            )
        return next(iter(counts.values()), None)

    def single(self, member: int) -> Overrides:
        """One member's overrides, as for a run by itself."""
        own = {key: float(values[member]) for key, values in self.members.items()}
        series = {key: (x, y[member] if np.ndim(y) == 2 else y) for key, (x, y) in self.series.items()}
        return replace(self.of(member), constants=self.constants | own, members={}, series=series)

    def shared_value(self, variable: Variable) -> float:
        """The value that all members share: given, else the model's; nan for a stock without one."""
        given = self.constants.get(variable.key)
        if given is not None:
            return given
        return variable.value if variable.kind == "constant" else np.nan

    def uniform_tables(self) -> dict[str, Points]:
        """Tables that the caller replaced, the same for all members."""
        return {key: (x, y) for key, (x, y) in self.tables.items() if y.ndim == 1}

    def of(self, member: int) -> Overrides:
        """The same with the tables of one member."""
        tables = {key: (x, y[member] if np.ndim(y) == 2 else y) for key, (x, y) in self.tables.items()}
        return replace(self, tables=tables)


def find(program: Program, name: str, problems: list[Problem]) -> Variable | None:
    """The variable of a name; an unknown one becomes a problem.

    Parameters
    ----------
    name : in any spelling that the model's language takes for the same
    problems : to which an unknown name is added, with the nearest known ones
    """
    if name in program:
        return program[name]
    known = [variable.name for variable in program.variables]
    problems.append(Problem(program.path.name, f"no variable {name!r}{suggest(name, known)}"))
    return None


def resolve_outputs(program: Program, outputs: Sequence[str] | None) -> tuple[Variable, ...]:
    """The variables to keep: those named, else all except tables and controls."""
    if outputs is None:
        return tuple(v for v in program.variables if v.kind not in ("table", "control"))
    problems: list[Problem] = []
    found = [find(program, name, problems) for name in outputs]
    for variable in found:
        if variable is not None and variable.kind == "table":
            problems.append(
                Problem(program.place(variable.name), f"{variable.name!r} is a table, not a value")
            )
    if problems:
        raise InputError(problems)
    return tuple(dict.fromkeys(variable for variable in found if variable is not None))


def resolve_inputs(program: Program, inputs: Sequence[str]) -> tuple[Variable, ...]:
    """The constants and stocks (initial values) that a caller wants to set."""
    problems: list[Problem] = []
    found = [find(program, name, problems) for name in inputs]
    for variable in found:
        if variable is not None and variable.kind not in ("constant", "stock"):
            problems.append(Problem(program.place(variable.name), _not_constant(variable)))
    if problems:
        raise InputError(problems)
    return tuple(variable for variable in found if variable is not None)


def _not_constant(variable: Variable) -> str:
    advice = "give `tables`" if variable.kind == "table" else "give `series`"
    if variable.kind == "control":
        advice = "give `final_time`, `time_step` or `save_every`"
    what = f"{variable.name!r} is a {variable.kind}"
    return f"expected a constant or a stock (its initial value), {what}; {advice}"


def resolve(
    program: Program,
    constants: Mapping[str, ArrayLike] | None,
    series: Mapping[str, Curve] | None,
    tables: Mapping[str, Curve] | None,
    *,
    lapsing: bool = False,
) -> Overrides:
    """All overrides checked; every problem is reported at once. Only `lapsing` series may be nan.

    Parameters
    ----------
    constants : by name a number, or (n_members,) of them; stocks take it as their initial value
    series : by name (times, values), values (n_times,) or (n_members, n_times), or a pandas Series
    tables : by name the same, x in the place of times; of table variables only

    Raises
    ------
    InputError : unknown names, kinds that cannot be replaced so, values that are no numbers
    """
    out = Overrides({}, {}, {}, {})
    problems: list[Problem] = []
    for name, value in (constants or {}).items():
        _constant(program, name, value, out, problems)
    for name, curve in (series or {}).items():
        variable = find(program, name, problems)
        if variable is not None and variable.kind == "control":
            problems.append(Problem(program.place(name), _not_constant(variable)))
        elif variable is not None:
            _points(variable, curve, out.series, problems, lapsing=lapsing and variable.kind != "table")
    for name, curve in (tables or {}).items():
        variable = find(program, name, problems)
        if variable is not None and variable.kind != "table":
            problems.append(
                Problem(program.place(name), f"expected a table, {variable.name!r} is a {variable.kind}")
            )
        elif variable is not None:
            _points(variable, curve, out.tables, problems)
    if problems:
        raise InputError(problems)
    return out


def _constant(program: Program, name: str, value: ArrayLike, out: Overrides, problems: list[Problem]) -> None:
    variable = find(program, name, problems)
    if variable is None:
        return
    if variable.kind not in ("constant", "stock"):
        problems.append(Problem(program.place(name), _not_constant(variable)))
        return
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        problems.append(Problem(variable.name, f"expected a number or an array of numbers, got {value!r}"))
        return
    if array.ndim > 1 or not np.all(np.isfinite(array)):
        problems.append(Problem(variable.name, "expected a finite number or a one-dimensional array of them"))
    elif array.ndim == 1:
        out.members[variable.key] = array
    else:
        out.constants[variable.key] = float(array)


def _points(
    variable: Variable,
    curve: Curve,
    into: dict[str, Points],
    problems: list[Problem],
    *,
    lapsing: bool = False,
) -> None:
    """(x, y) of a pandas Series or of a pair."""
    # no isinstance of pandas: its import takes longer than most runs
    to_numpy = getattr(curve, "to_numpy", None)
    pair = curve if to_numpy is None else (curve.index, to_numpy())
    try:
        x, y = (np.asarray(part, dtype=float) for part in pair)
    except (TypeError, ValueError):
        problems.append(Problem(variable.name, "expected a pandas Series or a pair (times, values)"))
        return
    if x.ndim != 1 or not len(x) or y.ndim not in (1, 2) or y.shape[-1] != len(x):
        message = f"expected as many values as times, got {x.shape} times and {y.shape} values"
        problems.append(Problem(variable.name, message))
    elif not (np.all(np.isfinite(x)) and _finite(y, lapsing) and np.all(np.diff(x) > 0)):
        problems.append(Problem(variable.name, "expected finite values at rising times, each once"))
    else:
        into[variable.key] = (x, y)


def _finite(values: Array, lapsing: bool) -> bool:
    return bool(np.all(np.isfinite(values) | (np.isnan(values) if lapsing else False)))
