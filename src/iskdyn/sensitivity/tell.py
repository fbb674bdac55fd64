"""What sensitivity found, as text and as content for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.laplace import NOT_LEARNED
from iskdyn.output import text_table
from iskdyn.sensitivity.answers import Question
from iskdyn.sensitivity.discovery import Region
from iskdyn.sensitivity.policy import STRENGTH, Failure
from iskdyn.sensitivity.study import Sensitivity
from iskdyn.study import Expectation

Array = NDArray[np.float64]
TOP, LEAST = 3, 0.01
"""Numbers that are told of each answer, and the least total index of one: a hundredth is below the indices' own
error."""
OPEN = 0.05
"""A difference whose sign is wrong in fewer draws than this is no open question: nothing could be learned by
asking."""


def leading(found: Sensitivity, question: int, top: int = TOP) -> list[int]:
    """Places, among the factors, of the numbers that matter most for a question before the evidence.

    Parameters
    ----------
    question : place among `found.questions`
    top : at most so many; none below `LEAST`
    """
    total = found.at_end(found.prior.total)[:, question]
    order = [int(i) for i in np.argsort(-total, kind="stable") if found.factors[i] in found.names]
    return [i for i in order[:top] if total[i] >= LEAST]


def leading_after(found: Sensitivity, question: int, top: int = TOP) -> list[int]:
    """Places, among all numbers, of those that matter most given the evidence, beyond chance.

    Parameters
    ----------
    question : place among `found.questions`
    top : at most so many
    """
    index = found.posterior.above_chance[:, question]
    return [int(i) for i in np.argsort(-index, kind="stable")[:top] if index[i] > 0]


def open_questions(found: Sensitivity) -> list[int]:
    """The differences whose sign the draws leave open, human cost first as the outcomes are."""
    outputs = [question.output for question in found.questions if question.tactic is None]
    kept = [i for i, doubt in enumerate(found.learned.doubt) if doubt >= OPEN]
    return sorted(kept, key=lambda i: outputs.index(found.questions[i].output))


def settling(found: Sensitivity, question: int, top: int = TOP) -> list[int]:
    """Places of the numbers whose knowledge removes most of a question's doubt, beyond chance.

    Parameters
    ----------
    question : place among `found.questions`
    top : at most so many
    """
    worth = found.learned.worth[:, question]
    return [int(i) for i in np.argsort(-worth, kind="stable")[:top] if worth[i] > 0]


def informed(found: Sensitivity, name: str) -> bool:
    """Whether the evidence narrows a number by a tenth or more."""
    return bool(found.narrowed[found.names.index(name)] >= NOT_LEARNED)


def asked(one: Question) -> str:
    """A question in words."""
    return f"{one.output} without {one.tactic}, less with it" if one.tactic else one.output


def sensitivity_text(found: Sensitivity, every: bool) -> str:
    """The leading numbers of each outcome, or of every question; then what learning is worth."""
    chosen = [i for i, one in enumerate(found.questions) if every or one.tactic is None]
    moving = found.at_end(found.prior.total).any(axis=0)
    settled = int((found.settled & moving).sum())
    head = ["question", "number", "share", "+-", "alone", "now", "informed by the evidence"]
    rows = [row for i in chosen for row in _rows(found, i)]
    counts = (
        f"{len(found.names)} numbers screened, {len(found.factors)} factors followed, {found.n_runs:,} runs; "
        f"{settled} of {int(moving.sum())} questions settled by {found.n_base:,} samples"
    )
    key = (
        "share: of the variance before the evidence, the number's with all that it acts with; alone: without\n"
        "now: how far the number moves the answer given the evidence, 0 to 1; "
        f"chance gives up to {found.posterior.chance:.2f}\n*: not settled, take more samples"
    )
    return "\n\n".join([counts, text_table(head, rows, left=2), key, _learning_text(found)])


def _rows(found: Sensitivity, question: int) -> list[list[str]]:
    total, first, width = (
        found.at_end(one)[:, question]
        for one in (found.prior.total, found.prior.first, found.prior.total_width)
    )
    mark = "" if found.settled[question] else " *"
    now = found.posterior.index[:, question]
    rows: list[list[str]] = []
    for i in leading(found, question):
        name = found.factors[i]
        rows.append(
            [
                asked(found.questions[question]) + mark if not rows else "",
                name,
                f"{total[i]:.2f}",
                f"{width[i]:.2f}",
                f"{first[i]:.2f}",
                f"{now[found.names.index(name)]:.2f}",
                "yes" if informed(found, name) else "no",
            ]
        )
    return rows


def _learning_text(found: Sensitivity) -> str:
    rows = []
    for i in open_questions(found):
        worth = found.learned.worth[:, i]
        told = ", ".join(f"{found.names[j]} ({100 * worth[j]:.0f} points)" for j in settling(found, i))
        rows.append([asked(found.questions[i]), f"{found.learned.doubt[i]:.0%}", told or "no single number"])
    if not rows:
        return "no difference has an open sign"
    return text_table(["sign that is open", "doubt", "learning this would remove"], rows, left=3)


def sensitivity_json(found: Sensitivity) -> dict[str, Any]:
    """All of it for a machine; shares over time in the order of `times`."""
    order = (found.prior.total, found.prior.first, found.prior.total_width, found.prior.first_width)
    settled = found.prior.settled.reshape(len(found.questions), -1)
    questions = []
    for i, one in enumerate(found.questions):
        total, first, total_width, first_width = (found.over_time(part, i) for part in order)
        questions.append(
            {
                "output": one.output,
                "without": one.tactic,
                "settled": settled[i].tolist(),
                "total": _named(found.factors, total),
                "total_half_width": _named(found.factors, total_width),
                "first": _named(found.factors, first),
                "first_half_width": _named(found.factors, first_width),
                "screening": _named(found.names, found.screening.effect[:, i]),
                "after_the_evidence": _named(found.names, found.posterior.index[:, i]),
                "doubt": float(found.learned.doubt[i]),
                "doubt_removed": _named(found.names, found.learned.worth[:, i], only_above=0.0),
            }
        )
    return {
        "samples": found.n_base,
        "runs": found.n_runs,
        "times": found.times.tolist(),
        "factors": list(found.factors),
        "chance": found.posterior.chance,
        "narrowed": _named(found.names, found.narrowed),
        "questions": questions,
    }


def _named(names: Sequence[str], values: Array, only_above: float | None = None) -> dict[str, Any]:
    pairs = zip(names, np.round(values, 5).tolist(), strict=True)
    return {name: value for name, value in pairs if only_above is None or value > only_above}


def expected(one: Expectation) -> str:
    """An expectation in words."""
    size = f"{one.by:.0%}"
    how = {
        "lower": f"lower by {size}",
        "higher": f"higher by {size}",
        "not lower": f"no more than {size} lower",
        "not higher": f"no more than {size} higher",
        "same": f"the same within {size}",
    }
    when = f" at the end of {one.until}" if one.until else ""
    than = f" than at the end of {one.since}" if one.since else ""
    return f"{one.output} {how[one.kind] if one.by else one.kind}{than}{when}"


def limits(region: Region, units: Mapping[str, str]) -> str:
    """A region in words: 'backlash below 0.48 and less than 30% of the change in deals'.

    Parameters
    ----------
    units : of numbers that have one
    """
    return " and ".join(_limit(name, *edges, units.get(name, "")) for name, edges in region.limits.items())


def _limit(name: str, low: float, high: float, unit: str) -> str:
    change = name.startswith(STRENGTH)
    show = "{:.0%}".format if change else "{:.3g}".format
    below, above = ("less than", "more than") if change else ("below", "above")
    if np.isfinite(low) and np.isfinite(high):
        span = f"{show(low)} to {show(high)}"
    else:
        span = f"{above} {show(low)}" if np.isfinite(low) else f"{below} {show(high)}"
    return (
        f"{span} of the change in {name.removeprefix(STRENGTH)}"
        if change
        else f"{name} {span} {unit}".rstrip()
    )


def failures_text(found: Sequence[Failure], units: Mapping[str, str]) -> str:
    """Each expectation, how often it fails, and where."""
    parts = []
    for one in found:
        head = f"expected: {expected(one.expectation)}; fails in {one.share:.1%} +- {one.error:.1%} of draws"
        regions = [("box", region) for region in one.boxes] + [("tree", region) for region in one.leaves]
        if not regions:
            parts.append(head if one.share in (0, 1) else f"{head}\nno number tells where")
            continue
        rows = [
            [
                kind,
                limits(region, units),
                f"{region.held_out.coverage:.0%}",
                f"{region.held_out.density:.0%}",
                f"{region.base:.0%}",
                "yes" if region.holds else "NO",
            ]
            for kind, region in regions
        ]
        names = ["", "fails where", "of the failures there", "fail there", "fail anywhere", "holds"]
        parts.append(f"{head}\n{text_table(names, rows, left=2)}")
    note = (
        "With the strength of each change drawn between none and full. Shares are of draws that nothing was "
        "found on; holds: they fail more there than chance allows."
    )
    return "\n\n".join([*parts, note])


def failures_json(found: Sequence[Failure]) -> dict[str, Any]:
    """The same for a machine; an open limit is null."""
    expectations = [
        {
            "expected": expected(one.expectation),
            "share_failing": one.share,
            "share_failing_error": one.error,
            "boxes": [_region_json(region) for region in one.boxes],
            "tree": [_region_json(region) for region in one.leaves],
        }
        for one in found
    ]
    return {"expectations": expectations}


def _region_json(region: Region) -> dict[str, Any]:
    edges = {
        name: [edge if np.isfinite(edge) else None for edge in pair] for name, pair in region.limits.items()
    }
    return {
        "limits": edges,
        "found": vars(region.found),
        "held_out": vars(region.held_out),
        "share_of_cases": region.base,
        "holds": region.holds,
    }
