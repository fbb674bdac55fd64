"""What a closed model takes from outside is named, little, and no decision of anybody in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iskdyn.compile.events import CLOCKED
from iskdyn.confidence.check import Check, counted
from iskdyn.confidence.loops.links import equation
from iskdyn.errors import Problem
from iskdyn.model import Call, Program, Reference, Variable, references, walk
from iskdyn.study import Study
from iskdyn.study.settings import MOST_EXOGENOUS

_LINEAR = frozenset({"+", "-", "*", "/", "negative"})


def check_exogenous(study: Study) -> Check:
    """Nothing but the exogenous series that study.toml names follows Time, and none of them is a decision."""
    program, settings = study.program, study.settings
    name = "what comes from outside is named"
    words = f"every reading of Time, clocks and stocks that count them too; at most {MOST_EXOGENOUS} series"
    if not settings.exogenous:
        return Check(name, True, "not named", "0", f"study.toml names no `exogenous` series; {words}")
    named = {program[one].key for one in settings.exogenous}
    decisions = {program[one].key for one in settings.decisions}
    problems = [*_unnamed(program, named), *_decided(program, named, decisions)]
    if len(named) > MOST_EXOGENOUS:
        message = f"names {len(named)} exogenous series; a closed model has at most {MOST_EXOGENOUS}"
        problems.append(Problem("study.toml", message))
    return counted(name, words, len(named), problems)


def _unnamed(program: Program, named: set[str]) -> Iterator[Problem]:
    """What follows Time and is not named, and what is named and only tells the time."""
    clocks = _clocks(program)
    for key, variable in program.by_key.items():
        if variable.kind in ("control", "table", "constant"):
            continue
        place = program.place(variable.name)
        if key in clocks:
            if key in named:
                yield Problem(place, f"'{variable.name}' only tells the time: name what reads it")
        elif key not in named and _reads_time(variable, clocks):
            yield Problem(place, f"'{variable.name}' reads Time and is not among the exogenous series")
        elif key not in named and variable.kind == "stock" and not _stocks_behind(program, variable):
            yield Problem(
                place, f"'{variable.name}' is filled by nothing but time: a clock that is not named"
            )


def _decided(program: Program, named: set[str], decisions: set[str]) -> Iterator[Problem]:
    """Series that are decisions, and decisions that nothing in the model moves."""
    for key in sorted(decisions):
        variable = program.by_key[key]
        if key in named:
            yield Problem(
                program.place(variable.name), f"'{variable.name}' is a decision: let a rule make it"
            )
        elif not _stocks_behind(program, variable) - {key}:
            message = f"'{variable.name}' is a decision that no stock of the model moves: it is coded"
            yield Problem(program.place(variable.name), message)


def _clocks(program: Program) -> set[str]:
    """Auxiliaries that are Time in other units or from another start, and nothing more."""
    clocks: set[str] = set()
    while found := {
        one.key for one in program.auxiliaries if one.key not in clocks and _is_clock(program, one, clocks)
    }:
        clocks |= found
    return clocks


def _is_clock(program: Program, variable: Variable, clocks: set[str]) -> bool:
    """Whether an auxiliary adds, takes or multiplies Time, clocks and constants only."""
    fixed = {one.key for one in program.by_key.values() if one.kind in ("constant", "control")}
    for node in walk(variable.expression):
        if isinstance(node, Call) and node.function not in _LINEAR:
            return False
        if not isinstance(node, Call) and set(references(node)) - fixed - clocks - {"time"}:
            return False
    return _reads_time(variable, clocks)


def _reads_time(variable: Variable, clocks: Iterable[str]) -> bool:
    nodes = list(walk(variable.expression))
    named = {node.name for node in nodes if isinstance(node, Reference)}
    return bool(named & {"time", *clocks}) or any(
        isinstance(node, Call) and node.function in CLOCKED for node in nodes
    )


def _stocks_behind(program: Program, variable: Variable) -> set[str]:
    """Keys of the stocks that a variable's equation (of a stock: its net flow) rests on, itself too."""
    seen: set[str] = set()
    ahead = list(references(equation(variable)))
    while ahead:
        key = ahead.pop()
        known = program.by_key.get(key)
        if key in seen or known is None:
            continue
        seen.add(key)
        if known.kind != "stock":
            ahead += references(known.expression)
    return {key for key in seen if program.by_key[key].kind == "stock"}
