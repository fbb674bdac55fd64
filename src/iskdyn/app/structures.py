"""What the evidence says of each link, path, rule and structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.app.result import Progress, Result, silent, stepwise, table_of, with_units
from iskdyn.app.whole import reads_whole
from iskdyn.errors import StudyError

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.screen import Screening
    from iskdyn.study import Study

IN_NATS = dict.fromkeys(("log_evidence", "error", "nats", "nats_error"), "nats")
"""Units of the columns of cuts and nulls."""


@contextmanager
def _sampling(path: Path, n_structures: int, progress: Progress) -> Iterator[Callable[[str, float], None]]:
    """A progress in per cent of structures sampled one after another, into a table that no other process writes."""
    from iskdyn.files import alone

    done: dict[str, float] = {}

    def step(name: str, share: float) -> None:
        done[name] = share
        progress(round(100 * sum(done.values())), 100 * n_structures, name)

    with alone(path):
        yield step


@reads_whole
def cuts(study: Study, only: Sequence[str] = (), *, progress: Progress = silent) -> Result[pd.DataFrame]:
    """Each link that the study names cut by itself, and whether the evidence asks for it; stored row by row.

    Parameters
    ----------
    only : names of these cuts; by default all
    """
    from iskdyn.app.summaries import cuts_json, cuts_text
    from iskdyn.calibration.cuts import CUTS, cut_links, read_cuts

    path = study.path_of("results") / CUTS
    with _sampling(path, 1 + len(only or read_cuts(study)[1:]), progress) as step:
        table = cut_links(study, path, only=only, progress=step)
    return Result(table, with_units(table, IN_NATS), cuts_text(table, path), cuts_json(table))


@reads_whole
def nulls(study: Study, only: Sequence[str] = (), *, progress: Progress = silent) -> Result[pd.DataFrame]:
    """Each tactic cut off from each kind of outcome, and whether the evidence objects; stored row by row.

    Parameters
    ----------
    only : names of these nulls, such as "TACTIC on GROUP"; by default all
    """
    from iskdyn.app.summaries import cuts_json, nulls_text
    from iskdyn.calibration.nulls import NULLS, read_nulls, sample_nulls

    path = study.path_of("results") / NULLS
    with _sampling(path, 1 + len(only or read_nulls(study)[1:]), progress) as step:
        table = sample_nulls(study, path, only=only, progress=step)
    return Result(table, with_units(table, IN_NATS), nulls_text(study, table, path), cuts_json(table))


@reads_whole
def screen(study: Study, *, progress: Progress = silent) -> Result[Screening]:
    """Each variant with every switch turned and link cut, and which would deserve sampling; stored as it is reached.

    Raises
    ------
    StudyError : the study has no stored fit
    """
    from iskdyn.app.summaries import screen_json, screen_text
    from iskdyn.calibration import load_variants
    from iskdyn.calibration.screen import SCREEN, candidates, screening
    from iskdyn.calibration.screen import screen as run
    from iskdyn.files import alone

    path = study.path_of("results") / SCREEN
    n_structures = len(candidates(study))
    with alone(path):
        table = run(study, path, lambda n_done: progress(n_done, n_structures, ""))
    found = screening(table, load_variants(study, 1))
    units = dict.fromkeys(("laplace", "weighed", "error", "behind"), "nats")
    rows = table_of(found.table.to_dict("records"), units)
    return Result(found, rows, screen_text(found, path), screen_json(found))


@reads_whole
def rules(study: Study, *, progress: Progress = silent) -> Result[pd.DataFrame]:
    """Each rule of the actors fitted alone, then the loops closed one by one; needs the stored fit.

    Raises
    ------
    StudyError : the stored fit does not belong to the study as it is
    """
    from iskdyn.app.summaries import rules_text
    from iskdyn.calibration import load_fit, verify
    from iskdyn.calibration.rules import RULES, close_rules, load_rules, read_rules, store_rules
    from iskdyn.files import alone
    from iskdyn.study import FIT

    order, results = read_rules(study), study.path_of("results")
    fit = load_fit(results / FIT)
    if problems := verify(study, fit):
        raise StudyError(problems)
    with alone(results / RULES):
        path = store_rules(close_rules(study, fit, order, stepwise(progress, 2 * len(order))), study)
    table = load_rules(study).rows
    return Result(table, table, rules_text(table, path), table.to_json(orient="records", indent=1))


@reads_whole
def weights(study: Study, *, progress: Progress = silent) -> Result[pd.DataFrame]:
    """How much each structure weighs by the evidence and by stacking, and over other priors and errors.

    A row of the table is a structure and a way to weigh, with the least and the most over all settings.
    """
    from iskdyn.app.summaries import weights_json, weights_text
    from iskdyn.calibration.variants import read_variants
    from iskdyn.calibration.weights import SETTINGS, WEIGHTS, weigh, weight_bands

    path = study.path_of("results") / WEIGHTS
    with _sampling(path, len(read_variants(study)) * len(SETTINGS), progress) as step:
        table = weigh(study, path, progress=step)
    rows = [
        {"structure": name, "by": kind, **dict(zip(("weight", "least", "most"), band, strict=True))}
        for name, bands in weight_bands(table).items()
        for kind, band in bands.items()
    ]
    return Result(table, table_of(rows), weights_text(table), weights_json(table))
