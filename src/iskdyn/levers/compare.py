"""Scenarios against each other: paired differences, and whether what was expected of them holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from iskdyn.levers.arms import HISTORY, Array, less
from iskdyn.levers.marks import Mark
from iskdyn.levers.measured import Measured, median_error, monte_carlo_error, shares_of
from iskdyn.levers.verdict import SURE, Mask, verdict
from iskdyn.study.expectations import goes
from iskdyn.study.readings import Statistic
from iskdyn.telling.thresholds import AGREE, EDGES, FAIL, HALF

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.levers.before import Before
    from iskdyn.study import Expectation, Scenario, Study

QUANTILES = {"low_90": EDGES[0], "low_50": HALF[0], "high_50": HALF[1], "high_90": EDGES[2]}
"""The two ranges that are told."""
Answer = Literal["as expected", "not as expected", "versions disagree"]


@dataclass(frozen=True)
class Verified:
    """One expectation beside what the model says.

    Attributes
    ----------
    share : of the draws in which it holds
    relative : median of the difference as a share of what it is compared with
    parts : the share in each part of the structures
    speaks : who decides whether it holds; None where that was not asked
    """

    expectation: Expectation
    share: float
    relative: float
    parts: tuple[float, ...] = ()
    speaks: Mark | None = None

    @property
    def verdict(self) -> Answer:
        """What the draws say, if as many agree as must, also in each part."""
        shares = (self.share, *self.parts)
        if min(shares) >= AGREE:
            return "as expected"
        return "not as expected" if max(shares) <= FAIL else "versions disagree"


def windows(study: Study) -> dict[str, str]:
    """The last periods of the windows of a comparison by their words: calibrated, the year out, five years."""
    found = {}
    if study.settings.split:
        found["to the end of the fitted period"] = study.settings.split
    dated = bool(study.settings.start) and study.calendar.form.per_year is not None
    found[f"to the end of {year_end(study)[:4]}" if dated else "to the end of the history"] = year_end(study)
    if (after := later(study, 5)) is not None:
        found["after five years"] = after
    return found


def year_end(study: Study) -> str:
    """The last period of the year in which the history ends, or the horizon's if that comes first.

    Where a year is no whole number of periods: the history's last one.
    """
    return min(study.calendar.year_end(study.month(study.end_time() - 1)), study.horizon[1], key=study.time)


def later(study: Study, years: int) -> str | None:
    """The period that many years into the ten that end with the study's horizon; None if history reaches it."""
    found = study.calendar.later(study.horizon[1], years - 10)
    return found if found is not None and study.time(found) > study.end_time() - 1 else None


def opponent(scenario: Scenario) -> str:
    """The name of what a scenario is to be compared with."""
    return scenario.against or HISTORY


def difference_table(
    study: Study,
    measured: Measured,
    pairs: Sequence[tuple[str, str]],
    ends: Mapping[str, str],
    idle: Mapping[str, Sequence[str]] | None = None,
    before: Before | None = None,
) -> pd.DataFrame:
    """Paired differences, a row each pair, window and outcome, human cost first.

    Parameters
    ----------
    pairs : names of an arm and of what it is compared with
    ends : per window its words and its last month
    idle : per scenario its changes that meet nothing to change (see `idle_changes`)
    before : the same arms before the evidence; its windows and outcomes may be fewer, the others then have no mark

    Returns
    -------
    Frame with scenario, against, window, until, outcome, human_cost, against_median, at_fit, median,
    low_90, low_50, high_50, high_90, lower_share, higher_share, median_error, lower_share_error,
    higher_share_error (by Monte Carlo), verdict, meets_nothing (names, separated by '; '); with `before` also speaks,
    null, prior_against_median, prior_low_90, prior_median, prior_high_90, prior_lower_share, prior_higher_share and
    the Monte Carlo errors of these two
    """
    import pandas as pd

    human = set(study.settings.human_cost)
    rows = []
    for scenario, against in pairs:
        for words, month in ends.items():
            end = study.time(month) + 1
            for outcome in measured.outcomes:
                base = measured.of(against, outcome, end)
                change = measured.difference(scenario, against, outcome, end)
                rows.append(
                    {
                        "scenario": scenario, "against": against, "window": words, "until": month,
                        "outcome": outcome, "human_cost": outcome in human,
                        "against_median": float(np.median(base[1:])),
                        **summary(change),
                        "verdict": verdict(change[1:], base[1:], measured.parts),
                        "meets_nothing": "; ".join((idle or {}).get(scenario, ())),
                        **_before(before, (scenario, against, outcome), end, change[1:], measured.parts),
                    }
                )  # fmt: skip
    table = pd.DataFrame(rows)
    for name in ("speaks", "null") if before is not None else ():
        # what there is not is null for a machine, which a column of floats cannot hold
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    return table


