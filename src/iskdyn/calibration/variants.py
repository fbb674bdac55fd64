"""Rival structures: the same tables with some constants fixed, or with another model; each is sampled by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from iskdyn.calibration.posterior_store import StoredPosterior, load_posterior
from iskdyn.calibration.smc import normalised
from iskdyn.calibration.spread import Spread, sampled_spread
from iskdyn.calibration.store import load_fit
from iskdyn.errors import InputError, IskdynError, Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study import FIT, POSTERIOR, open_as
from iskdyn.study.form_check import read_form
from iskdyn.study.inputs import Inputs, check_inputs
from iskdyn.study.sealed import verify
from iskdyn.study.settings import toml_place

if TYPE_CHECKING:
    from iskdyn.calibration.result import FitResult
    from iskdyn.model import Program
    from iskdyn.study import Study

CLOCK = ("INITIAL TIME", "FINAL TIME", "TIME STEP")
"""What all models of a study have in common, so that their runs have the same times."""


@dataclass(frozen=True)
class Variant:
    """A structure: what it is called, which constants it fixes, and of which model they are.

    Attributes
    ----------
    name : short; also the name of its files
    title : a clause in plain words
    set : constants that are fixed, and no longer free where they were
    model : its model, a file in the study's folder; empty: the study's own
    """

    name: str
    title: str = ""
    set: Mapping[str, float] = field(default_factory=dict)
    model: str = ""


class OfModel(Protocol):
    """What says of which model it is: a file in the study's folder, or the study's own where it is empty."""

    @property
    def model(self) -> str:
        """The file."""
        ...


def study_of(study: Study, structure: OfModel) -> Study:
    """The study with the model of a structure; its tables are the study's.

    Raises
    ------
    StudyError : what the tables name and that model lacks, and whatever else is wrong with it
    """
    if not structure.model:
        return study
    path = study.root / structure.model
    state = (path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else None
    program = _program(study.root, study.method, structure.model, state)
    return replace(study, program=program, settings=replace(study.settings, model=structure.model))


# More structures than a study names have a model of their own; each is a parsed program.
@lru_cache(maxsize=16)
def _program(root: Path, method: str | None, model: str, state: tuple[int, int] | None) -> Program:
    """The model, found to have all that the study's tables name; `state` of its file makes it be read again."""
    return open_as(root, method, model).program


@dataclass(frozen=True)
class VariantDraws:
    """A sampled structure.

    Attributes
    ----------
    variant : what it fixes; runs of its draws carry `variant.set`
    fit : its best fit
    posterior : its stored posterior
    spread : draws of all its numbers
    behind : nats of log evidence by which it falls behind the best structure, 0 for the best
    behind_error : standard error of that, from the independent runs
    weight : its share by the evidence, all sampled structures held equally likely before; they add to 1
    """

    variant: Variant
    fit: FitResult
    posterior: StoredPosterior
    spread: Spread
    behind: float
    behind_error: float
    weight: float

    @property
    def log_evidence(self) -> float:
        """Mean over the independent runs."""
        return float(np.mean(self.posterior.log_evidence))


def read_variants(study: Study) -> tuple[Variant, ...]:
    """The structures of a study, the one that the report tells first; only that one where no file names others.

    Raises
    ------
    StudyError : with every problem of the file
    """
    variants = variants_in(study, "variants") or (Variant("as written"),)
    if variants[0].set or variants[0].model:
        message = "the first variant is the model as it stands: it sets nothing and names no other model"
        raise StudyError(Problem(study.settings.variants, message))
    return variants


def variants_in(study: Study, part: Literal["variants", "cuts"]) -> tuple[Variant, ...]:
    """The [[variant]] tables of a file that study.toml names, as written; none where there is no file.

    Raises
    ------
    StudyError : with every problem of the file
    """
    path, shown = study.path_of(part), str(getattr(study.settings, part))
    if not path.is_file():
        return ()
    found, text = read_form(path, part, shown)
    problems: list[Problem] = []
    variants = [_variant(row) for row in found["variant"]]
    problems += twice([one.name for one in variants], text, shown)
    for one in variants:
        problems += check_inputs(study.program, Inputs(one.set), f"{shown}: '{one.name}'")
        problems += _of_another_model(study, one, f"{shown}: '{one.name}'") if one.model else []
    if problems:
        raise StudyError(problems)
    return tuple(variants)


