"""Links of a model cut one at a time: does the evidence ask for each of them?

Each cut is sampled by itself, briefly, and its log evidence is set against that of the model as written.
No draws are stored, only one row a cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.budget import tell_sampling
from iskdyn.calibration.posterior import Sampling, sample_posterior, suited
from iskdyn.calibration.spread import every_number
from iskdyn.calibration.table_store import StoredTable, current_table, store_table, table_begun
from iskdyn.calibration.variants import Variant, read_variants, twice, variants_in
from iskdyn.errors import InputError, Problem, StudyError
from iskdyn.model.names import suggest

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective
    from iskdyn.study import Study

CUTS = "cuts.json"
"""The stored table, in the results folder."""

SHORT = Sampling(n_draws=1600, runs=2, kept=800)
"""A quarter of the draws of a posterior and half the runs: some thirty cuts are sampled in a quarter of an
hour, and an evidence good to a few tenths of a nat is enough for the words below."""

FIRM, WEAK = -3.0, -1.0
"""Nats a cut must lose to be asked for firmly, and at all: odds of 20 to 1 and of e to 1, the steps that Kass &
Raftery (1995, doi:10.1080/01621459.1995.10476572) call strong and positive; less is a bare mention."""

MOST_SUFFERING = 3
"""Rows named beside a cut: more say little, and the loss is seldom spread."""
SUFFERS = 0.1
"""Nats a row must lose to be named: several times the noise of a mean over 2,000 draws, whose sd is near 1."""

RESTS_ON = "rests on"
WRITTEN = "rows as written"
"""Where the table keeps what each structure rests on, and the mean log-likelihood of each row as written."""

IMPOSSIBLE, N_TRIED = -1e100, 256
"""A structure under which no prior draw of so many leaves the facts a chance (nobody surrenders where hundreds
did) is not sampled: a sampler has nothing to follow there."""

Progress = Callable[[str, float], None]
Asked = Literal["asked for firmly", "asked for weakly", "not asked for"]


@dataclass(frozen=True)
class Cut:
    """A sampled structure with one link cut, as a row of the stored table.

    Attributes
    ----------
    name, title, set : as of a `Variant`; the first row is the model as written and sets nothing
    log_evidence, error : mean over the independent runs, and the standard error that they give
    nats : log evidence less that of the model as written; negative: the evidence asks for the link
    nats_error : standard error of that
    suffers : ids of the fitted rows that lose most, each with the weighted nats it loses on the mean over draws
    """

    name: str
    title: str
    set: Mapping[str, float]
    log_evidence: float
    error: float
    nats: float
    nats_error: float
    suffers: Mapping[str, float]


def asked(nats: float) -> Asked:
    """What the evidence says of a link whose cut changes the log evidence by so much.

    >>> asked(-4.2), asked(-1.0), asked(0.3)
    ('asked for firmly', 'asked for weakly', 'not asked for')
    """
    if nats < FIRM:
        return "asked for firmly"
    return "asked for weakly" if nats <= WEAK else "not asked for"


def read_cuts(study: Study) -> tuple[Variant, ...]:
    """The model as written, then the study's cuts; nothing where it has no file of cuts.

    Raises
    ------
    StudyError : with every problem of the file
    """
    cuts, shown = variants_in(study, "cuts"), study.settings.cuts
    if not cuts:
        return ()
    structures = (read_variants(study)[0], *cuts)
    problems = [
        Problem(shown, f"'{structure.name}' sets nothing, so it cuts no link")
        for structure in cuts
        if not structure.set
    ]
    problems += twice([structure.name for structure in structures], "", shown)
    if problems:
        raise StudyError(problems)
    return structures


def cut_links(
    study: Study,
    path: Path,
    sampling: Sampling = SHORT,
    only: Collection[str] = (),
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Sample the model as written and each cut, and store each row as soon as it is there.

    Rows that are stored, belong to the study as it is and were sampled alike are kept.

    Parameters
    ----------
    path : the table to make or to go on with
    only : names of the cuts to sample; by default all
    progress : called as progress(name, share of that structure done)

    Raises
    ------
    InputError : the study has no cuts, or none of a name in `only`
    """
    structures, shown = read_cuts(study), study.settings.cuts
    if not structures:
        raise InputError(Problem(shown, "is not there; it names the links to cut, as [[variant]] tables"))
    check_only(only, structures, f"{shown} has no cut")

    def objective_of(structure: Variant) -> Objective:
        return every_number(study, structure.set)

    return sample_each(study, path, "cut table", structures, objective_of, sampling, only, progress)


def check_only(only: Collection[str], structures: Sequence[Variant], message: str, form: str = "") -> None:
    """An InputError with every name that none of the structures has; `form` says what names look like.

    Parameters
    ----------
    only : the names asked for
    structures : the model as written first, which needs no name
    message : what the error says before the name
    form : what it says after it
    """
    names = [structure.name for structure in structures[1:]]
    if unknown := [name for name in only if name not in names]:
        raise InputError(
            Problem("--only", f"{message} '{name}'{suggest(name, names)}{form}") for name in unknown
        )


