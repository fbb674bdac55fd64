"""Prior and posterior of each parameter, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.telling import threshold_words
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from iskdyn.calibration import Prior, StoredPosterior
    from iskdyn.study import Study

NOT_LEARNED_WORDS = "not learned from the source"


@dataclass(frozen=True)
class Learned:
    """What is known of one parameter.

    Attributes
    ----------
    kind : "constant" or "bias" (of a source; stands in no equation)
    family, a, b, lower, upper : the prior as the parameter table gives it
    prior : 5 %, median and 95 % before the evidence
    after : the same after it; None without a posterior that belongs to the study
    contraction : part of the prior's width that the evidence took away, 0 to 1; nan without a posterior
    fitted : whether the fit moves it
    source, note : as the table gives them
    """

    name: str
    kind: str
    unit: str
    family: str
    a: float
    b: float
    lower: float
    upper: float
    prior: tuple[float, float, float]
    after: tuple[float, float, float] | None
    contraction: float
    fitted: bool
    source: str
    note: str

    @property
    def prior_words(self) -> str:
        """The prior in a sentence."""
        low, middle, high = self.prior
        shape = self.family if self.family == "uniform" else f"{self.family}({self.a:g}, {self.b:g})"
        return (
            f"{shape} cut to {self.lower:g} to {self.upper:g} {self.unit}: "
            f"median {middle:.3g}, {threshold_words()['range']} between {low:.3g} and {high:.3g}"
        )

    @property
    def after_words(self) -> str:
        """What the evidence made of it."""
        from iskdyn.calibration.laplace import NOT_LEARNED

        if self.after is None:
            return "no stored posterior belongs to the study as it stands"
        low, middle, high = self.after
        words = f"median {middle:.3g}, {threshold_words()['range']} between {low:.3g} and {high:.3g}"
        if self.contraction < NOT_LEARNED:
            return f"{words}; {NOT_LEARNED_WORDS}"
        return f"{words}; its width fell by {self.contraction:.0%}"


def read_learned(study: Study) -> tuple[dict[str, Learned], str, str]:
    """Each parameter by name; whether the stored posterior is used or why not; and how it was drawn."""
    from iskdyn.calibration import read_priors

    posterior, words = _posterior(study)
    after = {} if posterior is None else _after(posterior)
    priors = {prior.name: prior for prior in read_priors(study.parameters).parts}
    found = {}
    for row in study.parameters.to_dict("records"):
        name = str(row["name"])
        edges, contraction = after.get(name, (None, float("nan")))
        found[name] = _learned(row, priors[name], edges, contraction)
    return found, words, "" if posterior is None else _settings(posterior)


def _settings(posterior: StoredPosterior) -> str:
    asked = posterior.sampling
    return (
        f"The posterior: {asked['runs']} independent runs of sequential Monte Carlo with {asked['n_draws']:,} draws "
        f"each, seed {asked['seed']}, {asked['kept']} of each run stored."
    )


def _learned(
    row: dict[object, object],
    prior: Prior,
    after: tuple[float, float, float] | None,
    contraction: float,
) -> Learned:
    low, middle, high = (prior.quantile(share) for share in EDGES)
    text = {str(key): str(value) for key, value in row.items()}
    return Learned(
        name=text["name"],
        kind=text["kind"],
        unit=text["unit"],
        family=prior.family,
        a=prior.a,
        b=prior.b,
        lower=prior.lower,
        upper=prior.upper,
        prior=(low, middle, high),
        after=after,
        contraction=contraction,
        fitted=text["free"] == "yes",
        source=text["source"],
        note=text["note"],
    )


def _posterior(study: Study) -> tuple[StoredPosterior | None, str]:
    from iskdyn.calibration import load_posterior, verify
    from iskdyn.study import POSTERIOR

    path = study.stored(POSTERIOR)
    if not path.is_file():
        return None, "There is no stored posterior; `iskdyn posterior` draws one."
    posterior = load_posterior(path, {})
    if verify(study, posterior, "posterior"):
        return None, "The stored posterior belongs to another state of the study, so it is not used here."
    if not posterior.accepted:
        return None, "The stored posterior missed a gate of its sampler, so it is not used here."
    n_draws = posterior.values.shape[0] * posterior.values.shape[1]
    return posterior, f"After the evidence: {n_draws:,} stored draws of the posterior."


def _after(posterior: StoredPosterior) -> dict[str, tuple[tuple[float, float, float], float]]:
    draws = posterior.values.reshape(-1, len(posterior.names))
    edges = np.quantile(draws, EDGES, axis=0).T
    return {
        name: ((float(low), float(middle), float(high)), float(contraction))
        for name, (low, middle, high), contraction in zip(
            posterior.names, edges, posterior.contraction, strict=True
        )
    }
