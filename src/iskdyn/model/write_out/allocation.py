"""ALLOCATE BY PRIORITY of Vensim, written out: the price at which the requests take what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iskdyn.model.expression import Expression, Number
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply
from iskdyn.model.write_out.functions import FAR, ONE, ZERO, balanced, call
from iskdyn.model.write_out.scope import Here
from iskdyn.model.write_out.sorting import named, over_last

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

MOST = 20
"""Requests among which is shared: each is asked at both ends of each one's priority, for each place of the result."""
_COUNT = 5
"""Request, priority, size, width and supply."""


def by_priority(writer: Writer, node: Apply, here: Here) -> Expression:
    """ALLOCATE BY PRIORITY(request, priority, size, width, supply).

    A request is spread evenly over `width` around its priority; what lies above the price is met, and the price is
    the one at which as much is met as there is (vensim.com/documentation/fn_allocate_by_priority.html, 24335.html).
    """
    if len(node.arguments) != _COUNT:
        raise ReadError(
            node.at, f"ALLOCATE BY PRIORITY takes {_COUNT} arguments, {len(node.arguments)} given"
        )
    request_tree, priority_tree, _, width_tree, supply_tree = node.arguments
    requests, own = over_last(writer, node, request_tree, here, MOST)
    priorities, _ = over_last(writer, node, priority_tree, here, MOST)
    if len(requests) != len(priorities):
        raise ReadError(node.at, "ALLOCATE BY PRIORITY: request and priority must have the same last range")
    width, supply = (named(writer, writer.expression(tree, here), here) for tree in (width_tree, supply_tree))
    half = named(writer, call("*", width, Number(0.5)), here)
    tops = [named(writer, call("+", priority, half), here) for priority in priorities]
    ends = [*tops, *(named(writer, call("-", priority, half), here) for priority in priorities)]
    met = [
        named(
            writer,
            balanced(
                "+", [call("*", q, _share(top, end, width)) for q, top in zip(requests, tops, strict=True)]
            ),
            here,
        )
        for end in ends
    ]
    price = named(writer, _price(writer, ends, met, supply, here), here)
    all_met = call(">=", supply, balanced("+", requests))
    part = call("*", requests[own], _share(tops[own], price, width))
    scarce = call("if_then_else", call(">", supply, ZERO), part, ZERO)
    return call("if_then_else", all_met, requests[own], scarce)


def _share(top: Expression, price: Expression, width: Expression) -> Expression:
    """The part of a request that lies above a price."""
    return call("min", ONE, call("max", ZERO, call("/", call("-", top, price), width)))


def _price(
    writer: Writer, ends: list[Expression], met: list[Expression], supply: Expression, here: Here
) -> Expression:
    """Between the ends next to it, at which more and at which less is met than there is, what is met is linear."""
    nothing = call("negative", FAR)

    def best(function: str, sign: str, values: list[Expression], otherwise: Expression) -> Expression:
        chosen = [
            call("if_then_else", call(sign, one, supply), value, otherwise)
            for one, value in zip(met, values, strict=True)
        ]
        return named(writer, balanced(function, chosen), here)

    low, high = best("max", ">=", ends, nothing), best("min", "<=", ends, FAR)
    more, less = best("min", ">=", met, FAR), best("max", "<=", met, nothing)
    way = call("/", call("-", more, supply), call("-", more, less))
    between = call("+", low, call("*", call("-", high, low), way))
    return call("if_then_else", call(">", more, less), between, low)
