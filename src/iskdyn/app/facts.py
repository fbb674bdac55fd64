"""The model held against facts that it has not seen: left out, later, or invented."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from iskdyn.app.result import Progress, Result, as_json, silent, stepwise, with_units
from iskdyn.app.whole import reads_whole
from iskdyn.draws import N_SAMPLED
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from iskdyn.calibration.frozen import Frozen, Structure
    from iskdyn.calibration.moved_structures import MovedStructures
    from iskdyn.calibration.recover import Truths
    from iskdyn.calibration.recovered import Recovered
    from iskdyn.calibration.table_store import StoredTable
    from iskdyn.study import Study

IN_NATS = dict.fromkeys(("score", "error", "prior", "constant", "trend"), "nats")
"""Units of the columns of scores."""


@reads_whole
def score(
    study: Study,
    *,
    draws: int = 1600,
    runs: int = 4,
    seed: int = 1,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[StoredTable]:
    """Every fitted row and every source predicted from the others, beside dumb rivals; a row a thing left out.

    Parameters
    ----------
    draws, runs, seed : draws of each refit, how many independent refits, and which
    out : file of the result; by default in the study's results folder. What was stopped there goes on
    """
    import pandas as pd

    from iskdyn.app.summaries import scores_text
    from iskdyn.calibration import Sampling, every_number
    from iskdyn.calibration.leave_out import SCORES, STATES, WALKED, folds, leave_out
    from iskdyn.calibration.posterior import populations, run_label
    from iskdyn.calibration.table_store import load_table, store_table
    from iskdyn.files import alone, write_bytes_whole
    from iskdyn.seal import enclose

    path = out or study.path_of("results") / SCORES
    objective = every_number(study)
    n_chains = max(draws // (STATES if objective.way_back is not None else WALKED), 2)
    sampling = Sampling(draws // n_chains * n_chains, n_chains, runs, seed, n_chains)
    part = path.with_suffix(".part")
    label = run_label(objective, sampling, study.program.digest)
    rows = _reached(part, label)
    n_folds = len(list(folds(objective)))
    with alone(path):
        done = {(str(row["kind"]), str(row["name"])) for row in rows}
        if len(done) < n_folds:
            progress(len(rows), n_folds, "posterior of all rows first")
            for row in leave_out(objective, populations(objective, sampling), sampling, done):
                rows.append(row)
                write_bytes_whole(part, enclose("scores", label, json.dumps(rows).encode()))
                progress(len(rows), n_folds, str(row["name"]))
    table = pd.DataFrame(rows)
    store_table(table, {"draws": sampling.n_draws, "runs": runs, "seed": seed}, path, study, "score table")
    part.unlink(missing_ok=True)
    found = load_table(study, path, "score table")
    return Result(
        found, with_units(table, IN_NATS), scores_text(found), table.to_json(orient="records", indent=1)
    )


def _reached(part: Path, label: str) -> list[dict[str, object]]:
    """What a stopped call with the same label had reached."""
    from iskdyn.regular import read_regular
    from iskdyn.seal import MAX_BYTES, disclose

    try:
        content = disclose(read_regular(part, MAX_BYTES), "scores", label)
    except OSError:
        return []
    return [] if content is None else list(json.loads(content))


def score_frozen(frozen: Path | None, facts: Path | None, seed: int = 1) -> Result[Frozen]:
    """How a frozen model did on facts that came later; a row a fact.

    Parameters
    ----------
    frozen, facts : the sealed model, and a table in the columns of the observations; both are needed
    """
    from iskdyn.calibration.facts import read_facts
    from iskdyn.calibration.facts_scored import score_facts
    from iskdyn.calibration.frozen import load_frozen
    from iskdyn.reports.scorecard import scorecard_json, scorecard_text

    if frozen is None or facts is None:
        missing = "--facts" if facts is None else "--frozen"
        message = "is missing: a frozen model is scored on facts, `--frozen FILE --facts FACTS.csv`"
        raise InputError(Problem(missing, message))
    model = load_frozen(frozen)
    table = score_facts(model, read_facts(model.study, facts), seed)
    return Result(model, with_units(table, IN_NATS), scorecard_text(model, table), scorecard_json(table))


@reads_whole
def freeze(study: Study, out: Path | None = None) -> Result[Frozen]:
    """The model as it stands, draws of every sampled structure and what they predict, in one sealed file.

    A row of the table is a predicted outcome and month.

    Parameters
    ----------
    out : ending in .frozen; by default the date, in frozen/ of the study's results folder
    """
    from datetime import UTC, datetime

    from iskdyn.calibration.frozen import ENDING
    from iskdyn.calibration.frozen import freeze as run

    today = datetime.now(UTC).date().isoformat()
    path = out or study.path_of("results") / "frozen" / f"{today}{ENDING}"
    found = run(study, path)
    n_draws = sum(len(structure.draws) for structure in found.structures)
    first, last = found.predictions["month"].iloc[[0, -1]]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    text = (
        f"frozen on {found.date}: {n_draws:,} draws of {len(found.structures)} structures, what they predict of "
        f"{found.predictions['outcome'].nunique()} outcomes from {first} to {last}, the model and its tables\n"
        f"code {found.code}\nsha256 {digest}\n"
        f"stored in {path} ({path.stat().st_size / 1e6:.1f} MB)"
    )
    content = {"file": str(path), "sha256": digest, "code": found.code, "date": found.date, "draws": n_draws}
    return Result(found, found.predictions, text, as_json(content))


@reads_whole
def assimilate(
    study: Study,
    facts: Path,
    *,
    frozen: Path | None = None,
    out: Path | None = None,
    seed: int = 1,
    progress: Progress = silent,
) -> Result[MovedStructures]:
    """The stored posteriors taken to what they are given later facts too, and what the facts moved.

    Parameters
    ----------
    facts : table in the columns of the observations
    frozen : start from this frozen model
    out : folder of the result; by default the name of the facts, in assimilated/ of the results folder
    """
    from iskdyn.calibration.assimilated import FOLDER, check_place, enough, store_assimilated
    from iskdyn.calibration.assimilated import assimilate as run
    from iskdyn.calibration.facts import read_facts
    from iskdyn.reports.ledger import ledger, ledger_json, ledger_text

    folder = out or study.path_of("results") / FOLDER / facts.stem
    check_place(folder)
    start, structures = _start(study, frozen)
    table = read_facts(start, facts)
    found = run(start, structures, table, seed, stepwise(progress, None))
    store_assimilated(found, table, folder, start, seed)
    told = ledger(start, structures, found, table, seed)
    json, text = ledger_json(told, found), ledger_text(told, found, folder)
    return Result(found, table, text, json, passed=enough(found.heaviest[1]))


def _start(study: Study, frozen: Path | None) -> tuple[Study, tuple[Structure, ...]]:
    """Whose draws are taken to the facts."""
    from iskdyn.calibration.frozen import load_frozen, sampled_structures
    from iskdyn.calibration.without import N_DRAWS

    if frozen is None:
        return study, sampled_structures(study, N_DRAWS)
    model = load_frozen(frozen)
    return model.study, model.structures


@reads_whole
def recover(
    study: Study,
    *,
    replicates: int = 200,
    draws: int = N_SAMPLED,
    faulted: int = 8,
    seed: int = 1,
    truths: Truths = "prior",
    add: bool = False,
    workers: int = 2,
    out: Path | None = None,
    progress: Progress = silent,
) -> Result[Recovered]:
    """The sampler tried on reports made from known truths, stored; a row of the table a quantity.

    Parameters
    ----------
    replicates : invented truths
    draws : of each posterior; 32 a chain
    faulted : replicates in which each fault is planted
    truths : from the prior, or from the stored posterior, whose facts are then fitted beside the invented ones
    add : add to the stored trial, whose seed was another
    workers : processes
    out : file of the result; by default in the study's results folder
    """
    from iskdyn.app.summaries import recovered_json, recovered_text
    from iskdyn.calibration import every_number
    from iskdyn.calibration.budget import RUNS_A_DRAW
    from iskdyn.calibration.recover import Recovery, label_of, stored_truths, study_quantities
    from iskdyn.calibration.recover import recover as run
    from iskdyn.calibration.recovered import RECOVERED, collected, joined, load_recovered, store_recovered
    from iskdyn.files import alone
    from iskdyn.simulate.memory import tell_runs

    path = out or study.path_of("results") / RECOVERED[truths]
    folder = path.with_suffix(".runs")
    recovery = Recovery(replicates, draws, min(faulted, replicates), seed, truths)
    if truths == "posterior":
        stored_truths(study, every_number(study))  # whether there are any is known before an hour has passed
    tell_runs(study.program, RUNS_A_DRAW * draws * (replicates + recovery.faulted), study.end_time())

    def tell(done: int, _: int) -> None:
        progress(done, replicates, "replicates")

    with alone(path):
        run(study, recovery, folder, workers=workers, progress=tell)
    watched = study_quantities(study, every_number(study), seed)
    found = collected(study, recovery, watched, folder, label_of(study, recovery))
    if add:
        found = joined(load_recovered(path), found)
    store_recovered(found, path)
    shutil.rmtree(folder, ignore_errors=True)
    table = found.table()
    return Result(found, table, recovered_text(found, path), recovered_json(found), passed=found.passes)
