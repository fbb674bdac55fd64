"""An XMILE text read whole: its models as instances, macros, and the inputs of modules connected."""

from __future__ import annotations

import re

from iskdyn.model.names import name_key
from iskdyn.model.reading.definitions import Definition, Macro, Reading, replace
from iskdyn.model.reading.text import ReadError, Text
from iskdyn.model.reading.xmile_account import VARIABLES, account
from iskdyn.model.reading.xmile_conveyors import check_entrances, conveyors_of
from iskdyn.model.reading.xmile_elements import name_of, parse_equation
from iskdyn.model.reading.xmile_settings import read_dimensions, read_settings, read_units
from iskdyn.model.reading.xmile_stocks import behaviour
from iskdyn.model.reading.xmile_variables import Variables
from iskdyn.model.reading.xml import Element, read_xml

MAX_MODULES = 1000
"""Modules inside one another and beside one another: more than a person draws, and one that holds itself ends
here."""


def read_xmile(text: Text) -> Reading:
    """Everything in an XMILE text."""
    reading = Reading(text, "xmile")
    try:
        root = read_xml(text)
    except ReadError as fault:
        reading.fault(fault)
        return reading
    if root.tag.rpartition(":")[2] != "xmile":
        reading.refuse(root.at, f"not a model: the root is <{root.tag}>, expected <xmile>")
        return reading
    account(reading, root)
    _Xmile(reading, root).read()
    return reading


class _Xmile:
    """Reads the elements of one file."""

    def __init__(self, reading: Reading, root: Element) -> None:
        self.reading, self.root = reading, root
        self.models: dict[str, Element] = {}
        self.replaced: dict[str, tuple[str, str, Element]] = {}
        self.n_modules = 0

    def read(self) -> None:
        """Everything, into the reading."""
        read_dimensions(self.reading, self.root)
        self._macros()
        read_units(self.reading, self.root)
        models = list(self.root.all("model"))
        self.models = {name_key(name_of(model)): model for model in models if "name" in model.attributes}
        main = next(
            (model for model in models if "name" not in model.attributes), models[0] if models else None
        )
        if main is None:
            self.reading.refuse(self.root.at, "no <model> found")
            return
        for other in models:
            if other is not main and "name" not in other.attributes:
                self.reading.refuse(
                    other.at, "a second <model> without a name; give it one, and a <module> of that name"
                )
        self._model(main, "", behaviour(self.root))
        self._connect()
        read_settings(self.reading, self.root)

    # -- macros

    def _macros(self) -> None:
        for macro in self.root.all("macro"):
            name = name_of(macro)
            parameters = tuple(parm.text.strip() for parm in macro.all("parm"))
            defaults = tuple(
                parse_equation(self.reading, parm.attributes["default"], self.reading.text, parm, name)
                if "default" in parm.attributes
                else None
                for parm in macro.all("parm")
            )
            inside = self._inside(macro, name, parameters)
            self.reading.macros[name_key(name)] = Macro(name, parameters, (name,), tuple(inside), defaults)

    def _inside(self, macro: Element, name: str, parameters: tuple[str, ...]) -> list[Definition]:
        """The equations of a macro: its variables, and the value of the macro itself last."""
        variables = Variables(self.reading, "", behaviour(self.root))
        given = set(map(name_key, parameters))
        inside = [
            definition
            for block in macro.all("variables")
            for element in block.children
            if element.tag in VARIABLES and name_key(name_of(element)) not in given
            for definition in variables.definitions(element)
        ]
        equation = macro.find("eqn")
        return inside if equation is None else [*inside, variables.definition(macro, name, equation)]

    # -- modules

    def _model(self, model: Element, prefix: str, around: dict[str, bool]) -> None:
        """The variables of one model, as an instance under a prefix.

        Parameters
        ----------
        around : the behaviour of what holds it, where it does not say its own
        """
        own = {**around, **behaviour(model)}
        variables = Variables(self.reading, prefix, own)
        elements = [e for block in model.all("variables") for e in block.children] or [
            e for e in model.children if e.tag in (*VARIABLES, "module")
        ]
        variables.conveyors = conveyors_of(elements)
        check_entrances(self.reading, elements)
        for element in elements:
            if element.tag == "module":
                self._module(element, prefix, own)
            elif element.tag in VARIABLES:
                self.reading.definitions.extend(variables.definitions(element))

    def _module(self, module: Element, prefix: str, around: dict[str, bool]) -> None:
        name = name_of(module)
        model = self.models.get(name_key(name)) or self.models.get(name_key(prefix + name))
        self.n_modules += 1
        if model is None:
            where = (
                f" (it is in {module.attributes['resource']!r})" if "resource" in module.attributes else ""
            )
            self.reading.refuse(
                module.at, f"the module {name!r} has no <model> of that name in the file{where}"
            )
        elif self.n_modules > MAX_MODULES:
            self.reading.refuse(
                module.at, f"more than {MAX_MODULES} modules, or the module {name!r} holds itself"
            )
        else:
            for link in module.all("connect"):
                to, source = link.attributes.get("to", ""), link.attributes.get("from", "")
                self.replaced[_target(to, prefix, name)] = (source, prefix, link)
            if self.n_modules < MAX_MODULES:
                self._model(model, f"{prefix}{name}.", around)

    def _connect(self) -> None:
        """An input of a module takes what it is connected to instead of its own equation."""
        known = {definition.key: i for i, definition in enumerate(self.reading.definitions)}
        for target, (source, scope, link) in self.replaced.items():
            if target not in known:
                self.reading.refuse(link.at, f"<connect to={link.attributes.get('to')!r}>: no such variable")
                continue
            definition = self.reading.definitions[known[target]]
            self.reading.inputs.add(target)
            right = parse_equation(self.reading, _quoted(source), self.reading.text, link, source)
            self.reading.definitions[known[target]] = replace(
                definition, right=right, scope=scope, equation=source
            )


def _target(to: str, prefix: str, module: str) -> str:
    """The key of a module's input: '.x' counts from the root, 'm.x' from where the module stands, 'x' is its own."""
    if to.startswith("."):
        return name_key(to[1:])
    inside = re.sub(r'"[^"]*"', "", to)
    return name_key(prefix + to if "." in inside else f"{prefix}{module}.{to}")


def _quoted(source: str) -> str:
    """A name in quotes, unless it needs none or has them already."""
    return source if '"' in source or re.fullmatch(r"[\w.$]+", source) else f'"{source}"'
