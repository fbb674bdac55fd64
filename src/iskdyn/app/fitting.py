"""Fits, posteriors and profiles, made and stored."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from iskdyn.app.result import Progress, Result, silent, table_of
from iskdyn.app.whole import reads_whole
from iskdyn.draws import N_SAMPLED, N_STARTS
from iskdyn.errors import InputError, IskdynError, Problem, StudyError

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration import FitResult, Posterior, Sampling, Variant, VariantDraws
    from iskdyn.calibration.objective import Objective
    from iskdyn.study import Study

KEPT = 250
"""Draws of each run that are stored: small enough to commit."""
LONGER = (1, 2, 4)
"""Times the draws asked for: a run that misses a gate is made again with longer chains."""
COPIES = 4
"""Arrays of all draws that a sampling run holds at once."""
FEWER = 6
"""Starts of the fit of a rival structure: of those of the structure that is told all end at one point."""


@reads_whole
def fit(
    study: Study,
    *,
    starts: int = N_STARTS,
    seed: int = 1,
    free: Sequence[str] | None = None,
    method: Literal["least_squares", "evolution"] = "least_squares",
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[FitResult]:
    """The best fit of the free parameters, stored; a row of the table an observation.

    An interrupted one (Ctrl-C) is stored beside a finished one, with `found.status` "interrupted".

    Parameters
    ----------
    starts, seed : how many points it starts from, and which
    free : names of the parameters to fit; by default those marked free
    out : file of the result; by default in the study's results folder
    """
    from iskdyn.study import FIT

    path = out or study.path_of("results") / FIT
    options: dict[str, Any] = {"seed": seed, "free": free, "method": method}
    return fit_and_store(study, path, starts, progress, options)


def fit_and_store(
    study: Study, path: Path, starts: int, progress: Progress, options: Mapping[str, Any]
) -> Result[FitResult]:
    """Fit and store what came out; an interrupted fit beside a finished one.

    Parameters
    ----------
    options : further ones of `iskdyn.calibration.fit`
    """
    from iskdyn.app.summaries import fit_text
    from iskdyn.calibration import fit as run
    from iskdyn.calibration import store_fit
    from iskdyn.calibration.budget import tell_fit
    from iskdyn.files import alone
    from iskdyn.simulate.memory import check_memory

    tell_fit(study, starts)
    check_memory(2 * starts * len(study.parameters))
    notes = []
    with alone(path):
        found = run(
            study,
            starts=starts,
            progress=lambda done, total, best: progress(done, total, f"best {best:.2f}"),
            **options,
        )
        if found.status == "interrupted" and _is_finished(study, path):
            path = path.with_stem(f"{path.stem}-interrupted")
            notes.append(f"the finished fit stays; what was reached is in {path}")
        found = store_fit(found, path, study)
    text, stored = fit_text(found, path), path.read_text(encoding="utf-8")
    return Result(found, table_of(found.rows.to_dict("records")), text, stored.rstrip("\n"), tuple(notes))


def _is_finished(study: Study, path: Path) -> bool:
    """Whether a fit that was not interrupted is stored there and still belongs to the study."""
    from iskdyn.calibration import load_fit, verify

    if not path.is_file():
        return False
    try:
        stored = load_fit(path)
    except IskdynError:
        return False
    return stored.status != "interrupted" and not verify(study, stored)


@reads_whole
def posterior(
    study: Study,
    *,
    draws: int = N_SAMPLED,
    runs: int = 4,
    seed: int = 1,
    variant: str | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[Posterior]:
    """Draws of every number of the study given the fitted observations, stored; a row of the table a number.

    Parameters
    ----------
    draws, runs, seed : draws of each independent run (five times as many where the model has no derivatives), how many
        runs, and which
    variant : name of a structure; by default the one that the study tells
    out : file of the result; by default in the study's results folder
    """
    from iskdyn.app.summaries import posterior_json, posterior_text
    from iskdyn.calibration import Sampling, read_variants, variant_files, variant_named

    chosen = variant_named(study, variant) if variant else read_variants(study)[0]
    path = out or variant_files(study, chosen)[1]
    sampling = Sampling(n_draws=draws, runs=runs, seed=seed, kept=min(draws, KEPT))
    found = sample_and_store(study, chosen, sampling, path, progress)
    pairs = zip(found.names, found.contraction, strict=True)
    table = table_of({"number": name, "narrowed by": float(share)} for name, share in pairs)
    text, json = posterior_text(found, path), posterior_json(found)
    return Result(found, table, text, json, passed=found.accepted)


def sample_and_store(
    study: Study, variant: Variant, sampling: Sampling, path: Path, progress: Progress = silent
) -> Posterior:
    """Sample a structure with longer chains until its gates are passed, and store what came out.

    What was stopped with longer chains goes on with these: shorter ones have missed a gate already.
    """
    lengths = [times * sampling.n_draws for times in LONGER]
    begun = [i for i, n_draws in enumerate(lengths) if _place(path, n_draws).is_dir()]
    for n_draws in lengths[max(begun, default=0) :]:
        found = _sampled(study, variant, replace(sampling, n_draws=n_draws), path, progress)
        if found.accepted:
            break
    return found


def _place(path: Path, n_draws: int) -> Path:
    """Where runs of so many draws are kept until they are ended."""
    return path.with_suffix(".runs") / str(n_draws)


def _sampled(study: Study, variant: Variant, sampling: Sampling, path: Path, progress: Progress) -> Posterior:
    """Sample once, going on where a stopped run was."""
    from iskdyn.calibration import every_number, sample_posterior, store_posterior, study_of
    from iskdyn.calibration.budget import tell_sampling
    from iskdyn.calibration.posterior import suited
    from iskdyn.files import alone
    from iskdyn.simulate.memory import check_memory

    study = study_of(study, variant)
    objective, n_draws = every_number(study, variant.set), sampling.n_draws
    sampling = suited(sampling, objective)
    tell_sampling(study, sampling)
    check_memory(COPIES * sampling.n_draws * (len(study.parameters) + len(study.observations)))
    label = f"{variant.name}, {sampling.n_draws:,} draws"
    with alone(path):
        found = sample_posterior(
            objective,
            sampling,
            folder=_place(path, n_draws),
            model_digest=f"{study.program.digest} {sorted(variant.set.items())}",
            progress=lambda share: progress(round(100 * share), 100, label),
        )
        store_posterior(found, sampling, path, study, variant.set)
        shutil.rmtree(path.with_suffix(".runs"), ignore_errors=True)
    return found


@reads_whole
def variants(
    study: Study, *, again: bool = False, progress: Progress = silent
) -> Result[Mapping[str, VariantDraws]]:
    """Every rival structure, fitted and sampled, and what the evidence says of each; a row a structure.

    Parameters
    ----------
    again : also those whose stored result belongs to the study as it is

    Raises
    ------
    KeyboardInterrupt : a fit was interrupted; what was reached is stored
    """
    from iskdyn.app.summaries import variants_json, variants_text
    from iskdyn.calibration import load_variants, read_variants

    structures = read_variants(study)
    stored = {} if again else load_variants(study, n_draws=1)
    for variant in structures:
        if variant.name not in stored:
            _make(study, variant, progress)
    found = load_variants(study)
    rows = [
        {"structure": name, "says": one.variant.title, "nats behind": one.behind, "weight": one.weight}
        for name, one in found.items()
    ]
    missing = [variant.name for variant in structures if variant.name not in found]
    notes = (f"not accepted, and left out of every result: {', '.join(missing)}",) if missing else ()
    text, json = variants_text(found), variants_json(found)
    return Result(found, table_of(rows), text, json, notes, passed=not missing)


def _make(study: Study, variant: Variant, progress: Progress) -> None:
    from iskdyn.calibration import Sampling, study_of, variant_files

    fit_path, posterior_path = variant_files(study, variant)
    fit_path.parent.mkdir(parents=True, exist_ok=True)
    own = study_of(study, variant)
    result = fit_and_store(own, fit_path, FEWER, progress, {"constants": variant.set})
    if result.found.status == "interrupted":
        raise KeyboardInterrupt
    sample_and_store(study, variant, Sampling(N_SAMPLED, kept=KEPT), posterior_path, progress)


@reads_whole
def profile(
    study: Study, names: Sequence[str] = (), *, out: Path | None = None, progress: Progress = silent
) -> Result[pd.DataFrame]:
    """How far each number can be moved before the evidence objects; a row a number.

    Parameters
    ----------
    names : only these numbers; by default all, and the table is then stored
    out : where it is stored; by default in the study's results folder
    """
    from iskdyn.calibration import current_posterior, every_number, load_fit, verify
    from iskdyn.calibration.budget import tell_profiles
    from iskdyn.calibration.profile import PROFILES, profile_table, profiles
    from iskdyn.calibration.spread import fitted_point
    from iskdyn.calibration.table_store import store_table
    from iskdyn.study import FIT

    stored = load_fit(study.stored(FIT), {})
    if problems := verify(study, stored):
        raise StudyError(problems)
    objective = every_number(study)
    _check_numbers(objective, names)
    n_profiles = len(names) or objective.n_parameters
    tell_profiles(study, n_profiles)
    point = fitted_point(study, stored, objective)
    found = profiles(objective, point, names or None, lambda done, _: progress(done, n_profiles, "profiles"))
    table = profile_table(found, objective.priors, current_posterior(study))
    path = out or (None if names else study.path_of("results") / PROFILES)
    if path is not None:
        store_table(table, {"parameters": len(found)}, path, study, "profile table")
    units = dict(zip(study.parameters["name"], study.parameters["unit"], strict=True))
    with_units = table.assign(unit=table["name"].map(units).fillna(""))
    return Result(table, with_units, _profiles_text(table), table.to_json(orient="records", indent=1))


def _check_numbers(objective: Objective, names: Sequence[str]) -> None:
    from iskdyn.model.names import suggest

    known = objective.priors.names
    if unknown := [name for name in names if name not in known]:
        raise InputError(
            Problem("--parameter", f"'{name}' is not in the table{suggest(name, known)}") for name in unknown
        )


def _profiles_text(table: pd.DataFrame) -> str:
    from iskdyn.output import number, text_table

    columns = ["name", "verdict", "low", "high", "ratio"]
    cells = [
        [
            str(row["name"]),
            str(row["verdict"]),
            *("-" if row[column] != row[column] else number(row[column]) for column in columns[2:]),
        ]
        for row in table.to_dict("records")
    ]
    counts = table["verdict"].value_counts()
    told = "; ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"{text_table(columns, cells, left=2)}\n{told}"
