"""Left sides written out: which elements each definition gives a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from iskdyn.errors import ModelError, Problem
from iskdyn.model.names import name_key, suggest
from iskdyn.model.reading.definitions import Definition, Reading
from iskdyn.model.reading.tree import Apply, Name, Num, Points, Rows, Tree
from iskdyn.model.write_out.dimensions import Dimensions

MOST = 50_000
"""Scalars of one model: each is a line of the compiled code. The largest that is known to run has 20,000."""


@dataclass(frozen=True)
class Cell:
    """One scalar of a definition.

    Attributes
    ----------
    elements : keys, one for each place of the left side; () for a scalar
    left : (range, element) of the places that stand for a range; in XMILE of all places, as declared
    row : the number of the cell among those of its definition
    width : how many cells the definition has
    """

    definition: Definition
    elements: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    row: int
    width: int


@dataclass
class Shape:
    """All that is known of a name: its cells by elements, and (XMILE) the range of each place."""

    name: str
    n_places: int
    ranges: tuple[str, ...] = ()
    table: bool = False
    cells: dict[tuple[str, ...], Cell] = field(default_factory=dict)


def shapes_of(
    reading: Reading, definitions: tuple[Definition, ...], dimensions: Dimensions
) -> dict[str, Shape]:
    """key -> shape of every name that is defined; two equations for one cell are a problem.

    Parameters
    ----------
    reading : to which problems are added
    definitions : every equation of a model or a macro
    dimensions : ranges with their elements
    """
    _check_size(reading, definitions, dimensions)
    shapes: dict[str, Shape] = {}
    for definition in definitions:
        n_places = len(definition.dimensions or definition.subscripts)
        shape = shapes.setdefault(definition.key, Shape(definition.name, n_places))
        if shape.n_places != n_places:
            message = f"{definition.name!r} is defined with {shape.n_places} subscripts and with {n_places}"
            reading.refuse(definition.at, message, definition.text)
            continue
        shape.ranges = tuple(name_key(name.text) for name in definition.dimensions) or shape.ranges
        shape.table |= is_table(definition.right)
        for cell in _cells(reading, definition, dimensions):
            known = shape.cells.get(cell.elements)
            if known is None or _wins(reading, cell, known):
                shape.cells[cell.elements] = cell
            elif not _wins(reading, known, cell):
                where = f" for [{','.join(cell.elements)}]" if cell.elements else ""
                message = f"{definition.name!r} is defined more than once{where} (also in line {known.definition.line})"
                reading.refuse(definition.at, f"{message}; keep one equation", definition.text)
                break
    return shapes


def is_table(right: Tree | None) -> bool:
    """Whether a right side is a table, written out or taken from a file."""
    return isinstance(right, Points) or (
        isinstance(right, Apply) and name_key(right.name) in ("get_xls_lookups", "get_direct_lookups")
    )


def _check_size(reading: Reading, definitions: tuple[Definition, ...], dimensions: Dimensions) -> None:
    """Count before anything is made."""
    widths: dict[str, int] = {}
    for definition in definitions:
        width = 1
        for name in definition.subscripts:
            width *= len(dimensions.elements.get(name_key(name.text), ("",)))
        widths[definition.name] = widths.get(definition.name, 0) + width
    total = sum(widths.values())
    if total > MOST:
        widest = sorted(widths.items(), key=lambda item: -item[1])[:3]
        named = ", ".join(f"{name} {width:,}" for name, width in widest)
        message = (
            f"{total:,} scalars once arrays are written out; at most {MOST:,} can be run (widest: {named})"
        )
        raise ModelError([*reading.problems, Problem(f"{reading.text.name}:1:1", message)])


def _wins(reading: Reading, cell: Cell, known: Cell) -> bool:
    """XMILE's elements before its whole array; in Vensim the more special of two constants."""
    if cell.width >= known.width:
        return False
    return reading.dialect == "xmile" or all(
        isinstance(one.definition.right, (Num, Rows)) for one in (cell, known)
    )


def _cells(reading: Reading, definition: Definition, dimensions: Dimensions) -> Iterator[Cell]:
    """The cells of one definition, the last place running fastest."""
    choices = []
    for i_place, name in enumerate(definition.subscripts):
        choice = _choice(reading, definition, name, i_place, dimensions)
        if choice is None:
            return
        choices.append(choice)
    except_ = [tuple(map(_plain_key, names)) for names in definition.exceptions]
    declared = [name_key(name.text) for name in definition.dimensions]
    named = declared or [key for key, _ in choices]
    wide = [place for place, key in enumerate(named) if key]
    width = 1
    for _, elements in choices:
        width *= len(elements)
    for row, elements in enumerate(product(*(elements for _, elements in choices))):
        if any(_matches(elements, names, dimensions) for names in except_):
            continue
        left = tuple((named[place], elements[place]) for place in wide)
        yield Cell(definition, elements, left, row, width)


def _choice(
    reading: Reading, definition: Definition, name: Name, i_place: int, dimensions: Dimensions
) -> tuple[str, tuple[str, ...]] | None:
    """(range, its elements), or ('', (element,)), of one place of a left side."""
    key = _plain_key(name)
    declared = name_key(definition.dimensions[i_place].text) if i_place < len(definition.dimensions) else ""
    own = dimensions.elements.get(declared, ())
    if key in dimensions.elements and (not declared or declared == key or key not in own):
        return key, dimensions.elements[key]
    if key in own or (not declared and dimensions.is_element(key)):
        return "", (key,)
    known = [dimensions.spelling[k] for k in dimensions.elements] + [
        dimensions.spelling[k] for k in dimensions.families
    ]
    what = f"{name.text!r} on the left side of {definition.name!r} is neither a range nor an element"
    reading.refuse(name.at, f"{what}{suggest(name.text, known)}", reading.text)
    return None


def _plain_key(name: Name) -> str:
    return name_key(name.text)


def _matches(elements: tuple[str, ...], names: tuple[str, ...], dimensions: Dimensions) -> bool:
    """Whether the places of a cell are those of an exception."""
    return len(names) == len(elements) and all(
        element == name or element in dimensions.elements.get(name, ())
        for element, name in zip(elements, names, strict=True)
    )
