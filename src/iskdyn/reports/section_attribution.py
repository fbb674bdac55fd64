"""What each tactic contributed, shared out over all their combinations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from iskdyn.draws import SEED
from iskdyn.levers import Attribution, attribute, interactions, leave_one_out, one_alone, shapley, with_before
from iskdyn.levers.marks import Mark
from iskdyn.levers.verdict import SURE, agreed, verdict
from iskdyn.reports.compared import join, signed
from iskdyn.reports.figures import BEFORE, INK, Array, drawing, svg_text
from iskdyn.reports.policy import ALL, draws_words, end_times, horizons, tellings
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.reports.story import Outcome
from iskdyn.telling import mark_glyph, number_words, threshold_words
from iskdyn.telling.thresholds import RANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOWERS, RAISES = "#3d6f8e", "#b3541e"


@dataclass(frozen=True)
class Share:
    """What one tactic contributed to one outcome.

    Attributes
    ----------
    draws : (n_draws,) Shapley values
    left_out, alone : medians of the two simpler measures
    sure : the versions agree on the sign, and it is worth telling
    speaks : who decides the sign, and before : (n_prior,) the same before the evidence; None where that was not run
    """

    tactic: str
    outcome: Outcome
    draws: Array
    left_out: float
    alone: float
    sure: bool
    speaks: Mark | None = None
    before: Array | None = None

    @property
    def median(self) -> float:
        """The middle version."""
        return float(np.median(self.draws))

    @property
    def cell(self) -> str:
        """For a table: the middle version and nine versions of ten."""
        low, high = np.quantile(self.draws, RANGE)
        show = self.outcome
        return f"{signed(show, self.median)} ({signed(show, low)} to {signed(show, high)})"


def attribution_section(materials: Materials) -> Section | None:
    """What each of the study's tactics contributed; None where it has fewer than two."""
    study, story = materials.study, materials.story
    if len(study.settings.tactics) < 2:
        return None
    months = horizons(study)
    found = {}
    told = tellings(materials)
    for telling, one in told.items():
        materials.tell(f"combinations of tactics {telling}")
        ends = end_times(study, months)
        found[telling] = attribute(study, one.around, story.measures, ends, base=one.base)
    if materials.parts:
        materials.tell("combinations of tactics before the evidence")
        found[ALL] = with_before(study, found[ALL], story.measures, SEED)
    first, end = found[ALL], study.end_time()
    shares = {name: _shares(first, outcome, end) for name, outcome in story.outcomes.items()}
    contents = {
        "n_draws": len(first.values) - 1,
        "n_combinations": first.values.shape[-1],
        "n_tactics": len(first.tactics),
        "tactics": first.tactics,
        "months": months,
        "draws": draws_words(told),
        "apart": _apart(shares),
        "figure": _figure(shares, set(study.settings.human_cost)),
        "shares": shares,
        "human_names": study.settings.human_cost,
        "outcomes": story.outcomes,
        "signed": signed,
        "totals": {
            name: (_total(first, outcome, end), first.speaks(_whole, name, end))
            for name, outcome in story.outcomes.items()
        },
        "residual": max(_residual(one) for one in found.values()),
        "pairs": _pairs(first, story.outcomes, end),
        "ranking_words": _ranking_words(materials, found, months),
    }
    finding = _sentence(first, shares[(study.settings.human_cost or study.settings.headline)[0]], end)
    html = render("attribution.html", contents)
    return Section("attribution", "Sharing out the credit and the blame", finding, html)


def _shares(found: Attribution, outcome: Outcome, end: float) -> list[Share]:
    game = found.game(outcome.name, end)[1:]
    values, out, alone = shapley(game), leave_one_out(game), one_alone(game)
    before = shapley(found.before.game(outcome.name, end)[1:]) if found.before else None

    def speaks(i: int) -> Mark | None:
        null = found.nulls.get((found.tactics[i], outcome.name))
        return found.speaks(lambda worths: shapley(worths)[:, i], outcome.name, end, null)

    return [
        Share(
            tactic,
            outcome,
            values[:, i],
            float(np.median(out[:, i])),
            float(np.median(alone[:, i])),
            verdict(values[:, i], game[:, -1], found.parts) in SURE,
            speaks(i),
            None if before is None else before[:, i],
        )
        for i, tactic in enumerate(found.tactics)
    ]


