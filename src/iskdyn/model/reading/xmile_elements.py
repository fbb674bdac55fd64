"""What the elements of an XMILE text share: a name on one line, words, and an equation as a tree."""

from __future__ import annotations

import re

from iskdyn.model.reading.definitions import Limits, Reading
from iskdyn.model.reading.grammar import parse
from iskdyn.model.reading.lexer import blank_comments
from iskdyn.model.reading.text import ReadError, Text
from iskdyn.model.reading.tree import Tree
from iskdyn.model.reading.xml import Element

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def name_of(element: Element) -> str:
    """The name of an element on one line; it may hold a written line end."""
    return " ".join(element.attributes.get("name", "").replace("\\n", " ").split())


def words_of(element: Element, tag: str) -> str:
    """The text of a child on one line, empty without one."""
    child = element.find(tag)
    return " ".join(child.text.split()) if child is not None else ""


def limits_of(element: Element) -> Limits:
    """The ends of <range>, None where open."""
    child = element.find("range")
    if child is None:
        return None, None
    ends = [child.attributes.get(name, "") for name in ("min", "max")]
    low, high = (float(end) if NUMBER.fullmatch(end.strip()) else None for end in ends)
    return low, high


def parse_equation(reading: Reading, written: str, text: Text, element: Element, name: str) -> Tree | None:
    """An equation as a tree; None where there is none, or where it is wrong, which the reading is told.

    Parameters
    ----------
    written : the equation's text, each character at its place in `text`
    text : what its places belong to; the whole file's where the equation is an attribute
    element : where it stands, for what is told of it
    name : of the variable, for the same
    """
    plain = blank_comments(written).strip()
    if not plain:
        return None
    if set(plain) <= {"?"}:
        reading.refuse(element.at, f"{name!r} has no equation yet")
        return None
    try:
        return parse(written, 0, "xmile")
    except ReadError as fault:
        if text is reading.text:
            fault.at = element.at
        reading.fault(fault, text)
        return None
