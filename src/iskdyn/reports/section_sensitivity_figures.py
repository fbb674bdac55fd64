"""Charts of the section on sensitivity: which number matters for which outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from iskdyn.reports.figures import BAND, FITTED, drawing, svg_text
from iskdyn.sensitivity import Sensitivity
from iskdyn.sensitivity.tell import informed, leading


def matrix(found: Sensitivity, questions: Sequence[int], labels: Mapping[str, str]) -> str:
    """A dot for each leading number and outcome: its area is the number's share before the evidence.

    Parameters
    ----------
    questions : places among `found.questions`, of outcomes in history
    labels : by output
    """
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
