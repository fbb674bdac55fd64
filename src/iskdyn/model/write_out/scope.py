"""Where a name of an equation is looked up, and which elements are present there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from iskdyn.model.names import name_key
from iskdyn.model.write_out.cells import Cell, Shape


@dataclass(frozen=True)
class Scope:
    """The names of the model, or of one call of a macro.

    Attributes
    ----------
    prefix : before every key made in this scope; '' for the model
    shapes : local key -> shape
    tables : parameters of a macro that stand for tables: local key -> key of the table
    outer : the model, from inside a macro
    """

    prefix: str
    shapes: Mapping[str, Shape]
    tables: Mapping[str, str] = field(default_factory=dict)
    outer: Scope | None = None
    depth: int = 0


@dataclass(frozen=True)
class Here:
    """The cell whose right side is being written out.

    Attributes
    ----------
    bangs : range -> element, inside a reducer (Vensim's 'range!')
    stars : (range, occurrence) -> element, inside a reducer (XMILE's '*' and whole arrays)
    """

    scope: Scope
    cell: Cell
    bangs: Mapping[str, str] = field(default_factory=dict)
    stars: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def within(self, bangs: Mapping[str, str], stars: Mapping[tuple[str, int], str]) -> Here:
        """The same cell, at one combination of a reducer's elements."""
        return replace(self, bangs={**self.bangs, **bangs}, stars={**self.stars, **stars})

    def find(self, name: str) -> tuple[Scope, str, Shape] | None:
        """Scope, local key and shape of a name; modules before the model, a macro's own names before all."""
        key = name_key(name.replace("\\n", " "))
        if key.endswith("$") and self.scope.outer is not None:
            outer, key = self.scope.outer, key[:-1]
            return (outer, key, outer.shapes[key]) if key in outer.shapes else None
        prefix = name_key(self.cell.definition.scope)
        candidates = [key[1:]] if key.startswith(".") else [f"{prefix}{key}", key] if prefix else [key]
        for candidate in candidates:
            if candidate in self.scope.shapes:
                return self.scope, candidate, self.scope.shapes[candidate]
        return None

    def tables(self, name: str) -> str | None:
        """The key of the table for which a macro's parameter stands."""
        return self.scope.tables.get(name_key(name))


def cell_key(prefix: str, key: str, elements: tuple[str, ...]) -> str:
    """The key of one scalar: 'population[north,young]'.

    Parameters
    ----------
    prefix : of the module or of a macro's call, "" for none
    key : of the variable
    elements : keys, one a subscript; none for a scalar

    >>> cell_key("", "population", ("north", "young")), cell_key("", "births", ())
    ('population[north,young]', 'births')
    """
    return f"{prefix}{key}[{','.join(elements)}]" if elements else prefix + key
