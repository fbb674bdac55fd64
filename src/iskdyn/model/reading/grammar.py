"""Equations of both dialects to trees, by the precedence of operators."""

from __future__ import annotations

from collections.abc import Mapping

from iskdyn.model.limits import MAX_DEPTH
from iskdyn.model.reading.lexer import Dialect, Token, blank_comments, tokens
from iskdyn.model.reading.points import number, points
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Num, Rows, Tree, Wild, Words

MAX_BRACKETS = 100
"""Brackets inside one another; code that descends stays far from Python's limit."""
MAX_OPERATORS = 1000
"""Operators in one equation; no person writes so many."""
MAX_LEVELS = MAX_BRACKETS + MAX_DEPTH
"""Of the descent: brackets, and operations such as the powers of a^b^c, inside one another; three frames each."""

_COMPARISON = 30
_UNARY = 70
_POWER = 80
_VENSIM: Mapping[str, tuple[int, str]] = {
    ":or:": (10, "or"), ":and:": (20, "and"),
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), (_COMPARISON, "")),
    "+": (50, ""), "-": (50, ""), "*": (60, ""), "/": (60, ""), "^": (_POWER, ""),
}  # fmt: skip
"""vensim.com/documentation/operators.html: all comparisons at one level. :NOT: takes a whole comparison, by published
output of Vensim (SDXorg/test-models, tests/subscripted_logicals); the manual lists it with the minus."""
_XMILE: Mapping[str, tuple[int, str]] = {
    "or": (10, ""), "||": (10, "or"), ":or:": (10, "or"), "and": (20, ""), "&&": (20, "and"), ":and:": (20, "and"),
    "=": (30, ""), "<>": (30, ""), "==": (30, "="), "!=": (30, "<>"),
    **dict.fromkeys(("<", "<=", ">", ">="), (40, "")),
    "+": (50, ""), "-": (50, ""), "*": (60, ""), "/": (60, ""), "//": (60, "safediv"),
    "mod": (60, "floored_mod"), "%": (60, "floored_mod"), "^": (_POWER, ""),
}  # fmt: skip
"""XMILE 1.0, 3.3.1: = and <> below the other comparisons; NOT with the unary minus; // is isee's."""


def parse(text: str, start: int, dialect: Dialect) -> Tree:
    """The tree of an equation's right side, or Rows where it is a list of numbers.

    Errors
    ------
    ReadError : what cannot be read, and where.
    """
    return Grammar(blank_comments(text), start, dialect).whole()


