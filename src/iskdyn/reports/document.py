"""The model document: everything the model says of itself, from which a reader could build it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from iskdyn.model import Program, Reference, Variable, name_key
from iskdyn.model.program import Kind
from iskdyn.reports.document_loops import Loops, read_loops
from iskdyn.reports.document_numbers import Learned, read_learned
from iskdyn.reports.views import View, read_views

if TYPE_CHECKING:
    from iskdyn.study import Study

KINDS: Mapping[Kind, str] = {
    "stock": "stock",
    "auxiliary": "computed",
    "constant": "constant",
    "table": "table",
    "control": "setting of the run",
}
"""Kinds of variables in a reader's words."""

_GROUP = re.compile(r"\*{8,}\s*\.([^\n]+?)\s*\n\*{8,}~\s*([^|]*?)\s*\|", re.DOTALL)
_ID = re.compile(r"\b[A-Z]+\d+\b")


@dataclass(frozen=True)
class Entry:
    """One variable as the document tells it.

    Attributes
    ----------
    equation : whole, with the name, as it would stand in a model file
    role : a stock's or flow's part: "stock", "flow", else the kind in a reader's words
    low, high : range as written; None where open
    evidence : (id, sentence) of each row of the evidence that the documentation names
    learned : prior and what became of it; None where no parameter of this name exists
    causes, uses : names in its equation, and names whose equation it is in
    views : titles of the views that show it
    """

    name: str
    kind: Kind
    role: str
    equation: str
    unit: str
    low: float | None
    high: float | None
    documentation: str
    evidence: tuple[tuple[str, str], ...]
    learned: Learned | None
    causes: tuple[str, ...]
    uses: tuple[str, ...]
    views: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """The entry's place in the page."""
        return anchor(self.name)

    @property
    def range(self) -> str:
        """The range as a reader reads it."""
        if self.low is None and self.high is None:
            return "not limited"
        low, high = ("any" if end is None else f"{end:.15g}" for end in (self.low, self.high))
        return f"{low} to {high}"


@dataclass(frozen=True)
class Sector:
    """A group of the model file and its variables, in the file's order."""

    name: str
    says: str
    entries: tuple[Entry, ...]

    @property
    def anchor(self) -> str:
        """The sector's place in the page."""
        return f"sector-{anchor(self.name)}"


@dataclass(frozen=True)
class Document:
    """The model document's content.

    Attributes
    ----------
    biases : what is known of the parameters that stand in no equation: biases of sources
    posterior : whether the stored posterior belongs to the study and is used; else why not
    posterior_settings : how its draws were made; empty without one
    loops : the feedback loops of each telling of the history
    """

    study: Study
    sectors: tuple[Sector, ...]
    views: tuple[View, ...]
    biases: tuple[Learned, ...]
    posterior: str
    posterior_settings: str
    loops: tuple[Loops, ...]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every variable."""
        return tuple(entry for sector in self.sectors for entry in sector.entries)

    @property
    def program(self) -> Program:
        """The model."""
        return self.study.program


def anchor(name: str) -> str:
    """A name as part of an address within a page.

    >>> anchor("East (overt) locals")
    'east-overt-locals'
    """
    return re.sub(r"\W+|_", "-", name.casefold()).strip("-")


def read_document(study: Study) -> Document:
    """What the study's model, tables and stored posterior say of each variable.

    Raises
    ------
    StudyError : the stored posterior is damaged
    """
    views = read_views(study.path_of("model"))
    learned, posterior, settings = read_learned(study)
    says = dict(zip(study.evidence["id"].astype(str), study.evidence["says"].astype(str), strict=True))
    uses, flows = _uses(study.program), flow_keys(study.program)
    entries = [_entry(study.program, one, says, learned, uses, flows, views) for one in study.program]
    biases = tuple(one for name, one in learned.items() if name not in study.program)
    return Document(study, _sectors(study, entries), views, biases, posterior, settings, read_loops(study))


def _uses(program: Program) -> dict[str, list[str]]:
    uses: dict[str, list[str]] = {variable.name: [] for variable in program}
    for variable in program:
        for cause in program.causes(variable.name):
            uses.setdefault(cause.name, []).append(variable.name)
    return uses


def _entry(
    program: Program,
    variable: Variable,
    says: Mapping[str, str],
    learned: Mapping[str, Learned],
    uses: Mapping[str, list[str]],
    flows: frozenset[str],
    views: Iterable[View],
) -> Entry:
    cited = dict.fromkeys(_ID.findall(variable.documentation))
    return Entry(
        name=variable.name,
        kind=variable.kind,
        role="flow" if variable.key in flows else KINDS[variable.kind],
        equation=_equation(variable),
        unit=variable.units,
        low=variable.limits[0],
        high=variable.limits[1],
        documentation=" ".join(variable.documentation.split()),
        evidence=tuple((one, says[one]) for one in cited if one in says),
        learned=learned.get(variable.name),
        causes=tuple(cause.name for cause in program.causes(variable.name)),
        uses=tuple(uses[variable.name]),
        views=tuple(view.name for view in views if _shows(view, variable)),
    )


def _equation(variable: Variable) -> str:
    """The equation as a model file has it: a table's points follow its name without an equals sign."""
    between = "" if variable.kind == "table" else " = "
    return f"{variable.name}{between}{variable.equation}"


def _shows(view: View, variable: Variable) -> bool:
    return any(one.kind == "variable" and name_key(one.name) == variable.key for one in view.symbols)


def flow_keys(program: Program) -> frozenset[str]:
    """Keys of the variables by which a stock gains or loses: the named terms of its equation."""
    terms = (term for stock in program.stocks for side in program.flows(stock.name) for term in side)
    return frozenset(term.name for term in terms if isinstance(term, Reference))


def _sectors(study: Study, entries: list[Entry]) -> tuple[Sector, ...]:
    """The groups of the model's text, each with the variables that stand below its heading."""
    text = study.path_of("model").read_text(encoding="utf-8-sig", errors="replace")
    heads = [(text.count("\n", 0, one.start()) + 1, one[1], " ".join(one[2].split())) for one in
             _GROUP.finditer(text)]  # fmt: skip
    heads = [(0, "The model", ""), *heads]
    found: dict[int, list[Entry]] = {i: [] for i in range(len(heads))}
    for entry, variable in zip(entries, study.program, strict=True):
        found[max(i for i, head in enumerate(heads) if head[0] <= variable.line)].append(entry)
    return tuple(Sector(heads[i][1], heads[i][2], tuple(of)) for i, of in found.items() if of)
