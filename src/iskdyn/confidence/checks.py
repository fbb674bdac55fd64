"""Every check of `iskdyn check`, in order."""

from __future__ import annotations

from collections.abc import Callable

from iskdyn.confidence import conditions, documents, evidence_use, exogenous, people, trials, units
from iskdyn.confidence.check import Check
from iskdyn.model import Program
from iskdyn.study import Study

CHECKS: tuple[Callable[[Study], Check], ...] = (
    documents.check_documented,
    documents.check_cited_exists,
    documents.check_nothing_held_out,
    documents.check_coverage,
    documents.check_initial_values,
    documents.check_calibration_tables,
    evidence_use.check_evidence_once,
    exogenous.check_exogenous,
    units.check_units,
    units.check_embedded_numbers,
    people.check_ends,
    people.check_first_order,
    people.check_nothing_hidden,
    *trials.TRIALS,
    conditions.check_ranges,
    conditions.check_conditions,
)


def run_checks(study: Study, progress: Callable[[int, int, str], None] | None = None) -> list[Check]:
    """The verdict of every check on a study that was opened (which checks its tables against the model)."""
    results = []
    for i_check, check in enumerate(CHECKS):
        if progress is not None:
            progress(i_check, len(CHECKS), check.__name__.removeprefix("check_").replace("_", " "))
        results.append(check(study))
    if progress is not None:
        progress(len(CHECKS), len(CHECKS), "")
    return results


def run_model_checks(program: Program) -> list[Check]:
    """The verdict of the checks that need nothing but a model, whoever made it."""
    return [check(program) for check in units.MODEL_CHECKS]
