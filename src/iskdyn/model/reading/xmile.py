"""An XMILE text read whole: settings, dimensions, modules and macros, variables and their graphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iskdyn.model.names import name_key
from iskdyn.model.reading.definitions import (
    Definition,
    Flows,
    Integration,
    Limits,
    Macro,
    Range,
    RangeMap,
    Reading,
    replace,
)
from iskdyn.model.reading.grammar import number, ordered_points, parse
from iskdyn.model.reading.lexer import blank_comments
from iskdyn.model.reading.text import ReadError, Text
from iskdyn.model.reading.tree import Apply, Name, Num, Points, Tree
from iskdyn.model.reading.xmile_account import VARIABLES, account
from iskdyn.model.reading.xml import Element, read_xml

CONTROLS = {"start": "INITIAL TIME", "stop": "FINAL TIME", "dt": "TIME STEP"}
METHODS: dict[str, Integration] = {
    "euler": "euler", "euler's": "euler", "rk2": "rk2", "rk4": "rk4", "rk45": "rk4 auto", "gear": "rk4 auto",
    "runge-kutta 2": "rk2", "runge-kutta 4": "rk4",
}  # fmt: skip
_ASSIGNED = re.compile(r"^[^=]*=(?=\s*[-+.\d])")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_MODES = {"continuous": "", "extrapolate": "extend", "discrete": "step"}
MAX_MODULES = 1000
"""Modules inside one another and beside one another; a module that holds itself ends here."""


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
        self.positive = _behaviour(root)

    def read(self) -> None:
        """Everything, into the reading."""
        self._dimensions()
        self._macros()
        self._units()
        models = list(self.root.all("model"))
        self.models = {name_key(_name(model)): model for model in models if "name" in model.attributes}
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
        self._model(main, "")
        self._connect()
        self._settings()

    # -- settings

    def _settings(self) -> None:
        """The clock of <sim_specs>; a variable of such a name, as Vensim exports it, gives way."""
        specs = self.root.find("sim_specs")
        if specs is None:
            self.reading.refuse(self.root.at, "no <sim_specs>; it gives start, stop and dt")
            return
        known = {name_key(name) for name in (*CONTROLS.values(), "SAVEPER")}
        self.reading.definitions = [d for d in self.reading.definitions if d.key not in known]
        child = specs.find("time_units")
        units = specs.attributes.get("time_units") or (child.text.strip() if child else "")
        for tag, name in CONTROLS.items():
            element = specs.find(tag)
            if element is None:
                self.reading.refuse(specs.at, f"no <{tag}> in <sim_specs>; give it a number")
            else:
                self._control(element, name, units)
        every = specs.attributes.get("save_interval") or specs.attributes.get("isee:save_interval")
        right: Tree = Name("TIME STEP", specs.at)
        try:
            if every is not None and float(every) > 0:
                right = Num(float(every), specs.at)
        except ValueError:
            self.reading.refuse(specs.at, f"save_interval {every!r} is no number")
        self.reading.definitions.append(
            Definition("SAVEPER", self.reading.text, specs.at, right, units=units,
                       documentation="Time between rows.", equation=every or "TIME STEP")
        )  # fmt: skip
        self._method(specs)

    def _control(self, element: Element, name: str, units: str) -> None:
        text = element.words(self.reading.text)
        written = text.text
        if assigned := _ASSIGNED.match(written):
            written = " " * assigned.end() + written[assigned.end() :]
        right = self._parse(written, text, element, name)
        if right is not None and element.attributes.get("reciprocal", "").lower() == "true":
            right = Apply("/", (Num(1.0, 0), right), 0, operator=True)
        self.reading.definitions.append(
            Definition(name, text, 0, right, units=units, equation=" ".join(written.split()))
        )

    def _method(self, specs: Element) -> None:
        child = specs.find("method")
        written = specs.attributes.get("method") or (child.text if child else "") or "euler"
        names = [part.strip().lower() for part in written.split(",")]
        method = next((METHODS[name] for name in names if name in METHODS), None)
        if method is None:
            self.reading.refuse(
                specs.at, f"the integration method {written!r} is not known; use euler, rk2 or rk4"
            )
            return
        self.reading.method = method
        if method == "rk4 auto":
            self.reading.approximated(specs.at, f"integration {written}", "run as rk4 with a fixed step")

    def _units(self) -> None:
        """Synonyms of units; the definition of one by others is not needed."""
        groups = []
        for unit in (u for block in self.root.all("model_units") for u in block.all("unit")):
            names = [_name(unit), *(alias.text.strip() for alias in unit.all("alias"))]
            if len(names) > 1:
                groups.append(tuple(name for name in names if name))
        self.reading.synonyms = tuple(groups)

    def _dimensions(self) -> None:
        for dim in (d for block in self.root.all("dimensions") for d in block.all("dim")):
            elements = tuple(_name(element) for element in dim.all("elem"))
            size = dim.attributes.get("size", "").strip()
            if not elements and size.isdigit() and 0 < int(size) <= 20_000:
                elements = tuple(str(i + 1) for i in range(int(size)))
            if not elements:
                self.reading.refuse(dim.at, f"the dimension {_name(dim)!r} has no elements")
                continue
            mapped = tuple(RangeMap(" ".join(to.text.split())) for to in dim.all("isee:maps_to"))
            self.reading.ranges.append(Range(_name(dim), dim.at, self.reading.text, elements, mapped))

    def _macros(self) -> None:
        for macro in self.root.all("macro"):
            name = _name(macro)
            parameters = tuple(parm.text.strip() for parm in macro.all("parm"))
            defaults = tuple(
                self._parse(parm.attributes["default"], self.reading.text, parm, name)
                if "default" in parm.attributes
                else None
                for parm in macro.all("parm")
            )
            inside: list[Definition] = []
            keep, self.reading.definitions = self.reading.definitions, inside
            for block in macro.all("variables"):
                for element in block.children:
                    if element.tag in VARIABLES and name_key(_name(element)) not in map(name_key, parameters):
                        self._variable(element, "")
            self.reading.definitions = keep
            equation = macro.find("eqn")
            if equation is not None:
                inside.append(self._definition(macro, name, "", equation))
            self.reading.macros[name_key(name)] = Macro(name, parameters, (name,), tuple(inside), defaults)

    # -- modules

    def _model(self, model: Element, prefix: str) -> None:
        """The variables of one model, as an instance under a prefix."""
        positive, self.positive = self.positive, {**self.positive, **_behaviour(model)}
        blocks = list(model.all("variables"))
        elements = [e for block in blocks for e in block.children] or [
            e for e in model.children if e.tag in (*VARIABLES, "module")
        ]
        for element in elements:
            if element.tag == "module":
                self._module(element, prefix)
            elif element.tag in VARIABLES:
                self._variable(element, prefix)
        self.positive = positive

    def _module(self, module: Element, prefix: str) -> None:
        name = _name(module)
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
                target = name_key(to[1:] if to.startswith(".") else prefix + to)
                self.replaced[target] = (source, prefix, link)
            if self.n_modules < MAX_MODULES:
                self._model(model, f"{prefix}{name}.")

    def _connect(self) -> None:
        """An input of a module takes what it is connected to instead of its own equation."""
        known = {definition.key: i for i, definition in enumerate(self.reading.definitions)}
        for target, (source, scope, link) in self.replaced.items():
            if target not in known:
                self.reading.refuse(link.at, f"<connect to={link.attributes.get('to')!r}>: no such variable")
                continue
            definition = self.reading.definitions[known[target]]
            right = self._parse(_quoted(source), self.reading.text, link, source)
            self.reading.definitions[known[target]] = replace(
                definition, right=right, scope=scope, equation=source
            )

    # -- variables

    def _variable(self, element: Element, prefix: str) -> None:
        name = _name(element)
        if not name:
            self.reading.refuse(element.at, f"a <{element.tag}> has no name")
            return
        dimensions = tuple(
            Name(_name(dim), dim.at) for block in element.all("dimensions") for dim in block.all("dim")
        )
        listed = list(element.all("element"))
        if not listed or (element.find("eqn") is not None and element.find("eqn").text.strip()):  # type: ignore[union-attr]
            definition = self._definition(element, prefix + name, prefix, element.find("eqn"))
            self.reading.definitions.append(replace(definition, subscripts=dimensions, dimensions=dimensions))
        for one in listed:
            words = [word.strip() for word in one.attributes.get("subscript", "").split(",")]
            subscripts = tuple(Name(word, one.at) for word in words)
            definition = self._definition(element, prefix + name, prefix, one.find("eqn"), one)
            self.reading.definitions.append(replace(definition, subscripts=subscripts, dimensions=dimensions))

    def _definition(
        self, element: Element, name: str, scope: str, equation: Element | None, part: Element | None = None
    ) -> Definition:
        """The definition of a variable, or of one of its elements."""
        text = equation.words(self.reading.text) if equation is not None else self.reading.text
        written = " ".join(text.text.split()) if equation is not None else ""
        at = 0 if equation is not None else element.at
        right = None
        if equation is not None and text.text.strip():
            right = self._parse(text.text, text, equation, name)
            if right is not None and element.tag == "flow" and self._is_positive(element, "flow"):
                right = Apply("max", (Num(0.0, 0), right), 0)
        graph = (part.find("gf") if part else None) or element.find("gf")
        graph = element if element.tag == "gf" else graph
        try:
            right = self._initial(element, _with_graph(graph, right), name)
        except ReadError as fault:
            self.reading.fault(fault)
        if element.tag == "stock":
            right = _stock(element, part, right)
        return Definition(
            name=name, text=text, at=at, right=right, scope=scope, units=_child(element, "units"),
            limits=_limits(element), documentation=_child(element, "doc"), equation=written,
            nonnegative=_flows(element) if element.tag == "stock" and self._is_positive(element, "stock") else None,
            line_at=self.reading.text.line_column(element.at),
        )  # fmt: skip

    def _initial(self, element: Element, right: Tree | None, name: str) -> Tree | None:
        """With <init_eqn>, the start has an equation of its own."""
        first = element.find("init_eqn")
        if first is None or right is None or not first.text.strip():
            return right
        text = first.words(self.reading.text)
        initial = self._parse(text.text, text, first, name)
        return right if initial is None else Apply("active initial", (right, initial), 0)

    def _is_positive(self, element: Element, kind: str) -> bool:
        own = element.find("non_negative")
        return own.text.strip().lower() != "false" if own is not None else self.positive.get(kind, False)

    def _parse(self, written: str, text: Text, element: Element, name: str) -> Tree | None:
        plain = blank_comments(written).strip()
        if not plain:
            return None
        if set(plain) <= {"?"}:
            self.reading.refuse(element.at, f"{name!r} has no equation yet")
            return None
        try:
            return parse(written, 0, "xmile")
        except ReadError as fault:
            if text is self.reading.text:
                fault.at = element.at
            self.reading.fault(fault, text)
            return None


def _name(element: Element) -> str:
    """The name of an element on one line; it may hold a written line end."""
    return " ".join(element.attributes.get("name", "").replace("\\n", " ").split())


def _child(element: Element, tag: str) -> str:
    child = element.find(tag)
    return " ".join(child.text.split()) if child is not None else ""


def _quoted(source: str) -> str:
    return source if re.fullmatch(r"[\w.$\"]+", source) else f'"{source}"'


def _limits(element: Element) -> Limits:
    child = element.find("range")
    if child is None:
        return None, None
    ends = [child.attributes.get(name, "") for name in ("min", "max")]
    low, high = (float(end) if _NUMBER.fullmatch(end.strip()) else None for end in ends)
    return low, high


def _behaviour(element: Element) -> dict[str, bool]:
    """Which kinds of variables may not go below zero: {'stock': True, 'flow': True}."""
    found: dict[str, bool] = {}
    for block in element.all("behavior"):
        for child in block.children:
            value = child if child.tag == "non_negative" else child.find("non_negative")
            if value is not None:
                kinds = ("stock", "flow") if child.tag == "non_negative" else (child.tag,)
                found |= dict.fromkeys(kinds, value.text.strip().lower() != "false")
    return found


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


def _flows(element: Element) -> Flows:
    inward, outward = _flow_names(element)
    return Flows(tuple(name.text for name in inward), tuple(name.text for name in outward))


def _stock(element: Element, part: Element | None, initial: Tree | None) -> Tree | None:
    """Its flows and its first value."""
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


def _with_graph(graph: Element | None, right: Tree | None) -> Tree | None:
    """A graph read at the equation; a graph alone is a table."""
    if graph is None:
        return right
    points = _points(graph)
    return points if right is None else Apply("with_lookup", (right, points), 0)


def _points(graph: Element) -> Points:
    y = tuple(_numbers(graph, "ypts"))
    x = tuple(_numbers(graph, "xpts"))
    if not x:
        scale = graph.find("xscale")
        if scale is None:
            raise ReadError(graph.at, "a graph needs <xpts> or <xscale>")
        low, high = (number(scale.attributes.get(end, "nan"), scale.at) for end in ("min", "max"))
        x = tuple(low + (high - low) * i / max(len(y) - 1, 1) for i in range(len(y)))
    kind = graph.attributes.get("type", "continuous").lower()
    if graph.attributes.get("discrete", "false").lower() == "true":
        kind = "discrete"
    if kind not in _MODES:
        raise ReadError(graph.at, f"the type {kind!r} of a graph is not known; expected {', '.join(_MODES)}")
    return ordered_points(x, y, graph.at, _MODES[kind])


def _numbers(graph: Element, tag: str) -> Iterator[float]:
    element = graph.find(tag)
    if element is None:
        return
    separator = element.attributes.get("sep", ",")
    for word in element.text.split(separator):
        if not word.strip():
            continue
        if not _NUMBER.fullmatch(word.strip()):
            raise ReadError(element.at, f"{word.strip()[:20]!r} among the points of a graph is no number")
        yield number(word, element.at)
