"""`iskdyn score`: every row and every source predicted from the others, beside dumb rivals."""

from __future__ import annotations

import json
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option
from iskdyn.errors import InputError, Problem


@main.command()
@click.option(
    "--frozen", type=click.Path(path_type=Path), metavar="FILE", help="Score this frozen model, on --facts."
)
@click.option(
    "--facts",
    type=click.Path(path_type=Path),
    metavar="FACTS.csv",
    help="What it had not seen, in the columns of the observations.",
)
# a refit walks on from the posterior of all, so that fewer draws do than from the prior; four runs give its error
@click.option("--draws", type=click.IntRange(200), default=4000, show_default=True, help="Of each refit.")
@click.option("--runs", type=click.IntRange(2), default=4, show_default=True, help="Independent refits.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def score(
    frozen: Path | None,
    facts: Path | None,
    draws: int,
    runs: int,
    seed: int,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Leave out every fitted row and every source in turn, refit, and score what was left out.

    Beside the model stand the model before any fitting, a constant and a straight line for each output. What
    was stopped goes on where it was.

    With --frozen and --facts nothing is refitted: each fact is held against what the frozen model expected, and
    against the model before the evidence, a constant and a straight line.
    """
    if frozen is not None or facts is not None:
        _score_frozen(frozen, facts, seed, as_json=as_json)
        return
    import pandas as pd

    from iskdyn.calibration import Sampling, every_number
    from iskdyn.calibration.leave_out import SCORES, folds, leave_out
    from iskdyn.calibration.posterior import populations, run_label
    from iskdyn.calibration.table_store import load_table, store_table
    from iskdyn.files import alone, write_bytes_whole
    from iskdyn.output import progress_bar
    from iskdyn.seal import enclose
    from iskdyn.study import open_study
    from iskdyn.summaries import scores_text

    study = open_study(study_path, method)
    path = out or study.path_of("results") / SCORES
    n_chains = max(draws // 40, 2)
    sampling = Sampling(draws // n_chains * n_chains, n_chains, runs, seed, n_chains)
    objective = every_number(study)
    part = path.with_suffix(".part")
    label = run_label(objective, sampling, study.program.digest)
    rows = _reached(part, label)
    n_folds = len(list(folds(objective)))
    with alone(path), progress_bar(n_folds, "left out", quiet=quiet) as bar:
        bar.update(len(rows))
        done = {(str(row["kind"]), str(row["name"])) for row in rows}
        if len(done) < n_folds:
            bar.set_postfix_str("posterior of all rows first", refresh=True)
            whole = populations(objective, sampling)
            for row in leave_out(objective, whole, sampling, done):
                rows.append(row)
                write_bytes_whole(part, enclose("scores", label, json.dumps(rows).encode()))
                bar.set_postfix_str(str(row["name"]), refresh=False)
                bar.update()
    table = pd.DataFrame(rows)
    store_table(table, {"draws": sampling.n_draws, "runs": runs, "seed": seed}, path, study, "score table")
    part.unlink(missing_ok=True)
    click.echo(
        table.to_json(orient="records", indent=1)
        if as_json
        else scores_text(load_table(study, path, "score table"))
    )


def _score_frozen(frozen: Path | None, facts: Path | None, seed: int, *, as_json: bool) -> None:
    """Print how a frozen model did on the facts in a file."""
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
    click.echo(scorecard_json(table) if as_json else scorecard_text(model, table))


def _reached(part: Path, label: str) -> list[dict[str, object]]:
    """What a stopped call with the same label had reached."""
    from iskdyn.regular import read_regular
    from iskdyn.seal import MAX_BYTES, disclose

    try:
        content = disclose(read_regular(part, MAX_BYTES), "scores", label)
    except OSError:
        return []
    return [] if content is None else list(json.loads(content))
