"""A model's text as a `Program`: one frozen, ordered list of typed equations."""

from iskdyn.model.expression import Call, Expression, Lookup, Number, Reference, Table, references, walk
from iskdyn.model.names import name_key
from iskdyn.model.program import Program, Variable
from iskdyn.model.read import read_model

__all__ = [
    "Call",
    "Expression",
    "Lookup",
    "Number",
    "Program",
    "Reference",
    "Table",
    "Variable",
    "name_key",
    "read_model",
    "references",
    "walk",
]
