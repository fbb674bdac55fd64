"""Calls: of a table, of a macro, of a function of the dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iskdyn.model.expression import Expression, Lookup
from iskdyn.model.names import name_key, suggest
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Tree
from iskdyn.model.write_out import functions, macros, special
from iskdyn.model.write_out.scope import Here, cell_key
from iskdyn.model.write_out.subscripts import elements_of

if TYPE_CHECKING:
    from iskdyn.model.write_out.writer import Writer


def apply(writer: Writer, node: Apply, here: Here) -> Expression:
    """The expression of one call."""
    key = name_key(node.name)
    table = here.tables(node.name)
    if table is not None:
        return Lookup(table, writer.expression(_only(node), here))
    found = here.find(node.name)
    if found is not None and found[2].table:
        elements = elements_of(writer.dimensions, node, found[2], here)
        if elements not in found[2].cells:
            raise ReadError(node.at, f"names {node.name}[{','.join(elements)}], which has no points")
        return Lookup(cell_key(found[0].prefix, found[1], elements), writer.expression(_only(node), here))
    if key in writer.reading.macros:
        return macros.expand(writer, writer.reading.macros[key], node, here)
    built = special.build(writer, key, node, here)
    if built is not None:
        return built
    return _function(writer, key, node, here)


_ANY_WAY = (
    "write it out with other functions, or make it a data variable and give its values with --data FILE.csv"
)
_RANDOM = "make it a data variable and give drawn values with --data FILE.csv, or draw with RANDOM NORMAL or UNIFORM"
_SHARE = "use ALLOCATE BY PRIORITY, or write the shares as equations"
_RESULT = (
    "write its numbers as constants, or export them to a .csv beside the model and use GET DIRECT CONSTANTS"
)
WAYS_ON = {
    **dict.fromkeys(("allocate", "allocate_available", "find_market_price", "market_price"), _SHARE),
    **dict.fromkeys(("get_vdf_constants", "get_vdf_data", "get_vdf_lookups"), _RESULT),
    **dict.fromkeys(("random_negative_binomial", "random_poisson", "random_gamma", "random_beta"), _RANDOM),
    "random_pink_noise": "write a stock that follows RANDOM NORMAL over the correlation time",
    "depreciate_straightline": "write a stock that the stream fills and its DELAY FIXED by the life empties; "
    "divide it by the life",
    "derivn": "write (x - PREVIOUS(x, x))/DT",
    "sinteg": "write INTEG, with its bounds as MIN and MAX of the rate",
}
"""What a modeller can do where a function of public models is not run, by the function."""


def _only(node: Apply) -> Tree:
    if len(node.arguments) != 1:
        raise ReadError(node.at, f"the table {node.name!r} takes 1 argument, {len(node.arguments)} given")
    return node.arguments[0]


def _known(writer: Writer, key: str) -> functions.Known:
    """The functions of the dialect; exports of Vensim to XMILE keep its functions."""
    vensim = writer.reading.dialect == "vensim" or key not in functions.XMILE
    return functions.VENSIM if vensim else functions.XMILE


def _of_many(writer: Writer, key: str, node: Apply) -> Callable[..., Expression] | None:
    """An XMILE function of any number of values, called with several."""
    several = writer.reading.dialect == "xmile" and len(node.arguments) > 1
    return functions.MANY.get(key) if several else None


def _function(writer: Writer, key: str, node: Apply, here: Here) -> Expression:
    known = _known(writer, key)
    spelled = key.upper().replace("_", " ")
    count = len(node.arguments)
    many = _of_many(writer, key, node)
    if many is not None:
        return many(*(writer.expression(argument, here) for argument in node.arguments))
    if key not in known:
        if here.find(node.name) is not None:
            raise ReadError(node.at, f"{node.name!r} is called like a table but is none")
        way = f"; {WAYS_ON[key]}" if key in WAYS_ON else suggest(key, known) or f"; {_ANY_WAY}"
        raise ReadError(node.at, f"the function {spelled} is not supported{way}")
    if count not in known[key]:
        wanted = " or ".join(str(number) for number in known[key])
        raise ReadError(node.at, f"{spelled} takes {wanted} arguments, {count} given")
    arguments = [writer.expression(argument, here) for argument in node.arguments]
    if key in functions.STARTS_WITH_INPUT:
        arguments[0] = writer.drawn_once(arguments[0], here)
    if key in functions.WRITTEN_TWICE:
        place = functions.WRITTEN_TWICE[key]
        arguments[place] = writer.drawn_once(arguments[place], here)
    return known[key][count](*arguments)
