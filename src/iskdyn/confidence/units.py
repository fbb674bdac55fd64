"""Units agree through the whole model, and no number hides in an equation; for any model, with or without a study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from iskdyn.confidence.check import Check, counted
from iskdyn.model import Program
from iskdyn.model.units_check import embedded_numbers, unit_problems
from iskdyn.study import Study


def units_agree(program: Program) -> Check:
    """Both sides of every equation have one unit, and every variable has one."""
    found = unit_problems(program)
    kinds = Counter(one.kind for one in found)
    figure = f"{kinds['mismatch']} wrong, {kinds['missing'] + kinds['unreadable']} missing of {len(program)}"
    words = "every sub-expression, with the spellings that the model's settings declare to be one unit"
    return Check("units agree everywhere", not found, figure, "0", words, tuple(one.problem for one in found))


def numbers_have_names(program: Program) -> Check:
    """No equation holds a number other than 0 and 1."""
    words = "numbers inside equations; those of constants, tables and the clock stand alone"
    return counted("no number hides in an equation", words, len(program), embedded_numbers(program))


MODEL_CHECKS: tuple[Callable[[Program], Check], ...] = (units_agree, numbers_have_names)
"""The checks that need nothing but a model."""


def check_units(study: Study) -> Check:
    """Units of the study's model."""
    return units_agree(study.program)


def check_embedded_numbers(study: Study) -> Check:
    """Numbers in the equations of the study's model."""
    return numbers_have_names(study.program)
