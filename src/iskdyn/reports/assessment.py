"""What a reader of a model's equations should know before trusting them: counts, warnings and omissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from iskdyn.model import Call, Lookup, Program, Reference, Table, Variable, references, walk
from iskdyn.model.units_check import embedded_numbers, unit_problems
from iskdyn.reports.document import Document
from iskdyn.simulate.method import NAMES, integration
from iskdyn.study.links import table_of

COMPLEX = 3
"""More inputs than a reader keeps in mind (the rule of thumb of G. P. Richardson)."""
_DELAYS = ("delay", "delay_n", "delay_fixed")


@dataclass(frozen=True)
class Finding:
    """One look at the model: what was counted, and the variables found."""

    words: str
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The finding in one sentence."""
        return f"{self.words}: {', '.join(self.names)}." if self.names else f"{self.words}."


def assess(document: Document) -> dict[str, Finding]:
    """Every finding by its key, in the order in which they are shown."""
    program = document.program
    return {**_size(document), **_warnings(document), **_omissions(document, program)}


def _size(document: Document) -> dict[str, Finding]:
    program = document.program
    clock = {name: program[name] for name in ("INITIAL TIME", "FINAL TIME", "TIME STEP", "SAVEPER")}
    unit = clock["TIME STEP"].units
    horizon = f"{clock['INITIAL TIME'].value:g} to {clock['FINAL TIME'].value:g} {unit}"
    kinds = [
        f"{sum(one.role == role for one in document.entries)} of the kind {role}"
        for role in dict.fromkeys(one.role for one in document.entries)
    ]
    smooths, delays = _calling(program, ("smooth",)), _calling(program, _DELAYS)
    by = NAMES[integration(program)]
    return {
        "variables": Finding(f"{len(program)} variables: {', '.join(kinds)}"),
        "stocks": Finding(f"{len(program.stocks)} stocks, {len(smooths)} smooths, {len(delays)} delays"),
        "macros": Finding(f"{len(program.hidden)} variables come from macros"),
        "time unit": Finding(f"time counts in {unit}"),
        "horizon": Finding(f"a run goes from {horizon}"),
        "time step": Finding(f"the time step is {clock['TIME STEP'].value:.12g} {unit}, by {by}"),
        "saved": Finding(f"results are kept every {clock['SAVEPER'].equation} {unit}"),
        "formulated": Finding(
            f"all {len(program)} equations are complete: a model that is not cannot be read"
        ),
        "groups": Finding(f"{len(document.sectors)} sectors", tuple(one.name for one in document.sectors)),
    }


def _warnings(document: Document) -> dict[str, Finding]:
    program = document.program
    bare = [one.name for one in document.entries if not one.documentation or not one.unit.strip()]
    units, numbers = unit_problems(program), embedded_numbers(program)
    tables = [(one, table) for one in program if (table := table_of(program, one)) is not None]
    unseen = [one.name for one in document.entries if not one.views and one.kind not in _UNDRAWN]
    return {
        "undocumented": _named("without documentation or unit", bare),
        "embedded": Finding(f"{len(numbers)} equations hold a number other than 0 and 1"),
        "units": Finding(f"{len(units)} errors of units"),
        "no view": _named("stocks, flows and computed variables in no view", unseen),
        "subscripts": Finding("the model has no subscripts, so none can be incomplete"),
        "turning": _named("tables that both rise and fall", _those(tables, _turns)),
        "cascading": _named("tables read at the result of another table", _cascading(program)),
        "sloping": _named("tables that still slope at an end", _those(tables, _slopes)),
        "conditions": _named("equations with IF THEN ELSE", _calling(program, ("if_then_else",))),
        "clips": _named("equations with MIN or MAX", _calling(program, ("min", "max"))),
        "steps": _named("equations with STEP, PULSE or RAMP", _calling(program, _INPUTS)),
    }


_UNDRAWN = ("constant", "table", "control")
_INPUTS = ("step", "pulse", "pulse_train", "ramp")


def _omissions(document: Document, program: Program) -> dict[str, Finding]:
    shown = {*document.study.settings.headline, *document.study.observations["output"]}
    moving = [one for one in document.entries if one.kind in ("stock", "auxiliary")]
    ends = [one.name for one in moving if not one.uses]
    dead = [one.name for one in document.entries if not one.uses and one.kind in ("constant", "table")]
    entangled = [one.name for one in moving if one.kind == "auxiliary" and len(one.causes) > COMPLEX]
    return {
        "unused": _named("constants and tables that no equation uses", dead),
        "supplementary": _named("variables that only report, used by no equation", ends),
        "unread": _named(
            "of these, neither a headline nor observed", [one for one in ends if one not in shown]
        ),
        "complex": _named(f"equations with more than {COMPLEX} inputs", entangled),
        "complex stocks": _named("stocks whose equation is more than a sum of flows", _tangled(program)),
    }


def _named(words: str, names: Iterable[str]) -> Finding:
    found = tuple(names)
    return Finding(f"{len(found)} {words}", found)


def _calling(program: Program, functions: tuple[str, ...]) -> list[str]:
    return [
        one.name
        for one in program
        if any(isinstance(node, Call) and node.function in functions for node in walk(one.expression))
    ]


def _those(tables: list[tuple[Variable, Table]], holds: Callable[[Table], bool]) -> list[str]:
    return [one.name for one, table in tables if one.kind == "table" and holds(table)]


def _turns(table: Table) -> bool:
    steps = [after - before for before, after in zip(table.y, table.y[1:], strict=False)]
    return min(steps, default=0.0) < 0 < max(steps, default=0.0)


def _slopes(table: Table) -> bool:
    return len(table.y) > 1 and (table.y[0] != table.y[1] or table.y[-1] != table.y[-2])


def _cascading(program: Program) -> Iterator[str]:
    reads = {one.key for one in program if any(isinstance(node, Lookup) for node in walk(one.expression))}
    for one in program:
        arguments = (node.argument for node in walk(one.expression) if isinstance(node, Lookup))
        if any(key in reads for argument in arguments for key in references(argument)):
            yield one.name


def _tangled(program: Program) -> Iterator[str]:
    for stock in program.stocks:
        terms = [term for side in program.flows(stock.name) for term in side]
        if not all(isinstance(term, Reference) for term in terms):
            yield stock.name
