"""The chart of the one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers import HISTORY
from iskdyn.reports.effects import without
from iskdyn.reports.figures import Array, draw_before, drawing, marks_of, svg_text, tick_times
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

    from iskdyn.levers import Arms, Effect
    from iskdyn.reports.story import Event, Outcome
    from iskdyn.study import Study

STYLE: dict[RcKeyType, str | int] = {"font.size": 12, "figure.facecolor": "none", "axes.facecolor": "none"}
"""Twelve points are legible at the width of a page; the paper shows through."""
WIDE, NARROW = (9.2, 3.1), (5.0, 1.7)
"""Inches; a narrow chart fills the 362 px that a phone has, where 12 points are then 12 px."""
LINE = 0.1, 0.2
"""Height of a line of text as a share of a wide and of a narrow axis: closer names would run into one another."""

ABOVE, EVENT_ROW = 6.0, 20.0
"""Points from the plot to its title, and where a row of events stands between them."""
REPORTED, BESIDE = "#7a5200", 0.93
"""The colour of what is reported, and the height of its name: beside the plot, where no line can run through it."""
QUIET, LETTER = "#55606b", 0.0135
"""The colour of events, and the width of one of their letters as a share of a wide axis."""


def chart_label(outcome: Outcome, lead: Effect) -> str:
    """What the chart shows, for a reader who does not see it."""
    return f"{outcome.heading}: as it was, and {without(lead.tactic)}"


def chart(
    study: Study,
    outcome: Outcome,
    arms: Arms,
    lead: Effect,
    events: Sequence[Event] = (),
    *,
    before: Array | None = None,
    narrow: bool = False,
) -> str:
    """SVG of an outcome as it was and without the tactic of an effect on it, with what was reported and happened.

    A `narrow` one has letters of the same size on a phone, and every other month.

    Parameters
    ----------
    outcome : the words for what is drawn
    arms : with the runs of history and without the tactic of `lead`
    lead : an effect on this outcome
    before : (n_prior, n_times) what it was before the evidence, whose band lies under the others
    narrow : for a phone
    """
    with drawing() as pyplot, pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(figsize=NARROW if narrow else WIDE, layout="constrained")
        ends = {}
        for arm, name, colour, style in (
            (HISTORY, "the model, as it was", "#15202b", "-"),
            (without(lead.tactic), without(lead.tactic), "#b23a0a", "--"),
        ):
            draws = arms.series(arm, lead.outcome)[1]
            low, middle, high = np.quantile(draws, EDGES, axis=0)
            axes.fill_between(arms.times, low, high, color=colour, alpha=0.13, linewidth=0)
            axes.plot(arms.times, middle, style, color=colour, linewidth=2.2)
            ends[name] = (middle[-1], colour)
        if before is not None:
            draw_before(axes, arms.times, before)
        if _reported(study, axes, lead.outcome):
            ends["■ reported"] = (BESIDE * axes.get_ylim()[1], REPORTED)
        _labels(axes, arms.times[-1], ends, LINE[narrow])
        axes.set_ylim(bottom=0)
        axes.locator_params(axis="y", nbins=4)  # the same numbers on a phone and on paper
        axes.set_xlim(arms.times[0], arms.times[-1])
        ticks = tick_times(arms.times[0], arms.times[-1])[:: 2 if narrow else 1]
        axes.set_xticks(ticks, [study.in_words(study.month(time)) for time in ticks])
        axes.get_xticklabels()[0].set_horizontalalignment("left")  # clear of the axis' own zero
        named = [(study.time(one.month), one.words) for one in events]
        _events(axes, [one for one in named if arms.times[0] <= one[0] < arms.times[-1]])
        above = EVENT_ROW if events else ABOVE
        axes.set_title(f"{outcome.heading}, {outcome.rate}", loc="left", fontsize=12, pad=above)
        text = svg_text(figure, chart_label(outcome, lead))
        pyplot.close(figure)
    return text


def _reported(study: Study, axes: Axes, output: str) -> bool:
    """What the source reports, as boxes; whether there is any."""
    marks = [mark for mark in marks_of(study, output, {}) if np.isfinite(mark.low) and np.isfinite(mark.high)]
    for mark in marks:
        axes.fill_between(  # framed: a tint alone is lost among the bands in grey print
            [mark.start, mark.end],
            mark.low,
            mark.high,
            facecolor=(REPORTED, 0.3),
            edgecolor=REPORTED,
            linewidth=0.8,
        )
    return bool(marks)


def _events(axes: Axes, events: Sequence[tuple[float, str]]) -> None:
    """Words above the plot where something began, pushed right where they would meet, and a dotted line down."""
    (first, last), end = axes.get_xlim(), -np.inf
    for time, words in events:
        axes.axvline(time, color=QUIET, linestyle=":", linewidth=1)
        place = max((time - first) / (last - first), end)
        axes.text(place, 1.02, words, transform=axes.transAxes, color=QUIET)
        end = place + LETTER * (len(words) + 1)


def _labels(axes: Axes, end: float, ends: Mapping[str, tuple[float, str]], line: float) -> None:
    """A name at the end of each line, pushed apart where they would meet."""
    span = axes.get_ylim()[1]
    places = sorted(ends.items(), key=lambda item: item[1][0])
    last = -np.inf
    for name, (value, colour) in places:
        last = max(value, last + line * span)
        axes.annotate(
            name,
            (end, last),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
        )
