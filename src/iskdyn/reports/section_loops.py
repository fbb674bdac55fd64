"""Why it moves: which feedback loops drove each outcome, month by month, in each telling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.confidence.loops import (
    UNNAMED,
    Difference,
    Driven,
    Drives,
    Names,
    Phase,
    differences,
    drives,
    phases,
    read_names,
)
from iskdyn.reports.compared import join, upper
from iskdyn.reports.figures import drawing, svg_text, tick_times
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.study import Inputs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HISTORY = "over all structures"
N_DRAWS = 10
"""As many as half a minute of search allows: each run and step has some thirty thousand loops that count."""
NOTHING = 0.005
"""Shares under this are told as none: they would be printed as 0 %."""
TOLD = 0.02
"""Groups of loops with a smaller share are left out of the table, which they would only lengthen."""
SHORTEST = 2
"""Months that a phase must last to be told by itself: in one month two loops of one size may take turns."""
COLOURS = ("#4e79a7", "#e1812c", "#59a14f", "#b07aa1", "#c44e52", "#76b7b2", "#8c613c", "#d4b106", "#f1a0b5")
REST = "#cfcfcf"
FEEDS = 0.5
"""Part of a name's size with one sign from which its loops are said to feed or to damp: three quarters of it then
agree."""


@dataclass(frozen=True)
class Row:
    """One name under one outcome in one telling, for the table."""

    name: str
    share: str
    acts: str
    largest: str


def loops_section(materials: Materials) -> Section | None:
    """What drove each outcome that `models/loops.toml` lists; None where the study has no such file."""
    study = materials.study
    names = read_names(study)
    if not names.outcomes:
        return None
    around = materials.around.first(N_DRAWS)
    told: dict[str, Driven] = {}
    for telling, changes in _tellings(materials).items():
        materials.tell(f"loops {telling}")
        told[telling] = drives(study, around, names, names.outcomes, changes)
    labels = {name: _label(materials, name) for name in names.outcomes}
    shown = _shown(told, names)
    contents = {
        "n_draws": len(around.draws),
        "unit": study.calendar.unit,
        "leading": [_leading(label, told[HISTORY].drives[name]) for name, label in labels.items()],
        "words": [_words(materials, label, told, name) for name, label in labels.items()],
        "figure": _figure(materials, told, labels, shown),
        "shown": shown,
        "colours": COLOURS,
        "rest": REST,
        "names": [one for one in names.names if any(_size(told, one.name))],
        "tables": [(labels[name], _rows(told[HISTORY].drives[name])) for name in labels],
        "differences": _differences(told, labels),
        "tellings": list(told),
        "found": {telling: one.found.words for telling, one in told.items()},
        "unexplained": max(one.unexplained for one in told.values()),
    }
    html = render("loops.html", contents)
    return Section("loops", "Why it moves: the feedback loops", _finding(told[HISTORY], labels), html)


def _tellings(materials: Materials) -> dict[str, Inputs | None]:
    """History, and the tellings of the story that change the structure."""
    switches = set(materials.study.settings.switches)
    modes = [mode for mode in materials.story.modes if switches & set(mode.set)]
    return {HISTORY: None, **{mode.name: Inputs(dict(mode.set)) for mode in modes}}


def _label(materials: Materials, name: str) -> str:
    outcome = materials.story.outcomes.get(name)
    return outcome.label if outcome else name


def _size(told: Mapping[str, Driven], name: str) -> list[float]:
    """The mean size of a name in every outcome and telling."""
    return [
        float(one.sizes[name].mean()) if name in one.sizes else 0.0
        for driven in told.values()
        for one in driven.drives.values()
    ]


def _shown(told: Mapping[str, Driven], names: Names) -> list[str]:
    """The names with a colour of their own: the largest anywhere, in the order of the file."""
    ranked = sorted(names.names, key=lambda one: -max(_size(told, one.name)))[: len(COLOURS)]
    kept = {one.name for one in ranked if any(_size(told, one.name))}
    return [one.name for one in names.names if one.name in kept]


# -- words


@dataclass(frozen=True)
class Leading:
    """What moved one outcome most: the share from outside, and the largest groups of loops."""

    label: str
    outside: str
    groups: str


def _leading(label: str, found: Drives) -> Leading:
    groups = [] if _from_outside(found) else _largest(found)[:3]
    return Leading(
        upper(label),
        _percent(float(np.median(found.outside))),
        "; ".join(f"“{name}” {_percent(share)}" for name, share in groups) or "none",
    )


def _largest(found: Drives) -> list[tuple[str, float]]:
    """Named groups of loops with their mean share of the loops' part, the largest first."""
    sizes = [(name, float(found.sizes[name].mean())) for name in found.names if name != UNNAMED]
    return sorted(sizes, key=lambda pair: -pair[1])


def _finding(told: Driven, labels: Mapping[str, str]) -> str:
    """The group of loops that moved most outcomes more than any other did."""
    first: dict[str, list[str]] = {}
    for name, label in labels.items():
        found = told.drives[name]
        if not _from_outside(found) and (listed := _largest(found)):
            first.setdefault(listed[0][0], []).append(label)
    if not first:
        return "What moved came from outside the loops."
    name, moved = max(first.items(), key=lambda pair: len(pair[1]))
    return f"Of all loops “{name}” moved {join(moved)} most."