def twice(names: Sequence[str], text: str, shown: str) -> list[Problem]:
    """A problem for each name that stands more than once.

    Parameters
    ----------
    names : in the order of the file
    text : of the file, for the place; "" where only its name is known
    shown : the file's name in errors

    >>> [str(problem) for problem in twice(["calm", "hard", "calm"], "", "variants.toml")]
    ["variants.toml: 'calm' is named twice"]
    """
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [Problem(toml_place(text, shown, name), f"'{name}' is named twice") for name in repeated]


def _of_another_model(study: Study, variant: Variant, place: str) -> list[Problem]:
    """What keeps a structure's own model from being run with the study's tables, and beside the study's model."""
    inside = PurePosixPath(variant.model)
    if inside.is_absolute() or ".." in inside.parts:
        return [Problem(place, f"model: expected a file in the study's folder, got '{variant.model}'")]
    try:
        program = study_of(study, variant).program
    except IskdynError as error:
        return [Problem(f"{place}, {variant.model}", str(problem)) for problem in error.problems]
    problems = check_inputs(program, Inputs(variant.set), f"{place}, {variant.model}")
    for name in CLOCK:
        own, other = study.program[name].value, program[name].value
        if own != other:
            message = (
                f"{name} is {other:g}, but {own:g} in {study.settings.model}; all runs need the same times"
            )
            problems.append(Problem(f"{place}, {variant.model}", message))
    return problems


def _variant(row: Mapping[str, Any]) -> Variant:
    """A structure of a file whose form is right (`iskdyn.study.forms`)."""
    values = {name: float(value) for name, value in row.get("set", {}).items()}
    return Variant(row["name"].strip(), row.get("title", ""), values, row.get("model", ""))


def variant_named(study: Study, name: str) -> Variant:
    """The variant of this name; InputError where there is none."""
    variants = {variant.name: variant for variant in read_variants(study)}
    if name not in variants:
        raise InputError(Problem("variant", f"the study has no variant '{name}'{suggest(name, variants)}"))
    return variants[name]


def variant_files(study: Study, variant: Variant) -> tuple[Path, Path]:
    """Where its fit and its posterior are written; the first variant's are the study's own."""
    fit, posterior = (study.path_of("results") / name for name in variant_names(variant))
    return fit, posterior


def variant_names(variant: Variant) -> tuple[str, str]:
    """The same inside the results folder."""
    if not variant.set and not variant.model:
        return FIT, POSTERIOR
    stem = variant.name.replace(" ", "-")
    return f"variants/{stem}.json", f"variants/{stem}.nc"


def load_variants(study: Study, n_draws: int = 1000, seed: int = 1) -> dict[str, VariantDraws]:
    """The sampled structures by name: those stored, accepted, and belonging to the study as it stands.

    Parameters
    ----------
    n_draws : of each structure; all of them where fewer are stored
    seed : of the choice of draws

    Returns
    -------
    Empty where none is sampled; else their weights add to 1.
    """
    stored = {}
    for variant in read_variants(study):
        fit_path, posterior_path = (study.stored(name) for name in variant_names(variant))
        if not (fit_path.is_file() and posterior_path.is_file()):
            continue
        fit, posterior = load_fit(fit_path), load_posterior(posterior_path)
        own = study_of(study, variant)
        current = posterior.accepted and posterior.fixed == fit.fixed == dict(variant.set)
        if current and not verify(own, fit) and not verify(own, posterior, "posterior"):
            stored[variant.name] = variant, fit, posterior
    if not stored:
        return {}
    levels = np.array([np.mean(posterior.log_evidence) for _, _, posterior in stored.values()])
    behind, (weights, _) = levels.max() - levels, normalised(levels)
    return {
        name: VariantDraws(
            variant,
            fit,
            posterior,
            _spread(study, variant, fit, posterior, n_draws, seed),
            float(nats),
            float(np.std(posterior.log_evidence, ddof=1) / np.sqrt(len(posterior.log_evidence))),
            float(weight),
        )
        for nats, weight, (name, (variant, fit, posterior)) in zip(
            behind, weights, stored.items(), strict=True
        )
    }


def _spread(
    study: Study, variant: Variant, fit: FitResult, posterior: StoredPosterior, n_draws: int, seed: int
) -> Spread:
    """Draws of a structure's posterior; those of another model say so, since what they are run with is not fixed."""
    found = sampled_spread(study_of(study, variant), fit, posterior, n_draws, seed)
    if not variant.model:
        return found
    return replace(found, structures=(variant.name,), structure=np.zeros(len(found.draws), dtype=int))