def _residual(found: Attribution) -> float:
    """How far contributions are from adding up to the whole, at worst: in the outcome's units."""
    total = found.values[..., -1] - found.values[..., 0]
    return float(np.abs(shapley(found.values).sum(axis=-1) - total).max())


# -- words


def _whole(worths: Array) -> Array:
    """(n_draws,) what all tactics together changed."""
    return np.asarray(worths[:, -1] - worths[:, 0])


def _total(found: Attribution, outcome: Outcome, end: float) -> str:
    game = found.game(outcome.name, end)[1:]
    total = game[:, -1] - game[:, 0]
    low, high = np.quantile(total, RANGE)
    return f"{signed(outcome, float(np.median(total)))} ({signed(outcome, low)} to {signed(outcome, high)})"


def _sentence(found: Attribution, shares: list[Share], end: float) -> str:
    outcome = shares[0].outcome
    game = found.game(outcome.name, end)[1:]
    total = game[:, -1] - game[:, 0]
    change = float(np.median(total))
    ordered = sorted(shares, key=lambda one: -abs(one.median))
    told = [
        f"{one.tactic} {signed(outcome, one.median)}{mark_glyph(one.speaks)}" for one in ordered if one.sure
    ]
    rest = [one.tactic for one in ordered if not one.sure]
    if not told:
        return f"{outcome.heading}: no tactic contributed anything that {threshold_words()['agree_versions']} agree on."
    verb = "raised" if change > 0 else "lowered"
    low, high = sorted(np.abs(np.quantile(total, RANGE)))
    span = f"{outcome.text(low)} to {outcome.text(high)} in {threshold_words()['range_versions']}"
    count = number_words(len(shares))
    together = f"all {count} together {verb} it by {outcome.text(abs(change))} {outcome.unit} ({span})"
    if not agreed(total, found.parts):
        together = f"versions disagree on what all {count} together did"
    left = f"; {join(rest)}: little, or versions disagree" if rest else ""
    return f"{outcome.heading}: {together}. Of that {join(told)}{left}."


def _apart(shares: Mapping[str, list[Share]]) -> list[dict[str, str]]:
    """Where leaving one out and one alone tell another story than the shares."""
    rows = []
    for listed in shares.values():
        for one in listed:
            if not one.sure:
                continue
            outcome, size = one.outcome, abs(one.median)
            if one.left_out * one.alone < 0 and min(abs(one.left_out), abs(one.alone)) >= 0.2 * size:
                why = "the sign turns with the others"
            elif abs(one.left_out) >= 1.5 * size and abs(one.alone) <= 0.2 * size:
                why = "it works only together with others"
            else:
                continue
            rows.append(
                {
                    "outcome": outcome.heading,
                    "tactic": one.tactic,
                    "left_out": signed(outcome, one.left_out),
                    "alone": signed(outcome, one.alone),
                    "shared": signed(outcome, one.median),
                    "why": why,
                }
            )
    return rows


class Pair(TypedDict):
    """How far two tactics do together what neither does alone: in words, its middle, and whether its sign is sure."""

    pair: str
    median: float
    cell: str
    sure: bool
    speaks: Mark | None


def _pair_rows(found: Attribution, outcome: Outcome, end: float) -> list[Pair]:
    """Interactions of one outcome, the largest first."""
    game = found.game(outcome.name, end)[1:]
    values = interactions(game)
    rows: list[Pair] = []
    for i, one in enumerate(found.tactics):
        for j in range(i + 1, len(found.tactics)):
            draws = values[:, i, j]
            middle = float(np.median(draws))
            low, high = np.quantile(draws, RANGE)
            cell = f"{signed(outcome, middle)} ({signed(outcome, low)} to {signed(outcome, high)})"
            rows.append(
                {
                    "pair": f"{one} and {found.tactics[j]}",
                    "median": middle,
                    "cell": cell,
                    "sure": verdict(draws, game[:, -1], found.parts) in SURE,
                    "speaks": found.speaks(_both(i, j), outcome.name, end),
                }
            )
    return sorted(rows, key=lambda row: -abs(row["median"]))


