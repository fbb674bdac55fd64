"""Whether the best fit is the best, and which directions the evidence holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from iskdyn.calibration.result import TIED
from iskdyn.reports.compared import join
from iskdyn.reports.figures import FITTED, INK, drawing, svg_text
from iskdyn.reports.sections import Materials, Section, render

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult


class Challenge(TypedDict):
    """Another search: by what, by how much it is better (0: it is not), and in how many runs."""

    by: object
    better: float
    n_runs: int


SMALLEST = 1e-9
"""A logarithmic axis has no zero: the best start stands here, far below the line of what counts as the same."""


def fit_section(materials: Materials) -> Section:
    """The starts, the attempts to do better, and the curvature."""
    fit = materials.fit
    tied = fit.starts[fit.starts["objective"] <= fit.objective + TIED]
    at = np.array(tied["z"].to_list(), dtype=float)
    spread = np.ptp(at, axis=0)
    eigenvalues = fit.laplace.eigenvalues
    challenges = [_challenge(fit, one) for one in fit.challenges]
    contents = {
        "fit": fit,
        "challenges": challenges,
        "widest": float(spread.max()),
        "widest_name": fit.parameters["name"].iloc[int(spread.argmax())],
        "stiff": int((eigenvalues > 2).sum()),
        "sloppy": int((eigenvalues < 1.1).sum()),
        "directions": [_direction(fit, i) for i in (0, -1)],
        "figure": _figure(fit, eigenvalues),
    }
    better = [str(one["by"]) for one in challenges if one["better"] > 0]
    finding = (
        f"{len(tied)} of {len(fit.starts)} searches from different starting points end within {TIED} of the best, and "
        f"{'no other search' if not better else join(better)} found a better one."
    )
    return Section("fit", "Is the best fit the best?", finding, render("fit.html", contents))


def _challenge(fit: FitResult, one: Mapping[str, object]) -> Challenge:
    reached = float(str(one["objective"]))
    return {
        "by": one["by"],
        "better": max(fit.objective - reached - SMALLEST, 0.0),
        "n_runs": int(str(one["n_runs"])),
    }


def _direction(fit: FitResult, i: int) -> list[str]:
    """The parameters that weigh most in the stiffest (0) or softest (-1) direction."""
    _, axes = np.linalg.eigh(fit.hessian)
    axis = axes[:, ::-1][:, i]
    order = np.argsort(-np.abs(axis))[:3]
    return [str(fit.parameters["name"].iloc[j]) for j in order]


def _figure(fit: FitResult, eigenvalues: np.ndarray) -> str:
    """The waterfall of the starts, and the spectrum of the curvature."""
    with drawing() as pyplot:
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(8.6, 2.6), layout="constrained")
        losses = np.sort(fit.starts["objective"].to_numpy(dtype=float)) - fit.objective
        left.semilogy(np.arange(1, len(losses) + 1), np.maximum(losses, SMALLEST), ".", color=INK)
        left.axhline(TIED, color=FITTED, linewidth=1)
        left.set_ylim(SMALLEST / 3, max(1.0, 3 * float(np.nanmax(losses))))
        left.set_xlabel("start, best first")
        left.set_title(
            "Distance of each start from the best (line: counted as the same)", loc="left", fontsize=8.5
        )
        right.semilogy(np.arange(1, len(eigenvalues) + 1), eigenvalues, "o", color=INK, markersize=4)
        right.axhline(1, color=FITTED, linewidth=1)
        right.set_xlabel("direction, stiffest first")
        right.set_title(
            "Stiffness of each direction (line: the evidence says nothing)", loc="left", fontsize=8.5
        )
        text = svg_text(figure, "Waterfall of the starts and spectrum of the curvature")
        pyplot.close(figure)
    return text