def _words(materials: Materials, label: str, told: Mapping[str, Driven], name: str) -> tuple[str, str]:
    return upper(label), upper(_sentence(materials, told[HISTORY].drives[name]))


def _sentence(materials: Materials, found: Drives) -> str:
    outside, unit = float(np.median(found.outside)), materials.study.calendar.unit
    start = f"about {outside:.0%} of the movement came from outside the loops"
    if _from_outside(found):
        return "all of the movement came from outside; no loop of several stocks reaches it."
    led = _merged(phases(found))
    spans = [
        f"“{one.name}” from {_month(materials, one.first)} to {_month(materials, one.last)} "
        f"(largest in {one.share:.0%} of the versions)"
        for one in led
        if one.name
    ]
    if not spans:
        return (
            f"{start}; among the loops none was the largest in half of the versions for {SHORTEST} {unit}s."
        )
    gaps = f", no clear one in the other {unit}s" if _covered(led) < len(found.months) else ""
    return f"{start}; among the loops that join several stocks the largest was {_listed(spans)}{gaps}."


def _from_outside(found: Drives) -> bool:
    """Whether no loop says anything of an outcome."""
    return not found.names or float(np.median(found.outside)) > 1 - NOTHING


def _merged(told: Sequence[Phase]) -> list[Phase]:
    """Phases of one name with short interruptions closed; short ones left out."""
    joined: list[Phase] = []
    for one in (phase for phase in told if phase.name):
        last = joined[-1] if joined else None
        if last and last.name == one.name and one.first - last.last <= SHORTEST + 1:
            months = (last.last - last.first + 1, one.last - one.first + 1)
            share = (last.share * months[0] + one.share * months[1]) / sum(months)
            joined[-1] = Phase(last.first, one.last, one.name, share)
        else:
            joined.append(one)
    return [one for one in joined if one.last - one.first + 1 >= SHORTEST]


def _covered(told: Sequence[Phase]) -> float:
    return sum(one.last - one.first + 1 for one in told)


def _month(materials: Materials, time: float) -> str:
    return materials.study.month(time)


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', then '.join(parts)}"


# -- tables


def _rows(found: Drives) -> list[Row]:
    return [
        Row(
            one,
            _percent(float(found.sizes[one].mean())),
            _acts(found, one),
            "" if one == UNNAMED else _percent(float(found.dominant(one).mean())),
        )
        for one in found.names
        if found.sizes[one].mean() >= TOLD
    ]


def _percent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def _acts(found: Drives, name: str) -> str:
    size, signed = float(found.sizes[name].mean()), float(found.shares[name].mean())
    if size == 0.0 or abs(signed) < FEEDS * size:
        return "both"
    return "feeds" if signed > 0 else "damps"


def _differences(told: Mapping[str, Driven], labels: Mapping[str, str]) -> list[tuple[str, list[Difference]]]:
    """Per outcome, what the last telling changes against the first, the largest ones."""
    first, *others = told.values()
    if not others:
        return []
    return [
        (label, differences(first.drives[name], others[-1].drives[name])[:5])
        for name, label in labels.items()
        if first.drives[name].names or others[-1].drives[name].names
    ]


# -- figure


def _figure(
    materials: Materials, told: Mapping[str, Driven], labels: Mapping[str, str], shown: Sequence[str]
) -> str:
    """A row an outcome, a column a telling: shares of the loops by month."""
    with drawing() as pyplot:
        figure, grid = pyplot.subplots(
            len(labels), len(told), figsize=(9.4, 1.55 * len(labels) + 0.3), layout="constrained",
            sharex=True, sharey=True, squeeze=False,
        )  # fmt: skip
        for axes_row, (name, label) in zip(grid, labels.items(), strict=True):
            for axes, (telling, one) in zip(axes_row, told.items(), strict=True):
                _areas(axes, one.drives[name], shown)
                axes.set_title(f"{upper(label)}, {telling}", loc="left", fontsize=8.5)
        months = next(iter(told.values())).drives[next(iter(labels))].months
        ticks = tick_times(float(months[0]), float(months[-1]))
        grid[-1, 0].set_xticks(ticks, [_month(materials, float(t)) for t in ticks])
        text = svg_text(figure, "Shares of feedback loops in what moved each outcome, over time")
        pyplot.close(figure)
    return text


def _areas(axes: Axes, found: Drives, shown: Sequence[str]) -> None:
    """Mean shares over the draws, stacked; white is where no loop of several stocks acts."""
    months: NDArray[np.float64] = np.append(found.months, found.months[-1] + 1)
    axes.set_ylim(0, 1)
    axes.set_xlim(months[0], months[-1])
    axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    if _from_outside(found):
        axes.text(months.mean(), 0.5, "moved from outside only", ha="center", va="center", fontsize=8)
        return
    base = np.zeros(len(months))
    others = [name for name in found.names if name not in shown]
    layers = [(found.sizes.get(name), COLOURS[i]) for i, name in enumerate(shown)]
    layers.append((sum((found.sizes[name] for name in others), np.zeros((1, len(found.months)))), REST))
    for sizes, colour in layers:
        if sizes is None:
            continue
        mean = sizes.mean(axis=0)
        top = base + np.append(mean, mean[-1])
        axes.fill_between(months, base, top, step="post", color=colour, linewidth=0)
        base = top
