"""What kind of variable an equation makes."""

from __future__ import annotations

from iskdyn.model.expression import Call, Expression, Number, Table
from iskdyn.model.program import Kind

CONTROLS = ("initial_time", "final_time", "time_step", "saveper")


def kind_of(key: str, expression: Expression, inside: bool) -> Kind:
    """The kind of one scalar.

    Parameters
    ----------
    inside : of a macro, where a control's name is a name like others
    """
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
