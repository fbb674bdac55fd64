"""Whether a file that the tool wrote still belongs to the study, and is as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.frozen import ENDING
from iskdyn.errors import InputError, Problem, StudyError
from iskdyn.seal import Stamp, read_stamp
from iskdyn.study.stamp import changed_parts

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, StoredPosterior
    from iskdyn.calibration.recovered import Recovered
    from iskdyn.study import Study

Array = NDArray[np.float64]
CONTENT, ROLE, EDITED, CODE = "content", "role", "edited", "code"
LOSS_TOLERANCE = 1e-6
"""Relative; the same arithmetic on another machine, whose libraries round sums in another order."""
DRAW_TOLERANCE = 1e-3
"""Nats; stored draws are rounded to seven digits."""
N_DRAWS = 50
"""Draws that are run again, evenly from all: other code shows in every one of them."""
SEALED = (".json", ".nc", ".html", ".md", ENDING)
"""Endings of what the tool writes with a stamp; archives, pictures and checksums have none."""


@dataclass(frozen=True)
class Verdict:
    """What one file came to.

    Attributes
    ----------
    run : the id that it carries
    changed : parts of the study that differ from those it was made from; "content": the file itself;
        "role": it stands in the place of another result; of a frozen model "edited", or "code": today's code gives
        its draws other likelihoods
    """

    path: Path
    run: str
    changed: tuple[str, ...]

    @property
    def problems(self) -> list[Problem]:
        """A problem for each difference."""
        return [Problem(str(self.path), _words(part)) for part in self.changed]


def verify_file(study: Study, path: Path) -> Verdict:
    """Compare what a file says it was made from with the study as it stands, and the file with itself.

    A stored fit, posterior or trial of the sampler is also read as every reader reads it, and computed again: its
    loss, the likelihood of some of its draws, or its first truth.

    Raises
    ------
    InputError : the file cannot be read, or this tool did not write it
    """
    found = read_stamp(path)
    if path.suffix == ENDING:
        return _verify_frozen(path, found)
    if found is None:
        raise InputError(Problem(str(path), "carries no run's id: damaged, or not ours"))
    study = _own(study, path)
    changed = changed_parts(study, found)
    if not found.whole:
        changed.append(CONTENT)
    if not changed:
        try:
            stored = _stored(study, path)
            changed = [] if stored is None or _same(study, stored) else [CONTENT]
        except StudyError:
            changed = [ROLE]
    return Verdict(path, found.id, tuple(changed))


def _verify_frozen(path: Path, found: Stamp | None) -> Verdict:
    """Whether a frozen model is as it was written; that the study has moved on is no change of it."""
    from iskdyn.calibration import study_of
    from iskdyn.calibration.frozen import load_frozen

    if found is None or not found.whole:
        return Verdict(path, found.id if found else "", (EDITED,))
    try:
        frozen = load_frozen(path)
    except StudyError:
        return Verdict(path, found.id, (ROLE,))
    told = frozen.structures[0]
    own = study_of(frozen.study, told)
    same = _same_likelihoods(own, told.fixed, told.draws, told.log_likelihood)
    return Verdict(path, found.id, () if same else (CODE,))


def written_files(study: Study) -> Iterator[Path]:
    """The files of the results and report folders that the tool writes; others there are looked at too."""
    own = study.root / study.settings.results
    folders = dict.fromkeys([own, study.path_of("results"), study.path_of("report")])
    for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
        if path.suffix in SEALED and path.is_file() and not path.name.startswith("."):
            yield path


def _stored(study: Study, path: Path) -> FitResult | StoredPosterior | Recovered | None:
    """A result as its readers read it; None for a file that holds nothing to compute again.

    Raises
    ------
    StudyError : it is not the result that belongs in its place
    """
    from iskdyn.calibration import load_fit, load_posterior
    from iskdyn.calibration.recovered import load_recovered
    from iskdyn.study.sealed import kind_of

    kind = kind_of(path)
    expected, fixed = _place(study, path) or (kind, None)
    if kind != expected:
        raise StudyError(Problem(str(path), f"is not the stored {expected} that belongs there"))
    if kind == "fit":
        return load_fit(path, fixed)
    if kind == "posterior":
        return load_posterior(path, fixed)
    return load_recovered(path) if kind == "trial" else None


def _own(study: Study, path: Path) -> Study:
    """The study with the model of the structure whose result belongs in a place; else as it is."""
    from iskdyn.calibration import read_variants, study_of
    from iskdyn.calibration.assimilated import FOLDER
    from iskdyn.calibration.variants import variant_names

    path = path.resolve()
    later = study.stored(FOLDER).resolve() in path.parents
    for structure in read_variants(study):
        names = variant_names(structure)
        own = any(study.stored(name).resolve() == path for name in names)
        if own or (later and path.name == Path(names[1]).name):
            return study_of(study, structure)
    return study


def _place(study: Study, path: Path) -> tuple[str, Mapping[str, float] | None] | None:
    """The kind of result that belongs in a place, and the constants of its structure; None where any may stand."""
    from iskdyn.calibration import read_variants
    from iskdyn.calibration.assimilated import FOLDER
    from iskdyn.calibration.assimilated import KIND as ASSIMILATED
    from iskdyn.calibration.variants import variant_names

    path = path.resolve()
    if study.stored(FOLDER).resolve() in path.parents:
        return ASSIMILATED, None
    places: dict[str, tuple[str, Mapping[str, float] | None]] = {
        name: (kind, None) for name, kind in _tables().items()
    }
    for structure in read_variants(study):
        kinds = zip(variant_names(structure), ("fit", "posterior"), strict=True)
        places |= {name: (kind, structure.set) for name, kind in kinds}
    return next((found for name, found in places.items() if study.stored(name).resolve() == path), None)


def _tables() -> dict[str, str]:
    """Places in the results folder, and the kind of result (of `sealed.VERBS`) that belongs there."""
    from iskdyn.calibration import cuts, leave_out, nulls, profile, recovered, rules, screen, weights

    return {
        leave_out.SCORES: "score table",
        profile.PROFILES: "profile table",
        cuts.CUTS: "cut table",
        nulls.NULLS: nulls.KIND,
        rules.RULES: "rule table",
        weights.WEIGHTS: weights.KIND,
        screen.SCREEN: screen.KIND,
        **dict.fromkeys(recovered.RECOVERED.values(), recovered.KIND),
    }


def _same(study: Study, stored: FitResult | StoredPosterior | Recovered) -> bool:
    """Whether what the model gives now is what is stored."""
    from iskdyn.calibration import FitResult, StoredPosterior

    if isinstance(stored, FitResult):
        return _same_fit(study, stored)
    return _same_draws(study, stored) if isinstance(stored, StoredPosterior) else _same_truth(study, stored)


def _same_fit(study: Study, fit: FitResult) -> bool:
    """Whether the model gives the loss that the fit says it has, at the values that it says."""
    from iskdyn.calibration import study_objective

    objective = study_objective(study, free=tuple(fit.parameters["name"]), constants=fit.fixed)
    loss = float(objective.loss(fit.parameters["z"].to_numpy(dtype=float)[None, :])[0])
    return bool(np.isclose(loss, fit.objective, rtol=LOSS_TOLERANCE, atol=LOSS_TOLERANCE))


def _same_draws(study: Study, posterior: StoredPosterior) -> bool:
    """Whether the model gives some of the stored draws the likelihood that is stored beside them."""
    draws = posterior.values.reshape(-1, len(posterior.names))
    return _same_likelihoods(study, posterior.fixed, draws, posterior.log_likelihood.reshape(-1))


def _same_likelihoods(study: Study, fixed: Mapping[str, float], draws: Array, stored: Array) -> bool:
    """The same of (n_draws, n_parameters) draws of the structure that fixes these constants."""
    from iskdyn.calibration import every_number

    objective = every_number(study, fixed)
    chosen = np.linspace(0, len(draws) - 1, min(N_DRAWS, len(draws))).astype(int)
    again = objective.log_likelihood(objective.priors.whiten(draws[chosen]))
    return bool(np.allclose(again, stored[chosen], rtol=0.0, atol=DRAW_TOLERANCE))


def _same_truth(study: Study, trial: Recovered) -> bool:
    """Whether the seed gives the first truth of a trial of the sampler."""
    from iskdyn.calibration import every_number
    from iskdyn.calibration.recover import POSTERIOR, first_truth, stored_truths

    objective = every_number(study)
    truths = stored_truths(study, objective) if trial.recovery["truths"] == POSTERIOR else None
    truth = first_truth(objective, int(str(trial.recovery["seed"]).split(" and ")[0]), truths)
    # truths are stored in single precision: seven digits
    return bool(np.allclose(truth, trial.truth[0, : len(truth)], rtol=1e-5, atol=1e-6))


def _words(part: str) -> str:
    if part == CONTENT:
        return "its own content is not what was written: make it again"
    if part == EDITED:
        return "was changed after it was frozen (damaged, or edited): nothing that it says counts"
    if part == CODE:
        return "today's code gives its draws other likelihoods: score it with the code that froze it"
    if part == ROLE:
        return "it is not the result that belongs in this place: make it again"
    return f"{part} has changed since it was written: make it again"
