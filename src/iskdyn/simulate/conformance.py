"""Models of others beside their expected outputs, in every target, against PySD and pysimlin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iskdyn.errors import IskdynError
from iskdyn.model.expression import Call, walk
from iskdyn.model.program import Program
from iskdyn.model.read import read_model
from iskdyn.simulate.expected import Expected, expected_beside
from iskdyn.simulate.javascript import to_javascript
from iskdyn.simulate.node import node_command, run_in_node
from iskdyn.simulate.pysd_repairs import INTEGERS, MIXED_LOGIC, NEGATIVE_BASE, READ_LATE, repaired
from iskdyn.simulate.run import simulate

if TYPE_CHECKING:
    import pandas

SUFFIXES = (".mdl", ".xmile", ".stmx")
TARGETS = ("numpy", "scalar", "ensemble", *(("javascript",) if node_command() else ()))
TO_PYSD, TO_EXPECTED = 1e-9, 1e-6
Values = dict[str, Any]
_BRACKETED = re.compile(r"\(\s*-\s*[\d.]+(?:[eE][+-]?\d+)?\s*\)\s*\^")


@dataclass
class Row:
    """One model in one target."""

    model: str
    target: str
    outcome: str
    to_pysd: float = np.nan
    to_pysimlin: float = np.nan
    to_expected: float = np.nan
    variable: str = ""
    remark: str = ""


@dataclass
class Others:
    """What other engines and the model's makers say."""

    pysd: Values | None
    simlin: Values | None
    expected: list[Expected]
    remarks: list[str] = field(default_factory=list)


