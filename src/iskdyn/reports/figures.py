"""The report's charts: a trajectory with its band and the reported intervals, as inline SVG."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.study.readings import STATISTICS
from iskdyn.telling.thresholds import HALF, RANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType

    from iskdyn.study import Study

Array = NDArray[np.float64]
INK, BAND, FITTED, HELD = "#1b1b1b", "#9db4c8", "#b3541e", "#5b5b8c"
BEFORE = "#dad4c6"
"""What was thought before the evidence, under what is thought after it: pale, and warmer than any band."""
STYLE: dict[RcKeyType, str | int | bool] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
"""Text stays text, which can be searched and read aloud; the salt makes one drawing the same bytes each time."""
TICKS = 4
"""Steps between the names of periods below a chart: as many names as its width holds."""


@dataclass(frozen=True)
class Mark:
    """A reported interval over a window of time, on the model's scale.

    Attributes
    ----------
    start, end : model time
    low, high : NaN where the interval is open
    held : kept out of the fit
    """

    label: str
    start: float
    end: float
    low: float
    high: float
    held: bool


@contextmanager
def drawing() -> Iterator[ModuleType]:
    """pyplot without a screen, in the report's style."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE):
        yield pyplot


def tick_times(first: float, last: float) -> list[float]:
    """Whole model times from first to last, few enough that the names of their periods can be read.

    >>> tick_times(0.0, 22.0)
    [0.0, 6.0, 12.0, 18.0]
    """
    start = math.floor(first)
    return [
        float(time) for time in range(start, math.floor(last) + 1, max(1, math.ceil((last - start) / TICKS)))
    ]


def marks_of(study: Study, output: str, biases: Mapping[str, float]) -> list[Mark]:
    """The observations that can be drawn on an output's trajectory: levels, and sums as mean rates.

    Parameters
    ----------
    output : variable of the model
    biases : by name the fitted factors, by which reports are divided
    """
    found = []
    table = study.observations
    for row in table[table["output"] == output].to_dict("records"):
        if row["operation"] == "ratio" or str(row["form"]).startswith("order"):
            continue
        start, end = study.window(str(row["start"]), str(row["end"]))
        scale = float(biases.get(str(row["bias"]), 1.0)) if row["bias"] else 1.0
        span = end - start if STATISTICS[row["operation"]].unit == "times time" else 1.0
        low, high = (float(row[edge]) / scale / span for edge in ("low", "high"))
        found.append(Mark(str(row["id"]), start, end, low, high, row["fold"] == "held"))
    return found


def trajectory(
    times: Array,
    draws: Array,
    marks: Sequence[Mark],
    *,
    title: str,
    unit: str,
    months: Mapping[float, str],
    split: float | None,
    before: Array | None = None,
) -> str:
    """One chart: the middle, the 90 and 50 % bands of the draws, and the reported intervals.

    Parameters
    ----------
    times : (n_times,) model times
    draws : (n_draws, n_times) values
    marks : as of `marks_of`
    title, unit : words at the top and at the side
    months : words of the ticks, by model time
    split : model time at which the fitted period ends; None: no line
    before : (n_prior, n_times) values before the evidence, whose band lies under the others
    """
    with drawing() as pyplot:
        figure, axes = pyplot.subplots(figsize=(4.6, 2.7), layout="constrained")
        for edges, alpha in ((RANGE, 0.35), (HALF, 0.6)):
            axes.fill_between(times, *np.quantile(draws, edges, axis=0), color=BAND, alpha=alpha, linewidth=0)
        axes.plot(times, np.median(draws, axis=0), color=INK, linewidth=1.4)
        for mark in marks:
            _draw_mark(axes, mark)
        if before is not None:
            draw_before(axes, times, before)
        if split is not None:
            axes.axvline(split, color="#888888", linewidth=0.8, linestyle=":")
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_ylabel(unit)
        axes.set_ylim(bottom=0)
        axes.set_xlim(times[0], times[-1])
        axes.set_xticks(list(months), list(months.values()))
        text = svg_text(figure, title)
        pyplot.close(figure)
    return text


def draw_before(axes: Axes, times: Array, before: Array) -> None:
    """The band before the evidence under what is drawn already, cut off where the axis would more than double.

    Parameters
    ----------
    times : (n_times,) model times
    before : (n_prior, n_times) values
    """
    top = axes.get_ylim()[1]
    low, high = np.quantile(before, RANGE, axis=0)
    axes.fill_between(times, low, high, color=BEFORE, linewidth=0, zorder=0)
    axes.set_ylim(top=min(2 * top, max(top, 1.05 * float(high.max()))))


def _draw_mark(axes: Axes, mark: Mark) -> None:
    colour = HELD if mark.held else FITTED
    top = axes.get_ylim()[1]
    low = 0.0 if np.isnan(mark.low) else mark.low
    high = max(top, low * 1.15) if np.isnan(mark.high) else mark.high
    hatch = "////" if mark.held else None
    axes.fill_between(
        [mark.start, mark.end],
        low,
        high,
        facecolor="none" if mark.held else colour,
        alpha=0.25,
        hatch=hatch,
        edgecolor=colour,
        linewidth=0,
    )
    for edge in (mark.low, mark.high):
        if not np.isnan(edge):
            axes.plot([mark.start, mark.end], [edge, edge], color=colour, linewidth=1.3)
    axes.annotate(
        mark.label,
        ((mark.start + mark.end) / 2, high),
        textcoords="offset points",
        xytext=(0, 2),
        ha="center",
        fontsize=7,
        color=colour,
    )


def svg_text(figure: Figure, label: str) -> str:
    """A figure as inline SVG with a label for a screen reader."""
    buffer = io.StringIO()
    figure.savefig(
        buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{label}" ', text, count=1)
