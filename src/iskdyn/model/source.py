"""An index of the model's text: where each variable stands and how its author wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from iskdyn.model.names import name_key

_SKETCH = "\\\\\\---///"
_MACRO = re.compile(r":MACRO:\s*([^(]+)\(", re.IGNORECASE)
_LEFT_SIDE = re.compile(r'\s*("(?:\\"|[^"])*"|[^=(\[:"~|]+)')


@dataclass(frozen=True)
class Entry:
    """One equation as written: first line (1 is the top of the file) and text right of the name."""

    line: int
    equation: str


Index = dict[tuple[str, str], Entry]
"""(macro key or '', variable key) -> entry."""


def index_source(path: Path, text: str) -> Index:
    """Index of a Vensim (.mdl) or XMILE text."""
    return _index_vensim(text) if path.suffix.lower() == ".mdl" else _index_xmile(text)


def _index_vensim(text: str) -> Index:
    index: Index = {}
    body = text.split(_SKETCH, 1)[0]
    macro = ""
    position, line = 0, 1
    for part in entries(body):
        opened = _MACRO.search(part)
        if ":END OF MACRO:" in part.upper():
            macro = ""
        equation = part.split("~", 1)[0]
        start = 0
        if opened:
            macro = name_key(opened.group(1))
            start = opened.end()
        elif (end := equation.upper().find(":END OF MACRO:")) >= 0:
            start = end + len(":END OF MACRO:")
        elif equation.lstrip().startswith("{") and "}" in equation:
            start = equation.index("}") + 1
        if opened:
            start = part.find(")", start) + 1
        _add(index, macro, equation[start:], line + part.count("\n", 0, start))
        position += len(part) + 1
        line += part.count("\n")
    return index


def _add(index: Index, macro: str, equation: str, line: int) -> None:
    found = _LEFT_SIDE.match(equation)
    if not found or set(found.group(1).strip()) <= {"*", "\n", " "} or equation.lstrip().startswith("***"):
        return
    blank = len(equation) - len(equation.lstrip())
    right = equation[found.end() :].strip()
    right = " ".join(right.lstrip(":=").replace("\\\n", " ").split())
    index.setdefault((macro, name_key(found.group(1))), Entry(line + equation.count("\n", 0, blank), right))


def entries(body: str) -> list[str]:
    """The equations of a Vensim text: split at each '|' that is not inside a quoted name."""
    parts, start, quoted, documentation = [], 0, False, False
    for position, character in enumerate(body):
        if character == '"' and not documentation and body[position - 1 : position] != "\\":
            quoted = not quoted
        elif character == "~" and not quoted:
            documentation = True
        elif character == "|" and (documentation or not quoted):
            parts.append(body[start:position])
            start, quoted, documentation = position + 1, False, False
    return parts


def _index_xmile(text: str) -> Index:
    from lxml import etree

    index: Index = {}
    try:
        root = etree.fromstring(text.encode("utf-8"), etree.XMLParser(recover=True, resolve_entities=False))
    except (etree.XMLSyntaxError, ValueError):
        return index
    if root is None:
        return index
    for element in root.iter("{*}stock", "{*}flow", "{*}aux", "{*}gf"):
        name = element.get("name")
        if not name:
            continue
        equation = element.find("{*}eqn")
        written = "" if equation is None or equation.text is None else " ".join(equation.text.split())
        key = name_key(name.replace("\\n", " "))
        index.setdefault(("", key), Entry(int(element.sourceline or 0), written))
    return index