class Grammar:
    """A descent through the tokens of one equation."""

    def __init__(self, text: str, start: int, dialect: Dialect) -> None:
        self.text, self.start, self.dialect = text, start, dialect
        self.binary = _VENSIM if dialect == "vensim" else _XMILE
        self.tokens = tokens(text, start, dialect)
        self.next = self.level = 0
        _check_size(self.tokens, start)

    def whole(self) -> Tree:
        """All of the text as one expression or one list of numbers."""
        tree = self.expression(0)
        if self.peek.text in (",", ";"):
            return self._rows()
        self._expect_end()
        return tree

    @property
    def peek(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.next]

    def take(self) -> Token:
        """The next token, passed over."""
        token = self.tokens[self.next]
        self.next += token.kind != "end"
        return token

    def accept(self, sign: str) -> bool:
        """Whether the next token is that sign; it is passed over."""
        if self.peek.kind != "sign" or self.peek.text != sign:
            return False
        self.next += 1
        return True

    def expect(self, sign: str, why: str) -> None:
        """Pass over a sign that must come."""
        if not self.accept(sign):
            raise ReadError(self.peek.at, f"{sign!r} is missing {why}{self._before()}")

    def _before(self) -> str:
        return (
            f"; {self.peek.text!r} stands there" if self.peek.kind != "end" else "; the equation ends there"
        )

    def _expect_end(self) -> None:
        if self.peek.kind != "end":
            raise ReadError(self.peek.at, f"unexpected {self.peek.text!r}; an operator is missing before it")

    def expression(self, least: int) -> Tree:
        """The longest expression whose operators bind at least that strongly."""
        self.level += 1
        if self.level > MAX_LEVELS:
            message = f"has more than {MAX_DEPTH} operations inside one another; split it"
            raise ReadError(self.peek.at, message)
        left = self.operand()
        while True:
            token = self.peek
            power, name = self.binary.get(token.text.lower() if token.kind != "name" else "", (-1, ""))
            if power < max(least, 0):
                self.level -= 1
                return left
            self.next += 1
            right = self.expression(power if power == _POWER else power + 1)
            left = Apply(name or token.text, (left, right), token.at, operator=True)

    def operand(self) -> Tree:
        """A number, name, call, bracket or an operator with one argument."""
        token = self.take()
        word = token.text.lower()
        if token.kind == "number":
            return Num(number(token.text, token.at), token.at)
        if token.kind == "name":
            return self._name(token)
        if token.kind == "words":
            return Words(token.text[1:-1], token.at)
        if token.kind == "keyword":
            return self._keyword(token, word)
        if word in ("-", "+"):
            inner = self.expression(_UNARY)
            return inner if word == "+" else _negative(inner, token.at)
        if word == "!" and self.dialect == "xmile":
            return Apply("not", (self.expression(_UNARY),), token.at, operator=True)
        if word == "(":
            inner = self.expression(0)
            self.expect(")", "after a bracket that was opened")
            return inner
        if token.kind == "end":
            raise ReadError(token.at, "a number or a name is missing at the end")
        raise ReadError(token.at, f"unexpected {token.text!r}; a number or a name is missing")

    def _keyword(self, token: Token, word: str) -> Tree:
        if word == ":na:":
            return Name(":NA:", token.at)
        if word in (":not:", "not"):
            least = _COMPARISON if self.dialect == "vensim" else _UNARY
            return Apply("not", (self.expression(least),), token.at, operator=True)
        if word == "if" and self.dialect == "xmile":
            condition = self.expression(0)
            self._expect_word("then")
            first = self.expression(0)
            if self.peek.text == "else":
                self.next += 1
                return Apply("if_then_else", (condition, first, self.expression(0)), token.at)
            raise ReadError(self.peek.at, f"ELSE is missing after IF ... THEN{self._before()}")
        raise ReadError(token.at, f"unexpected {token.text!r}")

    def _expect_word(self, word: str) -> None:
        if self.peek.text != word:
            raise ReadError(self.peek.at, f"{word.upper()} is missing{self._before()}")
        self.next += 1

    def _name(self, token: Token) -> Tree:
        if token.text.lower() == "with lookup" or " ".join(token.text.lower().split()) == "with lookup":
            return self._with_lookup(token)
        subscripts = self._subscripts() if self.accept("[") else ()
        if not self.accept("("):
            return Name(token.text, token.at, subscripts)
        arguments: list[Tree] = []
        outputs: list[Name] = []
        while not self.accept(")"):
            arguments.append(self.expression(0))
            if self.accept(":"):
                outputs = self._outputs()
            elif not self.accept(",") and not self.accept(";"):
                self.expect(")", f"to close the call of {token.text!r}")
                break
        return Apply(token.text, tuple(arguments), token.at, subscripts, tuple(outputs))

    def _outputs(self) -> list[Name]:
        names = []
        while self.peek.kind == "name":
            token = self.take()
            names.append(Name(token.text, token.at, self._subscripts() if self.accept("[") else ()))
            self.accept(",")
        return names

    def _subscripts(self) -> tuple[Tree, ...]:
        found: list[Tree] = []
        while not self.accept("]"):
            token = self.peek
            if self.accept("*"):
                part = self.take() if self.accept(":") else None
                if part is not None and part.kind != "name":
                    raise ReadError(part.at, "the name of a range is missing after '*:'")
                found.append(Wild(token.at, part.text if part is not None else ""))
            elif token.kind == "name" and self.tokens[self.next + 1].text in (",", "]", "!"):
                self.next += 1
                found.append(Name(token.text, token.at, (), self.accept("!")))
            else:
                found.append(self.expression(0))
                if self.peek.text == ":":
                    raise ReadError(
                        self.peek.at, "a part of a range ('1:3') cannot be read; name the elements"
                    )
            if not self.accept(",") and self.peek.text != "]":
                raise ReadError(self.peek.at, f"']' is missing after subscripts{self._before()}")
        return tuple(found)

    def _with_lookup(self, token: Token) -> Tree:
        """WITH LOOKUP(x, (points)): the points are read from the text itself."""
        self.expect("(", "after WITH LOOKUP")
        argument = self.expression(0)
        self.expect(",", "between the argument and the points of WITH LOOKUP")
        opened = self.peek
        self.expect("(", "before the points of WITH LOOKUP")
        level = 1
        while level and self.peek.kind != "end":
            closing = self.take()
            level += {"(": 1, ")": -1}.get(closing.text, 0)
        if level:
            raise ReadError(opened.at, "the points of WITH LOOKUP are not closed by ')'")
        inner = self.text[opened.at + 1 - self.start : closing.at - self.start]
        self.expect(")", "at the end of WITH LOOKUP")
        return Apply("with_lookup", (argument, points(inner, opened.at + 1)), token.at)

    def _rows(self) -> Tree:
        """A list of numbers; ';' ends a row."""
        self.next = 0
        rows: list[tuple[float, ...]] = []
        row: list[float] = []
        while self.peek.kind != "end":
            tree = self.expression(0)
            value = constant(tree)
            if value is None:
                raise ReadError(self.tokens[0].at, "a list must hold numbers only")
            row.append(value)
            if not self.accept(","):
                rows.append(tuple(row))
                row = []
                if not self.accept(";"):
                    self._expect_end()
        if row:
            rows.append(tuple(row))
        return Rows(tuple(rows), self.tokens[0].at)


def constant(tree: Tree) -> float | None:
    """The number of a literal with its sign, else None."""
    if isinstance(tree, Num):
        return tree.value
    return None


def _negative(inner: Tree, at: int) -> Tree:
    return Num(-inner.value, at) if isinstance(inner, Num) else Apply("negative", (inner,), at, operator=True)


def _check_size(found: list[Token], start: int) -> None:
    """An equation that is too large to be meant."""
    level = deepest = operators = 0
    before = "("
    for token in found:
        if token.kind == "sign":
            if token.text in "([":
                level += 1
                deepest = max(deepest, level)
            elif token.text in ")]":
                level -= 1
            else:
                operators += token.text not in ",;" and before not in ("(", ",")
        before = token.text
    for count, most, what in (
        (deepest, MAX_BRACKETS, "brackets inside one another"), (operators, MAX_OPERATORS, "operators"),
    ):  # fmt: skip
        if count > most:
            raise ReadError(start, f"{count:,} {what}; at most {most:,}: split it")
