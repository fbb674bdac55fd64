"""People are neither made nor lost: what the equations of the stocks of people must look like."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from iskdyn.confidence.check import Check, counted
from iskdyn.errors import Problem
from iskdyn.model import Call, Expression, Number, Program, Reference, Variable, name_key, references, walk
from iskdyn.study import Study

UNITS = ("person", "persons", "people")
"""Units of a stock of people."""

HOLDING = ("delay", "delay_n", "delay_fixed", "smooth")
"""Functions that hide people on their way."""


@dataclass(frozen=True)
class Flow:
    """One term of the equations of stocks of people.

    Attributes
    ----------
    name : as the modeller spells it; '' for a term that is no variable of its own
    expression : the term
    into, out_of : the stocks that it adds to and takes from
    """

    name: str
    expression: Expression
    into: tuple[str, ...]
    out_of: tuple[str, ...]

    @property
    def ends(self) -> int:
        """People that one unit of the flow adds to the model: 0 for a move inside."""
        return len(self.into) - len(self.out_of)


def people_stocks(program: Program) -> list[Variable]:
    """The stocks whose unit is people."""
    return [stock for stock in program.stocks if stock.units.strip().casefold() in UNITS]


def people_flows(program: Program) -> list[Flow]:
    """Every flow of people with its ends: the columns of the incidence matrix."""
    into: dict[Expression, list[str]] = defaultdict(list)
    out_of: dict[Expression, list[str]] = defaultdict(list)
    for stock in people_stocks(program):
        inward, outward = program.flows(stock.name)
        for term in inward:
            into[term].append(stock.name)
        for term in outward:
            out_of[term].append(stock.name)
    return [
        Flow(_name(program, term), term, tuple(into[term]), tuple(out_of[term]))
        for term in dict.fromkeys([*into, *out_of])
    ]


def _name(program: Program, term: Expression) -> str:
    return program[term.name].name if isinstance(term, Reference) else ""


def _place(program: Program, flow: Flow) -> str:
    return program.place(flow.name or (*flow.into, *flow.out_of)[0])


def check_ends(study: Study) -> Check:
    """Each flow of people has one start and one end among the stocks, or is named as a boundary flow."""
    program, flows = study.program, people_flows(study.program)
    boundary = {name_key(name) for name in study.settings.people_boundary}
    problems = []
    for flow in flows:
        stocks = ", ".join((*flow.into, *flow.out_of))
        place = _place(program, flow)
        if not flow.name:
            problems.append(Problem(place, f"a flow of '{stocks}' is written inside its equation; name it"))
        elif (len(flow.into), len(flow.out_of)) != (1, 1) and name_key(flow.name) not in boundary:
            ends = f"+ on {len(flow.into)} and - on {len(flow.out_of)} stocks ({stocks})"
            problems.append(
                Problem(place, f"'{flow.name}' stands {ends}; expected one each, or people_boundary")
            )
    unused = boundary - {name_key(flow.name) for flow in flows}
    problems += [
        Problem("study.toml", f"people_boundary: '{name}' is no flow of people") for name in sorted(unused)
    ]
    words = (
        "incidence matrix of the stocks of people; flows with another pattern must stand in people_boundary"
    )
    return counted("every flow of people has two ends", words, len(flows), problems)


def check_first_order(study: Study) -> Check:
    """Every outflow of people is a multiple of its own stock, without another stock in between, and unclipped."""
    program = study.program
    stocks = {stock.key for stock in program.stocks}
    problems = []
    outflows = [(flow, stock) for flow in people_flows(program) for stock in flow.out_of]
    for flow, stock in outflows:
        place, key = _place(program, flow), program[stock].key
        # To depend on the stock is not enough: a wage bill or a total reaches every stock of people.
        if not _vanishes(program, flow.expression, key, stocks, {}):
            message = (
                f"'{flow.name}' leaves '{stock}' but is no multiple of it: it goes on where nobody is left"
            )
            problems.append(Problem(place, message))
        problems += [
            Problem(
                place,
                f"'{flow.name}' holds '{stock}' in a {call.function.upper()}: let the outflow fade instead",
            )
            for call in _calls(program, flow.expression, stocks)
            if call.function in ("min", "max") and key in references(call)
        ]
    words = (
        "text of each outflow, followed through auxiliaries up to the next stock: nothing where the stock is; "
        "no MIN or MAX of the stock"
    )
    return counted("outflows of people are first-order", words, len(outflows), problems)


def check_nothing_hidden(study: Study) -> Check:
    """No flow of people passes through a DELAY or SMOOTH, and no stock of people is cut at zero."""
    program = study.program
    stocks = {stock.key for stock in program.stocks}
    flows = people_flows(program)
    problems = [
        Problem(
            program.place(flow.name or flow.into[0]), f"'{flow.name}' passes through {call.function.upper()}"
        )
        for flow in flows
        for call in _calls(program, flow.expression, stocks, only_people=True)
        if call.function in HOLDING
    ]
    problems += [
        Problem(program.place(stock.name), f"'{stock.name}' is cut at zero; let its outflows fade instead")
        for stock in people_stocks(program)
        if isinstance(stock.expression, Call) and stock.expression.function == "integ_non_negative"
    ]
    words = "equation of each flow, followed through auxiliaries in people per time"
    return counted("no people hidden in delays or clips", words, len(flows), problems)


def _vanishes(
    program: Program, node: Expression, stock: str, stocks: set[str], known: dict[str, bool]
) -> bool:
    """Whether an expression is nothing where a stock is, by its form; `known` of auxiliaries met before."""

    def vanishes(part: Expression) -> bool:
        return _vanishes(program, part, stock, stocks, known)

    match node:
        case Number(value):
            return value == 0
        case Reference(key) if key == stock:
            return True
        case Reference(key) if key in program.by_key and key not in stocks:
            if key not in known:
                known[key] = False  # a circle of auxiliaries is no multiple of anything
                known[key] = vanishes(program.by_key[key].expression)
            return known[key]
        case Call("*", parts):
            return any(map(vanishes, parts))
        case Call("/" | "^" | "zidz", (above, _)):
            return vanishes(above)
        case Call("if_then_else", (_, *parts)) | Call(
            "+" | "-" | "negative" | "min" | "max" | "sqrt" | "abs", parts
        ):
            return all(map(vanishes, parts))
    return False


def _calls(
    program: Program, expression: Expression, stocks: set[str], *, only_people: bool = False
) -> Iterator[Call]:
    """Every call in an expression and in the auxiliaries (of people per time, if asked) that it names."""
    seen: set[str] = set()
    ahead = [expression]
    while ahead:
        node = ahead.pop()
        yield from (part for part in walk(node) if isinstance(part, Call))
        for key in references(node):
            variable = program.by_key.get(key)
            if variable is None or key in seen or key in stocks:
                continue
            seen.add(key)
            if not only_people or variable.units.split("/")[0].strip().casefold() in UNITS or variable.hidden:
                ahead.append(variable.expression)
