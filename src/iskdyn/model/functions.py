"""The functions of the language: name, number of arguments, and who handles them."""

from __future__ import annotations

FUNCTIONS: dict[str, tuple[int, int]] = {
    "+": (2, 2), "-": (2, 2), "*": (2, 2), "/": (2, 2), "^": (2, 2), "negative": (1, 1),
    "=": (2, 2), "<>": (2, 2), "<": (2, 2), "<=": (2, 2), ">": (2, 2), ">=": (2, 2),
    "and": (2, 2), "or": (2, 2), "not": (1, 1),
    "abs": (1, 1), "power": (2, 2), "min": (2, 2), "max": (2, 2), "exp": (1, 1), "ln": (1, 1),
    "log": (2, 2), "sqrt": (1, 1), "sin": (1, 1), "cos": (1, 1), "tan": (1, 1),
    "arcsin": (1, 1), "arccos": (1, 1), "arctan": (1, 1),
    "sinh": (1, 1), "cosh": (1, 1), "tanh": (1, 1), "pi": (0, 0),
    "integer": (1, 1), "quantum": (2, 2), "modulo": (2, 2), "floor": (1, 1), "floored_mod": (2, 2), "safediv": (2, 3),
    "zidz": (2, 2), "xidz": (3, 3), "if_then_else": (3, 3),
    "step": (2, 2), "step_at": (2, 2), "ramp": (3, 3), "ramp_without_end": (2, 2),
    "pulse": (2, 2), "pulse_magnitude": (2, 2), "pulse_train": (4, 4), "pulse_train_magnitude": (3, 3),
    "random_0_1": (0, 0), "random_uniform": (3, 3), "random_normal": (5, 5), "random_exponential": (5, 5),
}  # fmt: skip
"""Every function without a memory: name -> (fewest, most) arguments.

`pulse`, `step` and `ramp` read the clock; random functions carry a stream of their own.
"""
