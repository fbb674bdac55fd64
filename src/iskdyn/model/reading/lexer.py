"""Tokens of equations in both dialects."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from iskdyn.model.reading.text import ReadError

Dialect = Literal["vensim", "xmile"]


class Token(NamedTuple):
    """A piece of an equation: what it is ('number', 'name', 'words', 'keyword', 'sign', 'end'), its text, where."""

    kind: str
    text: str
    at: int


_NUMBER = r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w]))"
_QUOTED = r'(?P<quoted>"(?:\\.|[^"\\])*")'
_VENSIM = re.compile(
    rf"\s*(?:{_NUMBER}|{_QUOTED}|(?P<words>'[^']*')|(?P<keyword>:[A-Za-z][A-Za-z ]*:)"
    r"|(?P<name>[^\W\d](?:[\w$'\s]*[\w$'])?)"
    r"|(?P<sign><->|->|:=|<>|<=|>=|[-+*/^()\[\],;!=<>:?]))"
)
"""A Vensim name has blanks inside it, and letters, digits, _, $ and ' (vensim.com/documentation/22030.html)."""
_XMILE = re.compile(
    rf"\s*(?:{_NUMBER}|(?P<name>\.?(?:\"(?:\\.|[^\"\\])*\"|\w[\w$]*)(?:\.(?:\"(?:\\.|[^\"\\])*\"|\w[\w$]*))*)"
    r"|(?P<keyword>:[A-Za-z][A-Za-z ]*:)|(?P<sign><>|<=|>=|!=|==|&&|\|\||//|[-+*/^()\[\],;=<>!:%?]))"
)
_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|\{[^{}]*\}')
_WORDS = frozenset({"and", "or", "not", "mod", "if", "then", "else"})
"""Words of XMILE that are no names, in any case."""


def blank_comments(text: str) -> str:
    """The text with each {comment} and each continued line end as blanks, so that all places stay.

    >>> blank_comments("a {b} c")
    'a     c'
    """
    if "\\\n" in text:
        text = text.replace("\\\n", " \n")
    while "{" in text:
        after = _COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else re.sub(r"[^\n]", " ", m[0]), text)
        if after == text:
            break
        text = after
    return text


def tokens(text: str, start: int, dialect: Dialect) -> list[Token]:
    """The tokens of an equation whose first character stands at `start`; the last is 'end'.

    Parameters
    ----------
    text : of the equation, comments blanked
    start : its place in the model's text, for places and errors
    dialect : "vensim" or "xmile"

    Raises
    ------
    ReadError : a character that belongs to nothing
    """
    pattern = _VENSIM if dialect == "vensim" else _XMILE
    found: list[Token] = []
    position, length = 0, len(text)
    while position < length:
        match = pattern.match(text, position)
        if match is None:
            rest = text[position:]
            blank = len(rest) - len(rest.lstrip())
            if blank == len(rest):
                break
            raise ReadError(start + position + blank, _odd(rest.lstrip()))
        kind = str(match.lastgroup)
        found.append(Token("name" if kind == "quoted" else kind, match[kind], start + match.start(kind)))
        position = match.end()
    found.append(Token("end", "", start + length))
    return _joined(found) if dialect == "xmile" else found


def _odd(rest: str) -> str:
    what = {
        '"': "a quoted name is not closed",
        "'": "a quoted text is not closed",
        "{": "a comment is not closed",
    }
    return what.get(rest[0], f"unexpected {rest[0]!r}")


def _joined(found: list[Token]) -> list[Token]:
    """Names side by side as one: exports of Vensim write blanks inside names; 'IF THEN ELSE(' is a function."""
    joined: list[Token] = []
    for i, token in enumerate(found):
        word = token.text.lower()
        if token.kind != "name":
            joined.append(token)
            continue
        if word == "if" and [t.text.lower() for t in found[i + 1 : i + 4]] == ["then", "else", "("]:
            joined.append(Token("name", "if_then_else", token.at))
        elif joined and joined[-1].text == "if_then_else" and word in ("then", "else"):
            continue
        elif word in _WORDS:
            joined.append(Token("keyword", word, token.at))
        elif joined and joined[-1].kind == "name":
            joined[-1] = Token("name", f"{joined[-1].text} {token.text}", joined[-1].at)
        else:
            joined.append(token)
    return joined
