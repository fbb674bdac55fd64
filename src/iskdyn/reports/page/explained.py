"""The model for the page's pictures: each variable's words and numbers, and where the sketch puts it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, NotRequired, TypedDict

import numpy as np

from iskdyn.calibration import read_priors
from iskdyn.calibration.laplace import NOT_LEARNED
from iskdyn.model import name_key
from iskdyn.reports.views import read_views
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.reports.views_sketch import Symbol
    from iskdyn.study import Study

ID = re.compile(r"\b[A-Z]\d\d\b")


class Known(TypedDict):
    """What is known of a number: 5, 50 and 95 % before and after the evidence, and whether that says anything."""

    prior: list[float]
    posterior: list[float]
    informed: bool


class Explained(TypedDict):
    """A variable of the model for a reader: its words, and the ids of the facts that they name."""

    name: str
    kind: str
    unit: str
    says: str
    equation: str
    evidence: list[str]
    number: NotRequired[Known]


class Sketched(TypedDict):
    """A view of the sketch, see `views`."""

    name: str
    symbols: Sequence[Sequence[int | str]]
    arrows: Sequence[Sequence[int | str]]


def variables(study: Study, around: Spread) -> list[Explained]:
    """Each variable: name, kind, unit, words, equation, ids of its evidence and, for a number, what is known."""
    known = _numbers(study, around)
    facts = set(study.evidence["id"].astype(str))
    shown = []
    for one in study.program:
        variable: Explained = {
            "name": one.name,
            "kind": one.kind,
            "unit": one.units,
            "says": one.documentation,
            "equation": one.equation,
            "evidence": [found for found in dict.fromkeys(ID.findall(one.documentation)) if found in facts],
        }
        if one.name in known:
            variable["number"] = known[one.name]
        shown.append(variable)
    return shown


def _numbers(study: Study, around: Spread) -> dict[str, Known]:
    priors = {prior.name: prior for prior in read_priors(study.parameters).parts}
    low, middle, high = np.quantile(around.draws, EDGES, axis=0)
    return {
        name: {
            "prior": [_short(priors[name].quantile(p)) for p in EDGES],
            "posterior": [_short(edge[i]) for edge in (low, middle, high)],
            "informed": bool(around.contraction[i] >= NOT_LEARNED),
        }
        for i, name in enumerate(around.names)
        if name in priors
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def place(fact: Mapping[Hashable, object]) -> str:
    """Where a fact stands in the source: section and paragraph, and the same of each further place."""
    sections, paragraphs = (str(fact[key]).split(" | ") for key in ("section", "paragraph"))
    pairs = zip(sections, paragraphs, strict=False)
    return "; ".join(f"{section}, paragraph {number.replace(';', ', ')}" for section, number in pairs)


def cited(study: Study, shown: Sequence[Explained]) -> dict[str, str]:
    """The facts that the variables name, by id: what is said, by whom and where."""
    wanted = {name for one in shown for name in one["evidence"]}
    return {
        str(row["id"]): f"{row['says']} ({row['who']}; {place(row)})"
        for row in study.evidence.to_dict("records")
        if str(row["id"]) in wanted
    }


def views(study: Study) -> list[Sketched]:
    """The sketch: per view its symbols [number, kind, name, x, y, half width, half height, ghost] and arrows.

    An arrow is [start, end, x, y of its handle (0, 0 for none), pipe, polarity, head].
    """
    program = study.program
    found: list[Sketched] = []
    for view in read_views(study.path_of("model")):
        symbols: list[list[int | str]] = [
            [one.number, _kind(one), program[one.name].name if name_key(one.name) in program.by_key else one.name,
             one.x, one.y, one.half_width, one.half_height, int(one.ghost)]
            for one in view.symbols
        ]  # fmt: skip
        arrows: list[list[int | str]] = [
            [
                one.start,
                one.end,
                *(one.points[0] if one.points else (0, 0)),
                int(one.pipe),
                one.polarity,
                int(one.head),
            ]
            for one in view.arrows
        ]
        found.append({"name": view.name, "symbols": symbols, "arrows": arrows})
    return found


def _kind(symbol: Symbol) -> str:
    if symbol.kind == "variable" and symbol.boxed:
        return "stock"
    return f"turn {symbol.turn}" if symbol.turn else str(symbol.kind)
