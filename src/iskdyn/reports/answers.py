"""The answers that a model document gives by itself, by the key under which reporting items ask for them."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iskdyn.reports.assessment import assess
from iskdyn.reports.document import Document
from iskdyn.simulate.method import NAMES, integration

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult


_PACKAGES = ("iskdyn", "numpy", "scipy", "numba", "pysd", "pandas", "xarray")


@dataclass(frozen=True)
class Answer:
    """A sentence, and the place in the document that shows it."""

    text: str
    anchor: str


def answers(document: Document) -> dict[str, Answer]:
    """Every answer that this study's files can give."""
    found = {f"assess {key}": Answer(one.text, "assessment") for key, one in assess(document).items()}
    for key, (anchor, write) in _WRITERS.items():
        text = write(document)
        if text:
            found[key] = Answer(text, anchor)
    return found


def _count(document: Document, *roles: str) -> int:
    return sum(one.role in roles for one in document.entries)


def _outcomes(document: Document) -> str:
    settings = document.study.settings
    first = f", of which {', '.join(settings.human_cost)} are the human cost" if settings.human_cost else ""
    return f"{', '.join(settings.headline)}{first}; each is a variable below, with its equation."


def _views(document: Document) -> str:
    return f"{len(document.views)} views drawn from the model's own sketch." if document.views else ""


def _loops(document: Document) -> str:
    return " ".join(f"{one.telling}: {one.words}" for one in document.loops)


def _scenarios(document: Document) -> str:
    count = len(document.study.scenarios)
    return f"{count} scenarios, each listed with every value that it changes." if count else ""


def _boundary(document: Document) -> str:
    outside = document.study.settings.people_boundary
    tables = _count(document, "table")
    return (
        f"Flows of people from or to the outside: {', '.join(outside)}; {tables} tables are inputs over time."
    )


def _evidence(document: Document) -> str:
    evidence, study = document.study.evidence, document.study
    kinds = evidence["fold"].value_counts()
    source = f" from {study.settings.source}" if study.settings.source else ""
    fitted, seen, held = (kinds.get(fold, 0) for fold in ("fit", "seen", "held"))
    return (
        f"{len(evidence)} rows of evidence{source}, {fitted} for fitting, {seen} seen while the model was made "
        f"and {held} held out; {len(study.observations)} observations with their windows rest on them."
    )


def _priors(document: Document) -> str:
    known = [one.learned for one in document.entries if one.learned is not None]
    return (
        f"{len(known) + len(document.biases)} numbers have a value, a range, a prior and its source; "
        "what scenarios change is listed with them."
    )


def _assumptions(document: Document) -> str:
    count = sum("assumption" in one.documentation.casefold() for one in document.entries)
    return f"{count} variables say that they rest, in part or whole, on an assumption."


def _horizon(document: Document) -> str:
    study = document.study
    first, last = study.horizon
    until = study.settings.history_end or last
    unit = document.program["TIME STEP"].units
    return f"History from {first} to {until}, policy up to {last}; the unit of time is {unit}."


def _fit(document: Document) -> str:
    fit = _stored_fit(document)
    if fit is None:
        return ""
    return (
        f"{len(fit.parameters)} numbers fitted to {int((fit.rows['fold'] != 'held').sum())} facts by {fit.method} from "
        f"{len(fit.starts)} starts (seed {fit.seed}), which ended as {fit.status} after {fit.n_runs:,} runs."
    )


def _starts(document: Document) -> str:
    fit = _stored_fit(document)
    return f"All {len(fit.starts)} starts are kept in the stored fit, fit.json." if fit else ""


def _runs(document: Document) -> str:
    posterior = document.posterior_settings
    return f"{_fit(document)} {posterior}".strip()


def _integration(found: Document) -> str:
    by, step = NAMES[integration(found.program)], found.program["TIME STEP"]
    return f"{by[:1].upper()}{by[1:]}, time step {step.value:.12g} {step.units}."


def _random(document: Document) -> str:
    from iskdyn.model import Call, walk

    drawn = any(
        isinstance(node, Call) and node.function.startswith("random")
        for one in document.program
        for node in walk(one.expression)
    )
    model = "The model draws random numbers" if drawn else "No equation of the model is random"
    return f"{model}; draws and starts come from NumPy's PCG64 generator with the seeds stored beside them."


def _software(document: Document) -> str:
    from importlib.metadata import version

    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"Python {platform.python_version()} on {sys.platform} ({platform.machine()}, {os.cpu_count()} "
        f"processors); {versions}."
    )


def _sourced(document: Document) -> str:
    cited = [one for one in document.entries if one.evidence]
    rest = [
        one for one in document.entries if not one.evidence and "assumption" in one.documentation.casefold()
    ]
    if len(cited) + len(rest) < len(document.entries):
        return ""
    return f"{len(cited)} variables cite evidence, {len(rest)} are said to be assumptions or settings only."


def _stored_fit(document: Document) -> FitResult | None:
    from iskdyn.calibration import load_fit, verify
    from iskdyn.study import FIT

    path = document.study.path_of("results") / FIT
    if not path.is_file():
        return None
    fit = load_fit(path)
    return None if verify(document.study, fit) else fit


def _all_have(document: Document, part: str, words: str) -> str:
    whole = all(getattr(one, part) for one in document.entries)
    return f"{words} {len(document.entries)} variables." if whole else ""


_WRITERS: Mapping[str, tuple[str, Callable[[Document], str]]] = {
    "outcomes": ("variables", _outcomes),
    "views": ("views", _views),
    "loops": ("loops", _loops),
    "scenarios": ("scenarios", _scenarios),
    "stocks": ("variables", lambda found: f"{_count(found, 'stock')} stocks; the equation names the flows."),
    "flows": ("variables", lambda found: f"{_count(found, 'flow')} flows, with unit, equation and role."),
    "others": ("variables", lambda found: f"{_count(found, 'constant', 'computed')} constants and computed variables."),
    "constants": ("variables", lambda found: f"{_count(found, 'constant')} constants with their values."),
    "tables": ("variables", lambda found: f"{_count(found, 'table')} tables with every point and their evidence."),
    "boundary": ("variables", _boundary),
    "evidence": ("evidence", _evidence),
    "priors": ("variables", _priors),
    "assumptions": ("variables", _assumptions),
    "initial values": ("variables", lambda found: f"{_count(found, 'stock')} initial values, second in each INTEG."),
    "horizon": ("run", _horizon),
    "fit": ("run", _fit),
    "starts": ("run", _starts),
    "runs": ("run", _runs),
    "posterior": ("run", lambda found: found.posterior_settings),
    "random": ("run", _random),
    "software": ("run", _software),
    "integration": ("run", _integration),
    "equations": ("variables", lambda found: f"{len(found.entries)} equations in {len(found.sectors)} sectors."),
    "text": ("variables", lambda found: f"This document, and {found.program.path.name}, which is plain text."),
    "units": ("variables", lambda found: _all_have(found, "unit", "A unit stands beside all")),
    "documented": ("variables", lambda found: _all_have(found, "documentation", "A sentence explains all")),
    "sourced": ("variables", _sourced),
    "links": ("variables", lambda found: f"Causes and uses stand with all {len(found.entries)} variables."),
}  # fmt: skip
