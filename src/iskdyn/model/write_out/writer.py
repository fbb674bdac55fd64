"""Right sides written out: one scalar expression for each cell, macros expanded at each call."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping

from iskdyn.model.expression import (
    NOT_AVAILABLE,
    STATEFUL,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    walk,
)
from iskdyn.model.limits import MAX_DEPTH, depth
from iskdyn.model.names import name_key, suggest
from iskdyn.model.program import Kind, Variable
from iskdyn.model.reading.definitions import Macro, Reading
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Num, Points, Rows, Tree, Wild, Words
from iskdyn.model.write_out import from_files, functions, special, tables
from iskdyn.model.write_out.beside import Beside, Series
from iskdyn.model.write_out.cells import Cell, Shape, shapes_of
from iskdyn.model.write_out.dimensions import Dimensions
from iskdyn.model.write_out.scope import Here, Scope, cell_key

CONTROLS = ("initial_time", "final_time", "time_step", "saveper")
MAX_MACROS = 20
"""Calls of macros inside one another; one that calls itself ends here."""
_XMILE_WORDS: dict[str, Expression] = {
    "dt": Reference("time_step"), "starttime": Reference("initial_time"), "stoptime": Reference("final_time"),
    "pi": Call("pi", ()), "inf": Number(sys.float_info.max),
}  # fmt: skip
"""Words of XMILE that are values; INF is the largest double, since what is not finite is an error here."""


class Writer:
    """Writes all cells of a reading; collects variables, and problems in the reading."""

    def __init__(
        self, reading: Reading, dimensions: Dimensions, files: Beside, data: Mapping[str, Series]
    ) -> None:
        self.reading, self.dimensions, self.files, self.data = reading, dimensions, files, data
        self.variables: list[Variable] = []
        self.made_tables: dict[str, Table] = {}
        self._calls = 0
        self._hidden: dict[str, int] = {}

    def model(self) -> None:
        """Every variable of the model, in the order of the file."""
        definitions = tuple(one for one in self.reading.definitions if not isinstance(one.right, Words))
        shapes = shapes_of(self.reading, definitions, self.dimensions)
        for definition in definitions:
            for output in special.outputs_of(definition.right):
                shapes.setdefault(name_key(output.text), Shape(output.text, 0))
        scope = Scope("", shapes)
        for definition in definitions:
            shape = shapes[definition.key]
            for cell in shape.cells.values():
                if cell.definition is definition:
                    self._cell(scope, shape, cell)

    # -- one cell

    def _cell(self, scope: Scope, shape: Shape, cell: Cell) -> None:
        definition = cell.definition
        key = cell_key(scope.prefix, definition.key, cell.elements)
        here = Here(scope, cell)
        try:
            expression = self._right(definition.right, here)
            if depth(expression) > MAX_DEPTH:
                raise ReadError(
                    definition.at, f"has more than {MAX_DEPTH} operations inside one another; split it"
                )
        except ReadError as fault:
            self.reading.refuse(fault.at, f"{definition.name!r}: {fault.message}", definition.text)
            return
        if isinstance(expression, Table):
            self.made_tables[key] = expression
        spelled = [self.dimensions.spelling.get(element, element) for element in cell.elements]
        self.variables.append(
            Variable(
                name=definition.name + (f"[{','.join(spelled)}]" if spelled else ""), key=key,
                kind=_kind(key, expression, bool(scope.prefix)), units=definition.units, limits=definition.limits,
                documentation=definition.documentation, equation=definition.equation, line=definition.line,
                expression=expression, hidden=bool(scope.prefix),
                array=definition.key if cell.elements else "", elements=tuple(spelled),
            )
        )  # fmt: skip

    def _right(self, right: Tree | None, here: Here) -> Expression:
        if right is None:
            key = cell_key(here.scope.prefix, here.cell.definition.key, here.cell.elements)
            series = from_files.given(self, here, key)
            if series is None:
                raise ReadError(here.cell.definition.at, special.missing(here.cell.definition))
            return series
        if isinstance(right, Points):
            table = tables.table_of(right)
            self.made_tables[cell_key(here.scope.prefix, here.cell.definition.key, here.cell.elements)] = (
                table
            )
            return table
        if isinstance(right, Rows):
            values = [value for row in right.rows for value in row]
            if len(values) != here.cell.width:
                raise ReadError(right.at, f"{len(values)} numbers for {here.cell.width} elements")
            return Number(values[here.cell.row])
        return self.expression(right, here)

    def expression(self, node: Tree, here: Here) -> Expression:
        """One tree as a scalar expression."""
        if isinstance(node, Num):
            return Number(node.value)
        if isinstance(node, Name):
            return self._name(node, here)
        if isinstance(node, Apply):
            return self._operator(node, here) if node.operator else self._call(node, here)
        what = {Words: "a text in quotes", Wild: "'*'"}.get(type(node), "a list or table")
        raise ReadError(node.at, f"{what} has no value here")

    def _operator(self, node: Apply, here: Here) -> Expression:
        """Operators; a long chain on the left is walked without descending."""
        chain: list[Apply] = []
        left: Tree = node
        while isinstance(left, Apply) and left.operator and left.arguments:
            chain.append(left)
            left = left.arguments[0]
        result = self.expression(left, here)
        for one in reversed(chain):
            rest = tuple(self.expression(argument, here) for argument in one.arguments[1:])
            result = Call(one.name.strip(":").lower(), (result, *rest))
        return result

    # -- names

    def _name(self, node: Name, here: Here) -> Expression:
        key = name_key(node.text)
        if here.tables(node.text) is not None:
            raise ReadError(node.at, f"the table {node.text!r} needs an argument in brackets")
        found = here.find(node.text)
        if found is None:
            return self._word(node, key, here)
        scope, key, shape = found
        if shape.table:
            raise ReadError(node.at, f"the table {node.text!r} needs an argument in brackets")
        elements = self.elements_of(node, shape, here)
        if shape.cells and elements not in shape.cells:
            raise ReadError(node.at, f"names {node.text}[{','.join(elements)}], which has no equation")
        return Reference(cell_key(scope.prefix, key, elements))

    def _word(self, node: Name, key: str, here: Here) -> Expression:
        """A name that is no variable: the clock, a constant of the language, the number of an element."""
        if key in ("time", "time$"):
            return Reference("time")
        if here.scope.prefix and key.removesuffix("$") in CONTROLS:
            return Reference(key.removesuffix("$"))
        if key == ":na:":
            return Number(NOT_AVAILABLE)
        if self.reading.dialect == "xmile" and key in _XMILE_WORDS:
            return _XMILE_WORDS[key]
        if key == "pi":
            return Call("pi", ())
        if not node.subscripts and (number := self._position(node, key, here)) is not None:
            return Number(float(number))
        raise ReadError(
            node.at, f"names {node.text!r}, which has no equation{self.suggestion(node.text, here)}"
        )

    def _position(self, node: Name, key: str, here: Here) -> int | None:
        """A range stands for the number of the present element in it, an element for its own in its family."""
        if key in self.dimensions.elements:
            element = here.bangs.get(key) or self.dimensions.bound(key, here.cell.left, 0)
            if element is None:
                raise ReadError(node.at, f"the range {node.text!r} is on the right but not on the left")
            return self.dimensions.position(element, key)
        return self.dimensions.position(key) if self.dimensions.is_element(key) else None

    def suggestion(self, name: str, here: Here) -> str:
        """'; did you mean ...?'"""
        return suggest(name, [shape.name for shape in here.scope.shapes.values()])

    def elements_of(self, node: Name | Apply, shape: Shape, here: Here) -> tuple[str, ...]:
        """Which element of a variable is meant at each of its places."""
        text = node.text if isinstance(node, Name) else node.name
        if not shape.n_places:
            if node.subscripts:
                raise ReadError(node.at, f"{text!r} has no subscripts")
            return ()
        if not node.subscripts and shape.ranges:
            return self._whole(node.at, text, shape, here)
        if len(node.subscripts) != shape.n_places:
            raise ReadError(
                node.at, f"{text!r} has {shape.n_places} subscripts, {len(node.subscripts)} given"
            )
        found: list[str] = []
        seen: list[str] = []
        for i, sub in enumerate(node.subscripts):
            key = name_key(sub.text) if isinstance(sub, Name) else ""
            declared = shape.ranges[i] if shape.ranges else ""
            mark = f"*{declared}" if isinstance(sub, Wild) else key
            found.append(self._element(sub, key, declared, seen.count(mark), text, here))
            seen.append(mark)
        return tuple(found)

    def _whole(self, at: int, text: str, shape: Shape, here: Here) -> tuple[str, ...]:
        """XMILE: an array without subscripts is read at the present elements."""
        found = []
        for i, key in enumerate(shape.ranges):
            occurrence = shape.ranges[:i].count(key)
            element = here.stars.get((key, occurrence)) or self.dimensions.bound(
                key, here.cell.left, occurrence
            )
            if element is None:
                spelled = self.dimensions.spelling.get(key, key)
                raise ReadError(
                    at,
                    f"the array {text!r} needs subscripts: {spelled!r} is on the right but not on the left",
                )
            found.append(element)
        return tuple(found)

    def _element(self, sub: Tree, key: str, declared: str, occurrence: int, text: str, here: Here) -> str:
        dimensions = self.dimensions
        if isinstance(sub, Wild):
            element = here.stars.get((declared, occurrence))
            if element is None:
                raise ReadError(sub.at, f"'*' of {text!r} stands outside of SUM, MEAN and the like")
            return element
        if isinstance(sub, Num):
            key = f"{sub.value:g}"
        if isinstance(sub, Name) and sub.bang:
            if key not in here.bangs:
                raise ReadError(sub.at, f"'{sub.text}!' stands outside of SUM, VMIN and the like")
            return here.bangs[key]
        if key in dimensions.elements.get(declared, ()) or (not declared and dimensions.is_element(key)):
            return key
        if key in dimensions.elements:
            own = any(name == key for name, _ in here.cell.left)
            bound = (not own and here.stars.get((key, 0))) or dimensions.bound(
                key, here.cell.left, occurrence
            )
            if bound is None:
                raise ReadError(
                    sub.at, f"the range {dimensions.spelling[key]!r} is on the right but not on the left"
                )
            return bound
        if isinstance(sub, Name):
            known = [dimensions.spelling[k] for k in (*dimensions.elements, *dimensions.families)]
            raise ReadError(
                sub.at, f"{sub.text!r} is neither a range nor an element{suggest(sub.text, known)}"
            )
        raise ReadError(sub.at, f"a subscript of {text!r} is computed, which cannot be run; name the element")

    # -- calls

    def _call(self, node: Apply, here: Here) -> Expression:
        key = name_key(node.name)
        table = here.tables(node.name)
        if table is not None:
            return Lookup(table, self.expression(self._only(node), here))
        found = here.find(node.name)
        if found is not None and key in self.reading.macros and not found[2].table:
            found = None
        if found is not None and found[2].table:
            elements = self.elements_of(node, found[2], here)
            if elements not in found[2].cells:
                raise ReadError(node.at, f"names {node.name}[{','.join(elements)}], which has no points")
            return Lookup(
                cell_key(found[0].prefix, found[1], elements), self.expression(self._only(node), here)
            )
        if key in self.reading.macros:
            return self._macro(self.reading.macros[key], node, here)
        built = special.build(self, key, node, here)
        if built is not None:
            return built
        return self._function(key, node, here, found is not None)

    def _only(self, node: Apply) -> Tree:
        if len(node.arguments) != 1:
            raise ReadError(node.at, f"the table {node.name!r} takes 1 argument, {len(node.arguments)} given")
        return node.arguments[0]

    def _function(self, key: str, node: Apply, here: Here, is_variable: bool) -> Expression:
        known = functions.VENSIM if self.reading.dialect == "vensim" else functions.XMILE
        if self.reading.dialect == "xmile" and key not in known:  # exports of Vensim keep its functions
            known = functions.VENSIM
        builders = known.get(key)
        spelled = key.upper().replace("_", " ")
        count = len(node.arguments)
        many = functions.MANY.get(key) if self.reading.dialect == "xmile" else None
        if many is not None and count > 1:
            return many(*(self.expression(argument, here) for argument in node.arguments))
        if builders is None:
            if is_variable:
                raise ReadError(node.at, f"{node.name!r} is called like a table but is none")
            raise ReadError(node.at, f"the function {spelled} is not supported{suggest(key, known)}")
        if count not in builders:
            wanted = " or ".join(str(number) for number in builders)
            raise ReadError(node.at, f"{spelled} takes {wanted} arguments, {count} given")
        arguments = [self.expression(argument, here) for argument in node.arguments]
        if key in functions.STARTS_WITH_INPUT:
            arguments[0] = self.drawn_once(arguments[0], here)
        return builders[count](*arguments)

    def drawn_once(self, expression: Expression, here: Here) -> Expression:
        """An expression whose random numbers must be the same wherever it stands."""
        draws = any(isinstance(n, Call) and n.function.startswith("random") for n in walk(expression))
        return self.hidden(expression, here) if draws else expression

    def once(self, expression: Expression, here: Here) -> Expression:
        """An expression that may stand twice: what has a memory or draws becomes a hidden variable."""
        if not any(
            isinstance(n, Call) and (n.function in STATEFUL or n.function.startswith("random"))
            for n in walk(expression)
        ):
            return expression
        return self.hidden(expression, here)

    def hidden(self, expression: Expression, here: Here) -> Reference:
        """A hidden variable of the present cell."""
        owner = cell_key(here.scope.prefix, here.cell.definition.key, here.cell.elements)
        self._hidden[owner] = self._hidden.get(owner, 0) + 1
        key = f"{owner}#{self._hidden[owner]}"
        definition = here.cell.definition
        self.variables.append(
            Variable(definition.name, key, _kind(key, expression, True), "", (None, None),
                     "", definition.equation, definition.line, expression, hidden=True)
        )  # fmt: skip
        return Reference(key)

    def number(self, tree: Tree, here: Here) -> float:
        """The number of a tree that is one, nan else."""
        value = self.expression(tree, here)
        return value.value if isinstance(value, Number) else math.nan

    def _macro(self, macro: Macro, node: Apply, here: Here) -> Expression:
        """The macro's equations anew, under a prefix of their own."""
        key = name_key(macro.outputs[0])
        arguments: list[Tree] = list(node.arguments)
        for default in macro.defaults[len(arguments) :]:
            if default is not None:
                arguments.append(default)
        if len(arguments) != len(macro.parameters):
            raise ReadError(
                node.at,
                f"the macro {macro.name} takes {len(macro.parameters)} arguments, {len(node.arguments)} given",
            )
        if key not in {definition.key for definition in macro.definitions}:
            raise ReadError(node.at, f"the macro {key} has no equation for {macro.name}")
        if here.scope.depth > MAX_MACROS:
            raise ReadError(node.at, f"the macro {macro.name} calls itself")
        self._calls += 1
        prefix = f"{here.scope.prefix}{key}#{self._calls}."
        shapes = shapes_of(self.reading, macro.definitions, self.dimensions)
        aliases: dict[str, str] = {}
        for name, argument in zip(macro.parameters, arguments, strict=True):
            table = self._table_argument(argument, here)
            if table is not None:
                aliases[name_key(name)] = table
                continue
            expression = self.expression(argument, here)
            shapes[name_key(name)] = Shape(name, 0)
            self.variables.append(
                Variable(
                    name,
                    prefix + name_key(name),
                    "auxiliary",
                    "",
                    (None, None),
                    "",
                    "",
                    0,
                    expression,
                    hidden=True,
                )
            )
        scope = Scope(prefix, shapes, aliases, here.scope.outer or here.scope, here.scope.depth + 1)
        for definition in macro.definitions:
            for cell in shapes[definition.key].cells.values():
                if cell.definition is definition:
                    self._cell(scope, shapes[definition.key], cell)
        self._outputs(macro, node, prefix, here)
        return Reference(prefix + key)

    def _table_argument(self, argument: Tree, here: Here) -> str | None:
        if not isinstance(argument, Name):
            return None
        if (alias := here.tables(argument.text)) is not None:
            return alias
        found = here.find(argument.text)
        return tables.named_table(self, argument, here)[0] if found is not None and found[2].table else None

    def _outputs(self, macro: Macro, node: Apply, prefix: str, here: Here) -> None:
        """Names right of ':' in a call become variables of the model."""
        if len(node.outputs) > len(macro.outputs) - 1:
            raise ReadError(
                node.at,
                f"the macro {macro.name} has {len(macro.outputs) - 1} more outputs, {len(node.outputs)} named",
            )
        definition = here.cell.definition
        for output, inner in zip(node.outputs, macro.outputs[1:], strict=False):
            self.variables.append(
                Variable(output.text, here.scope.prefix + name_key(output.text), "auxiliary", "", (None, None), "",
                         f"output {inner} of {macro.name}", definition.line, Reference(prefix + name_key(inner)),
                         hidden=bool(here.scope.prefix))
            )  # fmt: skip


def _kind(key: str, expression: Expression, inside: bool) -> Kind:
    if isinstance(expression, Table):
        return "table"
    if not inside and key in CONTROLS:
        return "control"
    if isinstance(expression, Call) and expression.function == "integ":
        return "stock"
    return "constant" if _is_numeric(expression) else "auxiliary"


def _is_numeric(expression: Expression) -> bool:
    if isinstance(expression, Call):
        operators = ("+", "-", "*", "/", "^", "negative")
        return expression.function in operators and all(_is_numeric(part) for part in expression.arguments)
    return isinstance(expression, Number)
