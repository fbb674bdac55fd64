"""Stella's stocks that may not go below zero: their outflows take no more than there is.

An outflow is at most what the stock holds and gains in the step, less the outflows written before it (isee's
"Flow prioritization"); nothing is made or lost, whatever the flows lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from iskdyn.model.expression import Expression, Reference, needs
from iskdyn.model.names import name_key
from iskdyn.model.program import Variable
from iskdyn.model.reading.definitions import Definition, Reading
from iskdyn.model.write_out.functions import STEP_OF_TIME, ZERO, call
from iskdyn.model.write_out.scope import cell_key


def limit_outflows(reading: Reading, variables: list[Variable]) -> list[Variable]:
    """The variables with the limits of all such stocks written into their outflows."""
    known = {variable.key: variable for variable in variables}
    for definition in reading.definitions:
        if definition.nonnegative is None:
            continue
        for variable in variables:
            if variable.key == definition.key or (variable.array == definition.key and variable.elements):
                _limit(reading, known, definition, variable)
    return list(known.values())


def _limit(reading: Reading, known: dict[str, Variable], definition: Definition, stock: Variable) -> None:
    flows = definition.nonnegative
    if flows is None:
        return
    inward, outward = (_keys(known, definition, stock, names) for names in (flows.inward, flows.outward))
    taken: list[str] = []
    for key in outward:
        counted = [source for source in inward if not _depends(known, source, key)]
        for source in inward:
            if source not in counted:
                words = f"the inflow {known[source].name!r} depends on the outflow and is not counted as there in time"
                reading.approximated(
                    definition.at, f"stock {definition.name} not below zero", words, definition.text
                )
        there: Expression = call("/", Reference(stock.key), STEP_OF_TIME)
        for source in counted:
            there = call("+", there, Reference(source))
        for earlier in taken:
            there = call("-", there, Reference(earlier))
        flow = known[key]
        limited = call("min", flow.expression, call("max", ZERO, there))
        known[key] = replace(flow, expression=limited, kind="auxiliary")
        taken.append(key)
    if reading.method != "euler":
        words = "the limit on its outflows is exact with Euler's method only"
        reading.approximated(definition.at, f"stock {definition.name} not below zero", words, definition.text)


def _keys(
    known: Mapping[str, Variable], definition: Definition, stock: Variable, names: tuple[str, ...]
) -> list[str]:
    """Keys of a stock's flows, at the stock's own elements."""
    elements = tuple(name_key(element) for element in stock.elements)
    scope = name_key(definition.scope) if definition.scope else ""
    found = []
    for name in names:
        for candidate in (f"{scope}{name_key(name)}", name_key(name)):
            key = cell_key("", candidate, elements)
            if key in known:
                found.append(key)
                break
    return found


def _depends(known: Mapping[str, Variable], source: str, target: str) -> bool:
    """Whether a variable's present value rests on that of another."""
    seen, pending = {source}, [source]
    while pending:
        key = pending.pop()
        if key == target:
            return True
        if key in known:
            below = [other for other in needs(known[key].expression, "step") if other not in seen]
            seen.update(below)
            pending += below
    return False
