"""The model for the page's pictures: each variable's words and numbers, and where the sketch puts it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from iskdyn.calibration import read_priors
from iskdyn.calibration.laplace import NOT_LEARNED
from iskdyn.model import name_key
from iskdyn.reports.views import read_views
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

ID = re.compile(r"\b[A-Z]\d\d\b")


def variables(study: Study, around: Spread) -> list[dict[str, Any]]:
    """Each variable: name, kind, unit, words, equation, ids of its evidence and, for a number, what is known."""
    known = _numbers(study, around)
    facts = set(study.evidence["id"].astype(str))
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "unit": one.units,
            "says": one.documentation,
            "equation": one.equation,
            "evidence": [found for found in dict.fromkeys(ID.findall(one.documentation)) if found in facts],
            **({"number": known[one.name]} if one.name in known else {}),
        }
        for one in study.program
    ]


def _numbers(study: Study, around: Spread) -> dict[str, dict[str, Any]]:
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


def place(fact: Any) -> str:
    """Where a fact stands in the source: section and paragraph, and the same of each further place."""
    sections, paragraphs = (str(fact[key]).split(" | ") for key in ("section", "paragraph"))
    pairs = zip(sections, paragraphs, strict=False)
    return "; ".join(f"{section}, paragraph {number.replace(';', ', ')}" for section, number in pairs)


def cited(study: Study, shown: list[dict[str, Any]]) -> dict[str, str]:
    """The facts that the variables name, by id: what is said, by whom and where."""
    wanted = {name for one in shown for name in one["evidence"]}
    return {
        str(row["id"]): f"{row['says']} ({row['who']}; {place(row)})"
        for row in study.evidence.to_dict("records")
        if str(row["id"]) in wanted
    }


def views(study: Study) -> list[dict[str, Any]]:
    """The sketch: per view its symbols [number, kind, name, x, y, half width, half height, ghost] and arrows.

    An arrow is [start, end, x, y of its handle (0, 0 for none), pipe, polarity, head].
    """
    program = study.program
    found = []
    for view in read_views(study.path_of("model")):
        symbols = [
            [one.number, _kind(one), program[one.name].name if name_key(one.name) in program.by_key else one.name,
             one.x, one.y, one.half_width, one.half_height, int(one.ghost)]
            for one in view.symbols
        ]  # fmt: skip
        arrows = [
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


def _kind(symbol: Any) -> str:
    if symbol.kind == "variable" and symbol.boxed:
        return "stock"
    return f"turn {symbol.turn}" if symbol.turn else str(symbol.kind)