def _both(i: int, j: int) -> Callable[[Array], Array]:
    """From worths of the combinations to the interaction of two tactics; no null is sampled of two paths at once."""
    return lambda worths: np.asarray(interactions(worths)[:, i, j])


def _pairs(found: Attribution, outcomes: Mapping[str, Outcome], end: float) -> dict[str, list[Pair]]:
    """Per outcome the pairs on whose sign nine versions of ten agree."""
    listed = {name: _pair_rows(found, outcome, end) for name, outcome in outcomes.items()}
    return {name: sure for name, rows in listed.items() if (sure := [row for row in rows if row["sure"]])}


# -- the horizon


def _ranking_words(
    materials: Materials, found: Mapping[str, Attribution], months: Mapping[str, str]
) -> list[str]:
    """Whether the tactic that did most stays the same over the horizons and tellings."""
    same, words = [], []
    for name, outcome in materials.story.outcomes.items():
        largest = {}
        for telling, one in found.items():
            for month in months.values():
                game = one.game(name, materials.study.time(month) + 1)[1:]
                middle = np.median(shapley(game), axis=0)
                best = int(np.argmax(np.abs(middle)))
                largest[telling, month] = (
                    f"{one.tactics[best]} ({'raising' if middle[best] > 0 else 'lowering'} it)"
                )
        if len(set(largest.values())) == 1:
            same.append(f"{outcome.label}: {next(iter(largest.values()))}")
        else:
            words.append(_changing(outcome, largest))
    steady = f"The same tactic does most at every horizon and in both readings for {'; '.join(same)}."
    return ([steady] if same else []) + words


def _changing(outcome: Outcome, largest: Mapping[tuple[str, str], str]) -> str:
    by_telling: dict[str, dict[str, list[str]]] = {}
    for (telling, month), tactic in largest.items():
        by_telling.setdefault(telling, {}).setdefault(tactic, []).append(month)
    parts = []
    for telling, tactics in by_telling.items():
        told = [
            tactic if len(tactics) == 1 else f"{tactic} to {join(when)}" for tactic, when in tactics.items()
        ]
        parts.append(f"{telling} {', then '.join(told)}")
    return f"{outcome.heading} moved most with: {'; '.join(parts)}."


# -- figure


def _figure(shares: Mapping[str, list[Share]], human: set[str]) -> str:
    """A panel an outcome: contributions with nine versions of ten, and the two simpler measures."""
    columns = 3
    rows = -(-len(shares) // columns)
    with drawing() as pyplot:
        figure, grid = pyplot.subplots(
            rows, columns, figsize=(9.6, 1.75 * rows), layout="constrained", sharey=True, squeeze=False
        )
        for axes, listed in zip(grid.flat, shares.values(), strict=False):
            _panel(axes, listed, listed[0].outcome.name in human)
        for axes in list(grid.flat)[len(shares) :]:
            axes.axis("off")
        text = svg_text(figure, "Contribution of each tactic to each outcome")
        pyplot.close(figure)
    return text


def _panel(axes: Axes, shares: list[Share], human: bool) -> None:
    for y, one in enumerate(shares):
        if one.before is not None:
            axes.plot(
                np.quantile(one.before, RANGE),
                [y, y],
                color=BEFORE,
                linewidth=14,
                solid_capstyle="butt",
                zorder=0.5,
            )
        low, high = np.quantile(one.draws, RANGE)
        colour = RAISES if one.median > 0 else LOWERS
        axes.barh(y, one.median, height=0.62, color=colour, alpha=0.75, linewidth=0)
        axes.plot([low, high], [y, y], color=INK, linewidth=1)
        axes.plot(one.left_out, y - 0.16, marker="^", color=INK, markersize=4.5, linestyle="none")
        axes.plot(
            one.alone,
            y + 0.16,
            marker="o",
            color="white",
            markeredgecolor=INK,
            markersize=4.5,
            linestyle="none",
        )
    axes.axvline(0, color="#888888", linewidth=0.8)
    axes.set_yticks(range(len(shares)), [one.tactic for one in shares], fontsize=8)
    axes.set_ylim(len(shares) - 0.5, -0.5)
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(axis="x", labelsize=7.5)
    if human:
        axes.set_facecolor("#f6efe9")
    outcome = shares[0].outcome
    axes.set_title(f"{outcome.heading}\n({outcome.unit})", loc="left", fontsize=8)
