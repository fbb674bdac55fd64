"""Stocks of an XMILE text: their flows as an INTEG, and what may not go below zero."""

from __future__ import annotations

from collections.abc import Mapping

from iskdyn.model.reading.definitions import Flows
from iskdyn.model.reading.tree import Apply, Name, Num, Tree
from iskdyn.model.reading.xml import Element


def behaviour(element: Element) -> dict[str, bool]:
    """Which kinds of variables may not go below zero: {'stock': True, 'flow': True}."""
    found: dict[str, bool] = {}
    for block in element.all("behavior"):
        for child in block.children:
            value = child if child.tag == "non_negative" else child.find("non_negative")
            if value is not None:
                kinds = ("stock", "flow") if child.tag == "non_negative" else (child.tag,)
                found |= dict.fromkeys(kinds, value.text.strip().lower() != "false")
    return found


def is_positive(element: Element, behaviour: Mapping[str, bool]) -> bool:
    """Whether a stock or flow may not go below zero: by its own word, else by that of its kind."""
    own = element.find("non_negative")
    return own.text.strip().lower() != "false" if own is not None else behaviour.get(element.tag, False)


def flows_of(element: Element) -> Flows:
    """The names of a stock's flows, in the order written."""
    inward, outward = _flow_names(element)
    return Flows(tuple(name.text for name in inward), tuple(name.text for name in outward))


def integral(element: Element, part: Element | None, initial: Tree | None) -> Tree | None:
    """A stock's flows and its first value, as INTEG; None without a first value.

    Parameters
    ----------
    element, part : the stock, and its <element> where it is one of an array; both may hold flows
    """
    if initial is None:
        return None
    inward, outward = _flow_names(element, part)
    net: Tree = inward[0] if inward else Num(0.0, 0)
    for flow in inward[1:]:
        net = Apply("+", (net, flow), 0, operator=True)
    if not inward and outward:
        net, outward = Apply("negative", (outward[0],), 0, operator=True), outward[1:]
    for flow in outward:
        net = Apply("-", (net, flow), 0, operator=True)
    return Apply("integ", (net, initial), 0)


def _flow_names(*elements: Element | None) -> tuple[list[Name], list[Name]]:
    inward, outward = (
        [
            Name(flow.text.strip().replace("\\n", " "), 0)
            for element in elements if element is not None
            for flow in element.all(tag) if flow.text.strip()
        ]
        for tag in ("inflow", "outflow")
    )  # fmt: skip
    return inward, outward
