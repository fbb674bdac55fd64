"""What each tactic did as it was used, and what it could have done, on the same draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.levers.claims.form import Claim, Claims, Contrast
from iskdyn.levers.claims.measure import measure
from iskdyn.study.expectations import BASE, Expectation
from iskdyn.study.readings import STATISTICS, Statistic, Window

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

Array = NDArray[np.float64]
DID, COULD = "did", "could"
_TINY = 1e-12
"""Instead of a division by nothing: where both runs have none of an outcome the effect is none too."""


@dataclass(frozen=True)
class Contrasted:
    """Effects by side (`DID` or `COULD`), tactic and outcome.

    Attributes
    ----------
    effects : (n_draws,) the outcome with more of the tactic, less the outcome with less of it
    history : (n_draws,) by side and outcome, the outcome in the base arm
    """

    effects: Mapping[tuple[str, str, str], Array]
    history: Mapping[tuple[str, str], Array]

    def percent(self, side: str, tactic: str, outcome: str) -> Array:
        """(n_draws,) the effect in per cent of the larger of the two runs: -100 none is left, 100 all is due to it.

        Parameters
        ----------
        side : `DID` or `COULD`
        tactic, outcome : names, as contrasted
        """
        effect, history = self.effects[side, tactic, outcome], self.history[side, outcome]
        other = history - effect if side == DID else history + effect
        larger = np.maximum(np.maximum(np.abs(history), np.abs(other)), _TINY)
        return np.asarray(100 * effect / larger)

    def lowest(self, side: str, outcome: str) -> tuple[str, float]:
        """The tactic that lowers an outcome most in the largest share of the draws, and that share."""
        tactics = [tactic for one, tactic, name in self.effects if (one, name) == (side, outcome)]
        firsts = np.argmin([self.effects[side, tactic, outcome] for tactic in tactics], axis=0)
        shares = np.bincount(firsts, minlength=len(tactics)) / len(firsts)
        return tactics[int(shares.argmax())], float(shares.max())


def contrasted(
    study: Study, claims: Claims, contrast: Contrast, outcomes: Mapping[str, Statistic], spread: Spread
) -> Contrasted:
    """Every effect of a contrast.

    Parameters
    ----------
    outcomes : variables and how each is read over the windows
    """
    parts = {
        (side, tactic, name): _part(name, how, window, arm)
        for side, window, arms in (
            (DID, contrast.did_window, contrast.did),
            (COULD, contrast.could_window, contrast.could),
        )
        for name, how in outcomes.items()
        for tactic, arm in arms.items()
    }
    arms = {name: claims.arms[name] for name in {BASE, *contrast.did.values(), *contrast.could.values()}}
    claim = Claim("", "", "", "contested", tuple(parts.values()), {})
    found = measure(study, Claims((claim,), arms), spread)
    history = {(side, name): found[BASE, part.reading] for (side, _, name), part in parts.items()}
    effects = {
        (side, tactic, name): (found[part.arms[0], part.reading] - history[side, name])
        * (-1 if side == DID else 1)
        for (side, tactic, name), part in parts.items()
    }
    return Contrasted(effects, history)


def _part(name: str, how: Statistic, window: Window, arm: str) -> Expectation:
    whole = (window[1] - 1, window[1]) if STATISTICS[how].edge == "end" else window
    return Expectation(name, "lower", statistic=how, window=whole, arms=(arm,), than=(BASE,))
