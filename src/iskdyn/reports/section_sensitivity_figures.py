"""Charts of the section on sensitivity: which number matters for which outcome, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.reports.figures import BAND, FITTED, INK, drawing, svg_text
from iskdyn.sensitivity import Sensitivity
from iskdyn.sensitivity.tell import informed, leading

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = ("#4e79a7", "#e1812c", "#59a14f")


def matrix(found: Sensitivity, questions: Sequence[int], labels: Mapping[str, str]) -> str:
    """A dot for each leading number and outcome: its area is the number's share before the evidence."""
    total = np.clip(found.at_end(found.prior.total), 0, 1)
    names = list(dict.fromkeys(found.factors[i] for question in questions for i in leading(found, question)))
    with drawing() as pyplot:
        figure, axes = pyplot.subplots(figsize=(9.4, 0.24 * len(names) + 2.1), layout="constrained")
        for row, name in enumerate(names):
            shares = total[found.factors.index(name), list(questions)]
            colour = FITTED if informed(found, name) else BAND
            axes.scatter(
                range(len(questions)), [row] * len(questions), s=260 * shares, color=colour, linewidth=0
            )
        axes.set_xticks(
            range(len(questions)),
            [labels[found.questions[i].output] for i in questions],
            rotation=35, ha="left", rotation_mode="anchor",
        )  # fmt: skip
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.6)
        axes.set_xlim(-0.6, len(questions) - 0.4)
        axes.grid(color="#e6e6e6", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        text = svg_text(figure, "Share of each number in the uncertainty of each outcome before the evidence")
        pyplot.close(figure)
    return text


def over_time(
    found: Sensitivity, questions: Sequence[int], labels: Mapping[str, str], month: Callable[[float], str]
) -> str:
    """A panel an outcome: the shares of its three leading numbers, quarter by quarter."""
    rows = -(-len(questions) // 3)
    with drawing() as pyplot:
        figure, grid = pyplot.subplots(
            rows, 3, figsize=(9.4, 1.75 * rows), layout="constrained", sharex=True, sharey=True, squeeze=False
        )
        for i in range(len(questions), grid.size):
            grid.flat[i].set_visible(False)
            grid.flat[i - 3].tick_params(labelbottom=True)
        for axes, question in zip(grid.flat, questions, strict=False):
            _lines(axes, found, question)
            axes.set_title(labels[found.questions[question].output], loc="left", fontsize=8.5)
        ticks = found.times[1:-1:2]
        for axes in grid.flat:
            axes.set_xticks(ticks, [month(float(time) - 0.5) for time in ticks])
        grid[0, 0].set_ylim(0, 1)
        grid[0, 0].set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        text = svg_text(figure, "Shares of the leading numbers in each outcome's uncertainty over time")
        pyplot.close(figure)
    return text


def _lines(axes: Axes, found: Sensitivity, question: int) -> None:
    shares = np.clip(found.over_time(found.prior.total, question), 0, 1)
    for colour, i in zip(LINES, leading(found, question), strict=False):
        axes.plot(found.times, shares[i], color=colour, linewidth=1.5, label=found.factors[i])
    axes.legend(fontsize=6.5, frameon=False, loc="best", labelcolor=INK, handlelength=1.2, borderaxespad=0.1)
