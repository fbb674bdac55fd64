"""Every ready scenario against history, and the source's expectations beside what the model says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers import (
    HISTORY,
    Measured,
    Verified,
    difference_table,
    idle_changes,
    needed,
    opponent,
    year_end,
)
from iskdyn.levers import verify_expectations as verify
from iskdyn.reports.compared import (
    Difference,
    change_words,
    counted,
    expectation_words,
    join,
    rows_of,
    signed,
    sure,
    upper,
)
from iskdyn.reports.figures import BEFORE, INK, drawing, svg_text
from iskdyn.reports.policy import ALL, draws_words, end_times, months_ahead, tellings
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.reports.story import Outcome
from iskdyn.telling import threshold_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from iskdyn.study import Scenario

CLIP = 0.6
"""Differences beyond this share are drawn at the edge: a scale that holds the largest would flatten all others."""
LOWER, HIGHER, OPEN = "#3d6f8e", "#b3541e", "#9a9a9a"


@dataclass(frozen=True)
class Compared:
    """All scenarios run in every telling.

    Attributes
    ----------
    months : per window its words and its last month, in the order of time
    tables : per telling the differences of every scenario in every window
    draws : on which draws the other tellings stand
    """

    scenarios: Mapping[str, Scenario]
    months: Mapping[str, str]
    measured: Measured
    tables: Mapping[str, pd.DataFrame]
    draws: str

    def rows(self, scenario: str, telling: str, month: str) -> pd.DataFrame:
        """The differences of one scenario to the end of one month, human cost first.

        Parameters
        ----------
        scenario : name, as in the tables
        telling : of `tables`
        month : last period of a window
        """
        table = self.tables[telling]
        return table[(table["scenario"] == scenario) & (table["until"] == month)]


def compare_section(materials: Materials) -> Section | None:
    """What each ready scenario changes; None where there is none."""
    study, story = materials.study, materials.story
    if not set(study.scenarios) - {HISTORY}:
        return None
    found = _run(materials)
    year_out = year_end(study)
    verdicts = {
        name: verify(study, found.measured, one, materials.before.get(name))
        for name, one in found.scenarios.items()
    }
    contents = {
        "n_draws": len(next(iter(found.measured.values.values()))) - 1,
        "scenarios": counted(len(found.scenarios), "ready scenario"),
        "failures": _told(materials, found, verdicts, "not as expected"),
        "runs": _runs(materials, found, verdicts),
        "squeezes": _squeezes(materials, found),
        "year_out": year_out,
        "figure": _figure(materials, found, year_out),
        "clip": CLIP,
        "horizon_words": _horizon_words(materials, found, year_out),
        "telling_words": _telling_words(materials, found, year_out),
        "months": found.months,
        "draws": found.draws,
        "details": [_detail(materials, found, name, year_out) for name in found.scenarios],
        "outcomes": list(story.outcomes.values()),
        "human_names": study.settings.human_cost,
    }
    html = render("compare.html", contents)
    return Section("scenarios", "What else could have been done", _score(found, verdicts), html)


def _run(materials: Materials) -> Compared:
    study, story = materials.study, materials.story
    scenarios = _ordered({name: one for name, one in study.scenarios.items() if name != HISTORY})
    months = months_ahead(study)
    outcomes, ends = needed(study, scenarios, story.measures, months)
    pairs = [(name, opponent(one)) for name, one in scenarios.items()]
    inputs = {name: one.inputs for name, one in scenarios.items()}
    tables: dict[str, pd.DataFrame] = {}
    told = tellings(materials)
    for telling, one in told.items():
        wanted, times = (story.measures, end_times(study, months)) if tables else (outcomes, ends)
        idle = idle_changes(study, one.around, inputs, wanted, times, base=one.base)
        table = _table(materials, telling, pairs, months, idle)
        tables[telling] = table[table["outcome"].isin(story.outcomes)]
    return Compared(scenarios, months, materials.scenarios[ALL], tables, draws_words(told))


def _table(
    materials: Materials,
    telling: str,
    pairs: Sequence[tuple[str, str]],
    months: Mapping[str, str],
    idle: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """The differences of one telling; over all structures with who speaks in each to the year out."""
    import pandas as pd

    study, measured = materials.study, materials.scenarios[telling]
    if telling != ALL:
        return difference_table(study, measured, pairs, months, idle)
    return pd.concat(
        [
            difference_table(study, measured, [pair], months, idle, materials.before.get(pair[0]))
            for pair in pairs
        ],
        ignore_index=True,
    )


def _ordered(scenarios: Mapping[str, Scenario]) -> dict[str, Scenario]:
    """The numbered runs in their order, then the others by title."""
    keys = sorted(
        scenarios,
        key=lambda name: (not scenarios[name].run, _run_number(scenarios[name]), scenarios[name].title),
    )
    return {name: scenarios[name] for name in keys}


def _run_number(scenario: Scenario) -> int:
    digits = "".join(sign for sign in scenario.run if sign.isdigit())
    return int(digits) if digits else 0


# -- words


def _score(found: Compared, verdicts: Mapping[str, Sequence[Verified]]) -> str:
    everything = [one.verdict for listed in verdicts.values() for one in listed]
    counts, said = Counter(everything), threshold_words()
    runs = {found.scenarios[name].run for name, listed in verdicts.items() if listed}
    if not everything:
        return "Nothing is expected of these runs in a form that can fail."
    return (
        f"The paper invites {counted(len(runs), 'hypothetical run')}. Of {counted(len(everything), 'thing')} that it "
        f"leads one to expect of them, {counts['as expected']} hold in at least {said['agree_versions']}, "
        f"{counts['not as expected']} fail in at least {said['agree']}, and over {counts['versions disagree']} "
        "the versions disagree."
    )


def _labels(materials: Materials) -> dict[str, str]:
    return {name: one.label for name, one in materials.story.outcomes.items()}


def _told(
    materials: Materials, found: Compared, verdicts: Mapping[str, Sequence[Verified]], verdict: str
) -> list[str]:
    end = materials.study.month(materials.study.end_time() - 0.5)
    return [
        f"{found.scenarios[name].title}: {expectation_words(one, _labels(materials), end)}"
        for name, listed in verdicts.items()
        for one in listed
        if one.verdict == verdict
    ]


def _runs(
    materials: Materials, found: Compared, verdicts: Mapping[str, Sequence[Verified]]
) -> list[dict[str, object]]:
    """The table of the numbered runs."""
    end = materials.study.month(materials.study.end_time() - 0.5)
    labels = _labels(materials)
    return [
        {
            "scenario": one,
            "against": found.scenarios[one.against].title if one.against else "",
            "answers": [
                (expectation_words(answer, labels, end), answer.verdict, answer.speaks)
                for answer in verdicts[name]
            ],
        }
        for name, one in found.scenarios.items()
        if one.run
    ]


def _squeezes(materials: Materials, found: Compared) -> list[str]:
    """Where several runs share a number: which of them moved an outcome most, in how many draws."""
    by_run: dict[str, list[str]] = {}
    for name, one in found.scenarios.items():
        by_run.setdefault(one.run, []).append(name)
    words = []
    for run, names in by_run.items():
        alone = [name for name in names if len(found.scenarios[name].source) == 1]
        if not run or len(alone) < 2:
            continue
        end = materials.study.end_time()
        for output in dict.fromkeys(one.output for one in found.scenarios[alone[0]].expect):
            changes = np.stack([found.measured.difference(n, HISTORY, output, end)[1:] for n in alone])
            moved = np.abs(changes).max(axis=0) > 0
            largest = np.abs(changes).argmax(axis=0)
            shares = [float(np.mean((largest == i) & moved)) for i in range(len(alone))]
            told = [
                f"“{found.scenarios[name].title}” in {share:.0%}"
                for name, share in zip(alone, shares, strict=True)
            ]
            label = _labels(materials).get(output, output)
            words.append(f"{run}: what moves {label} most, taken singly, by versions: {join(told)}.")
    return words


def _sure_rows(found: Compared, telling: str, month: str) -> dict[tuple[str, str], Difference]:
    rows = found.tables[telling]
    rows = rows[rows["until"] == month]
    return {(row["scenario"], row["outcome"]): row for row in rows_of(rows)}


def _turned(
    materials: Materials,
    found: Compared,
    before: Mapping[tuple[str, str], Difference],
    after: Mapping[tuple[str, str], Difference],
) -> list[str]:
    """Sentences on scenarios whose agreed differences have the other agreed sign elsewhere."""
    turned: dict[str, list[str]] = {}
    for (scenario, outcome), row in before.items():
        other = after[scenario, outcome]
        told = materials.story.outcomes[outcome]
        if sure(told, row) and sure(told, other) and row["verdict"] != other["verdict"]:
            words = f"{change_words(told, row)}, then {change_words(told, other).removeprefix(told.label).strip()}"
            turned.setdefault(scenario, []).append(words)
    return [f"{found.scenarios[name].title}: {'; '.join(words)}." for name, words in turned.items()]


def _horizon_words(materials: Materials, found: Compared, year_out: str) -> list[str]:
    """What turns round between the end of the year and the last horizon."""
    last = max(found.months.values(), key=materials.study.time)
    before, after = (_sure_rows(found, ALL, month) for month in (year_out, last))
    return _turned(materials, found, before, after)


def _telling_words(materials: Materials, found: Compared, year_out: str) -> dict[str, list[str]]:
    """Per other telling, what turns round against all structures together."""
    before = _sure_rows(found, ALL, year_out)
    others = [telling for telling in found.tables if telling != ALL]
    return {
        telling: _turned(materials, found, before, _sure_rows(found, telling, year_out)) for telling in others
    }


# -- tables


def _detail(materials: Materials, found: Compared, name: str, month: str) -> dict[str, object]:
    """Every difference of one scenario to the end of one month, a cell an outcome."""
    outcomes = materials.story.outcomes
    rows = {row["outcome"]: row for row in rows_of(found.rows(name, ALL, month))}
    one = found.scenarios[name]
    return {
        "scenario": one,
        "against": found.scenarios[one.against].title if one.against else "",
        "cells": [_cell(outcome, rows[outcome.name]) for outcome in outcomes.values()],
    }


def _cell(outcome: Outcome, row: Difference) -> dict[str, object]:
    low, high = (signed(outcome, row[edge]) for edge in ("low_90", "high_90"))
    return {
        "middle": signed(outcome, row["median"]),
        "range": f"{low} to {high}",
        "sure": sure(outcome, row),
        "speaks": row.get("speaks"),
    }


# -- figure


def _figure(materials: Materials, found: Compared, month: str) -> str:
    """A row a scenario, a panel an outcome: differences as shares of what they are compared with."""
    outcomes = list(materials.story.outcomes.values())
    names = list(found.scenarios)
    human = set(materials.study.settings.human_cost)
    with drawing() as pyplot:
        figure, panels = pyplot.subplots(
            1, len(outcomes), figsize=(9.6, 0.22 * len(names) + 1.2), layout="constrained", sharey=True
        )
        for axes, outcome in zip(np.atleast_1d(panels), outcomes, strict=True):
            rows = _sure_rows(found, ALL, month)
            _panel(axes, [rows[name, outcome.name] for name in names], outcome, outcome.name in human)
        first = np.atleast_1d(panels)[0]
        first.set_yticks(range(len(names)), [found.scenarios[name].title for name in names], fontsize=7)
        first.set_ylim(len(names) - 0.5, -0.5)
        text = svg_text(figure, "Differences of every scenario in every outcome, as shares")
        pyplot.close(figure)
    return text


def _panel(axes: Axes, rows: Sequence[Difference], outcome: Outcome, human: bool) -> None:
    for y, row in enumerate(rows):
        base = abs(row["against_median"]) or 1.0
        low, high, middle = (
            float(np.clip(row[key] / base, -CLIP, CLIP)) for key in ("low_90", "high_90", "median")
        )
        if row.get("speaks"):
            then = abs(row["prior_against_median"]) or 1.0
            edges = np.clip([row["prior_low_90"] / then, row["prior_high_90"] / then], -CLIP, CLIP)
            axes.plot(
                edges, [y, y], color=BEFORE, linewidth=4.5, solid_capstyle="butt", clip_on=False, zorder=0.5
            )
        colour = OPEN if not sure(outcome, row) else HIGHER if row["median"] > 0 else LOWER
        axes.plot([low, high], [y, y], color=colour, linewidth=1.2, clip_on=False)
        axes.plot(middle, y, marker="o", color=colour, markersize=3.5, clip_on=False)
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.set_xlim(-1.05 * CLIP, 1.05 * CLIP)
    axes.set_xticks([-0.5, 0, 0.5], ["−50", "0", "+50 %"], fontsize=6)
    axes.tick_params(axis="y", left=False)
    axes.grid(axis="y", color="#eeeeee", linewidth=0.6)
    if human:
        axes.set_facecolor("#f6efe9")
    axes.set_title("\n".join(_wrapped(upper(outcome.label))), loc="center", fontsize=6.5)


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 12)
