"""The settings of an XMILE text: clock and method of integration, synonyms of units, dimensions."""

from __future__ import annotations

import re

from iskdyn.model.names import name_key
from iskdyn.model.reading.definitions import Definition, Integration, Range, RangeMap, Reading
from iskdyn.model.reading.tree import Apply, Name, Num, Tree
from iskdyn.model.reading.xmile_elements import name_of, parse_equation
from iskdyn.model.reading.xml import Element

CONTROLS = {"start": "INITIAL TIME", "stop": "FINAL TIME", "dt": "TIME STEP"}
METHODS: dict[str, Integration] = {
    "euler": "euler", "euler's": "euler", "rk2": "rk2", "rk4": "rk4", "rk45": "rk4 auto", "gear": "rk4 auto",
    "runge-kutta 2": "rk2", "runge-kutta 4": "rk4",
}  # fmt: skip
_ASSIGNED = re.compile(r"^[^=]*=(?=\s*[-+.\d])")
MAX_SIZE = 20_000
"""Elements of a dimension that is given by its size: as many as the largest model that is known to run has
scalars."""


def read_settings(reading: Reading, root: Element) -> None:
    """The clock of <sim_specs>; a variable of such a name, as Vensim exports it, gives way."""
    specs = root.find("sim_specs")
    if specs is None:
        reading.refuse(root.at, "no <sim_specs>; it gives start, stop and dt")
        return
    known = {name_key(name) for name in (*CONTROLS.values(), "SAVEPER")}
    reading.definitions = [d for d in reading.definitions if d.key not in known]
    child = specs.find("time_units")
    units = specs.attributes.get("time_units") or (child.text.strip() if child else "")
    for tag, name in CONTROLS.items():
        element = specs.find(tag)
        if element is None:
            reading.refuse(specs.at, f"no <{tag}> in <sim_specs>; give it a number")
        else:
            reading.definitions.append(_control(reading, element, name, units))
    reading.definitions.append(_saveper(reading, specs, units))
    _method(reading, specs)


def _control(reading: Reading, element: Element, name: str, units: str) -> Definition:
    text = element.words(reading.text)
    written = text.text
    if assigned := _ASSIGNED.match(written):
        written = " " * assigned.end() + written[assigned.end() :]
    right = parse_equation(reading, written, text, element, name)
    if right is not None and element.attributes.get("reciprocal", "").lower() == "true":
        right = Apply("/", (Num(1.0, 0), right), 0, operator=True)
    return Definition(name, text, 0, right, units=units, equation=" ".join(written.split()))


def _saveper(reading: Reading, specs: Element, units: str) -> Definition:
    """The time between rows: a positive save interval, else the time step."""
    every = specs.attributes.get("save_interval") or specs.attributes.get("isee:save_interval")
    right: Tree = Name("TIME STEP", specs.at)
    try:
        if every is not None and float(every) > 0:
            right = Num(float(every), specs.at)
    except ValueError:
        reading.refuse(specs.at, f"save_interval {every!r} is no number")
    return Definition("SAVEPER", reading.text, specs.at, right, units=units,
                      documentation="Time between rows.", equation=every or "TIME STEP")  # fmt: skip


def _method(reading: Reading, specs: Element) -> None:
    child = specs.find("method")
    written = specs.attributes.get("method") or (child.text if child else "") or "euler"
    names = [part.strip().lower() for part in written.split(",")]
    method = next((METHODS[name] for name in names if name in METHODS), None)
    if method is None:
        reading.refuse(specs.at, f"the integration method {written!r} is not known; use euler, rk2 or rk4")
        return
    reading.method = method
    if method == "rk4 auto":
        reading.approximated(specs.at, f"integration {written}", "run as rk4 with a fixed step")


def read_units(reading: Reading, root: Element) -> None:
    """Synonyms of units; that by which one is defined (kWh by kW*Hour, $ by 1) is one of them."""
    groups = []
    for unit in (u for block in root.all("model_units") for u in block.all("unit")):
        others = (child.text.strip() for child in (*unit.all("alias"), *unit.all("eqn")))
        names = [name for name in (name_of(unit), *others) if name]
        if len(names) > 1:
            groups.append(tuple(names))
    reading.synonyms = tuple(groups)


def read_dimensions(reading: Reading, root: Element) -> None:
    """Each dimension as a range, with what it maps to."""
    for dim in (d for block in root.all("dimensions") for d in block.all("dim")):
        elements = tuple(name_of(element) for element in dim.all("elem"))
        size = dim.attributes.get("size", "").strip()
        if not elements and size.isdigit() and 0 < int(size) <= MAX_SIZE:
            elements = tuple(str(i + 1) for i in range(int(size)))
        if not elements:
            reading.refuse(dim.at, f"the dimension {name_of(dim)!r} has no elements")
            continue
        mapped = tuple(RangeMap(" ".join(to.text.split())) for to in dim.all("isee:maps_to"))
        reading.ranges.append(Range(name_of(dim), dim.at, reading.text, elements, mapped))
