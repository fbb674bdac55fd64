"""Functions whose meaning lies in their arguments' text: names of tables, ranges, elements and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iskdyn.model.expression import Call, Expression, Lookup, Number, Reference
from iskdyn.model.names import name_key, suggest
from iskdyn.model.reading.definitions import Definition
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Tree, walk_tree
from iskdyn.model.write_out import allocation, data_functions, from_files, matrices, reducers, sorting, tables
from iskdyn.model.write_out.data_file import DataFile
from iskdyn.model.write_out.functions import ONE, STEP_OF_TIME, ZERO, call, chain
from iskdyn.model.write_out.scope import Here, cell_key
from iskdyn.model.write_out.subscripts import elements_of

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer

_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


def build(writer: Writer, key: str, node: Apply, here: Here) -> Expression | None:
    """The expression of a special function; None if it is none."""
    if key == "with_lookup":
        return tables.inline(writer, node, here)
    if key in tables.FAMILY:
        return tables.family(writer, key, node, here)
    names = reducers.VENSIM if writer.reading.dialect == "vensim" else reducers.XMILE
    if key in names and (len(node.arguments) == 1 or key not in ("min", "max", "mean")):
        return reducers.reduce(writer, key, node, here)
    if key in from_files.CALLS:
        return from_files.get(writer, key, node, here)
    if key in data_functions.CALLS:
        return data_functions.get(writer, key, node, here)
    handler = _HANDLERS.get(key)
    return handler(writer, node, here) if handler is not None else None


def missing(definition: Definition, data: DataFile | None) -> str:
    """What to say of a definition without a right side."""
    if data is not None:
        near = suggest(definition.name, list(data.spelled.values()))
        return f"has no equation, and {data.name} no series of that name{near}"
    if definition.mode:
        return "is a data variable without an equation; give its values as a table over Time, or with --data FILE.csv"
    return "it has no equation"


def outputs_of(tree: Tree | None) -> list[Name]:
    """Names that calls of macros in a tree give a value."""
    if tree is None:
        return []
    return [output for node in walk_tree(tree) if isinstance(node, Apply) for output in node.outputs]


def _elmcount(writer: Writer, node: Apply, here: Here) -> Expression:
    argument = node.arguments[0] if len(node.arguments) == 1 else None
    if not isinstance(argument, Name) or name_key(argument.text) not in writer.dimensions.elements:
        raise ReadError(node.at, "ELMCOUNT takes the name of a range")
    return Number(float(len(writer.dimensions.elements[name_key(argument.text)])))


def _a_function_of(writer: Writer, node: Apply, here: Here) -> Expression:
    raise ReadError(node.at, "has no equation yet (A FUNCTION OF)")


def _get_time_value(writer: Writer, node: Apply, here: Here) -> Expression:
    """GET TIME VALUE(0, offset, 0): the time, in the model's unit."""
    if len(node.arguments) == 3 and [writer.number(node.arguments[i], here) for i in (0, 2)] == [0.0, 0.0]:
        return call("+", Reference("time"), writer.expression(node.arguments[1], here))
    raise ReadError(node.at, "GET TIME VALUE is run for relative 0 and measure 0 only")


def _delay_material(writer: Writer, node: Apply, here: Here) -> Expression:
    """DELAY MATERIAL(input, time, first outflow, missing): with a fixed time, as DELAY FIXED."""
    if len(node.arguments) != 4:
        raise ReadError(node.at, f"DELAY MATERIAL takes 4 arguments, {len(node.arguments)} given")
    return _fixed_delay(writer, node, here)


def _delay_information(writer: Writer, node: Apply, here: Here) -> Expression:
    if len(node.arguments) != 3:
        raise ReadError(node.at, f"DELAY INFORMATION takes 3 arguments, {len(node.arguments)} given")
    return _fixed_delay(writer, node, here)


