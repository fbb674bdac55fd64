"""Tests of a fitted model over its draws: reproduction, cut loops, other boundaries, the order of policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.sheet import HELD
from iskdyn.confidence.check import Check
from iskdyn.confidence.loops import Name, read_names
from iskdyn.errors import GateError, Problem
from iskdyn.levers import HISTORY, run_arms
from iskdyn.levers.arms import SAVE_EVERY
from iskdyn.study import Change, Expectation, Inputs, goes, inputs_of
from iskdyn.telling.thresholds import AGREE

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Spread
    from iskdyn.levers import Arms
    from iskdyn.study import Study

Array = NDArray[np.float64]

N_DRAWS = 100
"""A share of nine in ten errs by three hundredths: enough for a test whose bars are tenths."""
HOLDING = 0.9
"""Share of the fitted observations that must hold: one in ten may miss, as a range of nine in ten lets it."""
AGREEING = AGREE
"""Share of the draws that must go the way that was expected: nine in ten, as a sign is told on every surface."""
FIRST = 0.5
"""Share of the draws in which the strongest tactic must stay the strongest: more often than not."""
SMALL = 0.02
"""Effects under this share of the outcome have no sign worth a flip: less than any source could see."""
PATTERN_POINTS = 8
"""Fewer values of one series than this show no trend, period or phase: chance makes any of them out of fewer."""


@dataclass(frozen=True)
class Subject:
    """A study, its fit and draws about it."""

    study: Study
    fit: FitResult
    around: Spread

    @property
    def few(self) -> Spread:
        """The first of the draws."""
        return self.around.first(N_DRAWS)


def check_reproduction(subject: Subject) -> Check:
    """The fitted values lie within what was reported; the intervals, not R squared, are what there is."""
    rows = subject.fit.rows
    fitted, held = rows[rows["fold"] != HELD], rows[rows["fold"] == HELD]
    missed = fitted[~fitted["holds"].astype(bool)]
    problems = [
        Problem(
            f"{subject.study.settings.observations}:{row['id']}",
            f"{row['says']}: the model says {row['model']:.3g}",
        )
        for row in missed.to_dict("records")
    ]
    share = (len(fitted) - len(missed)) / max(len(fitted), 1)
    figure = f"{len(fitted) - len(missed)} of {len(fitted)} fitted, {int(held['holds'].sum())} of {len(held)} held out"
    words = "reported intervals and orders that hold at the fitted values"
    bar = f"{HOLDING:.0%} of the fitted"
    return Check("behaviour is reproduced", share >= HOLDING, figure, bar, words, tuple(problems))


def check_patterns(subject: Subject) -> Check:
    """Trend, period and phase are compared only where a series has enough values."""
    counts = subject.study.observations.groupby("output").size()
    longest, most = (str(counts.idxmax()), int(counts.max())) if len(counts) else ("none", 0)
    words = f"most values of one output: {longest}; trend, period and phase need {PATTERN_POINTS}"
    name = "patterns over time"
    if most < PATTERN_POINTS:
        return Check(name, True, f"not applicable: n={most}", f"n>={PATTERN_POINTS}", words, ())
    problem = Problem(
        subject.study.settings.observations, f"'{longest}' has {most} values; compare its pattern"
    )
    return Check(name, False, f"n={most}", "compared", words, (problem,))


def check_cuts(subject: Subject) -> Check:
    """Each named loop when cut moves what it was expected to move, in the expected direction, in most draws."""
    names = [one for one in read_names(subject.study).names if one.cut]
    shares = _cut_shares(subject, names)
    problems = [
        Problem(
            f"{subject.study.settings.loops}: {name}",
            f"'{one.output}' is {one.kind} in {share:.0%} of the versions",
        )
        for name, one, share in shares
        if share < AGREEING
    ]
    figure = f"{len(shares) - len(problems)} of {len(shares)} as expected"
    words = (
        f"mean over the history with each loop cut, {len(subject.few.draws)} draws, expectation written first"
    )
    bar = f"all, each in {AGREEING:.0%} of draws"
    return Check("cut loops behave as expected", not problems, figure, bar, words, tuple(problems))


def _cut_shares(subject: Subject, names: list[Name]) -> list[tuple[str, Expectation, float]]:
    """Each name, what is expected of its cut and the share of draws in which the outcome goes that way."""
    found: dict[tuple[str, Expectation], float] = {}
    cuts = {one.name: one.cut for one in names if one.cut}
    for both in dict.fromkeys(cut.both for cut in cuts.values()):
        chosen = {name: cut for name, cut in cuts.items() if cut.both == both}
        outputs = list(dict.fromkeys(one.output for cut in chosen.values() for one in cut.expect))
        arms = {name: _inputs(subject, cut.changes) for name, cut in chosen.items()}
        run = run_arms(subject.study, subject.few, arms, outputs, base=_inputs(subject, both))
        for name, one in ((name, one) for name, cut in chosen.items() for one in cut.expect):
            rise = _means(run, name, one.output) - _means(run, HISTORY, one.output)
            found[name, one] = float(np.mean(goes(one.kind, rise)))
    return [(name, one, found[name, one]) for name, cut in cuts.items() for one in cut.expect]


def _inputs(subject: Subject, changes: tuple[Change, ...]) -> Inputs:
    return inputs_of(subject.study.setting, changes)


def _means(run: Arms, arm: str, outcome: str) -> Array:
    """(1 + n_draws,) mean over the run, the fitted values first."""
    best, draws = run.measured("mean", arm, outcome)
    return np.concatenate([[best], draws])


def check_policy(subject: Subject) -> Check:
    """The tactic whose absence moves an outcome most is the same one in most draws."""
    effects = tactic_effects(subject) if subject.study.settings.tactics else {}
    firsts, orders = {}, {}
    for outcome, moved in effects.items():
        sizes = np.abs(moved)
        firsts[outcome] = float(np.mean(sizes[:, 1:].argmax(axis=0) == sizes[:, 0].argmax()))
        orders[outcome] = float(np.mean([_kendall(sizes[:, 0], one) for one in sizes[:, 1:].T]))
    problems = [
        Problem(outcome, f"the strongest tactic of the best fit is so in {share:.0%} of the draws only")
        for outcome, share in firsts.items()
        if share < FIRST
    ]
    least, mean = min(firsts.values(), default=1.0), float(np.mean(list(orders.values()) or [1.0]))
    figure = f"{least:.0%} at least; rank correlation {mean:.2f}"
    draws = len(subject.few.draws)
    words = f"{len(effects)} outcomes, {draws} draws, each tactic absent; Kendall's tau to the best fit"
    bar = f"{FIRST:.0%} in every outcome"
    return Check("the order of the tactics is stable", not problems, figure, bar, words, tuple(problems))


def tactic_effects(subject: Subject, base: Inputs | None = None) -> dict[str, Array]:
    """Per headline outcome (n_tactics, 1 + n_draws) change of its mean when each tactic is absent."""
    settings = subject.study.settings
    arms = {name: Inputs({switch: 0.0}) for name, switch in settings.tactics.items()}
    run = run_arms(subject.study, subject.few, arms, list(settings.headline), base=base)
    return {
        outcome: np.stack([_means(run, arm, outcome) - _means(run, HISTORY, outcome) for arm in arms])
        for outcome in settings.headline
    }


def _kendall(one: Array, other: Array) -> float:
    """Rank correlation; a single tactic is always in order."""
    from scipy.stats import kendalltau

    if len(one) < 2:
        return 1.0
    value = float(kendalltau(one, other).statistic)
    return 0.0 if np.isnan(value) else value


def check_boundary(subject: Subject) -> Check:
    """No conclusion about a tactic turns round when a feedback is cut out of the model's boundary.

    Each stock that is no stock of people is held at its fitted course, one at a time, in every run.
    """
    from iskdyn.confidence.people import people_stocks

    program, settings = subject.study.program, subject.study.settings
    people = {stock.key for stock in people_stocks(program)}
    outcomes = set(settings.headline) | set(settings.human_cost)
    stocks = [one.name for one in program.stocks if one.key not in people and one.name not in outcomes]
    whole = _fitted_effects(subject, stocks, {}, program["TIME STEP"].value)
    problems, n_looked_at = [], 0
    for stock, course in whole.course.items():
        cut = _fitted_effects(subject, stocks, {stock: course}, SAVE_EVERY)
        for outcome in settings.headline:
            scale = SMALL * whole.level[outcome]
            for tactic in settings.tactics:
                one, other = whole.effects[outcome, tactic], cut.effects[outcome, tactic]
                n_looked_at += 1
                if one * other < 0 and min(abs(one), abs(other)) > scale:
                    message = (
                        f"without {tactic}, '{outcome}' changes by {one:+.3g}, by {other:+.3g} with this held"
                    )
                    problems.append(Problem(program.place(stock), f"'{stock}': {message}"))
    figure = f"{len(problems)} of {n_looked_at:,} signs turn"
    n_tactics = len(settings.tactics)
    words = (
        f"{len(whole.course)} stocks that answer a tactic held in turn, {n_tactics} tactics absent in turn"
    )
    return Check("conclusions survive another boundary", not problems, figure, "0", words, tuple(problems))


@dataclass(frozen=True)
class _Fitted:
    """Runs at the fitted values: effects by outcome and tactic, mean sizes, courses of stocks that answer a tactic."""

    effects: Mapping[tuple[str, str], float]
    level: Mapping[str, float]
    course: Mapping[str, tuple[Array, Array]]


def _fitted_effects(
    subject: Subject, stocks: list[str], held: Mapping[str, tuple[Array, Array]], save_every: float
) -> _Fitted:
    """The history and each tactic absent, with some of the stocks held at a course; one kernel serves all of them.

    Raises
    ------
    GateError : some run gave no number
    """
    from iskdyn.simulate import prepare

    study, settings = subject.study, subject.study.settings
    tactics, headline = settings.tactics, list(settings.headline)
    values = {name: study.program[name].value for name in tactics.values()} | dict(subject.fit.constants)
    members = np.tile(list(values.values()), (1 + len(tactics), 1))
    for i_tactic, switch in enumerate(tactics.values()):
        members[1 + i_tactic, list(values).index(switch)] = 0.0
    free = {name: (np.zeros(1), np.full(1, np.nan)) for name in stocks}
    runner = prepare(
        study.program, list(values), [*headline, *stocks], final_time=study.end_time(), save_every=save_every,
        series={**free, **held}, lapsing=True,
    )  # fmt: skip
    result = runner(members)
    if np.isnan(result).any():
        where = " and ".join(f"'{name}' held" for name in held) or HISTORY
        raise GateError(Problem(where, "gave no number at the fitted values; `iskdyn check` says where"))
    runs = dict(zip(runner.outputs, np.moveaxis(result, 1, 0), strict=True))
    means = {outcome: runs[outcome].mean(axis=1) for outcome in headline}
    effects = {(outcome, tactic): float(mean[1 + i] - mean[0])
               for outcome, mean in means.items() for i, tactic in enumerate(tactics)}  # fmt: skip
    return _Fitted(
        effects,
        {outcome: float(np.abs(mean[0])) for outcome, mean in means.items()},
        {stock: (runner.times, runs[stock][0]) for stock in stocks if np.ptp(runs[stock], axis=0).any()},
    )


def check_modes(subject: Subject) -> Check:
    """An outcome that grows in the best fit grows in most draws, and one that falls falls."""
    settings = subject.study.settings
    run = run_arms(subject.study, subject.few, {}, list(settings.headline))
    shares = {}
    for outcome in settings.headline:
        best, draws = run.series(HISTORY, outcome)
        shares[outcome] = float(np.mean(np.sign(draws[:, -1] - draws[:, 0]) == np.sign(best[-1] - best[0])))
    problems = [
        Problem(outcome, f"goes the way of the best fit from first to last in {share:.0%} of the draws")
        for outcome, share in shares.items()
        if share < AGREEING
    ]
    figure = f"{len(problems)} of {len(shares)} turn"
    words = f"rise or fall of the headline outcomes over the history, {len(subject.few.draws)} draws"
    return Check("the modes of behaviour are stable", not problems, figure, "0", words, tuple(problems))
