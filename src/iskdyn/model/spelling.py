"""An expression as its modeller would write it."""

from __future__ import annotations

from iskdyn.model.expression import NOT_AVAILABLE, Call, Expression, Lookup, Number, Reference
from iskdyn.model.program import Program

_RANK = {"or": 1, "and": 2, "=": 3, "<>": 3, "<": 3, "<=": 3, ">": 3, ">=": 3}
"""How strongly an operation binds, weakest first: what stands inside a stronger one needs brackets."""
_RANK |= {"+": 4, "-": 4, "*": 5, "/": 5, "negative": 6, "^": 7}
_ATOM = 8
"""Above all of them: a name, a number or a call never needs any."""
_SIGN = {"and": " :AND: ", "or": " :OR: ", "*": "*", "/": "/", "^": "^"}


def spell(program: Program, expression: Expression) -> str:
    """The text of an expression of a program, in Vensim's words; a table without a name is '(points)'."""
    return _text(program, expression)[0]


def _text(program: Program, node: Expression) -> tuple[str, int]:
    """Text and how strongly it holds together."""
    if isinstance(node, Number):
        return (
            ":NA:" if node.value == NOT_AVAILABLE or node.value != node.value else f"{node.value:g}"
        ), _ATOM
    if isinstance(node, Reference):
        return _name(program, node.name), _ATOM
    if isinstance(node, Lookup):
        table = _name(program, node.table) if isinstance(node.table, str) else "(points)"
        return f"{table}({spell(program, node.argument)})", _ATOM
    if isinstance(node, Call):
        return _call(program, node)
    return "(points)", _ATOM


def _call(program: Program, call: Call) -> tuple[str, int]:
    name, rank = call.function, _RANK.get(call.function, _ATOM)
    parts = [_text(program, part) for part in call.arguments]
    if name == "negative":
        return f"-{_inside(parts[0], rank)}", rank
    if rank == _ATOM:
        return f"{name.upper().replace('_', ' ')}({', '.join(text for text, _ in parts)})", _ATOM
    left, right = _inside(parts[0], rank + (name == "^")), _inside(parts[1], rank + (name != "^"))
    return f"{left}{_SIGN.get(name, f' {name} ')}{right}", rank


def _inside(part: tuple[str, int], rank: int) -> str:
    text, own = part
    return text if own >= rank else f"({text})"


def _name(program: Program, key: str) -> str:
    variable = program.by_key.get(key)
    return variable.name if variable else key.capitalize()
