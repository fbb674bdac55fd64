"""Models of others in every engine, and beside their published output: who agrees, who does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from iskdyn.model.expression import Call, walk
from iskdyn.model.program import Program
from iskdyn.model.read import read_model
from iskdyn.simulate.distance import Distance, between, to_published
from iskdyn.simulate.engines import TARGETS, Values, attempt, others, ours
from iskdyn.simulate.expected import Expected, expected_beside
from iskdyn.simulate.judgements import Judgement
from iskdyn.simulate.pysd_repairs import named_error

SUFFIXES = (".mdl", ".xmile", ".stmx", ".itmx")
AGREE = 1e-6
"""Relative to a variable's largest value: beyond it two engines compute something else, not with other roundings."""
SELF = 1e-9
"""Of our own engines, which compute the same operations: only their order and their functions' last bits differ."""
Outcome = Literal["agree", "judged", "disputed", "refused", "failed"]
WORST: Sequence[Outcome] = ("agree", "judged", "refused", "disputed", "failed")


@dataclass
class Row:
    """One model in one engine, or its published output.

    `difference` is the largest to any other party, `to` which one; `variable` has it.
    """

    model: str
    engine: str
    outcome: Outcome
    difference: float = np.nan
    to: str = ""
    variable: str = ""
    remark: str = ""


