"""Claims about the tiny study, and draws of its parameters, for the tests of claims."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from iskdyn import open_study
from iskdyn.calibration import Spread
from iskdyn.study import Arm, Change, Expectation, Reading, Study, Window

TINY = Path(__file__).parent.parent / "data" / "tiny"

CLAIMS = """
[arms."no arrests"]
set = { "selective repression switch" = 0.0 }

[arms."raid"]
pulse = { "arrest" = { value = 100.0, from = "2021-10", to = "2021-11" } }

[arms."raid, arrests kept"]
level = { "recruits per month" = { value = 0.0, from = "2021-10" } }
freeze = { "arrest" = "own path" }

[[claim]]
id = "A1"
says = "without arrests more members are left"
place = "Section, paragraph 1"
role = "held_out"
[[claim.expect]]
of = "members"
statistic = "at_end"
window = ["2022-06", "2022-06"]
arm = "no arrests"
is = "higher"
by = 0.05

[[claim]]
id = "A2"
says = "a raid takes more than are taken otherwise"
place = "Section, paragraph 2"
role = "contested"
[[claim.expect]]
of = "detained"
statistic = "change"
window = ["2021-10", "2021-11"]
arm = "raid"
is = "higher"

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
at_most = 0.5
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


def arm(
    name: str,
    set: dict[str, float],
    keep: tuple[str, ...] = (),
    window: Window | None = None,
    kind: str = "set",
) -> Arm:
    """Values for the whole run (of constants, or with kind "level" of others) or in a window, and what is kept."""
    if window is None:
        changes = [Change(kind, one, value) for one, value in set.items()]  # type: ignore[arg-type]
    else:
        changes = [Change("pulse", one, value, window) for one, value in set.items()]
    return Arm(name, "", (*changes, *(Change("own path", one) for one in keep)))


def band(reading: Reading, arm: str, low: float, high: float) -> Expectation:
    """A reading of an arm within bounds."""
    return Expectation(reading.output, "within", low=low, high=high, arms=(arm,), **_read(reading))


def relation(
    reading: Reading, left: tuple[str, ...], kind: str, right: tuple[str, ...], percent: float = 0.0
) -> Expectation:
    """A reading of some arms against that of others."""
    by = percent / 100
    return Expectation(reading.output, kind, by=by, arms=left, than=right, **_read(reading))  # type: ignore[arg-type]


def _read(reading: Reading) -> dict[str, Any]:
    return {name: getattr(reading, name) for name in ("statistic", "window", "against", "share_of", "times")}


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