def _fixed_delay(writer: Writer, node: Apply, here: Here) -> Expression:
    time = node.arguments[1]
    if not _is_fixed(time, here):
        raise ReadError(
            time.at, f"{node.name.upper()} is run with a constant time only; use DELAY FIXED or DELAY1"
        )
    x, t, first = (writer.expression(argument, here) for argument in node.arguments[:3])
    return call("delay_fixed", x, t, first)


def _from_conveyor(writer: Writer, node: Apply, here: Here) -> Expression:
    """What leaves a conveyor: what came in a length ago; before that the first content, evenly."""
    entering, length, first = node.arguments
    if not _is_fixed(length, here):
        raise ReadError(
            node.at, "a conveyor is run with a constant length only; make it a plain stock, with DELAY1"
        )
    x, time, held = (writer.expression(argument, here) for argument in (entering, length, first))
    return call("delay_fixed", x, time, call("/", held, time))


def _is_fixed(tree: Tree, here: Here, level: int = 0) -> bool:
    """Whether a tree leads to numbers only."""
    for node in walk_tree(tree):
        if isinstance(node, Apply) and not node.operator:
            return False
        if isinstance(node, Name) and (found := here.find(node.text)) is not None:
            rights = {id(cell.definition.right): cell.definition.right for cell in found[2].cells.values()}
            if level > 50 or any(
                right is None or not _is_fixed(right, here, level + 1) for right in rights.values()
            ):
                return False
        elif isinstance(node, Name) and name_key(node.text) == "time":
            return False
    return True


def _npv(writer: Writer, node: Apply, here: Here) -> Expression:
    """NPV(stream, rate, first, factor) = (first + sum of discounted stream, this step's too) * factor."""
    return _present_value(writer, node, here, late=False)


def _npve(writer: Writer, node: Apply, here: Here) -> Expression:
    """The same with discounting from the end of the first step on."""
    return _present_value(writer, node, here, late=True)


def _present_value(writer: Writer, node: Apply, here: Here, *, late: bool) -> Expression:
    if len(node.arguments) != 4:
        raise ReadError(node.at, f"NPV takes 4 arguments, {len(node.arguments)} given")
    stream_tree, rate_tree, first, factor = (writer.expression(argument, here) for argument in node.arguments)
    stream, rate = writer.hidden(stream_tree, here), writer.hidden(rate_tree, here)
    growth = call("+", ONE, call("*", rate, STEP_OF_TIME))
    own = Reference(_next_hidden(writer, here))
    start: Expression = call("/", ONE, growth) if late else ONE
    discount = writer.hidden(
        call("integ", call("/", call("negative", call("*", own, rate)), growth), start), here
    )
    held = writer.hidden(call("integ", call("*", stream, discount), first), here)
    present = call("*", call("*", stream, STEP_OF_TIME), discount)
    return call("*", call("+", held, present), factor)


def _next_hidden(writer: Writer, here: Here) -> str:
    """The key that the next hidden variable of this cell will have."""
    owner = cell_key(here.scope.prefix, here.cell.definition.key, here.cell.elements)
    return f"{owner}#{writer._hidden.get(owner, 0) + 1}"


def _previous(writer: Writer, node: Apply, here: Here) -> Expression:
    """PREVIOUS(x, first): the last step's value; PREVIOUS(SELF, first) of the variable itself."""
    if len(node.arguments) != 2:
        raise ReadError(node.at, f"PREVIOUS takes 2 arguments, {len(node.arguments)} given")
    source, first = node.arguments
    if isinstance(source, Name) and source.text.lower() == "self":
        cell = here.cell
        value: Expression = Reference(cell_key(here.scope.prefix, cell.definition.key, cell.elements))
    else:
        value = writer.expression(source, here)
    return call("delay_fixed", value, STEP_OF_TIME, writer.expression(first, here))


def _is_module_input(writer: Writer, node: Apply, here: Here) -> Expression:
    """isModuleInput(name): whether a variable of a module is taken from outside; Simlin's."""
    argument = node.arguments[0] if len(node.arguments) == 1 else None
    found = here.find(argument.text) if isinstance(argument, Name) else None
    if found is None:
        raise ReadError(node.at, f"{node.name} takes the name of a variable")
    return ONE if found[1] in writer.reading.inputs else ZERO


