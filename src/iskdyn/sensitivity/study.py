"""The sensitivity of a study: what its answers depend on, before and after the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.sensitivity.answers import Answers, Progress, Question, prepare_answers
from iskdyn.sensitivity.given_data import Pawn, pawn
from iskdyn.sensitivity.learning import Learned, learned
from iskdyn.sensitivity.morris import Screening, screen
from iskdyn.sensitivity.sobol import Design, Indices, indices, probabilities
from iskdyn.study.readings import Statistic

if TYPE_CHECKING:
    from iskdyn.calibration import Priors, Spread
    from iskdyn.study import Study

Array = NDArray[np.float64]
Tell = Callable[[str, int, int], None]
"""Called with what is being done, the runs done since the last call, and the runs of the whole step."""
SAMPLES = 1024
"""A power of 2, for which a Sobol sequence is even; answers that have not settled with it are told
(`Indices.settled`)."""
TRAJECTORIES = 20
"""Each moves every number once; their spread says how sure the screening is."""
OTHERS = "all others"


@dataclass(frozen=True)
class Sensitivity:
    """What each answer depends on.

    Attributes
    ----------
    names : every number of the model that has a prior
    questions : outcomes in history, and what removing each tactic changes in them
    times : (n_times,) model times of the indices
    screening : of every number, at the end of the history
    factors : the numbers screened in, and `OTHERS` for the rest together, moved as one
    prior : indices of the factors, (n_factors, n_questions * n_times), numbers drawn from their priors
    posterior : distances for every number and question at the end, numbers drawn as they are held now
    learned : what knowing each number is worth for the sign of each difference; 0 for plain outcomes
    narrowed : (n_names,) 1 - width after / width before the evidence
    n_base, n_runs : base rows of the design, and runs in all
    """

    names: tuple[str, ...]
    questions: tuple[Question, ...]
    times: Array
    screening: Screening
    factors: tuple[str, ...]
    prior: Indices
    posterior: Pawn
    learned: Learned
    narrowed: Array
    n_base: int
    n_runs: int

    @property
    def settled(self) -> NDArray[np.bool_]:
        """(n_questions,) whether the sample is large enough for the indices at the end of the history."""
        return np.asarray(self.prior.settled.reshape(len(self.questions), -1)[:, -1])

    def at_end(self, values: Array) -> Array:
        """Of values with a last axis (n_questions * n_times), those at the end of the history."""
        return values.reshape(*values.shape[:-1], len(self.questions), len(self.times))[..., -1]

    def over_time(self, values: Array, question: int) -> Array:
        """Of values with a last axis (n_questions * n_times), those of one question, (..., n_times)."""
        return values.reshape(*values.shape[:-1], len(self.questions), len(self.times))[..., question, :]


def sensitivity(
    study: Study,
    around: Spread,
    measures: Mapping[str, Statistic],
    *,
    n_base: int = SAMPLES,
    seed: int = 1,
    tell: Tell | None = None,
) -> Sensitivity:
    """Morris over every number, Sobol over those that matter, and PAWN and learning from the draws.

    Parameters
    ----------
    around : draws of every number as it is held now
    measures : the outcomes to ask about, and how each is measured over the history
    n_base : base rows of the Sobol design, a power of 2
    seed : 1 or more

    Raises
    ------
    InputError : n_base is no power of 2
    GateError : some run gave no number
    """
    from iskdyn.simulate.memory import tell_runs

    priors = priors_in_model(study)
    answers = prepare_answers(study, priors.names, measures)
    screening = _screened(answers, priors, seed, tell)
    factors, groups = _factors(screening)
    first, second = (values_at(priors, one) for one in probabilities(len(priors.names), n_base, seed))
    design = Design(first, second, groups)
    place = [around.names.index(name) for name in priors.names]
    draws = around.draws[:, place]
    n_runs = answers.runs(TRAJECTORIES * (len(priors.names) + 1) + n_base * len(design) + len(draws))
    tell_runs(study.program, n_runs, study.end_time())
    drawn = _at_end(answers, draws, "after the evidence", tell)
    effects = np.array([one.tactic is not None for one in answers.questions])
    return Sensitivity(
        names=priors.names,
        questions=answers.questions,
        times=answers.times,
        screening=screening,
        factors=factors,
        prior=_indices(answers, design, seed, tell),
        posterior=pawn(draws, drawn, seed),
        learned=learned(draws, np.where(effects, drawn, 0.0), seed),
        narrowed=around.contraction[place],
        n_base=n_base,
        n_runs=n_runs,
    )


def priors_in_model(study: Study) -> Priors:
    """The priors of the numbers that the model has, in the order of the table."""
    from iskdyn.calibration import read_priors

    table = study.parameters
    return read_priors(table[[name in study.program for name in table["name"]]])


def values_at(priors: Priors, probability: Array) -> Array:
    """(n, n_names) values of (n, n_names) probabilities: each number's place in its prior."""
    from scipy.special import ndtri

    return priors.values(ndtri(probability))


def _screened(answers: Answers, priors: Priors, seed: int, tell: Tell | None) -> Screening:
    """Every number, moved alone."""

    def answer(probability: Array) -> Array:
        return _at_end(answers, values_at(priors, probability), "screening", tell)

    return screen(priors.names, answer, trajectories=TRAJECTORIES, seed=seed)


def _factors(screening: Screening) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The factors' names, and each number's factor: its own, or the one of all others."""
    leading = screening.leading()
    place = {name: i for i, name in enumerate(leading)}
    groups = tuple(place.get(name, len(leading)) for name in screening.names)
    return (*leading, *([OTHERS] if len(leading) < len(groups) else [])), groups


def _indices(answers: Answers, design: Design, seed: int, tell: Tell | None) -> Indices:
    """Indices arm by arm, so that one arm's answers are held at a time, put side by side."""
    n_base = len(design.first)
    step = _step(tell, "before the evidence", answers.runs(n_base * len(design)))
    found = [indices(arm.reshape(len(arm), -1), n_base, seed) for arm in answers.by_arm(design, step)]
    parts = ("first", "total", "first_width", "total_width", "total_half")
    return Indices(*(np.hstack([getattr(one, part) for one in found]) for part in parts))


def _at_end(answers: Answers, values: Array, what: str, tell: Tell | None) -> Array:
    """(n, n_questions) answers at the end of the history."""
    step = _step(tell, what, answers.runs(len(values)))
    return np.hstack([arm[:, :, -1] for arm in answers.by_arm([values], step)])


def _step(tell: Tell | None, what: str, n_runs: int) -> Progress | None:
    return (lambda done: tell(what, done, n_runs)) if tell else None
