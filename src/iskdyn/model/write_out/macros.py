"""Macros: their equations anew at each call, under a prefix of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iskdyn.model.expression import Expression, Reference
from iskdyn.model.names import name_key
from iskdyn.model.program import Variable
from iskdyn.model.reading.definitions import Macro
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Tree
from iskdyn.model.write_out import tables
from iskdyn.model.write_out.cells import Shape, shapes_of
from iskdyn.model.write_out.scope import Here, Scope

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

MAX_MACROS = 20
"""Calls of macros inside one another; one that calls itself ends here."""


def expand(writer: Writer, macro: Macro, node: Apply, here: Here) -> Expression:
    """The value of one call, with the macro's equations as hidden variables.

    Parameters
    ----------
    macro : whose first output is the value
    node : the call, with its arguments
    here : of the cell in which it stands

    Raises
    ------
    ReadError : the macro has no equation for its output, or calls itself
    """
    arguments = _arguments(macro, node)
    key = name_key(macro.outputs[0])
    if key not in {definition.key for definition in macro.definitions}:
        raise ReadError(node.at, f"the macro {key} has no equation for {macro.name}")
    if here.scope.depth > MAX_MACROS:
        raise ReadError(node.at, f"the macro {macro.name} calls itself")
    prefix = writer.new_prefix(f"{here.scope.prefix}{key}")
    shapes = shapes_of(writer.reading, macro.definitions, writer.dimensions)
    aliases = _parameters(writer, macro, arguments, prefix, shapes, here)
    scope = Scope(prefix, shapes, aliases, here.scope.outer or here.scope, here.scope.depth + 1)
    writer.cells(scope, macro.definitions)
    _outputs(writer, macro, node, prefix, here)
    return Reference(prefix + key)


def _arguments(macro: Macro, node: Apply) -> list[Tree]:
    """What is given, then the defaults of the rest."""
    arguments: list[Tree] = list(node.arguments)
    for default in macro.defaults[len(arguments) :]:
        if default is not None:
            arguments.append(default)
    if len(arguments) != len(macro.parameters):
        raise ReadError(
            node.at,
            f"the macro {macro.name} takes {len(macro.parameters)} arguments, {len(node.arguments)} given",
        )
    return arguments


def _parameters(
    writer: Writer, macro: Macro, arguments: list[Tree], prefix: str, shapes: dict[str, Shape], here: Here
) -> dict[str, str]:
    """Each parameter as a hidden variable and a shape; those that stand for tables are returned with its key."""
    aliases: dict[str, str] = {}
    for name, argument in zip(macro.parameters, arguments, strict=True):
        table = _table_argument(writer, argument, here)
        if table is not None:
            aliases[name_key(name)] = table
            continue
        expression = writer.expression(argument, here)
        shapes[name_key(name)] = Shape(name, 0)
        writer.variables.append(
            Variable(name, prefix + name_key(name), "auxiliary", "", (None, None), "", "", 0, expression,
                     hidden=True)
        )  # fmt: skip
    return aliases


def _table_argument(writer: Writer, argument: Tree, here: Here) -> str | None:
    if not isinstance(argument, Name):
        return None
    if (alias := here.tables(argument.text)) is not None:
        return alias
    found = here.find(argument.text)
    return tables.named_table(writer, argument, here)[0] if found is not None and found[2].table else None


def _outputs(writer: Writer, macro: Macro, node: Apply, prefix: str, here: Here) -> None:
    """Names right of ':' in a call become variables of the model."""
    if len(node.outputs) > len(macro.outputs) - 1:
        raise ReadError(
            node.at,
            f"the macro {macro.name} has {len(macro.outputs) - 1} more outputs, {len(node.outputs)} named",
        )
    definition = here.cell.definition
    for output, inner in zip(node.outputs, macro.outputs[1:], strict=False):
        writer.variables.append(
            Variable(output.text, here.scope.prefix + name_key(output.text), "auxiliary", "", (None, None), "",
                     f"output {inner} of {macro.name}", definition.line, Reference(prefix + name_key(inner)),
                     hidden=bool(here.scope.prefix))
        )  # fmt: skip
