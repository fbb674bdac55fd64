"""Calls of tables: by name, inline, and Vensim's LOOKUP family."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from iskdyn.model.expression import Expression, Lookup, Table
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Points, Tree
from iskdyn.model.write_out.functions import call
from iskdyn.model.write_out.references import nameless
from iskdyn.model.write_out.scope import Here, cell_key
from iskdyn.model.write_out.subscripts import elements_of

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

FAMILY = ("lookup", "lookup_extrapolate", "lookup_forward", "lookup_backward", "lookup_invert", "lookupinv")


def table_of(points: Points) -> Table:
    """The table of some points."""
    beyond, between = (
        ("extend" if points.kind == "extend" else "hold"),
        ("step" if points.kind == "step" else "linear"),
    )
    return Table(points.x, points.y, beyond, between)  # type: ignore[arg-type]


def family(writer: Writer, name: str, node: Apply, here: Here) -> Expression:
    """LOOKUP EXTRAPOLATE, FORWARD, BACKWARD, INVERT of a named table; XMILE's LOOKUP."""
    if len(node.arguments) != 2 or not isinstance(node.arguments[0], Name):
        raise ReadError(node.at, f"{name.upper().replace('_', ' ')} takes a table's name and an argument")
    argument = writer.expression(node.arguments[1], here)
    key, table = named_table(writer, node.arguments[0], here)
    if name == "lookup":
        return Lookup(key or table, argument)
    if name == "lookup_extrapolate":
        return Lookup(Table(table.x, table.y, "extend"), argument)
    if name == "lookup_backward":
        return Lookup(Table(table.x, table.y, "hold", "step"), argument)
    if name == "lookup_forward":
        mirrored = Table(tuple(-x for x in reversed(table.x)), tuple(reversed(table.y)), "hold", "step")
        return Lookup(mirrored, call("negative", argument))
    x, y = (table.x, table.y) if table.y[-1] >= table.y[0] else (table.x[::-1], table.y[::-1])
    if any(not after > before for before, after in pairwise(y)):
        raise ReadError(
            node.at, f"{name.upper().replace('_', ' ')} needs a table that rises or falls throughout"
        )
    return Lookup(Table(y, x), argument)


def named_table(writer: Writer, name: Name, here: Here) -> tuple[str, Table]:
    """Key and points of a table by its name; the key is '' for the graph of a variable that has an equation too.

    Parameters
    ----------
    name : as it is called
    here : of the cell in which it stands

    Raises
    ------
    ReadError : there is no such name, or it is no table
    """
    alias = here.tables(name.text)
    if alias is not None:
        return alias, writer.made_tables[alias]
    found = here.find(name.text)
    if found is None:
        raise nameless(name, here)
    scope, key, shape = found
    elements = elements_of(writer.dimensions, name, shape, here)
    right = shape.cells[elements].definition.right if elements in shape.cells else None
    if isinstance(right, Apply) and shape.table:
        table = writer.expression(right, replace(here, cell=shape.cells[elements]))
        return cell_key(scope.prefix, key, elements), table if isinstance(table, Table) else Table(
            (0.0,), (0.0,)
        )
    if isinstance(right, Points):
        return cell_key(scope.prefix, key, elements), table_of(right)
    graph = _graph(right)
    if graph is None:
        raise ReadError(name.at, f"{name.text!r} is called like a table but is none")
    return "", table_of(graph)


def _graph(right: Tree | None) -> Points | None:
    if isinstance(right, Apply) and right.name == "with_lookup" and isinstance(right.arguments[1], Points):
        return right.arguments[1]
    return None


def inline(writer: Writer, node: Apply, here: Here) -> Expression:
    """WITH LOOKUP, and the graph of an XMILE variable."""
    points = node.arguments[1]
    if not isinstance(points, Points):
        raise ReadError(node.at, "WITH LOOKUP takes an argument and points")
    return Lookup(table_of(points), writer.expression(node.arguments[0], here))
