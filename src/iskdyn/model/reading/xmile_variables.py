"""Variables of an XMILE text: each <stock>, <flow>, <aux> and <gf> as definitions, an array's by element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iskdyn.model.names import name_key
from iskdyn.model.reading.definitions import Definition, Reading, replace
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Num, Tree
from iskdyn.model.reading.xmile_conveyors import Conveyor, is_plain
from iskdyn.model.reading.xmile_elements import limits_of, name_of, parse_equation, words_of
from iskdyn.model.reading.xmile_graphs import with_graph
from iskdyn.model.reading.xmile_stocks import flows_of, integral, is_positive
from iskdyn.model.reading.xml import Element


class Variables:
    """Reads the variables of one model.

    Parameters
    ----------
    prefix : of its names, empty for the main model
    behaviour : which kinds of variables may not go below zero
    """

    def __init__(self, reading: Reading, prefix: str, behaviour: Mapping[str, bool]) -> None:
        self.reading, self.prefix, self.behaviour = reading, prefix, behaviour
        self.conveyors: Mapping[str, Conveyor] = {}
        """Key of an outflow -> the conveyor that gives it its value."""

    def definitions(self, element: Element) -> Iterator[Definition]:
        """The definitions of one variable: one, or one for each <element> of an array."""
        name = name_of(element)
        if not name:
            self.reading.refuse(element.at, f"a <{element.tag}> has no name")
            return
        dimensions = tuple(
            Name(name_of(dim), dim.at) for block in element.all("dimensions") for dim in block.all("dim")
        )
        listed, equation = list(element.all("element")), element.find("eqn")
        if not listed or (equation is not None and equation.text.strip()):
            definition = self.definition(element, name, equation)
            yield replace(definition, subscripts=dimensions, dimensions=dimensions)
        for part in listed:
            words = [word.strip() for word in part.attributes.get("subscript", "").split(",")]
            subscripts = tuple(Name(word, part.at) for word in words)
            definition = self.definition(element, name, part.find("eqn"), part)
            yield replace(definition, subscripts=subscripts, dimensions=dimensions)

    def definition(
        self, element: Element, name: str, equation: Element | None, part: Element | None = None
    ) -> Definition:
        """The definition of a variable, or of one of its elements.

        Parameters
        ----------
        element : of the variable
        name : as the modeller writes it, without the module's prefix
        equation : the element `eqn`, None where there is none
        part : the element of one of an array's cells
        """
        name = self.prefix + name
        whole = self.reading.text
        limited = element.tag == "stock" and not is_plain(element)
        nonnegative = limited and is_positive(element, self.behaviour)
        return Definition(
            name=name, text=equation.words(whole) if equation is not None else whole,
            at=0 if equation is not None else element.at, right=self._right(element, name, equation, part),
            scope=self.prefix, units=words_of(element, "units"), limits=limits_of(element),
            documentation=words_of(element, "doc"),
            equation=" ".join(equation.words(whole).text.split()) if equation is not None else "",
            nonnegative=flows_of(element) if nonnegative else None, line_at=whole.line_column(element.at),
        )  # fmt: skip

    def _right(
        self, element: Element, name: str, equation: Element | None, part: Element | None
    ) -> Tree | None:
        """The equation with what stands beside it: graph, first value, flows."""
        conveyor = self.conveyors.get(name_key(name_of(element))) if element.tag == "flow" else None
        if conveyor is not None:
            return conveyor.right(self.reading)
        right = self._equation(element, name, equation)
        graph = (part.find("gf") if part else None) or element.find("gf")
        graph = element if element.tag == "gf" else graph
        try:
            right = self._initial(element, with_graph(graph, right), name)
        except ReadError as fault:
            self.reading.fault(fault)
        return integral(element, part, right) if element.tag == "stock" else right

    def _equation(self, element: Element, name: str, equation: Element | None) -> Tree | None:
        if equation is None:
            return None
        text = equation.words(self.reading.text)
        right = parse_equation(self.reading, text.text, text, equation, name)
        if right is not None and element.tag == "flow" and is_positive(element, self.behaviour):
            return Apply("max", (Num(0.0, 0), right), 0)
        return right

    def _initial(self, element: Element, right: Tree | None, name: str) -> Tree | None:
        """With <init_eqn>, the start has an equation of its own."""
        first = element.find("init_eqn")
        if first is None or right is None or not first.text.strip():
            return right
        text = first.words(self.reading.text)
        initial = parse_equation(self.reading, text.text, text, first, name)
        return right if initial is None else Apply("active initial", (right, initial), 0)
