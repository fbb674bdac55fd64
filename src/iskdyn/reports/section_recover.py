"""Whether the method finds a truth that is known: the trial of `iskdyn recover`, in words, figure and table."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.calibration import Sampling, current_posterior, verify
from iskdyn.calibration.laplace import NOT_LEARNED
from iskdyn.calibration.ranks import LEVELS, N_RANKED, band_edges
from iskdyn.calibration.recover import SOUND
from iskdyn.calibration.recovered import BAND, INFORMED, RECOVERED, Recovered, load_recovered
from iskdyn.reports.figures import BAND as SHADE
from iskdyn.reports.figures import FITTED, INK, drawing, svg_text
from iskdyn.reports.sections import Materials, Section, render

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "Does the method find a truth that is known?"


def recover_section(materials: Materials) -> Section | None:
    """The stored trial; None where there is none."""
    path = materials.study.stored(RECOVERED["prior"])
    if not path.is_file():
        return None
    materials.tell("the trial of the sampler")
    found, posterior = load_recovered(path), current_posterior(materials.study)
    table = found.table()
    numbers = table[table["kind"].isin(["parameter", "bias"])].sort_values("contraction", ascending=False)
    learned = numbers[numbers["contraction"] >= NOT_LEARNED]
    contents = {
        "found": found,
        "stale": [problem.place for problem in verify(materials.study, found, "recover")],
        "n": len(found.truth),
        "wrong": found.wrong(),
        "faults": {arm: (len(found.of(arm)), found.wrong(arm)) for arm in found.arms[1:]},
        "levels": LEVELS,
        "shares": {arm: found.pooled(arm) for arm in found.arms},
        "n_directions": found.kinds.count("direction"),
        "learned": learned,
        "strong": learned[learned["contraction"] >= INFORMED],
        "not_learned": len(numbers) - len(learned),
        "figure": _figure(found),
        "usual": posterior.sampling if posterior else asdict(Sampling()),
    }
    inside = int(table["inside"].sum())
    told = "failed its trial, though" if contents["wrong"] else "passed its trial;"
    finding = (
        f"The sampler {told} {inside} of {len(table)} quantities with a known truth fell among their draws as often "
        "high and low as they should."
    )
    return Section("recovery", TITLE, finding, render("recover.html", contents))


def _figure(found: Recovered) -> str:
    """Where the truths fell among the draws, for every quantity, with the band for all of them at once."""
    arms = (SOUND, found.arms[1])
    with drawing() as pyplot:
        figure, axes = pyplot.subplots(1, 2, figsize=(7.4, 2.7), layout="constrained")
        for one, arm, title in zip(axes, arms, ("the sampler", "a planted fault: prior only"), strict=True):
            _draw(one, found, arm, title)
        axes[0].set_ylabel("share of truths, less what is expected")
        figure.supxlabel("place among the draws, from lowest to highest", fontsize=9)
        text = svg_text(figure, "Where known truths fell among the draws, with the band of a right sampler")
        pyplot.close(figure)
    return text


def _draw(axes: Axes, found: Recovered, arm: str, title: str) -> None:
    ranks = found.of(arm)
    share = np.arange(1, N_RANKED + 1) / (N_RANKED + 1)
    low, high = band_edges(len(ranks), BAND / len(found.names))
    axes.fill_between(share, low - share, high - share, color=SHADE, alpha=0.5, linewidth=0)
    scores = np.array([kind == "score" for kind in found.kinds])
    for column, is_score in sorted(zip(ranks.T, scores, strict=True), key=lambda pair: bool(pair[1])):
        counts = np.bincount(column, minlength=N_RANKED + 1).cumsum()[:-1] / len(ranks)
        colour, width = (FITTED, 1.0) if is_score else (INK, 0.25)
        axes.plot(share, counts - share, color=colour, linewidth=width, alpha=0.8 if is_score else 0.3)
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_xticks([0, 0.5, 1])
