"""The confidence tests of system dynamics as a table: a row a test, green, judged or red.

The rows follow Forrester and Senge 1980, Barlas 1996 (doi:10.1002/(SICI)1099-1727(199623)12:3<183) and
Sterman 2000, chapter 21. What only a person can judge is read from the study's table of judgements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from iskdyn.confidence import behaviour, documents, extremes, parameters, people, steps, trials, units
from iskdyn.confidence.behaviour import Subject
from iskdyn.confidence.check import Check
from iskdyn.errors import Problem, StudyError
from iskdyn.study.tables import Column, read_table
from iskdyn.written import JsonObject

if TYPE_CHECKING:
    from iskdyn.study import Study

Verdict = Literal["green", "judged", "red"]
OfStudy = Callable[["Study"], Check]
OfFit = Callable[[Subject], Check]


@dataclass(frozen=True)
class Test:
    """One test: what it asks, the checks that carry it out, and whether a person must judge as well."""

    name: str
    asks: str
    of_study: tuple[OfStudy, ...] = ()
    of_fit: tuple[OfFit, ...] = ()
    judged: bool = False


TESTS = (
    Test(
        "boundary adequacy",
        "Are the important concepts inside, and do conclusions change when the boundary does?",
        (documents.check_documented, documents.check_coverage),
        (behaviour.check_boundary,),
    ),
    Test(
        "structure assessment",
        "Does the structure agree with what is known, and do its actors know only what they can know?",
        (documents.check_cited_exists, documents.check_nothing_held_out),
        judged=True,
    ),
    Test(
        "conservation of people",
        "Is nobody made or lost?",
        (people.check_ends, people.check_nothing_hidden, trials.check_people_kept),
    ),
    Test(
        "non-negativity",
        "Does no stock turn negative, without being cut off at zero?",
        (trials.check_combinations, trials.check_draws),
    ),
    Test(
        "first-order control",
        "Does nothing leave a stock that has nothing?",
        (people.check_first_order, trials.check_empty_stocks, steps.check_fading, steps.check_drains),
    ),
    Test(
        "dimensional consistency",
        "Do units agree without numbers that only make them agree?",
        (units.check_units, units.check_embedded_numbers),
    ),
    Test(
        "parameter assessment",
        "Has every number a meaning, a range and a source, and what did the evidence say of it?",
        (documents.check_calibration_tables,),
        (parameters.check_ranges, parameters.check_learned),
    ),
    Test(
        "extreme conditions",
        "Does each equation, and the whole, make sense at extremes?",
        (extremes.check_equations, extremes.check_cases),
    ),
    Test(
        "integration error",
        "Do results rest on the time step or the method?",
        (trials.check_time_step, steps.check_order),
    ),
    Test(
        "behaviour reproduction",
        "Does the fitted model stay within what was reported?",
        of_fit=(behaviour.check_reproduction, parameters.check_estimates),
    ),
    Test(
        "behaviour patterns",
        "Do trend, period and phase of long series agree?",
        of_fit=(behaviour.check_patterns,),
    ),
    Test(
        "behaviour anomaly",
        "Does behaviour go wrong in the expected way when a loop is cut?",
        of_fit=(behaviour.check_cuts,),
    ),
    Test(
        "family member",
        "Does the same structure hold as another kind of system?",
        (extremes.check_family,),
    ),
    Test(
        "surprise behaviour",
        "Has the model shown something real that nobody had seen?",
        judged=True,
    ),
    Test(
        "sensitivity of modes and policies",
        "Do modes of behaviour or the order of the tactics turn within what is uncertain?",
        of_fit=(behaviour.check_modes, behaviour.check_policy),
    ),
    Test(
        "system improvement",
        "Did using the model help anybody?",
        judged=True,
    ),
)


@dataclass(frozen=True)
class Row:
    """One test's verdict.

    Attributes
    ----------
    verdict : "green": all that can be computed holds; "judged": a person's written reason stands for what
        does not hold or cannot be computed; "red": neither
    checks : what was computed
    reasons : the written reasons that apply
    """

    test: Test
    verdict: Verdict
    checks: tuple[Check, ...]
    reasons: tuple[str, ...]

    def as_dict(self) -> JsonObject:
        """The row for JSON."""
        return {
            "test": self.test.name,
            "asks": self.test.asks,
            "verdict": self.verdict,
            "checks": [one.as_dict() for one in self.checks],
            "reasons": list(self.reasons),
        }


def run_battery(subject: Subject, progress: Callable[[int, int, str], None] | None = None) -> list[Row]:
    """Every test on a study with a fit.

    Raises
    ------
    StudyError : the table of judgements is wrong, or names no test or check that there is
    """
    judgements = read_judgements(subject.study)
    rows = []
    for i_test, test in enumerate(TESTS):
        if progress is not None:
            progress(i_test, len(TESTS), test.name)
        checks = [one(subject.study) for one in test.of_study] + [one(subject) for one in test.of_fit]
        rows.append(_row(test, checks, judgements))
    known = {(row.test.name, "") for row in rows} | {(r.test.name, c.name) for r in rows for c in r.checks}
    stray = set(judgements) - known
    if stray:
        shown = subject.study.settings.judgements
        raise StudyError(
            Problem(shown, f"{test}: there is no check '{check}'") for test, check in sorted(stray)
        )
    if progress is not None:
        progress(len(TESTS), len(TESTS), "")
    return rows


def _row(test: Test, checks: list[Check], judgements: Mapping[tuple[str, str], str]) -> Row:
    failed = [one.name for one in checks if not one.passed]
    wanted = [*([""] if test.judged else []), *failed]
    reasons = [judgements[test.name, one] for one in wanted if (test.name, one) in judgements]
    verdict: Verdict = "green" if not wanted else "judged" if len(reasons) == len(wanted) else "red"
    return Row(test, verdict, tuple(checks), tuple(reasons))


def read_judgements(study: Study) -> dict[tuple[str, str], str]:
    """Written reasons by test and check; a test as a whole has the check ''.

    Raises
    ------
    StudyError : the table is wrong
    """
    path, shown = study.path_of("judgements"), study.settings.judgements
    if not path.is_file():
        return {}
    problems: list[Problem] = []
    columns = (Column("test"), Column("check", required=False), Column("reason"))
    table = read_table(path, shown, columns, problems, key=("test", "check"))
    if problems:
        raise StudyError(problems)
    rows = table[["test", "check", "reason"]].itertuples(index=False)
    return {(str(test), str(check)): str(reason) for test, check, reason in rows}
