"""SMOOTH and DELAY written out as the stocks that they are, so that links through them can be scored."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from iskdyn.errors import InternalError, Problem
from iskdyn.model import Call, Expression, Lookup, Number, Program, Reference, Variable
from iskdyn.model.assemble import orders_of
from iskdyn.model.expression import STATEFUL
from iskdyn.model.program import constant_value

_CHAINS = ("smooth", "delay")


def spelled_out(program: Program) -> Program:
    """The same model with a hidden stock for each stage of each SMOOTH and DELAY; runs give the same numbers.

    A delay whose order is no number, DELAY N, a fixed delay, TREND, FORECAST and samples stay as they are.
    """
    writer = _Writer(program)
    visible = tuple(writer.variable(one) for one in program.variables)
    hidden = tuple(writer.variable(one) for one in program.hidden)
    if not writer.stocks and visible == program.variables:
        return program
    known = {one.key: one for one in (*visible, *hidden, *writer.stocks)}
    problems: list[Problem] = []
    start, step = orders_of(program.path.name, known, problems)
    if problems:
        raise InternalError(problems)
    digest = hashlib.sha256(f"{program.digest} spelled out".encode()).hexdigest()
    return replace(
        program, digest=digest, variables=visible, hidden=(*hidden, *writer.stocks), start_order=start,
        step_order=step,
    )  # fmt: skip


class _Writer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.stocks: list[Variable] = []
        self.written: dict[tuple[str, Call], Expression] = {}

    def variable(self, one: Variable) -> Variable:
        return replace(one, expression=self.rewritten(one, one.expression))

    def rewritten(self, owner: Variable, node: Expression) -> Expression:
        """The expression with each chain replaced by what it reads."""
        if isinstance(node, Lookup):
            return replace(node, argument=self.rewritten(owner, node.argument))
        if not isinstance(node, Call):
            return node
        again = (owner.key, node)
        if again not in self.written:
            node = replace(node, arguments=tuple(self.rewritten(owner, part) for part in node.arguments))
            order = self.order(node)
            self.written[again] = self.chain(owner, node, order) if order else node
        return self.written[again]

    def order(self, node: Call) -> int:
        """The number of stages of a chain, 0 where it cannot be known or the call is none."""
        if node.function not in _CHAINS:
            return 0
        written = node.arguments[STATEFUL[node.function].index("order")]
        if isinstance(written, Reference) and written.name in self.program.by_key:
            written = self.program.by_key[written.name].expression
        value = constant_value(written)
        return int(value) if value >= 1 else 0

    def chain(self, owner: Variable, node: Call, order: int) -> Expression:
        """Stages in a row: those of SMOOTH follow what comes before, those of DELAY pass it on."""
        entering, time, initial, _ = node.arguments
        delayed, stages = node.function == "delay", Number(float(order))
        for _ in range(order):
            stock = Reference(f"{owner.key}_stage_{len(self.stocks) + 1}")
            leaving: Expression = Call("/", (stock, time)) if delayed else stock
            net = Call("*", (Call("-", (entering, leaving)), stages))
            flow = net if delayed else Call("/", (net, time))
            first = Call("*", (initial, time)) if delayed else initial
            self.stocks.append(
                replace(
                    owner,
                    name=f"stage {len(self.stocks) + 1} of {owner.name}",
                    key=stock.name,
                    kind="stock",
                    expression=Call("integ", (flow, first)),
                    hidden=True,
                )
            )
            entering = leaving
        return entering
