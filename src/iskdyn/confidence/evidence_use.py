"""No evidence twice: what is fitted is no ground of a prior, and one sentence counts once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from iskdyn.calibration.sheet import HELD, sentences
from iskdyn.confidence.check import Check, counted
from iskdyn.errors import Problem
from iskdyn.study import Study
from iskdyn.study.records import Record, cited, records

_SAME = ("output", "start", "end", "base_start", "base_end")
"""Rows that agree in these read one thing of the model."""


def check_evidence_once(study: Study) -> Check:
    """No prior rests on evidence that is fitted, and rows of one paragraph on one reading share their weight."""
    observations = records(study.observations, study.settings.observations)
    parameters = records(study.parameters, study.settings.parameters)
    fitted = [row for row in observations if row["fold"] != HELD]
    problems = [*_grounds(parameters, fitted), *_unshared(study, fitted)]
    words = (
        "sources of priors against fitted rows; fitted rows of one paragraph with the same output and windows"
    )
    return counted("no evidence is used twice", words, len(parameters) + len(fitted), problems)


def _grounds(parameters: list[Record], fitted: list[Record]) -> Iterator[Problem]:
    """Priors that name evidence which a fitted row uses."""
    users: dict[str, list[str]] = {}
    for row in fitted:
        for one in cited(row["evidence"]):
            users.setdefault(one, []).append(str(row["id"]))
    for row in parameters:
        for one in cited(row["source"]):
            if one in users:
                message = f"the prior of '{row['name']}' rests on {one}, which {', '.join(users[one])} fits"
                yield row.problem("source", f"{message}: give it another ground, or make it a wide judgement")


def _unshared(study: Study, fitted: list[Record]) -> Iterator[Problem]:
    """Pairs of fitted rows that say one thing of one reading and both count whole."""
    evidence = study.evidence.set_index("id")
    sentence_of = dict(
        zip(study.observations["id"], sentences(study.observations.to_dict("records")), strict=True)
    )
    paragraphs = [
        {(evidence.loc[one, "section"], evidence.loc[one, "paragraph"]) for one in cited(row["evidence"])}
        for row in fitted
    ]
    for i, j in combinations(range(len(fitted)), 2):
        first, second = fitted[i], fitted[j]
        same = _reading(first) == _reading(second) and paragraphs[i] & paragraphs[j]
        if same and sentence_of[first["id"]] != sentence_of[second["id"]]:
            message = (
                f"reads the same as {first['id']} and rests on the same paragraph; note shares:{first['id']}"
            )
            yield second.problem("note", message)


def _reading(row: Record) -> tuple[object, ...]:
    return tuple(row[column] for column in _SAME)