def conformance(
    directory: str | Path,
    targets: Sequence[str] = TARGETS,
    progress: Callable[[int, int], None] | None = None,
) -> pandas.DataFrame:
    """One row for each model under `directory` and each target.

    Returns
    -------
    Frame with model, target, outcome ("passed", "refused", "failed"), the worst differences to PySD, to
    pysimlin and to the expected output (relative to each variable's own scale, the latter beyond what is
    printed), the variable that has it, and a remark: why refused, or which error of another engine it is.
    """
    import pandas

    directory = Path(directory)
    paths = sorted(p for p in directory.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    rows: list[Row] = []
    for i, path in enumerate(paths):
        rows.extend(_model_rows(path, str(path.relative_to(directory)), targets))
        if progress is not None:
            progress(i + 1, len(paths))
    return pandas.DataFrame([vars(row) for row in rows], columns=list(Row.__dataclass_fields__))


def summary(table: pandas.DataFrame) -> str:
    """'passed k of n, refused r, failed f', counted by models."""
    order = {"failed": 2, "refused": 1, "passed": 0}
    worst = table.assign(rank=table["outcome"].map(order)).groupby("model")["rank"].max()
    counts = {name: int((worst == rank).sum()) for name, rank in order.items()}
    return (
        f"passed {counts['passed']} of {len(worst)}, refused {counts['refused']}, failed {counts['failed']}"
    )


def _model_rows(path: Path, name: str, targets: Sequence[str]) -> Iterator[Row]:
    try:
        program = read_model(path)
        others = _others(program, path)
    except IskdynError as error:
        for target in targets:
            yield Row(name, target, "refused", remark=str(error).replace("\n", "; "))
        return
    for target in targets:
        yield _judge(program, name, target, others)


def _others(program: Program, path: Path) -> Others:
    others = Others(None, None, expected_beside(path))
    try:
        others.pysd = _values(program, "pysd")
    except IskdynError as error:
        others.remarks.append(str(error).splitlines()[0])
    if find_spec("simlin") is not None:
        others.simlin = _simlin(path)
    return others


def _values(program: Program, engine: str) -> Values:
    if engine == "javascript":
        names = [v.name for v in program if v.kind not in ("table", "control")]
        times, values = run_in_node(to_javascript(program, [], names), np.zeros((1, 0)), len(names))
        return {program[name].key: values[0, i] for i, name in enumerate(names)} | {"time": times}
    data = simulate(program, engine=engine, nonfinite="keep")  # type: ignore[arg-type]
    return {program[str(name)].key: data[name].values for name in data} | {"time": data["time"].values}


def _simlin(path: Path) -> Values | None:
    """Values of pysimlin's run, None where it refuses."""
    import simlin

    from iskdyn.model.names import name_key

    try:
        frame = simlin.load(path).run(analyze_loops=False).results
    except Exception:  # whatever another engine says of a model it cannot run
        return None
    return {name_key(str(name)): frame[name].to_numpy(dtype=float) for name in frame.columns} | {
        "time": np.asarray(frame.index, dtype=float)
    }


def _judge(program: Program, name: str, target: str, others: Others) -> Row:
    row = Row(name, target, "passed", remark="; ".join(others.remarks))
    try:
        ours = _values(program, target)
    except IskdynError as error:
        return Row(name, target, "refused", remark=str(error).replace("\n", "; "))
    if _is_random(program):
        row.remark = "random numbers: compared in distribution only"
        return row
    row.to_expected, row.variable = _to_expected(ours, others.expected)
    if others.simlin is not None:
        row.to_pysimlin, _ = _distance(ours, others.simlin)
    if others.pysd is not None:
        row.to_pysd, worst = _distance(ours, others.pysd)
        if not row.to_pysd <= TO_PYSD:
            row.variable, row.remark = worst, _pysd_error(program, ours, row)
    fits_others = not row.to_pysd > TO_PYSD or row.remark != ""
    fits_expected = not row.to_expected > TO_EXPECTED
    if others.pysd is None and not others.expected:
        row.remark = row.remark or "no expected output and PySD cannot run it"
    if not (fits_others and (fits_expected or _only_expected_differs(row))):
        row.outcome = "failed"
    return row


def _only_expected_differs(row: Row) -> bool:
    """Two engines and ours agree, the printed output does not: it was made with other settings."""
    agree = row.to_pysd <= TO_PYSD and (row.to_pysimlin <= TO_EXPECTED or np.isnan(row.to_pysimlin))
    if agree:
        row.remark = row.remark or "the expected output differs; PySD agrees with ours"
    return bool(agree)


def _is_random(program: Program) -> bool:
    return any(
        isinstance(node, Call) and node.function.startswith("random")
        for variable in program.by_key.values()
        for node in walk(variable.expression)
    )


def _pysd_error(program: Program, ours: Values, row: Row) -> str:
    """Which known error of PySD explains a difference, or an empty string."""
    for bug in (INTEGERS, READ_LATE):
        with repaired(bug):
            if _distance(ours, _values(program, "pysd"))[0] <= TO_PYSD:
                return bug
    with repaired(INTEGERS), repaired(READ_LATE):
        if _distance(ours, _values(program, "pysd"))[0] <= TO_PYSD:
            return f"{INTEGERS}; {READ_LATE}"
    trusted = row.to_pysimlin <= TO_EXPECTED or row.to_expected <= TO_EXPECTED
    if trusted and any(_BRACKETED.search(v.equation) for v in program):
        return NEGATIVE_BASE
    mixed = [v for v in program if ":AND:" in v.equation.upper() and ":OR:" in v.equation.upper()]
    if mixed and trusted:
        return MIXED_LOGIC
    if row.to_expected <= TO_EXPECTED and row.to_pysimlin <= TO_EXPECTED:
        return "PySD differs; ours agrees with the expected output and with pysimlin"
    return ""


def _distance(ours: Values, theirs: Values) -> tuple[float, str]:
    """The worst difference over all common variables and times, relative to each variable's scale."""
    worst, name = 0.0, ""
    rows, others = _common(ours["time"], theirs["time"])
    for key, value in ours.items():
        if key == "time" or key not in theirs:
            continue
        a, b = value[rows], theirs[key][others]
        both = np.isnan(a) & np.isnan(b)
        scale = np.nanmax(np.abs(b[np.isfinite(b)]), initial=0.0) or 1.0
        with np.errstate(invalid="ignore"):
            gap = np.where(both | (a == b), 0.0, np.abs(a - b)) / scale
        found = float(np.max(np.where(np.isnan(gap), np.inf, gap), initial=0.0))
        if found > worst:
            worst, name = found, key
    return worst, name


def _common(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """Places of the times that both have."""
    places = np.clip(np.searchsorted(theirs, ours - 1e-9), 0, len(theirs) - 1)
    same = np.abs(theirs[places] - ours) < 1e-6
    return np.nonzero(same)[0], places[same]


def _to_expected(ours: Values, tables: list[Expected]) -> tuple[float, str]:
    """The smallest over the tables of the worst difference beyond the printed precision."""
    found = [_to_table(ours, table) for table in tables]
    return min(found, default=(np.nan, ""))


def _to_table(ours: Values, table: Expected) -> tuple[float, str]:
    worst, name = 0.0, ""
    rows, places = _common(ours["time"], table.times)
    for key, (numbers, unit) in table.values.items():
        if key not in ours or key == "time":
            continue
        a, b, slack = ours[key][rows], numbers[places], unit[places]
        shown = np.isfinite(b)
        scale = float(np.max(np.abs(b[shown]), initial=0.0)) or 1.0
        gap = np.maximum(np.abs(a - b) - slack, 0.0)[shown] / scale
        found = float(np.max(np.where(np.isnan(gap), np.inf, gap), initial=0.0))
        if found > worst:
            worst, name = found, key
    return worst, name