def sample_each(
    study: Study, path: Path, kind: str, structures: Sequence[Variant],
    objective_of: Callable[[Variant], Objective], sampling: Sampling, only: Collection[str],
    progress: Progress | None, rests_on: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Sample structures, the model as written first, into a table of `Cut`; see `cut_links`.

    Parameters
    ----------
    kind : of the table, see `sealed.VERBS`
    rests_on : by name of a structure what its row rests on beside the study's tables; where that differs it is
        not kept
    """
    settings: dict[str, object] = {"sampling": asdict(sampling), RESTS_ON: dict(rests_on or {})}
    rows, means = _reached(study, path, kind, structures, settings)
    table = _frame(rows)
    wanted = [one for one in structures if not one.set or not only or one.name in only]
    missing = {one.name for one in wanted} - {row.name for row in rows}
    tell_sampling(study, sampling, len(missing))
    for structure in wanted:
        if structure.name in missing:
            log_evidence, own = _sampled(objective_of(structure), structure, sampling, progress)
            means = means or own
            rows.append(_row(structure, log_evidence, own, rows[:1], means))
            table = _frame(rows)
            store_table(table, {**settings, WRITTEN: means}, path, study, kind)
        if progress is not None:
            progress(structure.name, 1.0)
    return table


def load_cuts(study: Study) -> StoredTable:
    """The stored table of the study's cuts; see `Cut` for its columns.

    Raises
    ------
    StudyError : it is not there, or the study or a cut has changed since
    """
    path = study.path_of("results") / CUTS
    stored = current_table(study, path, "cut table")
    now = {(one.name, *sorted(one.set.items())) for one in read_cuts(study)}
    then = [(row["name"], *sorted(row["set"].items())) for row in stored.rows.to_dict("records")]
    if gone := [str(key[0]) for key in then if key not in now]:
        message = (
            f"has cuts that {study.settings.cuts} names no longer so: {', '.join(gone)}; run `iskdyn cuts`"
        )
        raise StudyError(Problem(str(path), message))
    return stored


def _reached(
    study: Study, path: Path, kind: str, structures: Sequence[Variant], settings: Mapping[str, object]
) -> tuple[list[Cut], dict[str, float]]:
    """The rows of an earlier call that still hold, and the mean log-likelihood of each row as written."""
    stored = table_begun(study, path, kind)
    if stored is None:
        return [], {}
    rows = [Cut(**{str(key): value for key, value in row.items()}) for row in stored.rows.to_dict("records")]
    known = {one.name: dict(one.set) for one in structures}
    same = stored.settings.get("sampling") == settings["sampling"]
    if not same or not rows or known.get(rows[0].name) != {}:
        return [], {}
    means: Mapping[str, float] = stored.settings[WRITTEN]  # type: ignore[assignment]
    before, now = (resting(one) for one in (stored.settings, settings))
    kept = [
        row
        for row in rows
        if known.get(row.name) == dict(row.set) and before.get(row.name) == now.get(row.name)
    ]
    return kept, dict(means)


def resting(settings: Mapping[str, object]) -> dict[str, list[str]]:
    """What each row of a table rests on beside the study's tables."""
    found = settings.get(RESTS_ON)
    return {name: list(one) for name, one in found.items()} if isinstance(found, dict) else {}


def _sampled(
    objective: Objective,
    structure: Variant,
    sampling: Sampling,
    progress: Progress | None,
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """(runs,) log evidences of a structure, and the weighted mean over draws of each fitted row."""

    def share(done: float) -> None:
        if progress is not None:
            progress(structure.name, min(done, 0.99))

    tried = np.random.default_rng(sampling.seed).standard_normal((N_TRIED, objective.n_parameters))
    if objective.log_likelihood(tried).max() < IMPOSSIBLE:
        return np.full(sampling.runs, IMPOSSIBLE), {}
    posterior = sample_posterior(objective, suited(sampling, objective), progress=share)
    sheet = objective.sheet
    scores = objective.log_likelihoods(posterior.z.reshape(-1, objective.n_parameters))
    means = scores.mean(axis=0) * sheet.weights
    ids = sheet.table["id"].astype(str)
    fitted = {name: float(mean) for name, mean, fit in zip(ids, means, sheet.fitted, strict=True) if fit}
    return posterior.log_evidence, fitted


def _row(
    structure: Variant,
    log_evidence: NDArray[np.float64],
    means: Mapping[str, float],
    written: Sequence[Cut],
    written_means: Mapping[str, float],
) -> Cut:
    """The row of a structure beside that of the model as written; where there is none yet it is that itself."""
    level = float(np.mean(log_evidence))
    error = float(np.std(log_evidence, ddof=1) / np.sqrt(len(log_evidence)))
    lost = {name: written_means[name] - mean for name, mean in means.items()}
    most = sorted(lost, key=lambda name: -lost[name])[:MOST_SUFFERING]
    return Cut(
        structure.name,
        structure.title,
        dict(structure.set),
        level,
        error,
        nats=level - written[0].log_evidence if written else 0.0,
        nats_error=math.hypot(error, written[0].error) if written else 0.0,
        suffers={name: lost[name] for name in most if lost[name] >= SUFFERS},
    )


def _frame(rows: Sequence[Cut]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([asdict(row) for row in rows])


def pooled_error(table: pd.DataFrame) -> float:
    """Standard error of one row's nats, from the spread between runs of all rows together.

    Two runs alone say little of their own error; some thirty pairs say it well.

    >>> import pandas as pd
    >>> round(pooled_error(pd.DataFrame({"error": [0.1, 0.3]})), 3)
    0.316
    """
    return float(np.sqrt(2 * np.mean(table["error"].to_numpy(dtype=float) ** 2)))
