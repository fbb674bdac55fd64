"""Rival structures of a model: the same tables with some constants fixed, each sampled by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from iskdyn.calibration.posterior_store import StoredPosterior, load_posterior
from iskdyn.calibration.sealed import verify
from iskdyn.calibration.smc import normalised
from iskdyn.calibration.spread import Spread, sampled_spread
from iskdyn.calibration.store import load_fit
from iskdyn.errors import InputError, Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study import FIT, POSTERIOR
from iskdyn.study.inputs import Inputs, check_inputs
from iskdyn.study.settings import read_toml, toml_place
from iskdyn.study.tables import read_text

if TYPE_CHECKING:
    from iskdyn.calibration.result import FitResult
    from iskdyn.study import Study

_KEYS = ("name", "title", "set")

LIGHT = 0.05
"""Structures of less weight are told together: what holds in one draw of twenty changes no verdict by itself."""


@dataclass(frozen=True)
class Variant:
    """A structure: what it is called, and which constants it fixes.

    Attributes
    ----------
    name : short; also the name of its files
    title : a clause in plain words
    set : constants that are fixed, and no longer free where they were
    """

    name: str
    title: str = ""
    set: Mapping[str, float] = field(default_factory=dict)


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
    if variants[0].set:
        message = "the first variant is the model as it stands: it sets nothing"
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
    rows, text = read_rows(path, shown, "variant")
    problems: list[Problem] = []
    variants = [one for row in rows if (one := _variant(row, text, shown, problems)) is not None]
    problems += twice([one.name for one in variants], text, shown)
    for one in variants:
        problems += check_inputs(study.program, Inputs(one.set), f"{shown}: '{one.name}'")
    if problems:
        raise StudyError(problems)
    return tuple(variants)


def read_rows(path: Path, shown: str, key: str) -> tuple[list[Any], str]:
    """The [[key]] tables of a TOML file, one or more, and its text.

    Raises
    ------
    StudyError : the file is not TOML, or holds anything else
    """
    problems: list[Problem] = []
    text = read_text(path, shown, problems)
    found = read_toml(text, shown, problems) if text is not None else None
    if text is None or found is None:
        raise StudyError(problems)
    rows = found.get(key)
    if set(found) - {key} or not isinstance(rows, list) or not rows:
        raise StudyError(Problem(shown, f"expected [[{key}]] tables and nothing else"))
    return rows, text


def twice(names: Sequence[str], text: str, shown: str) -> list[Problem]:
    """A problem for each name that stands more than once."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [Problem(toml_place(text, shown, name), f"'{name}' is named twice") for name in repeated]


def _variant(row: Any, text: str, shown: str, problems: list[Problem]) -> Variant | None:
    if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not row["name"].strip():
        problems.append(Problem(shown, f"expected a table with a name, got {row!r}"))
        return None
    place = toml_place(text, shown, row["name"])
    bad = [
        Problem(place, f"the key '{key}' is not known{suggest(key, _KEYS)}") for key in set(row) - {*_KEYS}
    ]
    values = row.get("set", {})
    if not isinstance(values, dict) or not all(type(value) in (int, float) for value in values.values()):
        bad.append(Problem(place, f'expected set = {{ "constant" = number }}, got {values!r}'))
    problems += bad
    if bad:
        return None
    return Variant(
        row["name"].strip(), str(row.get("title", "")), {name: float(one) for name, one in values.items()}
    )


def variant_named(study: Study, name: str) -> Variant:
    """The variant of this name; InputError where there is none."""
    variants = {one.name: one for one in read_variants(study)}
    if name not in variants:
        raise InputError(Problem("variant", f"the study has no variant '{name}'{suggest(name, variants)}"))
    return variants[name]


def variant_files(study: Study, variant: Variant) -> tuple[Path, Path]:
    """Where its fit and its posterior are written; the first variant's are the study's own."""
    fit, posterior = (study.path_of("results") / name for name in variant_names(variant))
    return fit, posterior


def variant_names(variant: Variant) -> tuple[str, str]:
    """The same inside the results folder."""
    if not variant.set:
        return FIT, POSTERIOR
    stem = variant.name.replace(" ", "-")
    return f"variants/{stem}.json", f"variants/{stem}.nc"


def load_variants(study: Study, n_draws: int = 1000, seed: int = 1) -> dict[str, VariantDraws]:
    """The sampled structures by name: those stored, accepted, and belonging to the study as it stands."""
    stored = {}
    for variant in read_variants(study):
        fit_path, posterior_path = (study.stored(name) for name in variant_names(variant))
        if not (fit_path.is_file() and posterior_path.is_file()):
            continue
        fit, posterior = load_fit(fit_path), load_posterior(posterior_path)
        current = posterior.accepted and posterior.fixed == fit.fixed == dict(variant.set)
        if current and not verify(study, fit) and not verify(study, posterior, "posterior"):
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
            sampled_spread(study, fit, posterior, n_draws, seed),
            float(nats),
            float(np.std(posterior.log_evidence, ddof=1) / np.sqrt(len(posterior.log_evidence))),
            float(weight),
        )
        for nats, weight, (name, (variant, fit, posterior)) in zip(
            behind, weights, stored.items(), strict=True
        )
    }
