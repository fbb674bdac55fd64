"""What paired runs say before the evidence, and who speaks in a difference: the same for comparisons and attribution.

A null says that a tactic does not reach an outcome. It speaks of a difference between two runs only where nothing but
that tactic's lever differs between them: then the null makes it nothing. No null is sampled of any other difference,
so that none is ever the facts'.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iskdyn.levers.arms import HISTORY, Array
from iskdyn.levers.marks import Mark, mark
from iskdyn.levers.measured import Measured, measure_arms, shares_of
from iskdyn.levers.verdict import Mask
from iskdyn.study.inputs import Inputs
from iskdyn.study.readings import Statistic

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

N_BEFORE = 2000
"""Draws before the evidence, of all structures together: effects run so many of each, which would take a comparison
four times as long as all else in it. Of nine structures each has 222, of which two at most may go the other way."""


def who(
    change: Array, before: Array, parts: Collection[Mask], structures: Sequence[Mask], null: float | None
) -> Mark:
    """Who speaks in the sign of a difference.

    Parameters
    ----------
    change, before : (n_draws,) of it after the evidence, and before
    parts : (n_draws,) which of the draws after the evidence belong to each part of the structures
    structures : (n_draws,) which of those before it are of each structure
    null : nats by which its null lies behind; None where there is none
    """
    return mark(
        shares_of(change),
        [shares_of(change[part]) for part in parts],
        [shares_of(before[one]) for one in structures],
        null,
    )


@dataclass(frozen=True)
class Before:
    """The same arms on draws before the evidence.

    Attributes
    ----------
    measured : of the arms, as after the evidence
    structures : (n_draws,) which draws are of each structure
    nulls : nats by which the null lies behind, by arm, what it is compared with, and outcome; none where none speaks
    """

    measured: Measured
    structures: tuple[Mask, ...]
    nulls: Mapping[tuple[str, str, str], float] = field(default_factory=dict)

    def mark(self, change: Array, before: Array, parts: Collection[Mask], null: float | None) -> Mark:
        """Who speaks in the sign of a difference: see `who`.

        Parameters
        ----------
        change, before : (n_draws,) of it after the evidence, and before
        parts : (n_draws,) which of the draws after the evidence belong to each part of the structures
        null : nats by which its null lies behind; None where there is none
        """
        return who(change, before, parts, self.structures, null)


def prior_of(study: Study, seed: int) -> tuple[Spread, tuple[Mask, ...]]:
    """Draws before the evidence, all sampled structures equally often, and which are of each.

    Parameters
    ----------
    seed : of the draws; the same seed gives the same ones
    """
    from iskdyn.levers.draws import prior_draws

    spread = prior_draws(study, N_BEFORE, seed)
    return spread, tuple(spread.structure == i for i in range(len(spread.structures)))


def before_evidence(
    study: Study,
    arms: Mapping[str, Inputs],
    pairs: Sequence[tuple[str, str]],
    measures: Mapping[str, Statistic],
    ends: Sequence[float],
    seed: int,
    progress: Callable[[str], None] | None = None,
) -> Before:
    """Comparisons run on draws before the evidence, with the null of each that has one.

    Parameters
    ----------
    arms : changes by name; history has none
    pairs : names of an arm and of what it is compared with
    measures : per outcome how it is measured
    ends : model times
    seed : of the draws; the same seed gives the same ones
    """
    spread, structures = prior_of(study, seed)
    measured = measure_arms(study, spread, arms, measures, ends, progress=progress)
    return Before(measured, structures, nulls_of(study, arms, pairs, tuple(measures)))


def nulls_of(
    study: Study, arms: Mapping[str, Inputs], pairs: Sequence[tuple[str, str]], outcomes: Sequence[str]
) -> dict[tuple[str, str, str], float]:
    """Of each difference that only one tactic makes, the nats by which the null of its path lies behind.

    Parameters
    ----------
    arms : changes by name; history has none
    pairs : names of an arm and of what it is compared with
    outcomes : names in the model

    Raises
    ------
    StudyError : the stored table of nulls is damaged
    """
    null_of, every = path_nulls(study), {HISTORY: Inputs(), **arms}
    found = {}
    for arm, against in pairs:
        tactic = only_tactic(study, every[arm], every[against])
        for outcome in outcomes:
            null = null_of(tactic, outcome)
            if null is not None:
                found[arm, against, outcome] = null
    return found


def path_nulls(study: Study) -> Callable[[str, str], float | None]:
    """From a tactic and an outcome to the nats by which the null of the path lies behind; None where none is stored.

    Raises
    ------
    StudyError : the stored table of nulls is damaged
    """
    from iskdyn.calibration.nulls import nulls_behind

    behind, program = nulls_behind(study), study.program
    groups = {program[name].key: group for group, names in study.settings.groups.items() for name in names}
    return lambda tactic, outcome: behind.get((tactic, groups.get(program[outcome].key, "")))


def only_tactic(study: Study, one: Inputs, other: Inputs) -> str:
    """The tactic whose lever is all in which two sets of changes differ; empty where there is none.

    Parameters
    ----------
    one, other : changes from history
    """
    left, right = (_plain(each.spelled(study.program)) for each in (one, other))
    differ = {name for name in {*left, *right} if left.get(name) != right.get(name)}
    levers = {study.program[lever].name: tactic for tactic, lever in study.settings.tactics.items()}
    return levers.get(next(iter(differ)), "") if len(differ) == 1 else ""


def _plain(changes: Inputs) -> dict[str, object]:
    """What is done to each variable, so that two can be compared."""
    series = {
        name: (tuple(map(float, one.index)), tuple(map(float, one))) for name, one in changes.series.items()
    }
    return {**changes.values, **series, **dict.fromkeys(changes.own, "own")}
