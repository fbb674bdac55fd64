"""Conveyors of an XMILE text that are run: those of a length only, which give what came in so long ago.

XMILE 1.0, 3.7.2 and 4.2.1: what enters travels for the length and leaves; what is there at the start is spread evenly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from iskdyn.model.names import name_key
from iskdyn.model.reading.definitions import Reading
from iskdyn.model.reading.tree import Apply, Name, Num, Tree
from iskdyn.model.reading.xmile_elements import name_of, parse_equation
from iskdyn.model.reading.xmile_stocks import flows_of
from iskdyn.model.reading.xml import Element

OUTFLOW = "outflow of a conveyor"
"""The function that stands for what leaves: of inflow, length and the stock's first value."""
_SWITCHES = ("discrete", "batch_integrity", "one_at_a_time", "exponential_leak")


def is_plain(stock: Element) -> bool:
    """Whether a stock is a conveyor with nothing but a length, that gives to one flow."""
    conveyor = stock.find("conveyor")
    if conveyor is None or [child.tag for child in conveyor.children] != ["len"]:
        return False
    switched = any(
        name not in _SWITCHES or value.lower() != "false" for name, value in conveyor.attributes.items()
    )
    return not switched and len(flows_of(stock).outward) == 1


@dataclass(frozen=True)
class Conveyor:
    """What leaves a plain conveyor, for its outflow."""

    stock: Element

    def right(self, reading: Reading) -> Tree | None:
        """The equation of the outflow."""
        belt = self.stock.find("conveyor")
        length = belt.find("len") if belt is not None else None
        if length is None:
            return None
        text = length.words(reading.text)
        time = parse_equation(reading, text.text, text, length, name_of(self.stock))
        if time is None:
            reading.refuse(self.stock.at, f"the conveyor {name_of(self.stock)!r} has no length")
            return None
        entering: Tree = Num(0.0, 0)
        for name in flows_of(self.stock).inward:
            entering = Apply("+", (entering, Name(name, 0)), 0, operator=True)
        first = Apply("init", (Name(_quoted(name_of(self.stock)), 0),), 0)
        return Apply(OUTFLOW, (entering, time, first), length.at)


def conveyors_of(elements: Iterable[Element]) -> dict[str, Conveyor]:
    """Key of an outflow -> the plain conveyor from which it comes."""
    return {
        name_key(flows_of(element).outward[0]): Conveyor(element)
        for element in elements
        if element.tag == "stock" and is_plain(element)
    }


def check_entrances(reading: Reading, elements: Iterable[Element]) -> None:
    """Refuse what enters a plain conveyor elsewhere than at its beginning."""
    elements = list(elements)
    belts = (stock for stock in elements if stock.tag == "stock" and is_plain(stock))
    entering = {name_key(name) for belt in belts for name in flows_of(belt).inward}
    for flow in elements:
        name = name_of(flow)
        spread = flow.attributes.get("isee:spreadflow", flow.attributes.get("spreadflow", ""))
        # "source" speaks of what leaks from another conveyor, and leaks are refused by themselves
        if name_key(name) in entering and spread not in ("", "beginning", "source"):
            what = f"{name!r} is spread over a conveyor ({spread}), which is not run here"
            reading.refuse(flow.at, f"{what}; let it enter at the beginning")


def _quoted(name: str) -> str:
    return f'"{name}"'
