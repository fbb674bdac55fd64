"""What every equation must say of itself, and what of the evidence must stand in the model."""

from __future__ import annotations

import re

from iskdyn.confidence.check import Check, counted
from iskdyn.errors import IskdynError, Problem
from iskdyn.model import Variable
from iskdyn.study import Study

ASSUMPTION = "assumption"
_ID = re.compile(r"\b([A-Z]+)(\d+)\b")


def check_documented(study: Study) -> Check:
    """Every variable has a unit and a sentence with evidence ids or the word assumption."""
    known = set(study.evidence["id"])
    problems = []
    for variable in study.program:
        lacks = []
        if not variable.units.strip():
            lacks.append("a unit")
        if not variable.documentation.strip():
            lacks.append("documentation")
        elif ASSUMPTION not in variable.documentation.casefold() and not known & _words(variable):
            lacks.append(f"evidence ids or the word {ASSUMPTION}")
        if lacks:
            place = study.program.place(variable.name)
            problems.append(Problem(place, f"'{variable.name}' lacks {' and '.join(lacks)}"))
    words = "unit, documentation, and evidence ids or the word assumption"
    return counted("every variable is documented", words, len(study.program), problems)


def check_cited_exists(study: Study) -> Check:
    """Every evidence id in the model's documentation stands in the evidence."""
    known = set(study.evidence["id"])
    shapes = {_shape(one) for one in known}
    problems, n_cited = [], 0
    for variable in study.program:
        cited = [word for word in sorted(_words(variable)) if _shape(word) in shapes]
        n_cited += len(cited)
        place = study.program.place(variable.name)
        problems += [
            Problem(place, f"'{variable.name}' cites {word}, which is not in {study.settings.evidence}")
            for word in cited
            if word not in known
        ]
    return counted(
        "cited evidence exists", "words of the documentation that look like ids", n_cited, problems
    )


def check_nothing_held_out(study: Study) -> Check:
    """No constant rests on held-out evidence; that of the priors is refused when the study is opened."""
    held = set(study.evidence.loc[study.evidence["fold"] == "held", "id"])
    problems = [
        Problem(study.program.place(variable.name), f"'{variable.name}' rests on {word}, which is held out")
        for variable in study.program.constants
        for word in sorted(_words(variable) & held)
    ]
    words = "documentation of the constants against the fold of the evidence"
    return counted("no default rests on held-out evidence", words, len(study.program.constants), problems)


def check_coverage(study: Study) -> Check:
    """Every core causal claim of the evidence is in the model or in the list of what is left out."""
    evidence = study.evidence
    core = evidence[(evidence["core"] == "1") & evidence["role"].str.contains(r"\bSTR\b", regex=True)]
    cited = set().union(*(_words(variable) for variable in study.program))
    readme = study.path_of("model").parent / "README.md"
    if readme.is_file():
        cited |= {match[0] for match in _ID.finditer(_left_out(readme.read_text(encoding="utf-8")))}
    shown = study.settings.evidence
    problems = [
        Problem(
            f"{shown}:{line}:id", f"mechanism {one} ({says}) is neither in the model nor in {readme.name}"
        )
        for one, says, line in core[["id", "says", "line"]].itertuples(index=False)
        if one not in cited
    ]
    return counted("core mechanisms are covered", "core rows with the role STR", len(core), problems)


def _left_out(text: str) -> str:
    """The sections of a README whose heading says what is left out."""
    sections = re.split(r"^(?=#)", text, flags=re.MULTILINE)
    return "".join(section for section in sections if "left out" in section.partition("\n")[0].casefold())


def check_initial_values(study: Study) -> Check:
    """Initial values are written as floats: readers that keep integers lose what comes after the point."""
    problems = []
    for stock in study.program.stocks:
        last = re.split(r",(?![^()]*\))", stock.equation.rstrip(") \t"))[-1]
        if re.fullmatch(r"\s*-?\d+\s*", last):
            place = study.program.place(stock.name)
            problems.append(
                Problem(place, f"'{stock.name}' starts at {last.strip()}; write {last.strip()}.0")
            )
    words = "initial values that are numbers"
    return counted("initial values are floats", words, len(study.program.stocks), problems)


def check_calibration_tables(study: Study) -> Check:
    """Every observation has a likelihood and every parameter a prior."""
    from iskdyn.calibration import read_priors, read_sheet

    problems: list[Problem] = []
    readers = (
        lambda: read_sheet(study.windowed, study.time, study.settings.observations),
        lambda: read_priors(study.parameters),
    )
    for read in readers:
        try:
            read()
        except IskdynError as error:
            problems += error.problems
    words = "rows read as the fit reads them"
    return counted(
        "observations and priors can be used",
        words,
        len(study.observations) + len(study.parameters),
        problems,
    )


def _words(variable: Variable) -> set[str]:
    """Words of the documentation that are letters and digits, as evidence ids are."""
    return {match[0] for match in _ID.finditer(variable.documentation)}


def _shape(one: str) -> tuple[str, int] | str:
    """What ids of one series share: the letters and the number of digits."""
    match = _ID.fullmatch(one)
    return (match[1], len(match[2])) if match else one
