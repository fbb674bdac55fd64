"""Claims about the tiny study, and draws of its parameters, for the tests of claims."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from iskdyn import open_study
from iskdyn.calibration import Spread
from iskdyn.study import Study

TINY = Path(__file__).parent.parent / "data" / "tiny"

CLAIMS = """
[arms."no arrests"]
set = { "selective repression switch" = 0.0 }

[arms."raid"]
from = "2021-10"
to = "2021-11"
set = { "arrest" = 100.0 }

[arms."raid, arrests kept"]
from = "2021-10"
set = { "recruits per month" = 0.0 }
keep = ["arrest"]

[[claim]]
id = "A1"
says = "without arrests more members are left"
place = "Section, paragraph 1"
role = "held_out"
[[claim.expect]]
of = "members"
statistic = "at_end"
window = ["2022-06", "2022-06"]
relation = "no arrests > base"
by_percent = 5.0

[[claim]]
id = "A2"
says = "a raid takes more than are taken otherwise"
place = "Section, paragraph 2"
role = "contested"
[[claim.expect]]
of = "detained"
statistic = "change"
window = ["2021-10", "2021-11"]
relation = "raid > base"

[[claim]]
id = "A3"
says = "nobody new, and members fall below half"
place = "Section, paragraph 3"
role = "fitted"
[[claim.expect]]
of = "members"
statistic = "mean"
window = ["2022-06", "2022-06"]
against = ["2021-07", "2021-07"]
arm = "raid, arrests kept"
between = [-inf, 0.5]
"""

CONTRAST = """
[contrast]
title = "Two claims"
words = ["in words"]
claims = ["A1", "A2"]
outcomes = ["members"]
did_window = ["2021-07", "2022-06"]
could_window = ["2021-07", "2022-06"]
did = { "selective repression" = "no arrests" }
could = { "selective repression" = "raid" }
"""


def study_with(folder: Path, text: str) -> Study:
    """A copy of the tiny study with these claims."""
    root = Path(shutil.copytree(TINY, folder / "tiny"))
    (root / "models" / "claims.toml").write_text(text)
    return open_study(root)


def one_draw(**values: float) -> Spread:
    """The tiny study's parameters in one draw."""
    return some_draws([values])


def some_draws(given: list[dict[str, float]]) -> Spread:
    """A draw for each table of values; the centre has the values of the first."""
    usual = {
        "recruits per month": 50,
        "arrest hazard": 0.02,
        "quiet exit hazard": 0.01,
        "claim over truth": 1.25,
    }
    draws = np.array([list({**usual, **one}.values()) for one in given], dtype=float)
    inside = np.array([True, True, True, False])
    return Spread("posterior", tuple(usual), inside, draws[0], np.zeros(4), draws)
