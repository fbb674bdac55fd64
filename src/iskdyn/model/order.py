"""The order in which values can be computed; a circle of equations is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from iskdyn.errors import Problem
from iskdyn.model.expression import AT_START, STATEFUL, Call, needs, walk
from iskdyn.model.program import Variable


def start_roots(variables: Iterable[Variable]) -> list[str]:
    """Keys that the first state of the model is made of."""
    roots: dict[str, None] = {}
    for variable in variables:
        for node in walk(variable.expression):
            if isinstance(node, Call) and node.function in STATEFUL:
                named = dict(zip(STATEFUL[node.function], node.arguments, strict=True))
                for name in AT_START[node.function]:
                    roots.update(dict.fromkeys(needs(named[name], "start")))
    return list(roots)


def ordered(
    roots: Sequence[str],
    below: Callable[[str], Sequence[str]],
    circle: Callable[[list[str]], Problem],
    problems: list[Problem],
) -> tuple[str, ...]:
    """Depth-first order of all that the roots need; each circle found becomes a problem.

    Parameters
    ----------
    roots : keys
    below : of a key, the keys that it needs
    circle : makes a problem of the keys of a circle, in the order in which they need each other
    problems : to which circles are added

    Returns
    -------
    Each key once, after all that it needs; arbitrary inside a circle.

    >>> ordered(["births"], {"births": ["rate", "people"], "rate": [], "people": []}.__getitem__, print, [])
    ('rate', 'people', 'births')
    """
    done: dict[str, None] = {}
    path: dict[str, None] = {}
    for root in roots:
        stack = [(root, iter(below(root)))] if root not in done else []
        if stack:
            path[root] = None
        while stack:
            key, rest = stack[-1]
            follower = next((other for other in rest if other not in done), None)
            if follower is None:
                stack.pop()
                del path[key]
                done[key] = None
            elif follower in path:
                names = list(path)
                problems.append(circle(names[names.index(follower) :]))
            else:
                path[follower] = None
                stack.append((follower, iter(below(follower))))
    return tuple(done)
