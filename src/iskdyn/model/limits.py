"""How deep an expression may be."""

from __future__ import annotations

from iskdyn.model.expression import Call, Expression, Lookup

MAX_DEPTH = 150
"""Operations inside one another, as the terms of a sum are; beyond it, code that descends would break off."""


def depth(expression: Expression) -> int:
    """Operations inside one another; a number or a name has 0."""
    deepest, pending = 0, [(expression, 0)]
    while pending:
        node, level = pending.pop()
        deepest = max(deepest, level)
        if isinstance(node, Call):
            pending += [(argument, level + 1) for argument in node.arguments]
        elif isinstance(node, Lookup):
            pending.append((node.argument, level + 1))
    return deepest