def _before(
    before: Before | None, which: tuple[str, str, str], end: float, change: Array, parts: Collection[Mask]
) -> dict[str, Any]:
    """Who speaks in a difference, and what it was before the evidence.

    Parameters
    ----------
    which : names of an arm, of what it is compared with, and of the outcome
    change : (n_draws,) after the evidence
    """
    arm, against, outcome = which
    if before is None or end not in before.measured.ends or outcome not in before.measured.outcomes:
        return {}
    earlier, null = before.measured.difference(arm, against, outcome, end)[1:], before.nulls.get(which)
    shares = shares_of(earlier)
    low, middle, high = (float(one) for one in np.quantile(earlier, EDGES))
    return {
        "speaks": before.mark(change, earlier, parts, null), "null": null,
        "prior_against_median": float(np.median(before.measured.of(against, outcome, end)[1:])),
        "prior_low_90": low, "prior_median": middle, "prior_high_90": high,
        "prior_lower_share": shares.lower, "prior_higher_share": shares.higher,
        "prior_lower_share_error": shares.errors["lower"], "prior_higher_share_error": shares.errors["higher"],
    }  # fmt: skip


def summary(change: Array) -> dict[str, float]:
    """A difference over the draws: (1 + n_draws,), the first at the fitted values."""
    draws = change[1:]
    shares = {"lower_share": float(np.mean(draws < 0)), "higher_share": float(np.mean(draws > 0))}
    # all edges in one call: it sorts once, and a table has thousands of rows
    edges = np.quantile(draws, list(QUANTILES.values())).tolist()
    return {
        "at_fit": float(change[0]),
        "median": float(np.median(draws)),
        **dict(zip(QUANTILES, edges, strict=True)),
        **shares,
        "median_error": median_error(draws),
        **{f"{name}_error": monte_carlo_error(one, len(draws)) for name, one in shares.items()},
    }


def needed(study: Study, scenarios: Mapping[str, Scenario], measures: Mapping[str, Statistic],
           ends: Mapping[str, str]) -> tuple[dict[str, Statistic], list[float]]:  # fmt: skip
    """The outcomes and window ends that the tables and every expectation of some scenarios need.

    Parameters
    ----------
    scenarios : by name
    measures : of the headline outcomes; another outcome that is expected is measured at the end
    ends : per window its words and its last period

    Returns
    -------
    Measures of all outcomes, and the model times of all window ends, rising.
    """
    expected = [expectation for scenario in scenarios.values() for expectation in scenario.expect]
    wanted = {*ends.values(), *(month for expectation in expected for month in _months(study, expectation))}
    extra: dict[str, Statistic] = {
        expectation.output: "at_end" for expectation in expected if expectation.output not in measures
    }
    return {**measures, **extra}, sorted(study.time(month) + 1 for month in wanted)


def _months(study: Study, expected: Expectation) -> list[str]:
    until = expected.until or study.month(study.end_time() - 1)
    return [expected.since, until] if expected.since else [until]


def verify_expectations(
    study: Study, measured: Measured, scenario: Scenario, before: Before | None = None
) -> list[Verified]:
    """What the source expects of a scenario, in how many draws it holds.

    Parameters
    ----------
    measured : with the runs of the scenario and of what each expectation compares it with, see `needed`
    scenario : one without expectations gives an empty list
    before : the same before the evidence, from which it is told who decides
    """
    return [_verified(study, measured, scenario, expectation, before) for expectation in scenario.expect]


def _verified(
    study: Study, measured: Measured, scenario: Scenario, expected: Expectation, before: Before | None
) -> Verified:
    relative = _relative(study, measured, scenario, expected)
    holds = goes(expected.kind, relative, expected.by)
    shares = tuple(float(np.mean(holds[part])) for part in measured.parts)
    found = Verified(expected, float(np.mean(holds)), float(np.median(relative)), shares)
    if before is None:
        return found
    # a null makes the difference nothing: it bears on which way one goes, not on whether there is none, nor over time
    asked = expected.kind in SURE and not expected.since
    null = before.nulls.get((scenario.name, opponent(scenario), expected.output)) if asked else None
    earlier = goes(expected.kind, _relative(study, before.measured, scenario, expected), expected.by)
    speaks = before.mark(np.where(holds, 1.0, -1.0), np.where(earlier, 1.0, -1.0), measured.parts, null)
    return replace(found, speaks=speaks)


def _relative(study: Study, measured: Measured, scenario: Scenario, expected: Expectation) -> Array:
    """(n_draws,) the difference that is expected, as a share of what it is compared with."""
    ends = [study.time(month) + 1 for month in _months(study, expected)]
    run = measured.of(scenario.name, expected.output, ends[-1])[1:]
    base = measured.of(scenario.name if expected.since else opponent(scenario), expected.output, ends[0])[1:]
    change = less(run, base)
    return np.divide(change, np.abs(base), out=np.sign(change), where=base != 0)
