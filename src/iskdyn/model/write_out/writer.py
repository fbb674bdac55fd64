"""Right sides written out: one scalar expression for each cell of each variable."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from iskdyn.model.expression import STATEFUL, Call, Expression, Number, Reference, Table, walk
from iskdyn.model.limits import MAX_DEPTH, depth
from iskdyn.model.names import name_key
from iskdyn.model.program import Variable
from iskdyn.model.reading.definitions import Definition, Reading
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Num, Points, Rows, Tree, Wild, Words
from iskdyn.model.write_out import calls, from_files, special, tables
from iskdyn.model.write_out.beside import Beside
from iskdyn.model.write_out.cells import Cell, Shape, shapes_of
from iskdyn.model.write_out.data_file import DataFile
from iskdyn.model.write_out.dimensions import Dimensions
from iskdyn.model.write_out.kinds import kind_of
from iskdyn.model.write_out.references import refer
from iskdyn.model.write_out.scope import Here, Scope, cell_key


class Writer:
    """Writes all cells of a reading; collects variables, series `taken` from the data, and problems in the reading."""

    def __init__(
        self, reading: Reading, dimensions: Dimensions, files: Beside, data: DataFile | None
    ) -> None:
        self.reading, self.dimensions, self.files, self.data = reading, dimensions, files, data
        self.variables: list[Variable] = []
        self.made_tables: dict[str, Table] = {}
        self.taken: set[str] = set()
        self._calls = 0
        self._hidden: dict[str, int] = {}

    def model(self) -> None:
        """Every variable of the model, in the order of the file."""
        definitions = tuple(one for one in self.reading.definitions if not isinstance(one.right, Words))
        shapes = shapes_of(self.reading, definitions, self.dimensions)
        for definition in definitions:
            for output in special.outputs_of(definition.right):
                shapes.setdefault(name_key(output.text), Shape(output.text, 0))
        self.cells(Scope("", shapes), definitions)

    def cells(self, scope: Scope, definitions: Sequence[Definition]) -> None:
        """The variables of a scope, in the order of its definitions."""
        for definition in definitions:
            for cell in scope.shapes[definition.key].cells.values():
                if cell.definition is definition:
                    self._cell(scope, cell)

    def new_prefix(self, key: str) -> str:
        """A prefix that no other call of a macro has."""
        self._calls += 1
        return f"{key}#{self._calls}."

    # -- one cell

    def _cell(self, scope: Scope, cell: Cell) -> None:
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
                kind=kind_of(key, expression, bool(scope.prefix)), units=definition.units, limits=definition.limits,
                documentation=definition.documentation, equation=definition.equation, line=definition.line,
                expression=expression, hidden=bool(scope.prefix),
                array=definition.key if cell.elements else "", elements=tuple(spelled),
            )
        )  # fmt: skip

    def _right(self, right: Tree | None, here: Here) -> Expression:
        key = _own_key(here)
        if right is None:
            series = from_files.given(self, here, key)
            if series is None:
                raise ReadError(here.cell.definition.at, special.missing(here.cell.definition, self.data))
            return series
        if isinstance(right, Points):
            table = tables.table_of(right)
            self.made_tables[key] = table
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
            return refer(self, node, here)
        if isinstance(node, Apply):
            return self._operator(node, here) if node.operator else calls.apply(self, node, here)
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

    # -- what stands at several places

    def drawn_once(self, expression: Expression, here: Here) -> Expression:
        """An expression whose random numbers must be the same wherever it stands."""
        return self.hidden(expression, here) if _calls_any(expression, _draws) else expression

    def once(self, expression: Expression, here: Here) -> Expression:
        """An expression that may stand twice: what has a memory or draws becomes a hidden variable."""
        again = _calls_any(expression, lambda function: function in STATEFUL or _draws(function))
        return self.hidden(expression, here) if again else expression

    def hidden(self, expression: Expression, here: Here) -> Reference:
        """A hidden variable of the present cell."""
        owner = _own_key(here)
        self._hidden[owner] = self._hidden.get(owner, 0) + 1
        key = f"{owner}#{self._hidden[owner]}"
        definition = here.cell.definition
        self.variables.append(
            Variable(definition.name, key, kind_of(key, expression, True), "", (None, None),
                     "", definition.equation, definition.line, expression, hidden=True)
        )  # fmt: skip
        return Reference(key)

    def number(self, tree: Tree, here: Here) -> float:
        """The number of a tree that is one, nan else."""
        value = self.expression(tree, here)
        return value.value if isinstance(value, Number) else math.nan


def _own_key(here: Here) -> str:
    """The key of the present cell."""
    return cell_key(here.scope.prefix, here.cell.definition.key, here.cell.elements)


def _draws(function: str) -> bool:
    return function.startswith("random")


def _calls_any(expression: Expression, wanted: Callable[[str], bool]) -> bool:
    """Whether a function of some kind is called anywhere in an expression."""
    return any(isinstance(node, Call) and wanted(node.function) for node in walk(expression))
