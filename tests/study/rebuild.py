"""A model file written from nothing but the text of a model document."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SECTOR = re.compile(r"^## Sector: (.+)$", re.MULTILINE)
_VARIABLE = re.compile(r"^### (.+)$", re.MULTILINE)
_FIELD = re.compile(r"^- (equation|kind|unit|causes): `?(.*?)`?$", re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """What the document tells of one variable."""

    name: str
    sector: str
    equation: str
    kind: str
    unit: str
    causes: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.equation}\n\t~\t{self.unit}\n\t~\t\n\t|\n"


def read_told(document: str) -> dict[str, Told]:
    """Every variable by name."""
    found = {}
    for sector, body in _parts(_SECTOR, document):
        for name, words in _parts(_VARIABLE, body):
            fields = dict(_FIELD.findall(words))
            causes = tuple(one for one in fields["causes"].split("; ") if one != "none")
            found[name] = Told(name, sector, fields["equation"], fields["kind"], fields["unit"], causes)
    return found


def whole(told: dict[str, Told]) -> str:
    """A model file of all equations."""
    return "{UTF-8}\n" + "\n".join(one.text for one in told.values())


def sector(told: dict[str, Told], name: str) -> tuple[str, list[str], list[str]]:
    """A model file of one sector; its variables; and the inputs from other sectors, as 0 to be given series.

    Constants and tables of other sectors are copied: the document has their numbers.
    """
    inside = [one for one in told.values() if one.sector == name]
    copied = {one.name: one for one in told.values() if one.kind == "setting of the run"}
    inputs: dict[str, Told] = {}
    for one in inside:
        for cause in one.causes:
            other = told.get(cause)
            if other is None or other.sector == name:
                continue
            (copied if other.kind in ("constant", "table") else inputs)[cause] = other
    texts = [one.text for one in (*inside, *copied.values())]
    texts += [f"{one.name} = 0\n\t~\t{one.unit}\n\t~\t\n\t|\n" for one in inputs.values()]
    return "{UTF-8}\n" + "\n".join(texts), [one.name for one in inside], list(inputs)


def _parts(heading: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    """(heading, text below it) of each heading."""
    pieces = heading.split(text)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))