def conformance(
    directory: str | Path,
    targets: Sequence[str] = TARGETS,
    judgements: Sequence[Judgement] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """A row for each model under `directory` and each engine that is at hand.

    Outcomes: "agree" with every other engine and with the published output to
    1e-6 (or to the printed digits); "disputed" where any two differ; "judged" where a judgement says who is
    right; "refused" with the reason; "failed" where ours broke, differs from itself or is judged wrong.

    Parameters
    ----------
    directory : searched with its subfolders, for models by their endings
    targets : engines, of `TARGETS`
    judgements : who is right where engines differ
    progress : called as progress(models done, models in all)
    """
    directory = Path(directory)
    paths = sorted(p for p in directory.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    rows: list[Row] = []
    for i, path in enumerate(paths):
        name = path.relative_to(directory).as_posix()
        rows.extend(_rows(path, name, targets, judgements))
        if progress is not None:
            progress(i + 1, len(paths))
    return rows


def by_model(rows: Sequence[Row]) -> dict[str, Outcome]:
    """The worst outcome of each model; refused only where we refuse it."""
    found: dict[str, Outcome] = {}
    for row in rows:
        if row.outcome == "refused" and row.engine not in ("ours", *TARGETS):
            continue
        found[row.model] = _worse(found.get(row.model, "agree"), row.outcome)
    return found


def _worse(first: Outcome, second: Outcome) -> Outcome:
    return first if WORST.index(first) >= WORST.index(second) else second


def summary(rows: Sequence[Row]) -> str:
    """'agree k of n, judged j, refused r, disputed d, failed f', counted by models."""
    outcomes = list(by_model(rows).values())
    counts = {name: outcomes.count(name) for name in WORST}
    rest = ", ".join(f"{name} {counts[name]}" for name in WORST[1:])
    return f"agree {counts['agree']} of {len(outcomes)}, {rest}"


def _rows(path: Path, name: str, targets: Sequence[str], judgements: Sequence[Judgement]) -> Iterator[Row]:
    """All engines on one model; whatever goes wrong stays in its row."""
    program, why, fault = attempt(partial(read_model, path))
    if program is None:
        yield Row(name, "ours", "failed" if fault else "refused", remark=why)
        return
    rows: dict[str, Row] = {}
    values: dict[str, Values] = {}
    runs = {target: partial(ours, program, target) for target in targets}
    runs |= {engine: partial(run, program) for engine, run in others().items()}
    for engine, run in runs.items():
        found, why, fault = attempt(run)
        broken = fault and engine in targets
        rows[engine] = Row(name, engine, "failed" if broken else "refused" if found is None else "agree")
        rows[engine].remark = why
        if found is not None:
            values[engine] = found
    tables, why, _ = attempt(partial(expected_beside, path))
    if tables or why:
        rows["published"] = Row(name, "published", "agree" if tables else "refused", remark=why)
    _same_in_all(rows, values, targets)
    if is_random(program):
        for row in rows.values():
            row.remark = row.remark or "random numbers: every engine has its own, only ours are compared"
        yield from rows.values()
        return
    for pair, distance in _distances(values, targets, tables or []).items():
        _judge(rows, pair, distance, judgements, targets)
    _explain(program, rows, values, targets)
    yield from rows.values()


def _same_in_all(rows: Mapping[str, Row], values: Mapping[str, Values], targets: Sequence[str]) -> None:
    """Our own engines must give the same; the first of them speaks for all."""
    own = [target for target in targets if target in values]
    for target in own[1:]:
        distance = between(values[target], values[own[0]])
        if distance.worst > SELF or distance.missing:
            row = rows[target]
            row.outcome, row.difference, row.to = "failed", distance.worst, own[0]
            row.variable, row.remark = distance.variable, "our engines differ"


def _distances(
    values: Mapping[str, Values], targets: Sequence[str], tables: Sequence[Expected]
) -> dict[tuple[str, str], Distance]:
    """The distance of every two parties; the nearest of several published tables counts."""
    own = next((target for target in targets if target in values), None)
    parties = {"ours": values[own]} if own else {}
    parties |= {name: found for name, found in values.items() if name not in targets}
    names = list(parties)
    found = {
        (one, other): between(parties[one], parties[other])
        for i, one in enumerate(names)
        for other in names[i + 1 :]
    }
    for name, run in parties.items():
        near = [to_published(run, table) for table in tables]
        if near:
            found[name, "published"] = min(near, key=lambda one: (not one.n_variables, one.worst))
    return found


def _judge(
    rows: Mapping[str, Row], pair: tuple[str, str], distance: Distance,
    judgements: Sequence[Judgement], targets: Sequence[str],
) -> None:  # fmt: skip
    """Write what two parties make of each other into their rows."""
    nothing = not (distance.n_variables and distance.n_times)
    apart = distance.worst > AGREE or distance.missing > 0 or nothing
    line = next((one for one in judgements if one.settles(_model(rows), *pair)), None) if apart else None
    for party, other in (pair, pair[::-1]):
        row = rows[next(target for target in targets if target in rows)] if party == "ours" else rows[party]
        if not row.difference >= distance.worst:
            row.difference, row.to, row.variable = distance.worst, other, distance.variable
        if not apart or row.outcome in ("refused", "failed"):
            continue
        outcome: Outcome = "disputed"
        if line is not None:
            outcome = "failed" if party == "ours" and party in line.wrong else "judged"
        row.outcome = _worse(row.outcome, outcome)
        row.remark = "; ".join(filter(None, [row.remark, _words(distance, other, line)]))


def _model(rows: Mapping[str, Row]) -> str:
    return next(iter(rows.values())).model


def _words(distance: Distance, other: str, line: Judgement | None) -> str:
    if line is not None:
        return f"{' and '.join(line.right)} right: {line.why}"
    if not (distance.n_variables and distance.n_times):
        return f"no variable or no row in common with {other}"
    if distance.missing and distance.worst <= AGREE:
        return f"{distance.missing} rows of it or of {other} are missing in the other"
    return f"{distance.worst:.2g} from {other}"


def _explain(
    program: Program, rows: Mapping[str, Row], values: Mapping[str, Values], targets: Sequence[str]
) -> None:
    """Add to a dispute with PySD which of its known errors would settle it; the judgement stays a person's."""
    own = next((target for target in targets if target in values), None)
    row = rows.get("pysd")
    if own is None or row is None or row.outcome != "disputed":
        return
    if between(values[own], values["pysd"]).worst <= SELF:
        return
    error = named_error(
        lambda: others()["pysd"](program), lambda found: between(values[own], found).worst <= SELF
    )
    if error:
        row.remark = f"{row.remark}; {error}"


def is_random(program: Program) -> bool:
    """Whether a model draws random numbers: engines have other streams, so that only ours can be compared."""
    return any(
        isinstance(node, Call) and node.function.startswith("random")
        for variable in program.by_key.values()
        for node in walk(variable.expression)
    )
