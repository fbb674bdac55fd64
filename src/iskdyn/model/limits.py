"""Equations too large to be meant: refused before the parser, which would recurse or take minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from iskdyn.errors import Problem
from iskdyn.model.expression import Call, Expression, Lookup
from iskdyn.model.source import entries

MAX_BYTES = 20_000_000
MAX_BRACKETS = 100
MAX_OPERATORS = 1000
MAX_DEPTH = 150
"""Operations inside one another, as the terms of a sum are; beyond it, code that descends would break off."""

_POINT = re.compile(r"\(\s*[-+]?[\d.eE+-]+\s*,\s*[-+]?[\d.eE+-]+\s*\)")
_OPERATOR = re.compile(r"[-+*/^<>=]|:\w+:")
_EQUATION = re.compile(r"<eqn>(.*?)</eqn>", re.DOTALL | re.IGNORECASE)


def oversized(path: Path, text: str) -> list[Problem]:
    """A problem for each equation that is beyond the limits."""
    if len(text) > MAX_BYTES:
        return [Problem(f"{path.name}:1", f"{len(text):,} characters; at most {MAX_BYTES:,} can be read")]
    problems = []
    for line, equation in _equations(path, text):
        steps = ({"(": 1, ")": -1}.get(character, 0) for character in equation)
        brackets = max(accumulate(steps)) if equation.count("(") > MAX_BRACKETS else 0
        operators = len(_OPERATOR.findall(_POINT.sub("", equation)))
        for count, most, what in (
            (brackets, MAX_BRACKETS, "brackets inside one another"),
            (operators, MAX_OPERATORS, "operators"),
        ):
            if count > most:
                problems.append(
                    Problem(f"{path.name}:{line}", f"{count:,} {what}; at most {most:,}: split it")
                )
    return problems


def _equations(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """(line, equation) of all equations of a text."""
    if path.suffix.lower() != ".mdl":
        for match in _EQUATION.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match.group(1)
        return
    line = 1
    for part in entries(text):
        blank = len(part) - len(part.lstrip())
        yield line + part.count("\n", 0, blank), part.split("~", 1)[0]
        line += part.count("\n")


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
