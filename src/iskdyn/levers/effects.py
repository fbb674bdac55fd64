"""What each tactic does to each outcome at some intensities, paired draw by draw with history.

Read with the others' reactions, or with every decision but the tactic's own held at its own path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from iskdyn.errors import InputError, Problem
from iskdyn.levers.arms import HISTORY, Array, each_arm, less
from iskdyn.levers.before import path_nulls
from iskdyn.levers.marks import N_PRIOR, Mark, mark
from iskdyn.levers.measured import Shares, median_error, relative_to, shares_of
from iskdyn.levers.verdict import Mask, Verdict, verdict
from iskdyn.study.expectations import read_window
from iskdyn.study.inputs import Inputs, check_inputs
from iskdyn.study.places import Page
from iskdyn.study.readings import STATISTICS, Reading, Statistic, Window, read, unit_of
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

Months = tuple[str, str]


@dataclass(frozen=True)
class Effect:
    """One outcome with one tactic at one intensity, less the same in history.

    Attributes
    ----------
    outcome, window, unit : what is read, from which month to which, and its unit
    at : the intensity; 1 is history
    base, base_range : median in history, and 5 and 95 % of the draws
    median, low, high : of the paired differences, and 5 and 95 % of them
    relative : the same three of each draw's difference as a share of its own value in history
    verdict : what may be said of it
    shares, prior : of the draws, and of draws before the evidence where these were run as well
    speaks : who decides the sign, over all sampled structures; None where that was not asked
    null : nats by which the facts speak against a model in which the tactic does not reach the outcome
    structures : shares of the draws in each part of the structures that has some weight, by its name
    median_error : Monte Carlo error of the median
    """

    tactic: str
    outcome: str
    at: float
    window: str
    unit: str
    base: float
    base_range: tuple[float, float]
    median: float
    low: float
    high: float
    relative: tuple[float, float, float]
    verdict: Verdict
    shares: Shares
    prior: Shares | None = None
    speaks: Mark | None = None
    null: float | None = None
    structures: Mapping[str, Shares] = field(default_factory=dict)
    median_error: float | None = None

    @property
    def about_nil(self) -> bool:
        """Whether it is too small to be told."""
        return self.verdict == "hardly any"

    def record(self) -> dict[str, Any]:
        """Everything, for a machine; a share of a value that is zero is null."""
        names = ("low", "median", "high")
        relative = {
            name: value if np.isfinite(value) else None
            for name, value in zip(names, self.relative, strict=True)
        }
        return {
            "tactic": self.tactic, "outcome": self.outcome, "at": self.at, "window": self.window,
            "unit": self.unit, "base": self.base, "base_range": list(self.base_range),
            "median": self.median, "low": self.low, "high": self.high,
            **self.shares.record(), "relative": relative, "about_nil": self.about_nil,
            "prior": self.prior.record() if self.prior else None,
            "speaks": self.speaks, "null": self.null,
            "structures": {name: one.record() for name, one in self.structures.items()},
            "errors": {"median": self.median_error, **self.shares.errors},
            "prior_errors": self.prior.errors if self.prior else None,
            "structures_errors": {name: one.errors for name, one in self.structures.items()},
        }  # fmt: skip


def readings_of(
    study: Study, measures: Mapping[str, Statistic], window: Months | None = None
) -> dict[str, Reading]:
    """The headline outcomes, human cost first, then the readings that study.toml names.

    Parameters
    ----------
    measures : how each headline outcome is measured
    window : first and last period of what names none of its own; None: the history

    Raises
    ------
    InputError : a window leaves the study's horizon
    """
    default = window or (study.horizon[0], study.month(study.end_time() - 0.5))
    found = {name: Reading(name, one, _window(study, default, name)) for name, one in measures.items()}
    for name, one in study.settings.outcomes.items():
        months = _window(study, one.window or default, name)
        found[name] = Reading(study.program[one.variable].name, one.statistic, months)
    return found


def _window(study: Study, months: Sequence[str], name: str) -> Window:
    page = Page("", f"window of '{name}'")
    window = read_window(study.setting, months, page, ())
    if page.problems:
        raise InputError(page.problems)
    return window


def tactic_arms(study: Study, at: Sequence[float], *, frozen: bool) -> dict[tuple[str, float], Inputs]:
    """Each tactic's lever at each intensity, with frozen all decisions but its own at their own paths.

    Parameters
    ----------
    at : intensities, 1 as in history, 0 without the tactic
    frozen : whether all decisions but the tactic's own keep the paths that they had in history

    Raises
    ------
    InputError : an intensity is out of a lever's range, or study.toml does not say which decisions are whose
    """
    settings = study.settings
    problems: list[Problem] = []
    arms = {}
    for tactic, lever in settings.tactics.items():
        if frozen and tactic not in settings.tactic_decisions:
            message = f"[tactic_decisions] does not say which decisions are those of '{tactic}'; an empty list for none"
            problems.append(Problem("study.toml", message))
        rest = frozenset(settings.decisions) - set(settings.tactic_decisions.get(tactic, ()))
        for value in at:
            arms[tactic, value] = Inputs({lever: value}, own=rest if frozen else frozenset())
            problems += check_inputs(study.program, arms[tactic, value], "--at")
    if frozen and not settings.decisions:
        problems = [Problem("study.toml", "names no `decisions`, so that none can be held at its own path")]
    if problems:
        raise InputError(problems)
    return arms


def effects(
    study: Study,
    spread: Spread,
    readings: Mapping[str, Reading],
    at: Sequence[float] = (0.0,),
    *,
    frozen: bool = False,
    prior: Spread | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Effect]:
    """What each tactic does to each outcome at each intensity: by tactic, outcome and intensity.

    Parameters
    ----------
    readings : by name what is read of a run
    at : intensities; history is 1
    frozen : hold every decision but the tactic's own at its path in history
    prior : draws before the evidence, for the shares beside

    Raises
    ------
    InputError : see `tactic_arms`
    GateError : some run gave no number
    """
    from iskdyn.calibration import weighty

    arms = tactic_arms(study, at, frozen=frozen)
    measured, parts = _measure(study, spread, arms, readings, progress), weighty(spread)
    before = _measure(study, prior, arms, readings, progress) if prior is not None else None
    return [
        _effect(study, readings, name, tactic, value, measured, before, parts)
        for tactic in study.settings.tactics
        for name in readings
        for value in at
    ]


def _measure(
    study: Study, spread: Spread, arms: Mapping[tuple[str, float], Inputs], readings: Mapping[str, Reading],
    progress: Callable[[str], None] | None,
) -> dict[str, Array]:  # fmt: skip
    """(n_draws, n_readings) of history and of each arm."""
    outputs = tuple(dict.fromkeys(one.output for one in readings.values()))
    end = max(one.window[1] for one in readings.values())
    named = {_name(*arm): inputs for arm, inputs in arms.items()}
    found = {}
    for arm, times, values in each_arm(study, spread, named, outputs, end, progress=progress):
        series = {name: values[1:, i] for i, name in enumerate(outputs)}
        found[arm] = np.stack([read(one, series, times) for one in readings.values()], axis=1)
    return found


def _name(tactic: str, value: float) -> str:
    return f"{tactic} at {value:g}"


def _effect(
    study: Study, readings: Mapping[str, Reading], outcome: str, tactic: str, at: float,
    measured: Mapping[str, Array], before: Mapping[str, Array] | None, parts: Mapping[str, Mask],
) -> Effect:  # fmt: skip
    reading, column = readings[outcome], list(readings).index(outcome)
    history = measured[HISTORY][:, column]
    change = less(measured[_name(tactic, at)][:, column], history)
    low, median, high = (float(one) for one in np.quantile(change, EDGES))
    shares = relative_to(change, history)
    base_low, base, base_high = (float(one) for one in np.quantile(history, EDGES))
    earlier = None
    if before is not None:
        earlier = shares_of(less(before[_name(tactic, at)][:, column], before[HISTORY][:, column]))
    return Effect(
        tactic, outcome, at, _months(study, reading), _unit(study, reading), base,
        (base_low, base_high), median, low, high, (float(shares[0]), float(shares[1]), float(shares[2])),
        verdict(change, history, parts.values()), shares_of(change), earlier,
        structures={name: shares_of(change[part]) for name, part in parts.items()},
        median_error=median_error(change),
    )  # fmt: skip


def with_marks(
    study: Study,
    found: Sequence[Effect],
    readings: Mapping[str, Reading],
    structures: Sequence[str],
    seed: int,
    *,
    frozen: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[Effect]:
    """The same effects, each with who speaks in its sign.

    Parameters
    ----------
    found : as of `effects`, whose readings and whether `frozen` are given again
    structures : names of those of the draws, in each of which draws before the evidence are run
    seed : of these
    """
    from iskdyn.levers.draws import prior_spread

    arms = tactic_arms(study, tuple(dict.fromkeys(one.at for one in found)), frozen=frozen)
    priors = (prior_spread(study, N_PRIOR, seed, name) for name in structures)
    before = [_measure(study, one, arms, readings, progress) for one in priors]
    null_of = path_nulls(study)
    columns = {name: i for i, name in enumerate(readings)}
    marked = []
    for effect in found:
        arm, column = _name(effect.tactic, effect.at), columns[effect.outcome]
        then = [shares_of(less(one[arm][:, column], one[HISTORY][:, column])) for one in before]
        null = null_of(effect.tactic, readings[effect.outcome].output)
        speaks = mark(effect.shares, list(effect.structures.values()), then, null)
        marked.append(replace(effect, speaks=speaks, null=null))
    return marked


def _months(study: Study, reading: Reading) -> str:
    start, end = reading.window
    last = study.month(end - 0.5)
    edges = {"start": study.month(start), "end": last, "": f"{study.month(start)} to {last}"}
    return edges[STATISTICS[reading.statistic].edge]


def _unit(study: Study, reading: Reading) -> str:
    program = study.program
    return unit_of(reading.statistic, program[reading.output].units, program["TIME STEP"].units)
