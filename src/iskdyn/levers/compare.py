"""Scenarios against each other: paired differences, and whether what was expected of them holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.levers.arms import HISTORY, Array, Measure, less
from iskdyn.levers.measured import Measured, median_error, monte_carlo_error
from iskdyn.levers.verdict import AGREE, verdict

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Expectation, Scenario, Study

QUANTILES = {"low_90": 0.05, "low_50": 0.25, "high_50": 0.75, "high_90": 0.95}
"""Nine draws of ten, as every range that is told, and half of them inside."""
Answer = Literal["as expected", "not as expected", "versions disagree"]


@dataclass(frozen=True)
class Verified:
    """One expectation beside what the model says.

    Attributes
    ----------
    share : of the draws in which it holds
    relative : median of the difference as a share of what it is compared with
    parts : the share in each part of the structures
    """

    expectation: Expectation
    share: float
    relative: float
    parts: tuple[float, ...] = ()

    @property
    def verdict(self) -> Answer:
        """What nine draws of ten say, if they agree, also in each part."""
        shares = (self.share, *self.parts)
        if min(shares) >= AGREE:
            return "as expected"
        return "not as expected" if max(shares) <= 1 - AGREE else "versions disagree"


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
) -> pd.DataFrame:
    """Paired differences, a row each pair, window and outcome, human cost first.

    Parameters
    ----------
    pairs : names of an arm and of what it is compared with
    ends : per window its words and its last month
    idle : per scenario its changes that meet nothing to change (see `idle_changes`)

    Returns
    -------
    Frame with scenario, against, window, until, outcome, human_cost, against_median, at_fit, median,
    low_90, low_50, high_50, high_90, lower_share, higher_share, median_error, lower_share_error,
    higher_share_error (by Monte Carlo), verdict, meets_nothing (names, separated by '; ')
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
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


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


def needed(study: Study, scenarios: Mapping[str, Scenario], measures: Mapping[str, Measure],
           ends: Mapping[str, str]) -> tuple[dict[str, Measure], list[float]]:  # fmt: skip
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
    extra: dict[str, Measure] = {
        expectation.output: "at_end" for expectation in expected if expectation.output not in measures
    }
    return {**measures, **extra}, sorted(study.time(month) + 1 for month in wanted)


def _months(study: Study, expected: Expectation) -> list[str]:
    until = expected.until or study.month(study.end_time() - 1)
    return [expected.since, until] if expected.since else [until]


def verify_expectations(study: Study, measured: Measured, scenario: Scenario) -> list[Verified]:
    """What the source expects of a scenario, in how many draws it holds.

    Parameters
    ----------
    measured : with the runs of the scenario and of what each expectation compares it with, see `needed`
    scenario : one without expectations gives an empty list
    """
    return [_verified(study, measured, scenario, expectation) for expectation in scenario.expect]


def _verified(study: Study, measured: Measured, scenario: Scenario, expected: Expectation) -> Verified:
    ends = [study.time(month) + 1 for month in _months(study, expected)]
    run = measured.of(scenario.name, expected.output, ends[-1])[1:]
    base = measured.of(scenario.name if expected.since else opponent(scenario), expected.output, ends[0])[1:]
    change = less(run, base)
    relative = np.divide(change, np.abs(base), out=np.sign(change), where=base != 0)
    holds = _holds(expected, relative)
    shares = tuple(float(np.mean(holds[part])) for part in measured.parts)
    return Verified(expected, float(np.mean(holds)), float(np.median(relative)), shares)


def _holds(expected: Expectation, relative: Array) -> NDArray[np.bool_]:
    by = expected.by
    return {
        "lower": lambda: (relative < 0) & (relative <= -by),
        "higher": lambda: (relative > 0) & (relative >= by),
        "not lower": lambda: relative >= -by,
        "not higher": lambda: relative <= by,
        "same": lambda: np.abs(relative) <= by,
    }[expected.direction]()