def _vector_elm_map(writer: Writer, node: Apply, here: Here) -> Expression:
    """VECTOR ELM MAP(x[element], offset): the element that many places further, in the order of the range."""
    base = node.arguments[0] if len(node.arguments) == 2 else None
    found = here.find(base.text) if isinstance(base, Name) else None
    if not isinstance(base, Name) or found is None or not found[2].n_places:
        raise ReadError(node.at, "VECTOR ELM MAP takes a variable with subscripts, and an offset")
    scope, key, shape = found
    elements = elements_of(writer.dimensions, base, shape, here)
    literal = [
        i
        for i, sub in enumerate(base.subscripts)
        if isinstance(sub, Name) and writer.dimensions.is_element(name_key(sub.text))
    ]
    place = literal[-1] if literal else len(elements) - 1
    family = writer.dimensions.families[elements[place]]
    others = [
        e
        for e in writer.dimensions.elements[family]
        if (*elements[:place], e, *elements[place + 1 :]) in shape.cells
    ]
    keys = [cell_key(scope.prefix, key, (*elements[:place], e, *elements[place + 1 :])) for e in others]
    offset = writer.expression(node.arguments[1], here)
    start = others.index(elements[place])
    if isinstance(offset, Number):
        if not 0 <= start + round(offset.value) < len(keys):
            raise ReadError(
                node.at, f"VECTOR ELM MAP leads outside of the range {writer.dimensions.spelling[family]!r}"
            )
        return Reference(keys[start + round(offset.value)])
    index = writer.hidden(call("+", offset, Number(float(start))), here)
    return chain(index, [Reference(k) for k in keys], Number(float("nan")))


def _sample_if_true(writer: Writer, node: Apply, here: Here) -> Expression | None:
    """A name on both sides is its previous value (vensim.com/documentation/fn_sample_if_true.html)."""
    own = here.cell.definition.key
    selfish = any(
        isinstance(n, Name) and name_key(n.text) == own for a in node.arguments[:2] for n in walk_tree(a)
    )
    if len(node.arguments) != 3 or not selfish:
        return None
    key = cell_key(here.scope.prefix, own, here.cell.elements)
    condition, value, first = (writer.expression(argument, here) for argument in node.arguments)
    before = writer.hidden(call("delay_fixed", Reference(key), STEP_OF_TIME, first), here)
    return call("sample_if_true", replaced(condition, key, before), replaced(value, key, before), first)


def replaced(expression: Expression, key: str, by: Reference) -> Expression:
    """An expression in which one variable is replaced.

    Parameters
    ----------
    key : of the variable
    by : what stands for it
    """
    if isinstance(expression, Reference):
        return by if expression.name == key else expression
    if isinstance(expression, Call):
        return Call(
            expression.function, tuple(replaced(argument, key, by) for argument in expression.arguments)
        )
    if isinstance(expression, Lookup):
        return Lookup(expression.table, replaced(expression.argument, key, by))
    return expression


def _vector_select(writer: Writer, node: Apply, here: Here) -> Expression:
    return reducers.vector_select(writer, node, here)


_HANDLERS = {
    "elmcount": _elmcount,
    "allocate_by_priority": allocation.by_priority,
    "a_function_of": _a_function_of,
    "get_time_value": _get_time_value,
    "delay_material": _delay_material,
    "delay_information": _delay_information,
    "outflow_of_a_conveyor": _from_conveyor,
    "npv": _npv,
    "npve": _npve,
    "previous": _previous,
    "sample_if_true": _sample_if_true,
    "invert_matrix": matrices.invert,
    "ismoduleinput": _is_module_input,
    "rank": sorting.rank,
    "vector_elm_map": _vector_elm_map,
    "vector_rank": sorting.vector_rank,
    "vector_reorder": sorting.reorder,
    "vector_sort_order": sorting.sort_order,
    "vector_select": _vector_select,
}
