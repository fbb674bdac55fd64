"""Ready scenarios that could have been chosen, weighed over draws and structures; human cost first, nothing sought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from iskdyn.levers import HISTORY, Measured, later, measure_arms, regret_table, satisfying_table, year_end
from iskdyn.levers.arms import ROUNDING
from iskdyn.reports.compared import join
from iskdyn.reports.figures import INK, drawing, svg_text
from iskdyn.reports.policy import ALL, YEARS
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.study import Scenario
from iskdyn.telling import mark_glyph
from iskdyn.telling.thresholds import AGREE, EDGES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from iskdyn.reports.story import Outcome
    from iskdyn.study import Study

COLOURS = (
    "#1b1b1b",
    "#3d6f8e",
    "#b3541e",
    "#5b8c5a",
    "#8a5b8c",
    "#c49a3a",
    "#4f9aa8",
    "#a34a5e",
    "#7a6a58",
    "#55557f",
)
MARKS = ("s", "o", "^", "v", "D", "P", "X", "<", ">", "h")


def choice_section(materials: Materials) -> Section | None:
    """Regret, what is good enough, and what each costs people; None with fewer than two choices, or no cost named."""
    study, story = materials.study, materials.story
    choices = _choices(study)
    human = list(study.settings.human_cost)
    aims = [name for name in story.outcomes if name not in human and name not in _means(story.outcomes)]
    if len(choices) < 2 or not human or not aims:
        return None
    months = [year_end(study), *(month for years in YEARS if (month := later(study, years)))]
    ends = [study.time(month) + 1 for month in months]
    by_telling = materials.scenarios
    states = {"all draws": by_telling[ALL], **_structures(materials, choices, ends)}
    first, arms = ends[0], list(choices)
    shares = satisfying_table(states, arms, human, aims, first)
    ranks = _ranks(materials, by_telling, choices, [*human, *aims], months)
    contents = {
        "n_draws": len(by_telling[ALL].values[HISTORY]) - 1,
        "months": months,
        "choices": choices,
        "structures": [name for name in states if name != "all draws"],
        "human": [(name, story.outcomes[name].label) for name in human],
        "aims": [(name, story.outcomes[name].label) for name in aims],
        "satisfied": _cells(shares, "criterion", ["share", "lowest"]),
        "regrets": _cells(regret_table(states, arms, [*human, *aims], first), "outcome", ["median", "worst"]),
        "figure": _figure(materials, by_telling[ALL], choices, aims, first),
        "marks": _legend(choices),
        "rank_words": _rank_words(ranks, choices),
        "means": [story.outcomes[name].label for name in _means(story.outcomes)],
        "never_more": study.settings.never_more,
    }
    finding = _finding(materials, choices, shares, human, aims)
    return Section("choice", "Choosing without knowing", finding, render("choice.html", contents))


def _choices(study: Study) -> dict[str, Scenario]:
    """History, then what could have been chosen, by title."""
    told = sorted((one for one in study.scenarios.values() if one.choice), key=lambda one: one.title)
    history = study.scenarios.get(HISTORY, Scenario(HISTORY, "History"))
    return {HISTORY: history, **{one.name: one for one in told if one.name != HISTORY}}


def _means(outcomes: Mapping[str, Outcome]) -> list[str]:
    """Outcomes that are means and no ends: fewer of them is not better by itself."""
    return [name for name, one in outcomes.items() if one.aim == "none"]


def _structures(
    materials: Materials, choices: Mapping[str, Scenario], ends: Sequence[float]
) -> dict[str, Measured]:
    """Every choice in each part of the structures."""
    inputs = {name: one.inputs for name, one in choices.items() if name != HISTORY}
    found = {}
    for one in materials.parts:
        materials.tell(f"choices, {one.name}")
        found[one.name] = measure_arms(
            materials.study, one.spread, inputs, materials.story.measures, ends[:1]
        )
    return found


# -- words


def _finding(
    materials: Materials,
    choices: Mapping[str, Scenario],
    shares: pd.DataFrame,
    human: Sequence[str],
    aims: Sequence[str],
) -> str:
    """How many choices surely raise no human cost in any structure, and which of them surely lower what."""
    outcomes = materials.story.outcomes
    others = {name: one for name, one in choices.items() if name != HISTORY}
    spared, better = [], []
    for name, scenario in others.items():
        rows = shares[shares["scenario"] == name].set_index("criterion")
        if any(rows["highest"][one] <= 1 - AGREE for one in human):
            continue
        spared.append(scenario.title)
        if lower := [
            f"{outcomes[one].label}{_sign(materials, name, one)}"
            for one in aims
            if rows["lowest"][one] >= AGREE
        ]:
            better.append(f"“{scenario.title}” ({join(lower)})")
    told = f"Of {len(others)} choices {len(spared)} surely raise no human cost"
    if not better:
        return f"{told}; none of them surely and notably lowers anything else."
    counted = "one" if len(better) == 1 else len(better)
    return f"{told}; of these {counted} surely and notably lowers something else: {join(better)}."


class Ranks(TypedDict):
    """The places of the choices in an outcome: by telling and last month, then by choice, 1 for the lowest."""

    outcome: Outcome
    columns: dict[tuple[str, str], dict[str, int]]


def _sign(materials: Materials, name: str, outcome: str) -> str:
    """Who decides which way a scenario moves an outcome to the year out, as a sign; empty where that was not asked."""
    before, after = materials.before.get(name), materials.scenarios[ALL]
    if before is None:
        return ""
    end = materials.study.time(year_end(materials.study)) + 1
    change, earlier = (one.difference(name, HISTORY, outcome, end)[1:] for one in (after, before.measured))
    return mark_glyph(before.mark(change, earlier, after.parts, before.nulls.get((name, HISTORY, outcome))))


def _places(measured: Measured, arms: Sequence[str], outcome: str, end: float) -> dict[str, int]:
    """The place of each arm by the middle version of an outcome, 1 for the lowest; equals share a place."""
    medians = {arm: float(np.median(measured.of(arm, outcome, end)[1:])) for arm in arms}
    margin = ROUNDING * max(map(abs, medians.values()))
    return {arm: 1 + sum(other < one - margin for other in medians.values()) for arm, one in medians.items()}


def _ranks(
    materials: Materials,
    by_telling: Mapping[str, Measured],
    choices: Mapping[str, Scenario],
    names: Sequence[str],
    months: Sequence[str],
) -> list[Ranks]:
    """Per outcome the places of every choice, by telling and horizon."""
    rows: list[Ranks] = []
    for outcome in names:
        columns = {
            (telling, month): _places(measured, list(choices), outcome, materials.study.time(month) + 1)
            for telling, measured in by_telling.items()
            for month in months
        }
        rows.append({"outcome": materials.story.outcomes[outcome], "columns": columns})
    return rows


def _rank_words(ranks: Sequence[Ranks], choices: Mapping[str, Scenario]) -> list[str]:
    """Which choice gives the lowest of each outcome, and where that changes with horizon or telling."""
    words = []
    for row in ranks:
        lowest: dict[str, dict[str, list[str]]] = {}
        for (telling, month), places in row["columns"].items():
            best = " or ".join(f"“{choices[arm].title}”" for arm, place in places.items() if place == 1)
            lowest.setdefault(best, {}).setdefault(telling, []).append(month)
        label = row["outcome"].heading
        if len(lowest) == 1:
            words.append(f"{label}: lowest with {next(iter(lowest))} at every horizon and in both readings.")
            continue
        told = [
            f"{best} {', and '.join(f'{telling} to {join(when)}' for telling, when in by_telling.items())}"
            for best, by_telling in lowest.items()
        ]
        words.append(f"{label}: lowest with {'; '.join(told)}.")
    return words


# -- tables and figure


def _cells(table: pd.DataFrame, key: str, columns: Sequence[str]) -> dict[str, dict[str, tuple[float, ...]]]:
    """Rows of a table by arm and then by outcome or criterion."""
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for row in table.to_dict("records"):
        found.setdefault(row["scenario"], {})[row[key]] = tuple(row[column] for column in columns)
    return found


def _legend(choices: Mapping[str, Scenario]) -> list[tuple[str, str]]:
    return [(one.title, COLOURS[i % len(COLOURS)]) for i, one in enumerate(choices.values())]


def _figure(
    materials: Materials,
    measured: Measured,
    choices: Mapping[str, Scenario],
    aims: Sequence[str],
    end: float,
) -> str:
    """The first human cost against each outcome, a point a choice."""
    cost = materials.study.settings.human_cost[0]
    others = [*materials.study.settings.human_cost[1:], *aims]
    columns = 3
    n_rows = -(-len(others) // columns)
    with drawing() as pyplot:
        figure, grid = pyplot.subplots(
            n_rows, columns, figsize=(9.6, 2.3 * n_rows), layout="constrained", squeeze=False
        )
        for axes, outcome in zip(grid.flat, others, strict=False):
            _cloud(axes, materials, measured, choices, cost, outcome, end)
        for axes in list(grid.flat)[len(others) :]:
            axes.axis("off")
        label = materials.story.outcomes[cost].heading
        text = svg_text(figure, f"{label} against every other outcome, by choice")
        pyplot.close(figure)
    return text


def _cloud(
    axes: Axes,
    materials: Materials,
    measured: Measured,
    choices: Mapping[str, Scenario],
    cost: str,
    outcome: str,
    end: float,
) -> None:
    told = materials.story.outcomes
    for i, arm in enumerate(choices):
        x, y = (_percent(measured, arm, name, end) for name in (cost, outcome))
        colour = COLOURS[i % len(COLOURS)]
        axes.plot(x[[0, 2]], y[[1, 1]], color=colour, linewidth=0.8, alpha=0.7)
        axes.plot(x[[1, 1]], y[[0, 2]], color=colour, linewidth=0.8, alpha=0.7)
        axes.plot(x[1], y[1], marker=MARKS[i % len(MARKS)], color=colour, markersize=5, linestyle="none")
    axes.axhline(0, color=INK, linewidth=0.4)
    axes.axvline(0, color=INK, linewidth=0.4)
    axes.set_title(told[outcome].heading, loc="left", fontsize=8)
    axes.set_xlabel(f"{told[cost].label}, %", fontsize=7)
    axes.tick_params(labelsize=7)
    if outcome in materials.study.settings.human_cost:
        axes.set_facecolor("#f6efe9")


def _percent(measured: Measured, arm: str, outcome: str, end: float) -> NDArray[np.float64]:
    """5, 50 and 95 % of the difference to history, in per cent of it."""
    change = measured.difference(arm, HISTORY, outcome, end)[1:]
    base = np.abs(measured.of(HISTORY, outcome, end)[1:])
    relative = np.divide(change, base, out=np.zeros_like(change), where=base > 0)
    return 100 * np.quantile(relative, EDGES)
